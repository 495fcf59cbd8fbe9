"""Lead times: how long before something. Minutes and hours are elapsed time, days are calendar days of the facility.

So "7 days before" a 16:00 start is 16:00 on the wall whatever the clock change in between (BRP-04).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from appliance.foundation.instants import DAY, HOUR, MINUTE, Instant, at_local

LONGEST_LEAD_DAYS: Final = 3660
LONGEST_AFTER_S: Final = DAY


class LeadUnit(StrEnum):
    """The unit in which a lead time is counted."""

    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"


_UNIT_S: Final = {LeadUnit.MINUTES: MINUTE, LeadUnit.HOURS: HOUR, LeadUnit.DAYS: DAY}


@dataclass(frozen=True, slots=True)
class LeadTime:
    """A time before something; a negative one, of minutes or hours and at most a day long, lies after it."""

    value: int
    unit: LeadUnit

    def __post_init__(self) -> None:
        lowest = 0 if self.unit is LeadUnit.DAYS else -LONGEST_AFTER_S
        if not lowest <= self.value * _UNIT_S[self.unit] <= LONGEST_LEAD_DAYS * DAY:
            raise ValueError(f"a lead time is 0 to {LONGEST_LEAD_DAYS} days, got {self.value} {self.unit}")

    @property
    def seconds(self) -> int:
        """Its length where no clock changes."""
        return self.value * _UNIT_S[self.unit]

    def before(self, instant: Instant, zone: ZoneInfo, minute_of_day: int | None = None) -> Instant:
        """The instant so long before `instant`; so many days before, at that minute of the day where one is given."""
        if self.unit is not LeadUnit.DAYS:
            return instant - self.seconds
        wall = datetime.fromtimestamp(instant, zone)
        minute = wall.hour * 60 + wall.minute if minute_of_day is None else minute_of_day
        return at_local(wall.date() - timedelta(days=self.value), minute, zone)


NO_LEAD: Final = LeadTime(0, LeadUnit.MINUTES)


def minutes(value: int) -> LeadTime:
    """A lead time of minutes."""
    return LeadTime(value, LeadUnit.MINUTES)
