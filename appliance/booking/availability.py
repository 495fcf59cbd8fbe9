"""Availability: which starts can be booked, and which claims a booking at one of them makes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from zoneinfo import ZoneInfo

from appliance.booking.booking_window import BookingRule, Channel
from appliance.booking.resources import Pool, Tree
from appliance.booking.schedule import ScheduleException, WeeklyHours
from appliance.booking.services import Service, Session
from appliance.foundation.instants import Instant, Interval
from appliance.foundation.refusals import Refusal

Load: TypeAlias = tuple[Instant, Instant, int]


@dataclass(frozen=True, slots=True)
class Calendar:
    """Everything known about one facility in `window`, as read in one transaction.

    window: the real time in which `claims` are complete; make it with `facts_window`.
    hours, exceptions: of the facility, the service and the resources concerned, all rows that each owner has.
    claims: active claims by id of the leaf resource, as (starts, ends, quantity); make it with `claims_by_resource`.
    rule: the booking rule in force for the service. sessions: those of a class that begin in the window.
    """

    facility_id: str
    zone: ZoneInfo
    window: Interval
    now: Instant
    channel: Channel
    rule: BookingRule
    tree: Tree
    pools: Mapping[str, Pool]
    hours: Sequence[WeeklyHours] = ()
    exceptions: Sequence[ScheduleException] = ()
    claims: Mapping[str, Sequence[Load]] | None = None
    sessions: Sequence[Session] = ()


@dataclass(frozen=True, slots=True)
class ClaimWish:
    """A claim to insert: `quantity` units of a leaf resource for `interval`."""

    resource_id: str
    interval: Interval
    quantity: int


@dataclass(frozen=True, slots=True)
class Offers:
    """The starts that can be booked, as parallel lists in order of time.

    starts, ends: of the visit, in UTC seconds, without buffers.
    resources: the ids one of which may be wanted at that start; equal sets are the same tuple.
    seats_left: the greatest quantity that could still be booked at that start.
    sessions: for a class, the session that begins at that start; empty for other services.
    """

    starts: list[Instant]
    ends: list[Instant]
    resources: list[tuple[str, ...]]
    seats_left: list[int]
    sessions: list[str]


def facts_window(service: Service, starts: Interval, zone: ZoneInfo) -> Interval:
    """The real time for which hours and claims must be known to decide starts in `starts`: whole local days, and what
    the longest booking with its buffers reaches beyond them."""
    raise NotImplementedError


def claims_by_resource(
    rows: Sequence[tuple[str, Instant, Instant, int, Instant | None]], now: Instant
) -> dict[str, list[Load]]:
    """Group rows of active claims (resource id, starts, ends, quantity, expires_at); holds stale at `now` fall away."""
    raise NotImplementedError


def offers(
    calendar: Calendar, service: Service, within: Interval, duration: int, quantity: int = 1, wanted: str | None = None
) -> Offers:
    """Every start in `within` at which `assign` would succeed now."""
    raise NotImplementedError


def assign(
    calendar: Calendar, service: Service, start: Instant, duration: int, quantity: int = 1, wanted: str | None = None
) -> tuple[ClaimWish, ...] | Refusal:
    """The claims of a booking, or why it cannot be."""
    raise NotImplementedError
