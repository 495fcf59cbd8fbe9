"""The grids on which bookings of one service start where resources that it may pick have grids of their own (SB-18).

A demand whose pool has such resources is started on their grids, and on the service's grid where it picks another
member. Demands without any leave the start to those with some.
"""

from collections.abc import Sequence

from appliance.booking.bitsets import Axis, Minutes
from appliance.booking.calendar import Calendar
from appliance.booking.demands import Demand, Option
from appliance.booking.grid import grid_starts
from appliance.booking.start_grids import StartGrid, own_starts, since_running
from appliance.foundation.instants import MINUTE, Instant


class OwnGrids:
    """Where bookings start that pick resources for `demands`, which name all that could be picked."""

    def __init__(self, calendar: Calendar, grid_minutes: int, demands: Sequence[Demand]) -> None:
        self._calendar = calendar
        self._grid_minutes = grid_minutes
        resources = calendar.tree.resources
        self._gridded = [any(resources[each].grid for each in demand.resource_ids) for demand in demands]
        self._found: dict[tuple[str | None, Axis], Minutes] = {}

    @property
    def any(self) -> bool:
        return any(self._gridded)

    def of(self, number: int, option: Option, on: Axis) -> Minutes:
        """The minutes of an axis at which a booking may start whose demand of that number picks `option`."""
        if not self._gridded[number]:
            return on.full
        calendar = self._calendar
        grid = calendar.tree.resources[option.resource_id].grid
        whose = option.resource_id if grid is not None else None
        if (whose, on) not in self._found:
            starts = since_running(lambda axis: self._starts(axis, whose, grid), calendar.axis, calendar.now)
            self._found[whose, on] = calendar.axis.thinned(starts, on)
        return self._found[whose, on]

    def starts(self, demands: Sequence[Demand]) -> Minutes:
        """The minutes of the calendar at which each of `demands` has an option that starts there."""
        minutes, axis = self._calendar.axis.full, self._calendar.axis
        for number, demand in enumerate(demands):
            ways = 0
            for option in demand.options:
                ways |= self.of(number, option, axis)
            minutes &= ways
        return minutes

    def allow(self, demands: Sequence[Demand], start: Instant) -> bool:
        """Whether at `start` each of `demands`, the same or fewer options of them, has an option that starts there."""
        axis = self._calendar.axis
        bit = axis.bit(start)
        if start % MINUTE or not 0 <= bit < axis.length:
            return False
        return all(
            any(self.of(number, option, axis) >> bit & 1 for option in demand.options)
            for number, demand in enumerate(demands)
            if self._gridded[number]
        )

    def _starts(self, axis: Axis, whose: str | None, grid: StartGrid | None) -> Minutes:
        calendar = self._calendar
        if grid is None:
            return grid_starts(axis, self._grid_minutes, calendar.zone)
        hours = [row for row in calendar.hours if row.owner_id == whose]
        exceptions = [each for each in calendar.exceptions if each.owner_id == whose]
        return own_starts(axis, grid, hours, exceptions, calendar.zone)
