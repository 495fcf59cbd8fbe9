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

    def searched(self, starts: Sequence[Instant], fits: Fits) -> Offers:
        """Offers when picks can spoil each other: every start, resource and quantity is tried."""
        kept, resources, seats = [], [], []
        for start in starts:
            if fits(start, self._quantity, self._wanted):
                choice = dict.fromkeys(self._ids) if self._wanted is None else (self._wanted,)
                kept.append(start)
                resources.append(tuple(each for each in choice if fits(start, self._quantity, each)))
                seats.append(next(n for n in count(self._quantity) if not fits(start, n + 1, self._wanted)))
        return self._offers(kept, resources, seats)

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
