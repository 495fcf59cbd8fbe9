"""Dates and times as the console writes them, on the facility's wall."""

from datetime import datetime
from zoneinfo import ZoneInfo

from appliance.foundation.instants import Instant, Interval


def moment(at: Instant | None, zone: ZoneInfo) -> str:
    """A date and a time to the minute; empty for what has not happened."""
    return "" if at is None else f"{datetime.fromtimestamp(at, zone):%Y-%m-%d %H:%M}"


def span(interval: Interval, zone: ZoneInfo) -> str:
    """From and to, the date once where it is the same."""
    start, end = (datetime.fromtimestamp(at, zone) for at in (interval.start, interval.end))
    until = f"{end:%H:%M}" if start.date() == end.date() else f"{end:%Y-%m-%d %H:%M}"
    return f"{start:%Y-%m-%d %H:%M}\N{EN DASH}{until}"
