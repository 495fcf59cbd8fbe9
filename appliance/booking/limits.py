"""Limits on how much somebody may book, counted over bookings that there are (BRP-06, DY-29).

A limit bars starts: those of a day, a week or a month that is full, or all while too many bookings lie ahead. Bars are
worked out once for a whole search, so that what is full is hidden rather than refused late. Pure: the bookings to count
are handed in.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from appliance.booking.reasons import Reason
from appliance.foundation.instants import DAY, Instant, Interval, at_local, local_date

MOST: Final = 10_000
ALWAYS: Final = Interval(0, 1 << 40)


class Per(StrEnum):
    """Over what a limit counts: bookings that lie ahead, or those that start in a local day, ISO week or month."""

    AT_ONCE = "at_once"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Whose(StrEnum):
    """Whose bookings a limit counts."""

    CUSTOMER = "customer"
    EVERYBODY = "everybody"


class Of(StrEnum):
    """Which bookings a limit counts: of the service that is wished for, or of all services under the same rule."""

    SERVICE = "service"
    RULE = "rule"


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many bookings. Cancelled and expired ones do not count; in a period a no-show does."""

    most: int
    per: Per
    whose: Whose = Whose.CUSTOMER
    of: Of = Of.RULE

    def __post_init__(self) -> None:
        if not 1 <= self.most <= MOST:
            raise ValueError(f"a limit is 1 to {MOST} bookings, got {self.most}")
        if self.per is Per.AT_ONCE and self.whose is Whose.EVERYBODY:
            raise ValueError("a limit on everybody is for a day, a week or a month")


@dataclass(frozen=True, slots=True)
class NoShowBlock:
    """After `count` times of not showing up within `days` a customer cannot book on `channels` until they are past."""

    count: int
    days: int
    channels: frozenset[str]

    def __post_init__(self) -> None:
        if not (1 <= self.count <= MOST and 1 <= self.days <= 3660 and self.channels):
            raise ValueError("a block follows one or more no-shows within 1 to 3660 days, on one channel or more")


@dataclass(frozen=True, slots=True)
class Counted:
    """A booking as limits see it. `mine`: of the customer who asks; `ahead`: it has not ended and its time is kept."""

    service_id: str
    interval: Interval
    mine: bool
    ahead: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of who asks: bookings that may count, and the starts of those that they did not come to."""

    bookings: Sequence[Counted] = ()
    no_shows: Sequence[Instant] = ()


@dataclass(frozen=True, slots=True)
class Bar:
    """Starts that cannot be booked, why, and when that passes; None when waiting does not help."""

    starts: Interval
    reason: Reason
    passes_at: Instant | None = None


_REASONS: Final = {
    (Whose.CUSTOMER, Per.AT_ONCE): Reason.TOO_MANY_AT_ONCE,
    (Whose.CUSTOMER, Per.DAY): Reason.TOO_MANY_THAT_DAY,
    (Whose.CUSTOMER, Per.WEEK): Reason.TOO_MANY_THAT_WEEK,
    (Whose.CUSTOMER, Per.MONTH): Reason.TOO_MANY_THAT_MONTH,
    (Whose.EVERYBODY, Per.DAY): Reason.DAY_IS_FULL,
    (Whose.EVERYBODY, Per.WEEK): Reason.WEEK_IS_FULL,
    (Whose.EVERYBODY, Per.MONTH): Reason.MONTH_IS_FULL,
}


def reason_of(limit: Limit) -> Reason:
    """Why a start that `limit` bars cannot be booked."""
    return _REASONS[limit.whose, limit.per]


def period(per: Per, start: Instant, zone: ZoneInfo) -> Interval:
    """The local day, ISO week (from Monday) or month in which `start` lies; all of time for `at_once`."""
    if per is Per.AT_ONCE:
        return ALWAYS
    day = local_date(start, zone)
    first, last = _days(per, day)
    return Interval(at_local(first, 0, zone), at_local(last, 0, zone))


def widest(limits: Iterable[Limit]) -> Per | None:
    """The longest period over which one of `limits` counts; None when none counts over a period."""
    order = (Per.DAY, Per.WEEK, Per.MONTH)
    return max((limit.per for limit in limits if limit.per in order), key=order.index, default=None)


def tally(
    limit: Limit, standing: Standing, service_id: str, alike: frozenset[str], start: Instant, zone: ZoneInfo
) -> int:
    """How many bookings count against `limit` for a start. `alike`: the services under the same rule."""
    within = period(limit.per, start, zone)
    return sum(within.contains(each.interval.start) for each in _counted(limit, standing, service_id, alike))


def bars(
    limits: Iterable[Limit],
    standing: Standing,
    service_id: str,
    alike: frozenset[str],
    zone: ZoneInfo,
) -> list[Bar]:
    """The starts that limits do not leave for one service; those of `tally` at or above the limit and no others."""
    found = []
    for limit in limits:
        counted = _counted(limit, standing, service_id, alike)
        by_period: dict[Interval, list[Counted]] = {}
        for each in counted:
            by_period.setdefault(period(limit.per, each.interval.start, zone), []).append(each)
        for within, members in by_period.items():
            if len(members) >= limit.most:
                ends = sorted(each.interval.end for each in members)
                passes_at = ends[len(ends) - limit.most] if limit.per is Per.AT_ONCE else None
                found.append(Bar(within, reason_of(limit), passes_at))
    return found


def no_show_bar(block: NoShowBlock | None, standing: Standing, channel: str, now: Instant) -> Bar | None:
    """The bar on everything that follows too many no-shows; it passes when the oldest that counts is past."""
    if block is None or channel not in block.channels:
        return None
    recent = sorted(start for start in standing.no_shows if start > now - block.days * DAY)
    if len(recent) < block.count:
        return None
    return Bar(ALWAYS, Reason.BLOCKED_AFTER_NO_SHOWS, recent[-block.count] + block.days * DAY)


def barred(found: Sequence[Bar], start: Instant) -> Bar | None:
    """The first bar that `start` meets."""
    return next((bar for bar in found if bar.starts.contains(start)), None)


def _counted(limit: Limit, standing: Standing, service_id: str, alike: frozenset[str]) -> list[Counted]:
    services = alike if limit.of is Of.RULE else {service_id}
    return [
        each
        for each in standing.bookings
        if each.service_id in services
        and (each.mine or limit.whose is Whose.EVERYBODY)
        and (each.ahead or limit.per is not Per.AT_ONCE)
    ]


def _days(per: Per, day: date) -> tuple[date, date]:
    if per is Per.DAY:
        return day, day + timedelta(days=1)
    if per is Per.WEEK:
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=7)
    first = day.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1)
