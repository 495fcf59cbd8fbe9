"""What a caller wants to book, from the body of a request; the channel comes from the caller and nowhere else."""

from collections.abc import Mapping
from typing import cast

from appliance.booking.actions.desk import Wish
from appliance.foundation.instants import Instant
from appliance.web.api.beside import wishes_in
from appliance.web.callers import Caller
from appliance.web.sight import sight_now


def wish_of(body: Mapping[str, object], who: Caller) -> Wish:
    """The wish in a body that its schema has checked; who come by category make up its quantity."""
    people = people_of(body)
    return Wish(
        service=cast("str", body["service"]),
        start=cast("Instant", body["start"]),
        channel=who.channel,
        duration=cast("int | None", body.get("duration")),
        quantity=cast("int", body.get("quantity", sum(each for _, each in people) or 1)),
        resource=cast("str | None", body.get("resource")),
        extras=wishes_in(body),
        people=people,
        sight=sight_now(),
    )


def people_of(body: Mapping[str, object]) -> tuple[tuple[str, int], ...]:
    """How many of which customer category come, as a body says."""
    listed = cast("list[dict[str, object]]", body.get("people") or [])
    return tuple((cast("str", each["category"]), cast("int", each["quantity"])) for each in listed)
