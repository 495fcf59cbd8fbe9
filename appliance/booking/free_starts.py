"""For each resource, the minutes at which a booking may start: its hours hold and its claims leave room.

Hours bound the visit, from its start to its end; buffers may lie outside them (one cleans after closing time) and need
only be unclaimed. A resource with an ancestor or with parts is open when all of them are.
"""

from collections.abc import Iterable, Mapping, Sequence
from zoneinfo import ZoneInfo

from appliance.booking.bitsets import Axis, Load, Minutes, Run, crowded, erode
from appliance.booking.demands import Demand, Option
from appliance.booking.resources import Tree
from appliance.booking.schedule import ScheduleException, WeeklyHours, project
from appliance.foundation.instants import Interval


class Openings:
    """When the owners of schedules are open on one axis; each is projected at most once, when it is first asked for."""

    def __init__(
        self, axis: Axis, zone: ZoneInfo, hours: Iterable[WeeklyHours], exceptions: Iterable[ScheduleException]
    ) -> None:
        self._axis = axis
        self._zone = zone
        self._hours: dict[str, list[WeeklyHours]] = {}
        for row in hours:
            self._hours.setdefault(row.owner_id, []).append(row)
        self._exceptions: dict[str, list[ScheduleException]] = {}
        for exception in exceptions:
            self._exceptions.setdefault(exception.owner_id, []).append(exception)
        self._restricting = frozenset(self._hours) | frozenset(self._exceptions)
        self._open: dict[str, Minutes] = {}
        self._starts: dict[tuple[tuple[str, ...], Run, Axis], Minutes] = {}

    def starts(self, owner_ids: Iterable[str], visit: Run, on: Axis) -> Minutes:
        """The minutes of an axis from which on, throughout `visit`, all owners are open."""
        restricting = tuple(sorted(self._restricting.intersection(owner_ids)))
        key = (restricting, visit, on)
        if key not in self._starts:
            minutes = self._axis.full
            for owner_id in restricting:
                minutes &= self._owner(owner_id)
            self._starts[key] = self._axis.thinned(erode(minutes, visit[1] - visit[0]) >> visit[0], on)
        return self._starts[key]

    def _owner(self, owner_id: str) -> Minutes:
        if owner_id not in self._open:
            window = Interval(self._axis.origin, self._axis.instant(self._axis.length))
            rows, exceptions = self._hours.get(owner_id, ()), self._exceptions.get(owner_id, ())
            self._open[owner_id] = self._axis.inside(project(rows, exceptions, self._zone, window))
        return self._open[owner_id]


class FreeStarts:
    """The starts on one axis at which single options can be picked, given their hours and what is claimed."""

    def __init__(self, axis: Axis, tree: Tree, openings: Openings, claims: Mapping[str, Sequence[Load]]) -> None:
        self.axis = axis
        self._tree = tree
        self._openings = openings
        self._claims = claims
        self._blocked: dict[tuple[str, int, Run], Minutes] = {}

    def of(self, demand: Demand, option: Option) -> Minutes:
        """The minutes of the axis at which a booking can start whose `demand` picks `option`, for all that it knows."""
        owners = [owner for leaf_id, _ in option.parts for owner in self._tree.lineage[leaf_id]]
        free = self._openings.starts(owners, demand.visit, self.axis)
        for leaf_id, units in option.parts:
            free &= ~self._without_room(leaf_id, units, demand.claim)
        return free

    def _without_room(self, leaf_id: str, units: int, claim: Run) -> Minutes:
        spare = self._tree.resources[leaf_id].capacity - units
        if spare < 0:
            return self.axis.full
        loads = self._claims.get(leaf_id)
        if not loads:
            return 0
        key = (leaf_id, units, claim)
        if key not in self._blocked:
            self._blocked[key] = self.axis.touching(crowded(loads, spare), *claim)
        return self._blocked[key]
