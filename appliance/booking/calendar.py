"""The calendar: everything that decides whether a service can be booked at some start, as values read at one time."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from appliance.booking.bitsets import Axis, Load
from appliance.booking.booking_window import Channel
from appliance.booking.deciding import Asking
from appliance.booking.resources import Pool, Tree
from appliance.booking.schedule import ScheduleException, WeeklyHours
from appliance.booking.services import LONGEST_BOOKING_MINUTES, Service, ServiceKind, Session
from appliance.booking.visibility import hidden_from
from appliance.foundation.errors import Bug
from appliance.foundation.instants import MINUTE, Instant, Interval, at_local, local_date


@dataclass(frozen=True, slots=True)
class Calendar:
    """Everything known about one facility in `window`, as read in one transaction.

    window: whole minutes in which `claims` and `exceptions` are complete; make it with `facts_window`.
    hours: of the facility, the service and the resources concerned, all rows that each of them has at any date.
    claims: active claims by id of the leaf resource, as (starts, ends, quantity), including those that reach into the
    window from outside; make it with `claims_by_resource`.
    asked: the terms on which somebody asks. sessions: those of a class that begin in the window.
    """

    facility_id: str
    zone: ZoneInfo
    window: Interval
    now: Instant
    channel: Channel
    asked: Asking
    tree: Tree
    pools: Mapping[str, Pool]
    hours: Sequence[WeeklyHours] = ()
    exceptions: Sequence[ScheduleException] = ()
    claims: Mapping[str, Sequence[Load]] = field(default_factory=dict)
    sessions: Sequence[Session] = ()

    def visible(self, starts: Interval) -> Interval | None:
        """The part of `starts` that is visible now."""
        if self.asked.visible_days is None:
            return starts
        end = min(starts.end, hidden_from(self.asked.visible_days, self.now, self.zone))
        return Interval(starts.start, end) if starts.start < end else None

    @property
    def axis(self) -> Axis:
        return Axis(self.window.start, self.window.seconds // MINUTE)

    def require(self, facts: Interval) -> None:
        """Raise Bug unless the window covers `facts`: to decide on half the facts would sell what is taken."""
        if facts.start < self.window.start or facts.end > self.window.end:
            raise Bug(f"the calendar knows {self.window} only and is asked about {facts}; use facts_window")


@dataclass(frozen=True, slots=True)
class ClaimWish:
    """A claim to insert: `quantity` units of a leaf resource for `interval`, buffers included."""

    resource_id: str
    interval: Interval
    quantity: int


@dataclass(frozen=True)
class Offers:
    """The starts that can be booked, as parallel lists in order of time.

    starts, ends: of the visit, in UTC seconds, without buffers.
    seats_left: the greatest quantity for which there is room at that start, whatever one booking may take.
    sessions: for a class, the session that begins at that start; empty for other services.
    named: makes `resources`. Most who search want to know when, not what, and never ask.
    """

    starts: list[Instant] = field(default_factory=list)
    ends: list[Instant] = field(default_factory=list)
    seats_left: list[int] = field(default_factory=list)
    sessions: list[str] = field(default_factory=list)
    named: Callable[[], list[tuple[str, ...]]] = list

    @cached_property
    def resources(self) -> list[tuple[str, ...]]:
        """The ids one of which may be wanted at each start; equal sets are the same tuple."""
        return self.named()


def reach(service: Service, starts: Interval) -> Interval:
    """The real time that bookings of `service` at `starts` can occupy, from whole minute to whole minute."""
    if service.kind is ServiceKind.CLASS:
        before, after = 0, LONGEST_BOOKING_MINUTES
    else:
        before, after = service.before_minutes, max(service.durations) + service.after_minutes
    first = starts.start // MINUTE * MINUTE
    last = -(-starts.end // MINUTE) * MINUTE
    return Interval(first - before * MINUTE, last + after * MINUTE)


def facts_window(service: Service, starts: Interval, zone: ZoneInfo) -> Interval:
    """The window of a calendar that decides `starts`: their `reach`, widened to whole local days.

    The days are what balancing looks at, so that the same resource is picked whenever the same days are asked for.
    """
    reached = reach(service, starts)
    first_day = at_local(local_date(starts.start, zone), 0, zone)
    last_day = at_local(local_date(starts.end - 1, zone) + timedelta(days=1), 0, zone)
    return Interval(min(reached.start, first_day), max(reached.end, last_day))


def claims_by_resource(
    rows: Iterable[tuple[str, Instant, Instant, int, Instant | None]], now: Instant
) -> dict[str, list[Load]]:
    """Group active claims (leaf id, starts, ends, quantity, expires_at); a hold that is stale at `now` falls away."""
    return loads_by_resource(row for row in rows if not is_over(row[4], now))


def is_over(expires_at: Instant | None, now: Instant) -> bool:
    """Whether what holds its time until `expires_at`, or for good, holds it no more."""
    return expires_at is not None and expires_at <= now


def loads_by_resource(rows: Iterable[tuple[Any, ...]]) -> dict[str, list[Load]]:
    """Group claims that all count, of which the first columns are leaf id, starts, ends and quantity."""
    claims: defaultdict[str, list[Load]] = defaultdict(list)
    for row in rows:
        claims[row[0]].append(row[1:4])
    return claims
