"""What an employee is there for, as entries of their own calendar (DY-33). Pure.

Whoever has the address of a calendar reads it: it tells the first name of a customer, and nothing to reach them by.
"""

from typing import Final

from appliance.foundation.instants import DAY, Instant, Interval, day_bounds, local_date
from appliance.foundation.scope import Scope
from appliance.messaging.calendar_file import CalendarEntry, uid_of
from appliance.messaging.facts import first_and_last
from appliance.messaging.recap import Assignment

DAYS_AHEAD: Final = 60


def shown_window(now: Instant, home: Scope) -> Interval:
    """What a calendar shows: today, and 60 days from now."""
    return Interval(day_bounds(local_date(now, home.zone), home.zone).start, now + DAYS_AHEAD * DAY)


def staff_entry(each: Assignment) -> CalendarEntry:
    """One booking. What does not stand any more is left out of the whole file, which takes it out of calendars."""
    booked, place = each.booked, each.catalogue.facility
    first_name = first_and_last(each.person.name)[0] if each.person else ""
    return CalendarEntry(
        uid=uid_of(booked.id),
        sequence=booked.revision,
        interval=booked.interval,
        summary=", ".join(part for part in (each.service, first_name) if part),
        place=", ".join(part for part in (*each.places, place.name, place.address) if part),
        description=booked.number,
        url="",
        cancelled=False,
    )
