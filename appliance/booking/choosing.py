"""Choosing resources for one start: an exact search that is immediate wherever demands do not get in each other's way.

Options are tried in the order given, where several are picked the small ones before those that hold them, so the first
of the preferred ones that work together are picked. Where demands share resources the search goes back on a pick; it
gives up as soon as some demand cannot be met any more, and tries one only of options that could stand for each other.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from appliance.booking.bitsets import Load, peak, steps
from appliance.booking.demands import Demand, Option
from appliance.booking.resources import Tree
from appliance.foundation.instants import Instant, Interval

Picks = tuple[tuple[int, Option], ...]
"""The number of a demand and an option picked for it, in the order in which they were picked."""


@dataclass(frozen=True, slots=True)
class Board:
    """The leaves on which picks must fit: their capacities, from the tree, and what is claimed already."""

    tree: Tree
    claims: Mapping[str, Sequence[Load]]
    _near: dict[tuple[str, Interval], list[Load]] = field(default_factory=dict)

    def fits(self, option: Option, claim: Interval, taken: Mapping[str, list[Load]]) -> bool:
        """Whether `option` can be picked beside what was `taken` before; alone it is known to fit."""
        return all(self._fits(leaf, units, claim, taken[leaf]) for leaf, units in option.parts if leaf in taken)

    def _fits(self, leaf_id: str, units: int, claim: Interval, taken: list[Load]) -> bool:
        key = (leaf_id, claim)
        if key not in self._near:
            loads = self.claims.get(leaf_id, ())
            self._near[key] = [load for load in loads if load[0] < claim.end and load[1] > claim.start]
        times, levels = steps([*self._near[key], *taken])
        return peak(times, levels, claim.start, claim.end) + units <= self.tree.resources[leaf_id].capacity


def choose(demands: Sequence[Demand], start: Instant, board: Board, wanted: str | None = None) -> Picks | None:
    """Options for all picks of all demands that fit together at `start`, one of them `wanted` if given; None if none.

    Every option must be known to fit by itself.
    """
    search = _Search(demands, start, board)
    if wanted is None:
        return search.run()
    for number, demand in enumerate(demands):
        for option in demand.options:
            if demand.named and option.resource_id == wanted and (picks := search.run_with(number, option)) is not None:
                return picks
    return None


class _Search:
    def __init__(self, demands: Sequence[Demand], start: Instant, board: Board) -> None:
        self._demands = [_small_first(demand) for demand in demands]
        self._claims = [demand.claimed(start) for demand in demands]
        self._board = board
        self._taken: dict[str, list[Load]] = {}
        options = [option for demand in demands for option in demand.options]
        self._within: dict[str, set[str]] = {leaf_id: set() for option in options for leaf_id, _ in option.parts}
        for option in options:
            for leaf_id, _ in option.parts:
                self._within[leaf_id].add(option.resource_id)
        one_of_a_kind = not any(board.tree.resources[leaf_id].is_counted for leaf_id in self._within)
        last_begin = max(claim.start for claim in self._claims)
        self._competes = one_of_a_kind and last_begin < min(claim.end for claim in self._claims)

    def run(self) -> Picks | None:
        return self._fill(0, 0, 0)

    def run_with(self, number: int, option: Option) -> Picks | None:
        """The search with `option` picked for demand `number` from the outset."""
        before = self._demands[number]
        others = tuple(other for other in before.options if other != option)
        self._demands[number] = replace(before, options=others, picks=before.picks - 1)
        self._take(number, option)
        rest = self._fill(0, 0, 0)
        self._give_back(option)
        self._demands[number] = before
        return None if rest is None else ((number, option), *rest)

    def _fill(self, number: int, picked: int, first: int) -> Picks | None:
        if number == len(self._demands):
            return ()
        demand = self._demands[number]
        if picked == demand.picks:
            return self._fill(number + 1, 0, 0)
        if not self._has_hope(number, picked, first):
            return None
        in_vain: set[object] = set()
        for position in range(first, len(demand.options) - (demand.picks - picked) + 1):
            option = demand.options[position]
            kind = self._kind(number, option)
            if kind in in_vain or not self._board.fits(option, self._claims[number], self._taken):
                continue
            self._take(number, option)
            rest = self._fill(number, picked + 1, position + 1)
            self._give_back(option)
            if rest is not None:
                return ((number, option), *rest)
            in_vain.add(kind)
        return None

    def _has_hope(self, number: int, picked: int, first: int) -> bool:
        """Whether this demand and every later one, each by itself, can still be met beside what is taken.

        Where all of them compete for the same time, also whether there is enough for all of them together.
        """
        left = [(number, option) for option in self._demands[number].options[first:]]
        needed = self._demands[number].picks - picked
        if not self._can_pick(left, needed):
            return False
        for later, demand in enumerate(self._demands[number + 1 :], number + 1):
            options = [(later, option) for option in demand.options]
            if not self._can_pick(options, demand.picks):
                return False
            left += options
            needed += demand.picks
        return not self._competes or self._can_pick(sorted(left, key=lambda each: len(each[1].parts)), needed)

    def _can_pick(self, options: Iterable[tuple[int, Option]], count: int) -> bool:
        """Whether `count` of `options` fit at once. Resources are a tree, so taking the small ones first gets most."""
        used: set[str] = set()
        for number, option in options:
            if count == 0:
                break
            leaf_ids = [leaf_id for leaf_id, _ in option.parts]
            if used.isdisjoint(leaf_ids) and self._board.fits(option, self._claims[number], self._taken):
                used.update(leaf_ids)
                count -= 1
        return count == 0

    def _kind(self, number: int, option: Option) -> object:
        """Equal for options of which one is as good as the other for every pick that is still to come."""
        leaf_id, units = option.parts[0]
        leaf = self._board.tree.resources[leaf_id]
        if len(option.parts) > 1 or leaf.is_counted:
            return option.resource_id
        held_by = frozenset(self._within[leaf_id] - {leaf_id})
        wanted_by = tuple(option in later.options for later in self._demands[number + 1 :])
        return held_by, wanted_by, tuple(self._taken.get(leaf_id, ())), units

    def _take(self, number: int, option: Option) -> None:
        claim = self._claims[number]
        for leaf_id, units in option.parts:
            self._taken.setdefault(leaf_id, []).append((claim.start, claim.end, units))

    def _give_back(self, option: Option) -> None:
        for leaf_id, _ in option.parts:
            self._taken[leaf_id].pop()
            if not self._taken[leaf_id]:
                del self._taken[leaf_id]


def _small_first(demand: Demand) -> Demand:
    """The demand with options of fewer parts first if several are picked; the order is otherwise kept."""
    if demand.picks == 1:
        return demand
    return replace(demand, options=tuple(sorted(demand.options, key=lambda option: len(option.parts))))
