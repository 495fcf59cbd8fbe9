"""Why a wish to book or cancel is refused, and the sentence that says so."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from appliance.foundation.i18n import marked


class Reason(StrEnum):
    """Stable codes; they travel in `Refusal.reason` and in the API's problems."""

    TOO_EARLY = "too_early"
    TOO_LATE = "too_late"
    IN_THE_PAST = "in_the_past"
    OFF_GRID = "off_grid"
    CLOSED = "closed"
    SLOT_TAKEN = "slot_taken"
    DURATION_NOT_OFFERED = "duration_not_offered"
    QUANTITY_NOT_OFFERED = "quantity_not_offered"
    RESOURCE_NOT_OFFERED = "resource_not_offered"
    TOO_LATE_TO_CANCEL = "too_late_to_cancel"
    NOT_ADMITTED = "not_admitted"


SENTENCES: Final[Mapping[Reason, str]] = MappingProxyType(
    {
        Reason.TOO_EARLY: marked("This time cannot be booked yet."),
        Reason.TOO_LATE: marked("It is too late to book this time."),
        Reason.IN_THE_PAST: marked("This time has already begun."),
        Reason.OFF_GRID: marked("No booking starts at this time."),
        Reason.CLOSED: marked("It is closed at this time."),
        Reason.SLOT_TAKEN: marked("This time is taken."),
        Reason.DURATION_NOT_OFFERED: marked("This length is not offered."),
        Reason.QUANTITY_NOT_OFFERED: marked("So many cannot be booked at once."),
        Reason.RESOURCE_NOT_OFFERED: marked("This cannot be chosen for the service."),
        Reason.TOO_LATE_TO_CANCEL: marked("It is too late to cancel this booking."),
        Reason.NOT_ADMITTED: marked("Only registered customers can book this. Ask the staff to register you."),
    }
)
