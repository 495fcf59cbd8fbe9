"""Which of VAKA's own slots lie within a grant's window. Pure (DR-05).

VAKA takes a reservation only for a slot of its schedule (api-reference/reservations/create-reservation), and a key
opens some minutes before and after what was booked: so a window is filled with the whole slots in it.
"""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from appliance.foundation.instants import Instant, Interval, at_local, format_instant, local_date
from drivers.axema.messages import Week

LONGEST_WINDOW_DAYS = 32


def slots_within(window: Interval, week: Week, zone: ZoneInfo) -> tuple[Interval, ...]:
    """The slots of a weekly schedule that lie whole within a window of at most 32 days, in order.

    Midnight is that of `zone`. Slots that begin on days whose clocks are changed have their wall-clock ends.
    """
    found: set[Interval] = set()
    day = local_date(window.start, zone) - timedelta(days=7)
    last = min(local_date(window.end, zone), day + timedelta(days=LONGEST_WINDOW_DAYS + 7))
    while day <= last:
        for start, length in week[day.weekday()] if day.weekday() < len(week) else ():
            slot = _slot(day, start, length, zone)
            if slot is not None and window.start <= slot.start and slot.end <= window.end:
                found.add(slot)
        day += timedelta(days=1)
    return tuple(sorted(found))


def _slot(day: date, start: int, length: int, zone: ZoneInfo) -> Interval | None:
    begins: Instant = at_local(day, start, zone)
    ends = at_local(day, start + length, zone, second_pass=True)
    return Interval(begins, ends) if begins < ends else None


def shown(window: Interval, zone: ZoneInfo) -> str:
    """A window as people at the site read it: `2026-11-24 18:00 to 19:00`."""
    start, end = format_instant(window.start, zone), format_instant(window.end, zone)
    until = end[11:16] if end[:10] == start[:10] else f"{end[:10]} {end[11:16]}"
    return f"{start[:10]} {start[11:16]} to {until}"
