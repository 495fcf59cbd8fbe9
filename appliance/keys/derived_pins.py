"""Derived PINs: nine digits that a door can check for a booking which it never heard of (AC-02).

    pin      HOTP (RFC 4226) of the zone's secret and a counter, 9 digits
    counter  start of the booking in quarters of an hour since 1970, length in quarters (8 bits), serial (8 bits)
    secret   HKDF-SHA-256 (RFC 5869) of the unit's zone secret for the zone's name

Whoever sells for a unit that does not answer makes the PIN of what was booked; the serial keeps apart bookings of the
same time. The door tries every booking that could be meant now. Nine digits of 31 bits are not all equally likely: the
lower ones come three times in 2**31, the others twice, and the published odds go by the likelier.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from appliance.foundation.instants import MINUTE, Instant, Interval
from appliance.keys.one_time_codes import hotp, truncated_each
from appliance.keys.prf import hkdf

DIGITS: Final = 9
QUARTER_S: Final = 15 * MINUTE
SERIALS: Final = 256
LIKELIEST: Final = 3 / 2**31
"""How likely the likeliest PIN is: the chance that one guess meets one window."""
_PURPOSE: Final = b"portvakt-derived-pin-1\x00"


@dataclass(frozen=True, slots=True)
class DerivedClaims:
    """What a derived PIN stands for: a zone, a booking's time in whole quarters of an hour, and a serial from 0."""

    zone: str
    interval: Interval
    serial: int

    def __str__(self) -> str:
        """Its name in journals: zone, start in UTC seconds, minutes, serial."""
        return f"derived:{self.zone}:{self.interval.start}:{self.interval.seconds // MINUTE}:{self.serial}"

    @property
    def counter(self) -> int:
        """The counter of its PIN. ValueError for what is not in whole quarters or does not fit."""
        start, length = self.interval.start, self.interval.seconds
        if start % QUARTER_S or length % QUARTER_S or length >= SERIALS * QUARTER_S or not 0 <= self.serial < SERIALS:
            raise ValueError("a derived PIN is for whole quarters of an hour, less than 64 hours, serial 0 to 255")
        return _counter(self.interval, self.serial)


@dataclass(frozen=True, slots=True)
class DerivedRules:
    """Which bookings may be meant by a derived PIN.

    grid_minutes: at which steps bookings start, and what their lengths are multiples of; 15, 30 or 60.
    longest_minutes: how long a booking can be. serials: how many bookings of one time there can be in one zone.
    before_s, after_s: how long before and after the booking its PIN opens. known_until: a booking that starts before
    this instant is known to the door when it is real, so that no derived PIN of it is needed, or taken (DESIGN: U).
    """

    grid_minutes: int
    longest_minutes: int
    serials: int
    before_s: int
    after_s: int
    known_until: Instant

    @property
    def windows(self) -> int:
        """How many windows of one zone hold at most at any instant: the W of RFC 4226's bound, serials included."""
        grid = self.grid_minutes * MINUTE
        lengths = range(grid, self.longest_minutes * MINUTE + 1, grid)
        return self.serials * sum(-(-(length + self.before_s + self.after_s) // grid) for length in lengths)


def zone_secret(unit_secret: bytes, zone: str) -> bytes:
    """The secret of one zone."""
    return hkdf(unit_secret, _PURPOSE + zone.encode())


def derived_pin(secret: bytes, claims: DerivedClaims) -> str:
    """The nine digits of one booking; `secret` is its zone's."""
    return hotp(secret, claims.counter, DIGITS)


def intervals_near(rules: DerivedRules, now: Instant, utc_offset_s: int) -> Iterator[Interval]:
    """Every booking that a PIN may be for at `now`. Its grid lies on the local clock, `utc_offset_s` ahead of UTC."""
    grid = rules.grid_minutes * MINUTE
    for length in range(grid, rules.longest_minutes * MINUTE + 1, grid):
        latest = now + rules.before_s
        start = latest - (latest + utc_offset_s) % grid
        while start > now - length - rules.after_s:
            if start >= rules.known_until:
                yield Interval(start, start + length)
            start -= grid


def matching(
    unit_secret: bytes, zones: Iterable[str], typed: str, rules: DerivedRules, now: Instant, utc_offset_s: int
) -> list[DerivedClaims]:
    """What a typed PIN may stand for now; empty for a wrong one. Takes as long for either, some milliseconds."""
    if len(typed) != DIGITS:
        return []
    number = int(typed)
    meant = [
        (interval, serial) for interval in intervals_near(rules, now, utc_offset_s) for serial in range(rules.serials)
    ]
    counters = [_counter(interval, serial) for interval, serial in meant]
    found = []
    for zone in zones:
        bits = truncated_each(zone_secret(unit_secret, zone), counters)
        found += [
            DerivedClaims(zone, *each) for each, value in zip(meant, bits, strict=True) if value % 10**DIGITS == number
        ]
    return found


def _counter(interval: Interval, serial: int) -> int:
    return interval.start // QUARTER_S << 16 | interval.seconds // QUARTER_S << 8 | serial
