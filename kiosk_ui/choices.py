"""What a person at the kiosk has chosen so far of what is to be booked."""

from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from appliance.foundation.instants import Instant

Extras: TypeAlias = tuple[tuple[str, int], ...]
"""Ids of extras, and how many of each."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What is being booked, as far as it was chosen. extras: taken each time, of so many `in_a_row`."""

    service_id: str
    minutes: int
    day: date
    start: Instant | None = None
    extras: Extras = ()
    in_a_row: int = 1

    @property
    def address(self) -> dict[str, str]:
        """What names its times in an address."""
        row = {"row": str(self.in_a_row)} if self.in_a_row > 1 else {}
        return {"service": self.service_id, "minutes": str(self.minutes), "day": self.day.isoformat(), **row}
