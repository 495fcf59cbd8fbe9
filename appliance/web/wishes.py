"""What a caller wants to book, from the body of a request; the channel comes from the caller and nowhere else."""

from collections.abc import Mapping
from typing import cast

from appliance.booking.actions.desk import Wish
from appliance.foundation.instants import Instant
from appliance.web.callers import Caller
from appliance.web.sight import sight_now


def wish_of(body: Mapping[str, object], who: Caller) -> Wish:
    """The wish in a body that its schema has checked."""
    return Wish(
        service=cast("str", body["service"]),
        start=cast("Instant", body["start"]),
        channel=who.channel,
        duration=cast("int | None", body.get("duration")),
        quantity=cast("int", body.get("quantity", 1)),
        resource=cast("str | None", body.get("resource")),
        sight=sight_now(),
    )
