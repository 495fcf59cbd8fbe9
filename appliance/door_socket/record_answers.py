"""What the door process answers about door records (AC-21)."""

from dataclasses import dataclass

from appliance.door_socket.answers import number, sequence, text
from appliance.door_socket.connections import Answer
from appliance.foundation.instants import Instant


@dataclass(frozen=True, slots=True)
class DoorRecord:
    """One entry of the doors' journal about a booking. verb: what came of it, such as `granted` or `denied`.

    kind: of the key that was held up, or of what else happened.
    """

    at: Instant
    door_id: str
    verb: str
    reason: str
    kind: str
    booking_id: str


def records(answer: Answer) -> list[DoorRecord]:
    """The records in an answer."""
    names = ("door_id", "verb", "reason", "kind", "booking_id")
    listed = [each for each in sequence(answer, "records") if isinstance(each, dict)]
    return [DoorRecord(number(each, "at"), *(text(each, name) for name in names)) for each in listed]
