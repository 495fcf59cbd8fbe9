"""What one booking demands of the resources: each need of its service with lengths and quantities worked out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final

from appliance.booking.bitsets import Run
from appliance.booking.resources import Pool, Tree
from appliance.booking.services import ExtraNeed, Service
from appliance.foundation.instants import MINUTE, Instant, Interval

UNBOUNDED: Final = 1 << 30


@dataclass(frozen=True, slots=True)
class Option:
    """One resource that could be picked, and its `parts`: what is claimed then, as (leaf id, quantity)."""

    resource_id: str
    parts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Demand:
    """`picks` different ones of `options`, in their order of preference.

    per_one: how much of it each of the booked quantity takes. fixed: how much the booking takes besides, whatever its
    quantity. by_units: one option gives the whole quantity. named: one of its options may be wished for by name.
    visit, claim: minutes from the start of the booking, without and with its buffers.
    """

    options: tuple[Option, ...]
    picks: int
    per_one: int
    by_units: bool
    visit: Run
    claim: Run
    fixed: int = 0
    named: bool = True

    def total(self, quantity: int) -> int:
        """How much a booking of `quantity` takes."""
        return self.fixed + self.per_one * quantity

    def greatest(self, left: int) -> int:
        """The greatest quantity for which `left`, enough for one booking, is enough."""
        return (left - self.fixed) // self.per_one if self.per_one else UNBOUNDED

    @property
    def names(self) -> tuple[str, ...]:
        """The ids that may be wished for."""
        return self.resource_ids if self.named else ()

    @property
    def resource_ids(self) -> tuple[str, ...]:
        return tuple(option.resource_id for option in self.options)

    def claimed(self, start: Instant) -> Interval:
        """The real time that is claimed, buffers included, when the booking starts at `start`."""
        return Interval(start + self.claim[0] * MINUTE, start + self.claim[1] * MINUTE)

    def within_capacity(self, tree: Tree) -> "Demand":
        """The same with those options only that could ever give so much."""
        able = (
            option
            for option in self.options
            if all(units <= tree.resources[leaf].capacity for leaf, units in option.parts)
        )
        return replace(self, options=tuple(able))

    def collides_with(self, other: "Demand") -> bool:
        """Whether both could want the same leaf at the same time."""
        if self.claim[0] >= other.claim[1] or other.claim[0] >= self.claim[1]:
            return False
        return not _leaf_ids(self).isdisjoint(_leaf_ids(other))

    def collides_with_itself(self) -> bool:
        """Whether two different picks, if there ever were two, could want the same leaf."""
        return sum(len(option.parts) for option in self.options) > len(_leaf_ids(self))


def demands_of(
    service: Service, duration: int, quantity: int, tree: Tree, pools: Mapping[str, Pool], only: str | None = None
) -> tuple[Demand, ...]:
    """The demands of a booking of `quantity` of a service with needs, for `duration` minutes; those of extras last.

    only: the one resource that will do for the service's own needs.
    """
    visit = _Visit(service, duration, quantity, tree)
    members = {need.pool_id: pools[need.pool_id].only(only) if only else pools[need.pool_id] for need in service.needs}
    own = (visit.demand(ExtraNeed(need, per_person=True), members[need.pool_id]) for need in service.needs)
    besides = (visit.demand(extra, pools[extra.need.pool_id]) for extra in service.extra_needs)
    return (*own, *(replace(demand, named=False) for demand in besides))


def are_independent(demands: tuple[Demand, ...]) -> bool:
    """Whether no pick can ever spoil another, so that each demand may be counted by itself."""
    return not any(demand.collides_with_itself() for demand in demands) and not any(
        one.collides_with(other) for one, other in combinations(demands, 2)
    )


@dataclass(frozen=True, slots=True)
class _Visit:
    """A booking of `quantity` of a service for `duration` minutes."""

    service: Service
    duration: int
    quantity: int
    tree: Tree

    def demand(self, needed: ExtraNeed, pool: Pool) -> Demand:
        need = needed.need
        by_units = all(self.tree.resources[member].is_counted for member in pool.members)
        per_one, fixed = (need.quantity, 0) if needed.per_person else (0, need.quantity)
        total = fixed + per_one * self.quantity
        visit = (need.offset_minutes, need.ends_minute(self.duration))
        # A buffer lies around the booking: it is claimed on what is in use when the booking begins or ends.
        before = self.service.before_minutes if visit[0] == 0 else 0
        after = self.service.after_minutes if visit[1] == self.duration else 0
        return Demand(
            options=tuple(_option(member, total if by_units else 1, self.tree) for member in pool.members),
            picks=1 if by_units else total,
            per_one=per_one,
            by_units=by_units,
            visit=visit,
            claim=(visit[0] - before, visit[1] + after),
            fixed=fixed,
        )


def _option(resource_id: str, units: int, tree: Tree) -> Option:
    below = tree.below[resource_id]
    if below == (tree.resources[resource_id],):
        return Option(resource_id, ((resource_id, units),))
    # Who takes the whole takes all of each part.
    return Option(resource_id, tuple((leaf.id, leaf.capacity) for leaf in below))


def _leaf_ids(demand: Demand) -> set[str]:
    return {leaf_id for option in demand.options for leaf_id, _ in option.parts}
