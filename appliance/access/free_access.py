"""When a door stands free by its schedule, in the facility's wall-clock time (AC-12)."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from appliance.foundation.instants import Instant
from appliance.foundation.weekly import WeeklyStretch


def stretch_at(stretches: Iterable[WeeklyStretch], now: Instant, zone: ZoneInfo) -> str:
    """The name of the stretch that the wall clock is in, one for each date and stretch; empty between them."""
    wall = datetime.fromtimestamp(now, zone)
    for stretch in stretches:
        began = stretch.began(wall)
        if began is not None:
            return f"{began:%Y%m%d}-{stretch.from_minute:04}"
    return ""
