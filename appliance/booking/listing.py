"""Free starts as a list: what can be wanted at each of them, and how much is left."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import compress

from appliance.booking.bitsets import Axis, Minutes, columns, counts, peak, steps
from appliance.booking.calendar import Calendar, Offers
from appliance.booking.choosing import Board, choose
from appliance.booking.demands import UNBOUNDED, Demand, Option
from appliance.foundation.instants import MINUTE, Instant, Interval


class Listing:
    """Makes offers out of free starts, bits of `axis`, of one wish: `demands` are those of `quantity`."""

    def __init__(
        self,
        calendar: Calendar,
        axis: Axis,
        demands: Sequence[Demand],
        duration: int,
        quantity: int,
        wanted: str | None,
    ) -> None:
        self._calendar = calendar
        self._axis = axis
        self._demands = demands
        self._duration = duration
        self._quantity = quantity
        self._wanted = wanted
        # Those that may be wished for come first, so that a column marks them in the same order.
        self._ids = [resource_id for demand in demands for resource_id in demand.names]
        self._board = Board(calendar.tree, calendar.claims)
        self._repeats = len(set(self._ids)) < len(self._ids)
        self._steps: dict[str, tuple[list[Instant], list[int]]] = {}

    def counted(self, bits: Sequence[int], free: Sequence[Sequence[Minutes]]) -> Offers:
        """Offers when no pick can spoil another: at each start everything that is free can be picked.

        `free` holds the free starts of each option of each demand.
        """
        seats = [UNBOUNDED] * len(bits)
        for demand, sets in zip(self._demands, free, strict=True):
            if not demand.by_units:
                found = counts(sets, bits)
                greatest = {count: demand.greatest(count) for count in set(found)}
                seats = list(map(min, seats, map(greatest.__getitem__, found)))
        starts = self._axis.instants(bits)
        if any(demand.by_units for demand in self._demands):
            rows = zip(seats, _columns(bits, free), starts, strict=True)
            seats = [min(left, self._units_left(column, start)) for left, column, start in rows]
        return self._offers(starts, seats, lambda: self._named(_columns(bits, free)))

    def searched(self, bits: Sequence[int], free: Sequence[Sequence[Minutes]]) -> Offers:
        """Offers when picks can spoil each other: what can be wanted and how much is left is tried at every start.

        Of resources that are one of a kind it is enough to know which are free, so that equal columns have one answer.
        """
        leaf_ids = {leaf_id for demand in self._demands for option in demand.options for leaf_id, _ in option.parts}
        is_told_by_column = not any(self._calendar.tree.resources[leaf_id].is_counted for leaf_id in leaf_ids)
        tried: dict[bytes | Instant, tuple[tuple[str, ...], int]] = {}
        kept, resources, seats = [], [], []
        for start, column in zip(self._axis.instants(bits), _columns(bits, free), strict=True):
            key = column if is_told_by_column else start
            if key not in tried:
                tried[key] = self._tried(column, start)
            ids, left = tried[key]
            if left:
                kept.append(start)
                resources.append(ids)
                seats.append(left)
        return self._offers(kept, seats, lambda: resources)

    def _tried(self, column: bytes, start: Instant) -> tuple[tuple[str, ...], int]:
        """What can be wanted at `start` and how much is left; nothing and 0 when the quantity does not fit."""
        able = self._able(column, start, self._quantity)
        picks = choose(able, start, self._board, self._wanted)
        if picks is None:
            return (), 0
        certain = {option.resource_id for number, option in picks if able[number].named}
        if len(able) == able[0].picks == 1:
            certain.update(able[0].resource_ids)
        resources = [
            each
            for each in self._resources(column)
            if each in certain or choose(able, start, self._board, each) is not None
        ]
        return tuple(resources), self._most(column, start)

    def _most(self, column: bytes, start: Instant) -> int:
        """The greatest quantity that fits, by halving; the quantity asked for is known to."""
        fits, too_many = self._quantity, min(self._picks_left(column), self._units_left(column, start)) + 1
        while too_many - fits > 1:
            middle = (fits + too_many) // 2
            if choose(self._able(column, start, middle), start, self._board, self._wanted) is None:
                too_many = middle
            else:
                fits = middle
        return fits

    def _able(self, column: bytes, start: Instant, quantity: int) -> list[Demand]:
        """The demands of `quantity`, not less than that asked for, with the options that are free by themselves."""
        able = []
        for demand, marks in self._split(column):
            options, total = tuple(compress(demand.options, marks)), demand.total(quantity)
            if demand.by_units:
                claim = demand.claimed(start)
                ids = [each.resource_id for each in options if self._spare(each.resource_id, claim) >= total]
                options, total = tuple(Option(each, ((each, total),)) for each in ids), 1
            able.append(replace(demand, options=options, picks=total))
        return able

    def _named(self, found: Sequence[bytes]) -> list[tuple[str, ...]]:
        """What may be wanted at each start; few columns are different, so that each is worked out once."""
        worked_out = {column: self._resources(column) for column in set(found)}
        return [worked_out[column] for column in found]

    def _offers(self, starts: list[Instant], seats: list[int], named: Callable[[], list[tuple[str, ...]]]) -> Offers:
        length = self._duration * MINUTE
        return Offers(starts, [start + length for start in starts], seats, named=named)

    def _split(self, column: bytes) -> Iterator[tuple[Demand, bytes]]:
        """Each demand with the part of a column that marks its options."""
        first = 0
        for demand in self._demands:
            end = first + len(demand.options)
            yield demand, column[first:end]
            first = end

    def _resources(self, column: bytes) -> tuple[str, ...]:
        if self._wanted is not None:
            return (self._wanted,)
        free = compress(self._ids, column)
        return tuple(dict.fromkeys(free) if self._repeats else free)

    def _picks_left(self, column: bytes) -> int:
        left = UNBOUNDED
        for demand, marks in self._split(column):
            if not demand.by_units:
                left = min(left, demand.greatest(marks.count(1)))
        return left

    def _units_left(self, column: bytes, start: Instant) -> int:
        """How much the counted resources still give: each demand has its best one, the scarcest demand decides."""
        left = UNBOUNDED
        for demand, marks in self._split(column):
            if demand.by_units:
                claim, giving = demand.claimed(start), compress(demand.options, marks)
                most = max(self._spare(each.resource_id, claim) for each in giving if self._may_give(demand, each))
                left = min(left, demand.greatest(most))
        return left

    def _may_give(self, demand: Demand, option: Option) -> bool:
        """Whether `option` is not ruled out by the one that is wanted, which at most one demand must then pick."""
        asked = sum(self._wanted in each.names for each in self._demands)
        return asked != 1 or self._wanted not in demand.names or option.resource_id == self._wanted

    def _spare(self, resource_id: str, claim: Interval) -> int:
        if resource_id not in self._steps:
            self._steps[resource_id] = steps(self._calendar.claims.get(resource_id, ()))
        times, levels = self._steps[resource_id]
        return self._calendar.tree.resources[resource_id].capacity - peak(times, levels, claim.start, claim.end)


def _columns(bits: Sequence[int], free: Sequence[Sequence[Minutes]]) -> list[bytes]:
    """Which options of which demands are free at each start."""
    return columns([each for sets in free for each in sets], bits)
