"""What may be asked of door records: those of some bookings, and that they be forgotten (AC-21)."""

from collections.abc import Mapping
from dataclasses import asdict

from appliance.access.record_keeping import RecordKeeping
from appliance.door_socket.operations import required_text
from appliance.door_socket.server import Answer, Operations
from appliance.door_socket.wire import BOOKINGS_AT_ONCE
from appliance.foundation.errors import FieldError, Invalid
from appliance.foundation.ids import is_id


def record_operations(keeping: RecordKeeping) -> Operations:
    """The operations by their names, for the control socket."""

    def look(ask: Mapping[str, object]) -> Answer:
        return {"records": [asdict(record) for record in keeping.of(_bookings(ask))]}

    def forget(ask: Mapping[str, object]) -> Answer:
        return {"forgotten": keeping.forget(_bookings(ask), required_text(ask, "actor"))}

    return {"records": look, "forget_records": forget}


def _bookings(ask: Mapping[str, object]) -> list[str]:
    listed = ask.get("bookings")
    if not isinstance(listed, list) or len(listed) > BOOKINGS_AT_ONCE:
        raise Invalid(FieldError("bookings", "malformed", f"must be a list of at most {BOOKINGS_AT_ONCE} bookings"))
    if not all(isinstance(one, str) and is_id(one) for one in listed):
        raise Invalid(FieldError("bookings", "malformed", "must be ids of bookings"))
    return listed
