"""Free starts as a list: what can be wanted at each of them, and how much is left."""

from collections.abc import Callable, Iterator, Sequence
from itertools import compress, count

from appliance.booking.bitsets import Minutes, columns, peak, steps
from appliance.booking.calendar import Calendar, Offers
from appliance.booking.demands import Demand, Option
from appliance.foundation.instants import MINUTE, Instant, Interval

Fits = Callable[[Instant, int, str | None], bool]
"""Whether a quantity fits at a start, with a wanted resource among what is picked."""

_UNBOUNDED = 1 << 30


class Listing:
    """Makes offers out of free starts of one wish: `demands` are those of `quantity`."""

    def __init__(
        self, calendar: Calendar, demands: Sequence[Demand], duration: int, quantity: int, wanted: str | None
    ) -> None:
        self._calendar = calendar
        self._demands = demands
        self._duration = duration
        self._quantity = quantity
        self._wanted = wanted
        self._ids = [resource_id for demand in demands for resource_id in demand.resource_ids]
        self._repeats = len(set(self._ids)) < len(self._ids)
        self._steps: dict[str, tuple[list[Instant], list[int]]] = {}

    def counted(self, starts: Sequence[Instant], free: Sequence[Sequence[Minutes]]) -> Offers:
        """Offers when no pick can spoil another: at each start everything that is free can be picked.

        `free` holds the free starts of each option of each demand. A column says what is free at one start; a calendar
        has few different ones, so each is worked out once.
        """
        axis = self._calendar.axis
        found = columns([each for sets in free for each in sets], [axis.bit(start) for start in starts])
        worked_out = {column: (self._resources(column), self._picks_left(column)) for column in set(found)}
        resources = [worked_out[column][0] for column in found]
        seats = [worked_out[column][1] for column in found]
        if any(demand.by_units for demand in self._demands):
            rows = zip(seats, found, starts, strict=True)
            seats = [min(left, self._units_left(column, start)) for left, column, start in rows]
        return self._offers(list(starts), resources, seats)

    def searched(self, starts: Sequence[Instant], free: Sequence[Sequence[Minutes]], fits: Fits) -> Offers:
        """Offers when picks can spoil each other: every resource and quantity is tried at every start.

        Of resources that are one of a kind it is enough to know which are free, so that equal columns have one answer.
        """
        axis, tree = self._calendar.axis, self._calendar.tree
        found = columns([each for sets in free for each in sets], [axis.bit(start) for start in starts])
        leaf_ids = {leaf_id for demand in self._demands for option in demand.options for leaf_id, _ in option.parts}
        is_told_by_column = not any(tree.resources[leaf_id].is_counted for leaf_id in leaf_ids)
        worked_out: dict[bytes | Instant, tuple[tuple[str, ...], int]] = {}
        kept, resources, seats = [], [], []
        for start, column in zip(starts, found, strict=True):
            key = column if is_told_by_column else start
            if key not in worked_out:
                worked_out[key] = self._tried(start, fits)
            ids, left = worked_out[key]
            if left:
                kept.append(start)
                resources.append(ids)
                seats.append(left)
        return self._offers(kept, resources, seats)

    def _tried(self, start: Instant, fits: Fits) -> tuple[tuple[str, ...], int]:
        if not fits(start, self._quantity, self._wanted):
            return (), 0
        choice = dict.fromkeys(self._ids) if self._wanted is None else (self._wanted,)
        resources = tuple(each for each in choice if fits(start, self._quantity, each))
        return resources, next(n for n in count(self._quantity) if not fits(start, n + 1, self._wanted))

    def _offers(self, starts: list[Instant], resources: list[tuple[str, ...]], seats: list[int]) -> Offers:
        length = self._duration * MINUTE
        return Offers(starts, [start + length for start in starts], resources, seats)

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
        left = _UNBOUNDED
        for demand, marks in self._split(column):
            if not demand.by_units:
                left = min(left, marks.count(1) // demand.per_one)
        return left

    def _units_left(self, column: bytes, start: Instant) -> int:
        """How much the counted resources still give: each demand has its best one, the scarcest demand decides."""
        left = _UNBOUNDED
        for demand, marks in self._split(column):
            if demand.by_units:
                giving = (each for each in compress(demand.options, marks) if self._may_give(demand, each))
                most = max(self._spare(option.resource_id, demand.claimed(start)) for option in giving)
                left = min(left, most // demand.per_one)
        return left

    def _may_give(self, demand: Demand, option: Option) -> bool:
        return self._wanted not in demand.resource_ids or option.resource_id == self._wanted

    def _spare(self, resource_id: str, claim: Interval) -> int:
        if resource_id not in self._steps:
            self._steps[resource_id] = steps(self._calendar.claims.get(resource_id, ()))
        times, levels = self._steps[resource_id]
        return self._calendar.tree.resources[resource_id].capacity - peak(times, levels, claim.start, claim.end)
