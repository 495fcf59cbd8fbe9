"""Where something is on the earth, and how far that is from somewhere else (DY-59)."""

import math
import re
from dataclasses import dataclass
from typing import Final

EARTH_RADIUS_M: Final = 6_371_009  # mean radius of GRS 80, as ISO 6709 and RFC 5870 readers take the earth for a ball
_PART: Final = r"[+-]?[0-9]{1,3}(?:\.[0-9]{1,12})?"
_WRITTEN: Final = re.compile(rf"\s*({_PART})\s*,\s*({_PART})\s*")
_MILLION: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Position:
    """A point in WGS 84, in millionths of a degree, which is about a decimetre: north and east are positive."""

    latitude_e6: int
    longitude_e6: int

    def __str__(self) -> str:
        """As RFC 5870 section 3.4.2 writes coordinates: latitude, longitude, in degrees."""
        return f"{self.latitude_e6 / _MILLION:.6f},{self.longitude_e6 / _MILLION:.6f}"


def parse_position(written: str) -> Position | None:
    """The position that "59.3057, 18.0731" is; None for anything else, and for what is not on the earth."""
    found = _WRITTEN.fullmatch(written) if written.isascii() else None
    if found is None:
        return None
    latitude, longitude = (round(float(part) * _MILLION) for part in found.groups())
    on_earth = abs(latitude) <= 90 * _MILLION and abs(longitude) <= 180 * _MILLION
    return Position(latitude, longitude) if on_earth else None


def distance_m(one: Position, other: Position) -> int:
    """Metres between two points along the surface of a ball (haversine); at most half a percent wrong on the earth."""
    here, there = (math.radians(each.latitude_e6 / _MILLION) for each in (one, other))
    turn = math.radians((other.longitude_e6 - one.longitude_e6) / _MILLION)
    half = math.sin((there - here) / 2) ** 2 + math.cos(here) * math.cos(there) * math.sin(turn / 2) ** 2
    return round(2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, half))))
