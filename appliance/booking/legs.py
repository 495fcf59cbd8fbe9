"""One service of a visit by itself: when it can begin, what is free for it then, and which bookings it is."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from appliance.booking.bitsets import Minutes, positions
from appliance.booking.calendar import Calendar, ClaimWish
from appliance.booking.deciding import Asking, tallies_of
from appliance.booking.demands import Demand
from appliance.booking.extras import Visit
from appliance.booking.grid import grid_starts
from appliance.booking.individual import IndividualSearch
from appliance.booking.services import Service, Several
from appliance.foundation.instants import MINUTE, Instant, Interval
from appliance.foundation.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Leg:
    """One service of a visit with its extras, `count` times in a row, on the terms of its own rule.

    wanted: the id of a resource that must be among those picked.
    """

    visit: Visit
    asked: Asking
    count: int = 1
    wanted: str | None = None

    @property
    def service(self) -> Service:
        """The service with the extras, as it is searched and claimed."""
        return self.visit.whole

    @property
    def duration(self) -> int:
        """How many minutes each time lasts, with the extras."""
        return self.visit.minutes

    @property
    def several(self) -> Several:
        """What of the service may be booked at once."""
        return self.visit.service.several

    @property
    def minutes(self) -> int:
        """How long it lasts in all."""
        return self.duration * self.count


@dataclass(frozen=True, slots=True)
class LegClaims:
    """One booking of a visit: a slot of the leg with that number, and what it claims."""

    number: int
    start: Instant
    claims: tuple[ClaimWish, ...]


class LegSearch:
    """Looks for one leg on the calendar of its visit. `limits`: what counts against those of its rule."""

    def __init__(self, calendar: Calendar, leg: Leg) -> None:
        self._leg = leg
        self._calendar = replace(calendar, asked=leg.asked)
        service = leg.service if leg.count == 1 else leg.service.in_a_row(leg.count, leg.duration)
        wish = (self._calendar, service, leg.minutes, 1, leg.wanted)
        # What follows something else begins when that ends, on no grid.
        self._search = IndividualSearch(*wish, own_grids=False)
        gridded = IndividualSearch(*wish)
        self._gridded = gridded if gridded.has_own_grids else self._search
        self.minutes, self.service_id = leg.minutes, leg.service.id
        self.limits = tallies_of(leg.asked, calendar.channel, calendar.zone)

    @property
    def demands(self) -> tuple[Demand, ...]:
        return self._search.picking

    @cached_property
    def free(self) -> Minutes:
        """The minutes at which it can begin, for all that it knows by itself; the rule holds for each of its slots."""
        return self._free(self._search)

    @cached_property
    def on_grid(self) -> Minutes:
        """The same for those that lie on a grid: that of the service, or the own ones of what is picked (SB-18)."""
        if self._gridded is not self._search:
            return self._free(self._gridded)
        return self.free & grid_starts(self._calendar.axis, self._leg.service.grid_minutes, self._calendar.zone)

    def _free(self, search: IndividualSearch) -> Minutes:
        minutes, allowed = search.free_minutes(), search.allowed(self._leg.duration)
        for place in range(self._leg.count):
            minutes &= allowed >> place * self._leg.duration
        return minutes

    def reachable(self, begins: Minutes, on_grid: Minutes) -> Minutes:
        """The minutes at which the leg before may end, so that this one begins then, or later at one of `on_grid`."""
        gap = self._leg.several.longest_gap_minutes
        return begins | (_spread(on_grid, gap) if gap else 0)

    def begins(self, begins: Minutes, on_grid: Minutes, end: int) -> Iterator[int]:
        """When it may follow a leg that ends with minute `end`, the nearest first."""
        if begins >> end & 1:
            yield end
        gap = self._leg.several.longest_gap_minutes
        for position in positions(on_grid >> end + 1 & (1 << gap) - 1):
            yield end + 1 + position

    def able(self, bit: int, *, on_grid: bool) -> Iterator[list[Demand]]:
        """What it needs with what is free at `bit`; where a resource is wanted, each way in which that is picked."""
        demands = self._at(on_grid=on_grid).able(bit)
        wanted = self._leg.wanted
        if wanted is None:
            yield demands
            return
        for number, demand in enumerate(demands):
            if wanted in demand.names:
                yield [*demands[:number], *demand.with_pick(wanted), *demands[number + 1 :]]

    def nameable(self, bit: int, *, on_grid: bool) -> tuple[str, ...]:
        """Which resources are free at `bit` of those that could be wanted."""
        able = self._at(on_grid=on_grid).able(bit)
        return tuple(dict.fromkeys(each for demand in able for each in demand.names))

    def free_at(self, bit: int, *, on_grid: bool) -> tuple[tuple[str, ...], ...]:
        """Which resources are free for each of its needs at `bit`."""
        return tuple(demand.resource_ids for demand in self._at(on_grid=on_grid).able(bit))

    def _at(self, *, on_grid: bool) -> IndividualSearch:
        return self._gridded if on_grid else self._search

    def intervals(self, start: Instant) -> list[Interval]:
        """When each of its bookings is, buffers left out."""
        length = self._leg.duration * MINUTE
        return [Interval(start + n * length, start + (n + 1) * length) for n in range(self._leg.count)]

    def slots(self, number: int, start: Instant, claims: tuple[ClaimWish, ...]) -> Iterator[LegClaims]:
        """Its bookings: a row is cut into its slots, the buffers stay around the whole."""
        length, last = self._leg.duration * MINUTE, self._leg.count - 1
        for place in range(self._leg.count):
            begin = start + place * length
            cut = (
                (
                    claim,
                    claim.interval.start if place == 0 else max(claim.interval.start, begin),
                    claim.interval.end if place == last else min(claim.interval.end, begin + length),
                )
                for claim in claims
            )
            parts = (replace(claim, interval=Interval(first, end)) for claim, first, end in cut if first < end)
            yield LegClaims(number, begin, tuple(parts))

    def why_not(self, start: Instant, *, on_grid: bool) -> Refusal | None:
        for place in range(self._leg.count):
            at, is_first = start + place * self._leg.duration * MINUTE, on_grid and place == 0
            why = self._at(on_grid=is_first).refusal(at, on_grid=is_first, minutes=self._leg.duration)
            if why is not None:
                return why
        found = self._at(on_grid=on_grid).claims(start)
        return found if isinstance(found, Refusal) else None


def _spread(minutes: Minutes, most: int) -> Minutes:
    """The minutes that lie 1 to `most` before one of the set, found by doubling."""
    reached, done = minutes >> 1, 1
    while done < most:
        step = min(done, most - done)
        reached |= reached >> step
        done += step
    return reached
