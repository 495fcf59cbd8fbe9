"""Sets of minutes as big integers: bit i is minute i of an axis. Pure arithmetic, no clock and no zone.

A whole month is 44,640 bits, or 5.6 kB; an operation on two such sets takes about a microsecond, whatever is in them.
Where bookings start on a grid, an axis of its starts alone has a fifteenth of that.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, repeat
from math import gcd
from operator import sub
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
    """The minutes from `origin`, a whole minute in UTC seconds, on: `length` of them, each `step` minutes later."""

    origin: Instant
    length: int
    step: int = 1

    def __post_init__(self) -> None:
        if self.origin % MINUTE or self.length < 1 or self.step < 1:
            raise ValueError(f"an axis begins on a whole minute and has at least one, got {self}")

    @property
    def full(self) -> Minutes:
        return (1 << self.length) - 1

    def bit(self, instant: Instant) -> int:
        """The last minute that is not after `instant`; may lie outside the axis."""
        return (instant - self.origin) // (MINUTE * self.step)

    def instant(self, bit: int) -> Instant:
        return self.origin + bit * self.step * MINUTE

    def instants(self, bits: Iterable[int]) -> list[Instant]:
        origin, step = self.origin, self.step * MINUTE
        return [origin + bit * step for bit in bits]

    def inside(self, intervals: Iterable[Interval]) -> Minutes:
        """The minutes that lie wholly within one of `intervals`."""
        origin, step = self.origin, self.step * MINUTE
        last = origin + MINUTE - step
        return from_runs(
            [(-((origin - each.start) // step), (each.end - last) // step) for each in intervals], self.length
        )

    def touching(self, runs: Iterable[Run], first: int, end: int) -> Minutes:
        """The minutes i at which minutes [i + first, i + end) would meet one of `runs`, in seconds.

        With (0, 1) these are the minutes that the runs touch; a wider stretch answers for a whole claim at once, and
        nothing need be eroded. Runs may be of any second.
        """
        begins, ends, step = self.origin + first * MINUTE, self.origin + end * MINUTE, self.step * MINUTE
        return from_runs(
            [((start - ends) // step + 1, -((begins - stop) // step)) for start, stop in runs], self.length
        )

    def through(self, bits: Sequence[int]) -> "Axis":
        """The axis of as few minutes as can be that has `bits` of this one, ascending and at least one."""
        step = _step(bits)
        return Axis(self.instant(bits[0]), (bits[-1] - bits[0]) // step + 1, self.step * step)

    def thinned(self, minutes: Minutes, other: "Axis") -> Minutes:
        """What of `minutes` lies on `other`, this axis or one `through` some bits of it, as a set of that."""
        if other == self:
            return minutes
        first, step = self.bit(other.origin), other.step // self.step
        kept = minutes >> first & (1 << (other.length - 1) * step + 1) - 1
        return int(f"{kept:b}"[::-step][::-1], 2)


def from_runs(runs: Iterable[Run], length: int) -> Minutes:
    """The union of `runs` of bits, in any order, cut to [0, length); empty ones are passed over."""
    united = 0
    for start, end in runs:
        low = start if start > 0 else 0
        high = end if end < length else length
        if low < high:
            united |= (1 << high - low) - 1 << low
    return united


def erode(minutes: Minutes, length: int) -> Minutes:
    """The minutes that begin `length` minutes in a row of the set, found by doubling."""
    done = 1
    while done < length:
        step = min(done, length - done)
        minutes &= minutes >> step
        done += step
    return minutes


def at_least(sets: Sequence[Minutes], count: int) -> Minutes:
    """The minutes that are in `count` or more of `sets`; `count` is at least 1."""
    planes = _sum(sets)
    if count >> len(planes):
        return 0
    result = -1
    for k, plane in enumerate(planes):
        result = plane & result if count >> k & 1 else plane | result
    return result


def counts(sets: Sequence[Minutes], bits: Sequence[int]) -> list[int]:
    """Of how many of `sets` each of `bits`, ascending, is one."""
    found = columns(_sum(sets), bits)
    worth = {column: sum(mark << k for k, mark in enumerate(column)) for column in set(found)}
    return [worth[column] for column in found]


def _sum(sets: Sequence[Minutes]) -> list[Minutes]:
    """How many of `sets` hold each minute, as binary numbers that lie across the axis: plane k is bit k of them all."""
    planes: list[Minutes] = []
    for carry in sets:
        for k, plane in enumerate(planes):
            if not carry:
                break
            planes[k], carry = plane ^ carry, plane & carry
        if carry:
            planes.append(carry)
    return planes


def positions(minutes: Minutes) -> list[int]:
    """The numbers of the set bits, ascending. Looking for ones in text beats taking off the lowest bit by far."""
    find = f"{minutes:b}"[::-1].find
    found: list[int] = []
    at = find("1")
    while at >= 0:
        found.append(at)
        at = find("1", at + 1)
    return found


def columns(sets: Sequence[Minutes], bits: Sequence[int]) -> list[bytes]:
    """For each of `bits`, ascending, which of `sets` hold it: as many bytes, 0 or 1, as there are sets.

    Reading every column out of text by a stride is what makes listing cheap where the bits lie on a grid.
    """
    if not bits:
        return []
    first, step = bits[0], _step(bits)
    count = (bits[-1] - first) // step + 1
    width = bits[-1] + 1
    rows = "".join([f"{minutes:0{width}b}"[-1 - first :: -step][:count] for minutes in sets])
    marks = rows.encode("ascii").translate(_MARKS)
    return [marks[(bit - first) // step :: count] for bit in bits]


def _step(bits: Sequence[int]) -> int:
    """The widest step from the first of `bits` that meets all the others; 1 when there is but one."""
    return gcd(*map(sub, bits, repeat(bits[0]))) or 1


def crowded(loads: Iterable[Load], spare: int) -> list[Run]:
    """When more than `spare` units are claimed at a time, as runs of seconds; found by a sweep where units count."""
    if spare == 0:
        return [(start, end) for start, end, _ in loads]
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
