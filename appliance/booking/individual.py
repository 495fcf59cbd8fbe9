"""Services whose bookings have their resources to themselves: which starts are free, and what a booking claims."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from appliance.booking.bitsets import Load, Minutes, at_least, from_runs, positions
from appliance.booking.calendar import Calendar, ClaimWish, Offers, reach
from appliance.booking.choosing import Board, Picks, choose
from appliance.booking.deciding import refusal
from appliance.booking.demands import Demand, Option, are_independent, demands_of
from appliance.booking.free_starts import FreeStarts, Openings
from appliance.booking.grid import allowed_starts, barred_starts, grid_starts, is_on_grid, running_start
from appliance.booking.listing import Listing
from appliance.booking.own_grids import OwnGrids
from appliance.booking.reasons import Reason
from appliance.booking.services import Service
from appliance.foundation.instants import DAY, MINUTE, Instant, Interval
from appliance.foundation.refusals import Refusal


class IndividualSearch:
    """One wish (service, duration, quantity, perhaps a resource) on one calendar.

    own_grids: whether resources with a grid of their own keep to it, rather than to that of the service.
    """

    def __init__(
        self,
        calendar: Calendar,
        service: Service,
        duration: int,
        quantity: int,
        wanted: str | None,
        *,
        own_grids: bool = True,
    ) -> None:
        self._calendar = calendar
        self._service = service
        self._duration = duration
        self._quantity = quantity
        self._wanted = wanted
        self._own_grids = own_grids
        self._axis = calendar.axis
        self._openings = Openings(self._axis, calendar.zone, calendar.hours, calendar.exceptions)
        self._free = FreeStarts(self._axis, calendar.tree, self._openings, calendar.claims)

    @cached_property
    def _grids(self) -> OwnGrids | None:
        """The grids of resources that stand in for that of the service, if there are any."""
        grids = OwnGrids(self._calendar, self._service.grid_minutes, self._demands)
        return grids if self._own_grids and grids.any else None

    @property
    def has_own_grids(self) -> bool:
        """Whether a resource that could be picked keeps to a grid of its own."""
        return self._grids is not None

    @cached_property
    def _running(self) -> Instant:
        """The earliest start that is not over, for all that the grid of the service says."""
        if self._grids is not None:
            return self._calendar.now - DAY
        return running_start(self._calendar.now, self._service.grid_minutes, self._calendar.zone)

    @cached_property
    def _demands(self) -> tuple[Demand, ...]:
        """What a booking needs, with everything that could be picked for it."""
        return self._demands_with(None)

    @cached_property
    def picking(self) -> tuple[Demand, ...]:
        """The same for one booking: where it takes one single thing, nothing but the wanted one will do."""
        if self._wanted is None or not self._service.takes_one(self._quantity):
            return self._demands
        return self._demands_with(self._wanted)

    def _demands_with(self, only: str | None) -> tuple[Demand, ...]:
        calendar = self._calendar
        return demands_of(self._service, self._duration, self._quantity, calendar.tree, calendar.pools, only)

    def refusal(self, start: Instant, *, on_grid: bool = True, minutes: int | None = None) -> Refusal | None:
        """Why `start` cannot be booked whatever the hours and the claims; None if it depends on those.

        on_grid: whether it must lie on the grid; what follows something else need not. minutes: for which the rule is
        asked, where what is searched for are several bookings.
        """
        calendar = self._calendar
        if self._wanted is not None and not any(self._wanted in demand.names for demand in self.picking):
            return Refusal(Reason.RESOURCE_NOT_OFFERED)
        if on_grid and self._grids is not None and not self._grids.allow(self.picking, start):
            return Refusal(Reason.IN_THE_PAST if start < calendar.now else Reason.OFF_GRID)
        if on_grid and self._grids is None and not is_on_grid(start, self._service.grid_minutes, calendar.zone):
            return Refusal(Reason.OFF_GRID)
        if start < self._running:
            return Refusal(Reason.IN_THE_PAST)
        slot = Interval(start, start + (minutes or self._duration) * MINUTE)
        return refusal(calendar.asked, calendar.channel, calendar.now, slot, calendar.zone)

    def claims(self, start: Instant) -> tuple[ClaimWish, ...] | Refusal:
        """What a booking at `start`, to which `refusal` does not object, claims; or why there is no room for it."""
        self._calendar.require(reach(self._service, Interval(start, start + MINUTE)))
        picks = self._picks(self._balanced, start, self._free, self._calendar.claims)
        if picks is None:
            return Refusal(self._why_not(start))
        return tuple(
            ClaimWish(leaf_id, self.picking[number].claimed(start), units)
            for number, option in picks
            for leaf_id, units in option.parts
        )

    def offers(self, within: Interval) -> Offers:
        """Every start in `within` to which `refusal` does not object and for which there are `claims`."""
        self._calendar.require(reach(self._service, within))
        candidates = self._candidates(within)
        if not candidates:
            return Offers()
        # Resources are asked about these starts alone: on a grid of quarters, about a fifteenth of all minutes.
        axis = self._axis.through(positions(candidates))
        free = self._each(FreeStarts(axis, self._calendar.tree, self._openings, self._calendar.claims))
        bits = positions(self._axis.thinned(candidates, axis) & self._meeting(free))
        listing = Listing(self._calendar, axis, self._demands, self._duration, self._quantity, self._wanted)
        if are_independent(self._demands) and sum(self._wanted in each.names for each in self._demands) <= 1:
            return listing.counted(bits, free)
        return listing.searched(bits, free)

    def free_minutes(self) -> Minutes:
        """The minutes, on the grid or not, that the hours leave and at which each demand by itself can be met."""
        return self._open & self._meeting(self._each(self._free))

    def _candidates(self, within: Interval) -> Minutes:
        """The minutes in `within` to which `refusal` does not object and at which facility and service are open."""
        first, end = (-((self._axis.origin - at) // MINUTE) for at in (within.start, within.end))
        minutes = from_runs([(first, end)], self._axis.length) & self._open & self.allowed(self._duration)
        if self._grids is not None:
            return minutes & self._grids.starts(self._demands)
        return minutes & grid_starts(self._axis, self._service.grid_minutes, self._calendar.zone)

    @property
    def _open(self) -> Minutes:
        """The minutes from which on facility and service are open long enough."""
        return self._openings.starts((self._calendar.facility_id, self._service.id), (0, self._duration), self._axis)

    def _meeting(self, free: Sequence[Sequence[Minutes]]) -> Minutes:
        """The starts at which each demand by itself can be met, out of the free starts of its options."""
        minutes = -1
        for demand, sets in zip(self._demands, free, strict=True):
            minutes &= at_least(sets, demand.picks)
        return minutes if self._wanted is None else minutes & self._with_wanted(free)

    def allowed(self, minutes: int) -> Minutes:
        """The minutes at which the rule lets a booking of so many `minutes` start."""
        calendar, axis = self._calendar, self._axis
        visible = calendar.visible(calendar.window)
        if visible is None or not calendar.asked.has_hours:
            return 0
        window = calendar.asked.rule.windows.of(calendar.channel)
        starts = allowed_starts(axis, window, calendar.now, self._running, minutes, calendar.zone)
        starts &= from_runs([(0, -((axis.origin - visible.end) // MINUTE))], axis.length)
        return starts & ~barred_starts(axis, calendar.asked.bars)

    def able(self, bit: int) -> list[Demand]:
        """The demands with the options that are free at a minute by themselves, in the order of picking."""
        return [
            replace(each, options=tuple(option for option, starts in free if starts >> bit & 1))
            for each, free in zip(self._balanced, self._balanced_sets, strict=True)
        ]

    @cached_property
    def _balanced_sets(self) -> list[list[tuple[Option, Minutes]]]:
        """Each option in the order of picking, with its free starts."""
        return [
            [(option, self._startable(number, option, self._free)) for option in each.options]
            for number, each in enumerate(self._balanced)
        ]

    def _each(self, free: FreeStarts) -> list[list[Minutes]]:
        """The free starts of each option of each demand."""
        return [
            [self._startable(number, option, free) for option in demand.options]
            for number, demand in enumerate(self._demands)
        ]

    def _with_wanted(self, free: Sequence[Sequence[Minutes]]) -> Minutes:
        """The starts at which the wanted resource can be picked for one demand at least."""
        minutes = 0
        for demand, sets in zip(self._demands, free, strict=True):
            for option, starts in zip(demand.options, sets, strict=True):
                if demand.named and option.resource_id == self._wanted:
                    minutes |= starts
        return minutes

    def _picks(
        self, demands: Sequence[Demand], start: Instant, free: FreeStarts, claims: Mapping[str, Sequence[Load]]
    ) -> Picks | None:
        """What to pick at `start` out of the options that are free by themselves."""
        bit = self._axis.bit(start)
        if not self._open >> bit & 1:
            return None
        able = [
            replace(
                each,
                options=tuple(option for option in each.options if self._startable(number, option, free) >> bit & 1),
            )
            for number, each in enumerate(demands)
        ]
        return choose(able, start, Board(self._calendar.tree, claims), self._wanted)

    def _startable(self, number: int, option: Option, free: FreeStarts) -> Minutes:
        """The minutes at which a booking can start whose demand of that number picks `option`."""
        minutes = free.of(self._demands[number], option)
        return minutes if self._grids is None else minutes & self._grids.of(number, option, free.axis)

    def _why_not(self, start: Instant) -> Reason:
        """Which of quantity, hours and claims leaves no room at `start`."""
        tree = self._calendar.tree
        if choose([each.within_capacity(tree) for each in self.picking], start, Board(tree, {}), self._wanted) is None:
            return Reason.QUANTITY_NOT_OFFERED
        unclaimed = FreeStarts(self._axis, tree, self._openings, {})
        return Reason.CLOSED if self._picks(self.picking, start, unclaimed, {}) is None else Reason.SLOT_TAKEN

    @cached_property
    def _balanced(self) -> list[Demand]:
        """The demands with their options in the order in which they are to be picked."""
        window, claims = self._calendar.window, self._calendar.claims
        leaf_ids = {leaf_id for demand in self.picking for option in demand.options for leaf_id, _ in option.parts}
        busy = {leaf_id: _claimed_s(claims.get(leaf_id, ()), window) for leaf_id in leaf_ids}
        return [
            replace(each, options=tuple(sorted(each.options, key=lambda o: sum(busy[leaf] for leaf, _ in o.parts))))
            for each in self.picking
        ]


def _claimed_s(loads: Sequence[Load], window: Interval) -> int:
    """How much of `window` is claimed, in unit seconds."""
    return sum((min(end, window.end) - max(start, window.start)) * quantity for start, end, quantity in loads)
