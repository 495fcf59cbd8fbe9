"""Visits: several services one after the other, or the same slot several times in a row, found as one search (DY-54).

The starts of a whole visit are one set of minutes: those of its first leg, at which the second can follow, and so on
(booking.md 7.3). A leg begins when the one before it ends, or, where its service allows a gap, at a start of its own
grid that soon. Where legs could take each other's resources, every start is tried with all of them together.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from itertools import permutations
from typing import Final
from zoneinfo import ZoneInfo

from appliance.booking.bitsets import Minutes, from_runs, positions
from appliance.booking.calendar import Calendar, ClaimWish
from appliance.booking.choosing import Board, choose
from appliance.booking.demands import Demand, are_independent
from appliance.booking.legs import Leg, LegClaims, LegSearch
from appliance.booking.limits import Counted, Standing, barred
from appliance.booking.reasons import Reason
from appliance.booking.services import LONGEST_BOOKING_MINUTES, ServiceKind
from appliance.foundation.instants import MINUTE, Instant, Interval, at_local, local_date
from appliance.foundation.refusals import Refusal

MOST_LEGS: Final = 4


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit at one start: the legs by their numbers, in the order in which they are made, each with its start."""

    start: Instant
    end: Instant
    legs: tuple[tuple[int, Instant], ...]


def refusal(legs: Sequence[Leg]) -> Refusal | None:
    """Why a visit of these legs is never offered, whatever the calendar says; None if it may be."""
    for leg in legs:
        service = leg.service
        if service.kind is ServiceKind.CLASS or (len(legs) > 1 and not leg.several.chains):
            return Refusal(Reason.CHAIN_NOT_OFFERED)
        if leg.duration not in service.durations:
            return Refusal(Reason.DURATION_NOT_OFFERED)
        if leg.count > leg.several.most_in_a_row:
            return Refusal(Reason.SO_MANY_IN_A_ROW_NOT_OFFERED)
    lasts = sum(leg.minutes for leg in legs)
    claimed = (leg.service.before_minutes + leg.minutes + leg.service.after_minutes for leg in legs)
    return Refusal(Reason.VISIT_TOO_LONG) if max(lasts, *claimed) > LONGEST_BOOKING_MINUTES else None


def visit_window(legs: Sequence[Leg], starts: Interval, zone: ZoneInfo) -> Interval:
    """The window of a calendar that decides visits at `starts`: all that their legs can claim, in whole local days."""
    before = max(leg.service.before_minutes for leg in legs) * MINUTE
    after = max(leg.service.after_minutes for leg in legs)
    lasts = sum(leg.minutes + leg.several.longest_gap_minutes for leg in legs)
    first, last = starts.start - before, starts.end + (lasts + after) * MINUTE
    end = at_local(local_date(last - 1, zone) + timedelta(days=1), 0, zone)
    return Interval(at_local(local_date(first, zone), 0, zone), end)


