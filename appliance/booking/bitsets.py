"""Sets of minutes as big integers: bit i is minute i of an axis. Pure arithmetic, no clock and no zone.

A whole month is 44,640 bits, or 5.6 kB; an operation on two such sets takes about a microsecond, whatever is in them.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import gcd
from typing import Final, TypeAlias

from appliance.foundation.instants import MINUTE, Instant, Interval

_MARKS: Final = bytes.maketrans(b"01", b"\x00\x01")

Minutes: TypeAlias = int
"""A set of minutes, one bit each."""

Run: TypeAlias = tuple[int, int]
"""Bits, or seconds, from the first up to but not including the second."""

Load: TypeAlias = tuple[Instant, Instant, int]
"""A claim as (starts, ends, quantity), in UTC seconds."""


@dataclass(frozen=True, slots=True)
class Axis:
    """The minutes from `origin`, a whole minute in UTC seconds, on: `length` of them."""

    origin: Instant
    length: int

    def __post_init__(self) -> None:
        if self.origin % MINUTE or self.length < 1:
            raise ValueError(f"an axis begins on a whole minute and has at least one, got {self}")

    @property
    def full(self) -> Minutes:
        return (1 << self.length) - 1

    def bit(self, instant: Instant) -> int:
        """The minute in which `instant` lies; may lie outside the axis."""
        return (instant - self.origin) // MINUTE

    def instant(self, bit: int) -> Instant:
        return self.origin + bit * MINUTE

    def inside(self, intervals: Iterable[Interval]) -> Minutes:
        """The minutes that lie wholly within one of `intervals`, which are sorted and disjoint."""
        runs = ((-((self.origin - each.start) // MINUTE), (each.end - self.origin) // MINUTE) for each in intervals)
        return from_runs(runs, self.length)

    def touching(self, runs: Iterable[Run], first: int, end: int) -> Minutes:
        """The minutes i at which minutes [i + first, i + end) would meet one of `runs`, in seconds sorted by start.

        With (0, 1) these are the minutes that the runs touch; a wider stretch answers for a whole claim at once, and
        nothing need be eroded. Runs may be of any second.
        """
        origin, back = self.origin, end - 1
        widened = [((start - origin) // MINUTE - back, -((origin - stop) // MINUTE) - first) for start, stop in runs]
        return from_runs(widened, self.length)


def from_runs(runs: Iterable[Run], length: int) -> Minutes:
    """The union of `runs` of bits, sorted by start, cut to [0, length); empty ones are passed over.

    Of disjoint runs the union is the sum of all 2**end less the sum of all 2**start: two passes over bytes and one
    subtraction, instead of one operation on the whole axis for each run.
    """
    rises = bytearray((length >> 3) + 1)
    falls = bytearray((length >> 3) + 1)
    low = high = 0
    for start, end in runs:
        if start > high:
            if high > low:
                rises[low >> 3] |= 1 << (low & 7)
                falls[high >> 3] |= 1 << (high & 7)
            low = high = start if start < length else length
        if end > high:
            high = end if end < length else length
    if high > low:
        rises[low >> 3] |= 1 << (low & 7)
        falls[high >> 3] |= 1 << (high & 7)
    return int.from_bytes(falls, "little") - int.from_bytes(rises, "little")


def erode(minutes: Minutes, length: int) -> Minutes:
    """The minutes that begin `length` minutes in a row of the set, found by doubling."""
    done = 1
    while done < length:
        step = min(done, length - done)
        minutes &= minutes >> step
        done += step
    return minutes


def at_least(sets: Sequence[Minutes], count: int) -> Minutes:
    """The minutes that are in `count` or more of `sets`; `count` is at least 1.

    The sets are added up as binary numbers that lie across the axis: plane k holds bit k of the sum of every minute.
    """
    planes: list[Minutes] = []
    for carry in sets:
        for k, plane in enumerate(planes):
            planes[k], carry = plane ^ carry, plane & carry
        if carry:
            planes.append(carry)
    if count >> len(planes):
        return 0
    result = -1
    for k, plane in enumerate(planes):
        result = plane & result if count >> k & 1 else plane | result
    return result


def positions(minutes: Minutes) -> list[int]:
    """The numbers of the set bits, ascending. Looking for ones in text beats taking off the lowest bit by far."""
    text = f"{minutes:b}"[::-1]
    found: list[int] = []
    at = text.find("1")
    while at >= 0:
        found.append(at)
        at = text.find("1", at + 1)
    return found


def columns(sets: Sequence[Minutes], bits: Sequence[int]) -> list[bytes]:
    """For each of `bits`, ascending, which of `sets` hold it: as many bytes, 0 or 1, as there are sets.

    Reading every column out of text by a stride is what makes listing cheap where the bits lie on a grid.
    """
    if not bits:
        return []
    first, step = bits[0], gcd(*(bit - bits[0] for bit in bits)) or 1
    count = (bits[-1] - first) // step + 1
    width = bits[-1] + 1
    rows = "".join([f"{minutes:0{width}b}"[-1 - first :: -step][:count] for minutes in sets])
    marks = rows.encode("ascii").translate(_MARKS)
    return [marks[(bit - first) // step :: count] for bit in bits]


def crowded(loads: Iterable[Load], spare: int) -> list[Run]:
    """When more than `spare` units are claimed at a time: runs of seconds sorted by start, found by a sweep."""
    if spare == 0:
        return sorted((start, end) for start, end, _ in loads)
    times, levels = steps(loads)
    return [(times[i], times[i + 1]) for i in range(len(times) - 1) if levels[i] > spare]


def steps(loads: Iterable[Load]) -> tuple[list[Instant], list[int]]:
    """The total load as steps: from times[i] to the next time it is levels[i]; before the first and at last it is 0."""
    changes: dict[Instant, int] = {}
    for start, end, quantity in loads:
        changes[start] = changes.get(start, 0) + quantity
        changes[end] = changes.get(end, 0) - quantity
    times = sorted(changes)
    return times, list(accumulate(changes[time] for time in times))


def peak(times: Sequence[Instant], levels: Sequence[int], start: Instant, end: Instant) -> int:
    """The highest load of `steps` at any instant of [start, end)."""
    first = bisect_right(times, start) - 1
    last = bisect_left(times, end)
    return max(levels[max(first, 0) : last], default=0)
