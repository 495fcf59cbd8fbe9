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
    NO_OPENING_HOURS = "no_opening_hours"
    SLOT_TAKEN = "slot_taken"
    DURATION_NOT_OFFERED = "duration_not_offered"
    QUANTITY_NOT_OFFERED = "quantity_not_offered"
    RESOURCE_NOT_OFFERED = "resource_not_offered"
    TOO_LATE_TO_CANCEL = "too_late_to_cancel"
    NOT_ADMITTED = "not_admitted"
    TOO_EARLY_TO_CANCEL = "too_early_to_cancel"
    TOO_LATE_TO_MOVE = "too_late_to_move"
    MOVED_TOO_OFTEN = "moved_too_often"
    TOO_MANY_AT_ONCE = "too_many_at_once"
    TOO_MANY_THAT_DAY = "too_many_that_day"
    TOO_MANY_THAT_WEEK = "too_many_that_week"
    TOO_MANY_THAT_MONTH = "too_many_that_month"
    DAY_IS_FULL = "day_is_full"
    WEEK_IS_FULL = "week_is_full"
    MONTH_IS_FULL = "month_is_full"
    BLOCKED_AFTER_NO_SHOWS = "blocked_after_no_shows"
    CLOCK_CHANGE = "clock_change"
    NO_SUCH_DATE = "no_such_date"
    LEFT_OUT = "left_out"
    SERIES_NOT_OFFERED = "series_not_offered"
    CHAIN_NOT_OFFERED = "chain_not_offered"
    VISIT_TOO_LONG = "visit_too_long"
    SO_MANY_IN_A_ROW_NOT_OFFERED = "so_many_in_a_row_not_offered"


SENTENCES: Final[Mapping[str, str]] = MappingProxyType(
    {
        Reason.TOO_EARLY: marked("This time cannot be booked yet."),
        Reason.TOO_LATE: marked("It is too late to book this time."),
        Reason.IN_THE_PAST: marked("This time has already begun."),
        Reason.OFF_GRID: marked("No booking starts at this time."),
        Reason.CLOSED: marked("It is closed at this time."),
        Reason.NO_OPENING_HOURS: marked(
            "There are no opening hours yet. Staff must set them before anything is booked."
        ),
        Reason.SLOT_TAKEN: marked("This time is taken."),
        Reason.DURATION_NOT_OFFERED: marked("This length is not offered."),
        Reason.QUANTITY_NOT_OFFERED: marked("So many cannot be booked at once."),
        Reason.RESOURCE_NOT_OFFERED: marked("This cannot be chosen for the service."),
        Reason.TOO_LATE_TO_CANCEL: marked("It is too late to cancel this booking."),
        Reason.NOT_ADMITTED: marked("Only registered customers can book this. Ask the staff to register you."),
        Reason.TOO_EARLY_TO_CANCEL: marked("This booking cannot be cancelled yet."),
        Reason.TOO_LATE_TO_MOVE: marked("It is too late to move this booking."),
        Reason.MOVED_TOO_OFTEN: marked("This booking was moved as often as it may be."),
        Reason.TOO_MANY_AT_ONCE: marked("You have as many bookings ahead as one may have at once."),
        Reason.TOO_MANY_THAT_DAY: marked("You have as many bookings that day as one may have."),
        Reason.TOO_MANY_THAT_WEEK: marked("You have as many bookings that week as one may have."),
        Reason.TOO_MANY_THAT_MONTH: marked("You have as many bookings that month as one may have."),
        Reason.DAY_IS_FULL: marked("No more can be booked that day."),
        Reason.WEEK_IS_FULL: marked("No more can be booked that week."),
        Reason.MONTH_IS_FULL: marked("No more can be booked that month."),
        Reason.BLOCKED_AFTER_NO_SHOWS: marked("After missed bookings you cannot book for a while."),
        Reason.CLOCK_CHANGE: marked("The clocks go forward over this time, so it begins right after."),
        Reason.NO_SUCH_DATE: marked("This month has no such day."),
        Reason.LEFT_OUT: marked("This date was left out."),
        Reason.SERIES_NOT_OFFERED: marked("This cannot be booked as a series."),
        Reason.CHAIN_NOT_OFFERED: marked("These cannot be booked together as one visit."),
        Reason.VISIT_TOO_LONG: marked("So much does not fit into one visit of at most 24 hours."),
        Reason.SO_MANY_IN_A_ROW_NOT_OFFERED: marked("So many cannot be booked in a row."),
    }
)
