"""Series: what becomes of each date of a recurrence on the calendar (DY-46, DY-48, DY-50). Pure.

Each date is a wish like any other and decided like any other, beside those that were decided before it. A wish that is
in somebody's way can be moved to the nearest open slot: first on its day and resource, then on its day, then on the
days after it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from appliance.booking.availability import assign, offers
from appliance.booking.bitsets import Load
from appliance.booking.calendar import Calendar, ClaimWish
from appliance.booking.deciding import beside, tallies_of
from appliance.booking.limits import Counted, Standing, Tallies
from appliance.booking.reasons import Reason
from appliance.booking.recurrence import Turn
from appliance.booking.services import Service
from appliance.foundation.instants import DAY, MINUTE, Instant, Interval, at_local, day_bounds, local_date
from appliance.foundation.refusals import Refusal

# Up to the day before the next date of a weekly series.
DAYS_AHEAD: Final = 6
IN_THE_WAY: Final = frozenset({Reason.SLOT_TAKEN, Reason.CLOSED})


class Outcome(StrEnum):
    """What becomes of a date."""

    OK = "ok"
    MOVED = "moved"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Occasion:
    """A date of a series with the instant that is wanted on it; None where the month has no such day.

    after_gap: its wall time does not exist on that day, so that it begins with the first minute after the gap.
    """

    turn: Turn
    wanted: Instant | None
    after_gap: bool = False


@dataclass(frozen=True, slots=True)
class Occurrence:
    """What became of an occasion. `refusal` says why it was moved or skipped; without a start it was skipped."""

    occasion: Occasion
    start: Instant | None
    claims: tuple[ClaimWish, ...] = ()
    refusal: Refusal | None = None

    @property
    def outcome(self) -> Outcome:
        if self.start is None:
            return Outcome.SKIPPED
        return Outcome.OK if self.refusal is None else Outcome.MOVED


def occasions(turns: Sequence[Turn], first: Instant, zone: ZoneInfo) -> list[Occasion]:
    """The instants at which the wall clock shows on each day what it shows at `first` (booking.md 7.4)."""
    wall = datetime.fromtimestamp(first, zone)
    return [_occasion(turn, first, wall, zone) for turn in turns]


def _occasion(turn: Turn, first: Instant, wall: datetime, zone: ZoneInfo) -> Occasion:
    if turn.day is None:
        return Occasion(turn, None)
    if turn.day == wall.date():
        # The very instant that was named, should the clock show its time twice.
        return Occasion(turn, first)
    minute = wall.hour * 60 + wall.minute
    instant = at_local(turn.day, minute, zone)
    shown = datetime.fromtimestamp(instant, zone)
    return Occasion(turn, instant, after_gap=(shown.hour * 60 + shown.minute, shown.date()) != (minute, turn.day))


@dataclass(slots=True)
class Placing:
    """One wish (service, duration, quantity, perhaps a resource) at many starts, each beside those taken before it.

    Its calendars are all asked on the same terms.
    """

    service: Service
    duration: int
    quantity: int
    resource: str | None
    _taken: dict[str, list[Load]] = field(default_factory=dict)
    _tallies: Tallies | None = None

    def at(self, calendar: Calendar, start: Instant, resource: str | None) -> tuple[ClaimWish, ...] | Refusal:
        """The claims at `start`; or why it cannot be."""
        return assign(self._beside(calendar), self.service, start, self.duration, self.quantity, resource)

    def take(self, calendar: Calendar, placed: Occurrence) -> None:
        """Count an occurrence of that calendar beside all that come after it; a skipped one is nothing to count."""
        if placed.start is None:
            return
        for claim in placed.claims:
            load = (claim.interval.start, claim.interval.end, claim.quantity)
            self._taken.setdefault(claim.resource_id, []).append(load)
        lasts = Interval(placed.start, placed.start + self.duration * MINUTE)
        tallies = self._tallies or tallies_of(calendar.asked, calendar.channel, calendar.zone)
        self._tallies = tallies.counting(Standing([Counted(self.service.id, lasts, mine=True, ahead=True)]))

    def wanted(self, calendar: Calendar, occasion: Occasion, start: Instant) -> Occurrence:
        """What becomes of an occasion at `start`; a skip tells why."""
        claims = self.at(calendar, start, self.resource)
        if isinstance(claims, Refusal):
            return Occurrence(occasion, None, refusal=claims)
        return Occurrence(occasion, start, claims, Refusal(Reason.CLOCK_CHANGE) if occasion.after_gap else None)

    def moved(self, calendar: Calendar, skipped: Occurrence, *, after_only: bool) -> Occurrence:
        """A skipped occurrence at the nearest open slot of its calendar, if there is one."""
        wanted = skipped.occasion.wanted
        found = None if wanted is None else self._nearest(self._beside(calendar), wanted, after_only=after_only)
        if found is None:
            return skipped
        start, resource = found
        claims = self.at(calendar, start, resource)
        if isinstance(claims, Refusal):
            return skipped
        return replace(skipped, start=start, claims=claims)

    def _nearest(self, calendar: Calendar, wanted: Instant, *, after_only: bool) -> tuple[Instant, str | None] | None:
        """The open slot nearest to `wanted` with the resource it may be had on: in the order of the days (DY-50)."""
        first, *later = days_around(wanted, calendar.zone)
        for within in (first, Interval(later[0].start, later[-1].end)):
            choices = [(r, self._starts(calendar, within, r)) for r in dict.fromkeys((self.resource, None))]
            for day in (first,) if within is first else later:
                near = _same_time(wanted, day, calendar.zone)
                earliest = wanted if after_only else day.start
                for resource, starts in choices:
                    fitting = [start for start in starts if earliest <= start < day.end and start >= day.start]
                    if fitting:
                        return min(fitting, key=lambda start: (abs(start - near), start)), resource
        return None

    def _starts(self, calendar: Calendar, within: Interval, resource: str | None) -> list[Instant]:
        return offers(calendar, self.service, within, self.duration, self.quantity, resource).starts

    def _beside(self, calendar: Calendar) -> Calendar:
        """The calendar with what was taken already: where it takes resources, and where it counts against limits."""
        if self._tallies is not None:
            calendar = replace(calendar, asked=beside(calendar.asked, self._tallies))
        window = calendar.window
        here = {
            leaf: near
            for leaf, loads in self._taken.items()
            if (near := [load for load in loads if load[0] < window.end and load[1] > window.start])
        }
        if not here:
            return calendar
        both = {leaf: [*calendar.claims.get(leaf, ()), *here.get(leaf, ())] for leaf in {*calendar.claims, *here}}
        return replace(calendar, claims=both)


def days_around(wanted: Instant, zone: ZoneInfo) -> list[Interval]:
    """The day of `wanted` and those after it on which a nearest slot is looked for."""
    day = local_date(wanted, zone)
    return [day_bounds(day + timedelta(days=number), zone) for number in range(DAYS_AHEAD + 1)]


def similar_time(start: Instant, now: Instant, zone: ZoneInfo) -> Instant:
    """The next time after `now` and `start` that the wall shows the same weekday and time as at `start` (SB-21)."""
    wall = datetime.fromtimestamp(start, zone)
    weeks = max(1, (now - start) // (7 * DAY))
    while True:
        found = at_local(wall.date() + timedelta(weeks=weeks), wall.hour * 60 + wall.minute, zone)
        if found > now:
            return found
        weeks += 1


def _same_time(wanted: Instant, day: Interval, zone: ZoneInfo) -> Instant:
    if day.contains(wanted):
        return wanted
    wall = datetime.fromtimestamp(wanted, zone)
    return at_local(_date(day, zone), wall.hour * 60 + wall.minute, zone)


def _date(day: Interval, zone: ZoneInfo) -> date:
    return local_date(day.start, zone)