class VisitSearch:
    """Looks for one visit on one calendar. `any_order`: its legs may be made in any order."""

    def __init__(self, calendar: Calendar, legs: Sequence[Leg], *, any_order: bool = False) -> None:
        self._calendar = calendar
        self._legs = [LegSearch(calendar, leg) for leg in legs]
        numbers = range(len(legs))
        self._orders = [tuple(order) for order in permutations(numbers)] if any_order else [tuple(numbers)]
        self._board = Board(calendar.tree, calendar.claims)
        self._follow: dict[tuple[tuple[int, ...], bool], Minutes] = {}
        self._tried: dict[object, bool] = {}
        self._limited: dict[object, Refusal | None] = {}
        self._exact: dict[tuple[tuple[int, ...], tuple[int, ...]], bool] = {}

    def offers(self, within: Interval) -> list[Visit]:
        """Every start of the whole visit in `within`; of several orders, the first that works at each."""
        axis = self._calendar.axis
        inside = from_runs([(axis.bit(within.start + MINUTE - 1), axis.bit(within.end + MINUTE - 1))], axis.length)
        minutes = 0
        for order in self._orders:
            minutes |= self._starts(order)
        found = (self._at(bit) for bit in positions(minutes & inside))
        return [self._visit(*layout) for layout in found if layout is not None]

    def choices(self, number: int, visit: Visit) -> tuple[str, ...]:
        """The resources that could be picked for the leg with that number when it begins as in `visit`."""
        order, starts = zip(*visit.legs, strict=True)
        bits = tuple(map(self._calendar.axis.bit, starts))
        place = order.index(number)
        return self._legs[number].nameable(bits[place], on_grid=self._on_grid(order, bits)[place])

    def claims(self, start: Instant) -> tuple[LegClaims, ...] | Refusal:
        """What a visit at `start` claims, booking by booking in order of time; or why it cannot be."""
        axis = self._calendar.axis
        bit = axis.bit(start)
        layout = self._at(bit) if axis.instant(bit) == start and 0 <= bit < axis.length else None
        if layout is None:
            return self._why_not(start)
        order, bits = layout
        picked = self._picked(order, bits)
        if picked is None:
            return self._why_not(start)
        made = [
            slot
            for place, number in enumerate(order)
            for slot in self._legs[number].slots(number, axis.instant(bits[place]), picked[place])
        ]
        return tuple(made)

    def _is_exact(self, order: tuple[int, ...], bits: tuple[int, ...]) -> bool:
        """Whether no pick can spoil another when the legs of `order` begin at `bits`, so that each may go by itself."""
        waits = tuple(bit - bits[0] for bit in bits)
        if (order, waits) not in self._exact:
            legs = zip(order, waits, strict=True)
            demands = tuple(each.later(wait) for number, wait in legs for each in self._legs[number].demands)
            self._exact[order, waits] = are_independent(demands)
        return self._exact[order, waits]

    def _starts(self, order: tuple[int, ...]) -> Minutes:
        """The starts of a visit in that order, as far as each leg knows by itself."""
        return self._following(order, on_grid=True)

    def _following(self, order: tuple[int, ...], *, on_grid: bool) -> Minutes:
        """The minutes, perhaps of a grid, at which the first leg of `order` can begin so that all others can follow."""
        key = (order, on_grid)
        if key not in self._follow:
            leg = self._legs[order[0]]
            minutes = leg.on_grid if on_grid else leg.free
            if len(order) > 1:
                minutes &= self._legs[order[1]].reachable(*self._ways(order[1:])) >> leg.minutes
            self._follow[key] = minutes
        return self._follow[key]

    def _ways(self, order: tuple[int, ...]) -> tuple[Minutes, Minutes]:
        """When the legs of `order` can begin right after another one, and when after waiting for a start of a grid."""
        return self._following(order, on_grid=False), self._following(order, on_grid=True)

    def _on_grid(self, order: tuple[int, ...], bits: tuple[int, ...]) -> tuple[bool, ...]:
        """Which legs of `order` begin on a grid at `bits`: the first, and each that did wait."""
        ends = (bit + self._legs[number].minutes for number, bit in zip(order, bits, strict=True))
        return (True, *(begin != end for begin, end in zip(bits[1:], ends, strict=False)))

    def _at(self, bit: int) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
        """An order and the bits at which its legs begin, the first of them at `bit`; None when there is none."""
        for order in self._orders:
            if self._starts(order) >> bit & 1:
                for bits in self._layouts(order, bit):
                    if self._beyond_limits(order, bits) is None and (
                        self._is_exact(order, bits) or self._fits(order, bits)
                    ):
                        return order, bits
        return None

    def _beyond_limits(self, order: tuple[int, ...], bits: tuple[int, ...]) -> Refusal | None:
        """What limits say against the legs of `order` at `bits`, each of their slots counted beside those before it.

        Limits count days and what is made of them, so that each combination of days is worked out once.
        """
        if not any(leg.limits.limits for leg in self._legs):
            return None
        axis, zone = self._calendar.axis, self._calendar.zone
        slots = [
            (number, slot)
            for number, bit in zip(order, bits, strict=True)
            for slot in self._legs[number].intervals(axis.instant(bit))
        ]
        key = tuple((number, local_date(slot.start, zone)) for number, slot in slots)
        if key not in self._limited:
            self._limited[key] = self._barred(slots)
        return self._limited[key]

    def _barred(self, slots: Sequence[tuple[int, Interval]]) -> Refusal | None:
        before: list[Counted] = []
        for number, slot in slots:
            leg = self._legs[number]
            bar = barred(leg.limits.counting(Standing(before)).bars(), slot.start)
            if bar is not None:
                return Refusal(bar.reason, bar.passes_at)
            before.append(Counted(leg.service_id, slot, mine=True, ahead=True))
        return None

    def _layouts(self, order: tuple[int, ...], bit: int) -> Iterator[tuple[int, ...]]:
        """The ways for the legs of `order` to follow each other from `bit` on, those that wait least first."""
        if len(order) == 1:
            yield (bit,)
            return
        end = bit + self._legs[order[0]].minutes
        for following in self._legs[order[1]].begins(*self._ways(order[1:]), end):
            for rest in self._layouts(order[1:], following):
                yield (bit, *rest)

    def _picked(self, order: tuple[int, ...], bits: tuple[int, ...]) -> list[tuple[ClaimWish, ...]] | None:
        """What each leg of `order` claims when they begin at `bits`; None when they do not fit together."""
        start = self._calendar.axis.instant(bits[0])
        for variant in self._variants(order, bits, self._on_grid(order, bits)):
            demands = [demand for leg in variant for demand in leg]
            owner = [place for place, leg in enumerate(variant) for _ in leg]
            picks = choose(demands, start, self._board)
            if picks is not None:
                claims: list[list[ClaimWish]] = [[] for _ in order]
                for number, option in picks:
                    interval = demands[number].claimed(start)
                    claims[owner[number]] += [ClaimWish(leaf, interval, units) for leaf, units in option.parts]
                return [tuple(each) for each in claims]
        return None

    def _fits(self, order: tuple[int, ...], bits: tuple[int, ...]) -> bool:
        """Whether the legs of `order` fit together when they begin at `bits`.

        Of resources that are one of a kind it is enough to know which are free, so that each such case is tried once.
        """
        places = zip(order, bits, self._on_grid(order, bits), strict=True)
        free = tuple(self._legs[number].free_at(bit, on_grid=on_grid) for number, bit, on_grid in places)
        key = (order, tuple(bit - bits[0] for bit in bits), free)
        if self._counts or key not in self._tried:
            self._tried[key] = self._picked(order, bits) is not None
        return self._tried[key]

    @cached_property
    def _counts(self) -> bool:
        """Whether any leg could take units of what is counted."""
        parts = (part for leg in self._legs for each in leg.demands for option in each.options for part in option.parts)
        return any(self._calendar.tree.resources[leaf_id].is_counted for leaf_id, _ in parts)

    def _variants(
        self, order: tuple[int, ...], bits: tuple[int, ...], on_grid: tuple[bool, ...]
    ) -> Iterator[list[list[Demand]]]:
        if not order:
            yield []
            return
        *before, last = order
        for earlier in self._variants(tuple(before), bits[:-1], on_grid[:-1]):
            for own in self._legs[last].able(bits[-1], on_grid=on_grid[-1]):
                later = bits[-1] - bits[0]
                yield [*earlier, [demand.later(later) for demand in own]]

    def _visit(self, order: tuple[int, ...], bits: tuple[int, ...]) -> Visit:
        axis = self._calendar.axis
        end = axis.instant(bits[-1] + self._legs[order[-1]].minutes)
        starts = tuple((number, axis.instant(bit)) for number, bit in zip(order, bits, strict=True))
        return Visit(axis.instant(bits[0]), end, starts)

    def _why_not(self, start: Instant) -> Refusal:
        """What stands in the way of the visit in its first order without gaps."""
        at, bits = start, []
        for place, leg in enumerate(self._legs):
            why = leg.why_not(at, on_grid=place == 0)
            if why is not None:
                return why
            bits.append(self._calendar.axis.bit(at))
            at += leg.minutes * MINUTE
        return self._beyond_limits(tuple(range(len(bits))), tuple(bits)) or Refusal(Reason.SLOT_TAKEN)
