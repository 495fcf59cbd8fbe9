"""The booking window: how far ahead, how late, and until when a booking may be made and cancelled (BRP-04, BRP-05).

Pure arithmetic on instants. Minutes and hours are elapsed time; days are calendar days in the facility's zone, so that
"7 days before" a 16:00 start opens at 16:00 on the wall whatever the clock change in between.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from appliance.booking.reasons import Reason
from appliance.foundation.instants import DAY, HOUR, MINUTE, Instant, Interval, at_local
from appliance.foundation.refusals import Refusal

GRACE_S: Final = 120
LONGEST_LEAD_DAYS: Final = 3660
LONGEST_WAIT_MINUTES: Final = 24 * 60


class Channel(StrEnum):
    """Who asks; it follows from the credential of the caller and can be narrowed, never widened."""

    PUBLIC = "public"
    KIOSK = "kiosk"
    STAFF = "staff"


class LeadUnit(StrEnum):
    """The unit in which a lead time is counted."""

    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"


_UNIT_S: Final = {LeadUnit.MINUTES: MINUTE, LeadUnit.HOURS: HOUR, LeadUnit.DAYS: DAY}


@dataclass(frozen=True, slots=True)
class LeadTime:
    """A time before a start; `days` are calendar days of the facility."""

    value: int
    unit: LeadUnit

    def __post_init__(self) -> None:
        if not 0 <= self.value * _UNIT_S[self.unit] <= LONGEST_LEAD_DAYS * DAY:
            raise ValueError(f"a lead time is 0 to {LONGEST_LEAD_DAYS} days, got {self.value} {self.unit}")


@dataclass(frozen=True, slots=True)
class BookUntil:
    """Until how many minutes before the start one may book, by channel; negative is so long after it (DY-28)."""

    public: int = 0
    kiosk: int = 0
    staff: int = 0

    def minutes(self, channel: Channel) -> int:
        if channel is Channel.KIOSK:
            return self.kiosk
        return self.staff if channel is Channel.STAFF else self.public


@dataclass(frozen=True, slots=True)
class BookingRule:
    """When bookings may be made and cancelled.

    earliest: how long before its start a time opens for booking; None opens it at once.
    latest: how long before its start a time closes, by channel.
    cancel_until_minutes: how long before the start one may still cancel.
    grace_s: for so long after it was made a booking may be cancelled however late, unless its key was used.
    no_show_minutes: for how long after the start a guest is waited for; then the time can be booked by others. None
    waits for ever.
    """

    id: str
    earliest: LeadTime | None = None
    latest: BookUntil = field(default_factory=BookUntil)
    cancel_until_minutes: int = 0
    grace_s: int = GRACE_S
    no_show_minutes: int | None = None

    def __post_init__(self) -> None:
        if self.no_show_minutes is not None and not 1 <= self.no_show_minutes <= LONGEST_WAIT_MINUTES:
            raise ValueError(f"guests are waited for 1 to {LONGEST_WAIT_MINUTES} minutes, got {self.no_show_minutes}")


def opens_at(earliest: LeadTime | None, start: Instant, zone: ZoneInfo) -> Instant | None:
    """The first instant at which `start` may be booked; None when it always might have been."""
    if earliest is None:
        return None
    if earliest.unit is not LeadUnit.DAYS:
        return start - earliest.value * _UNIT_S[earliest.unit]
    wall = datetime.fromtimestamp(start, zone)
    return at_local(wall.date() - timedelta(days=earliest.value), wall.hour * 60 + wall.minute, zone)


def closes_at(rule: BookingRule, channel: Channel, start: Instant) -> Instant:
    """The last instant at which `start` may be booked."""
    return start - rule.latest.minutes(channel) * MINUTE


def may_book(rule: BookingRule, channel: Channel, now: Instant, start: Instant, zone: ZoneInfo) -> Refusal | None:
    """None if `channel` may book `start` at `now`; else `too_early` with its instant, `too_late` or `in_the_past`."""
    opening = opens_at(rule.earliest, start, zone)
    if opening is not None and now < opening:
        return Refusal(Reason.TOO_EARLY, opening)
    if now > closes_at(rule, channel, start):
        return Refusal(Reason.IN_THE_PAST if start < now else Reason.TOO_LATE)
    return None


def bookable_starts(
    rule: BookingRule, channel: Channel, now: Instant, span: Interval, zone: ZoneInfo
) -> Interval | None:
    """The part of `span` whose starts `may_book` allows. `span` must lie between two changes of the zone's offset."""
    low = max(span.start, now + rule.latest.minutes(channel) * MINUTE)
    if low >= span.end or _is_too_early(rule, now, low, zone):
        return None
    passes, fails = low, span.end
    while fails - passes > 1:
        middle = (passes + fails) // 2
        if _is_too_early(rule, now, middle, zone):
            fails = middle
        else:
            passes = middle
    return Interval(low, fails)


def may_cancel(
    rule: BookingRule, now: Instant, start: Instant, committed_at: Instant, key_used: bool
) -> Refusal | None:
    """None if the customer may cancel at `now`; else `too_late_to_cancel`. Using a key ends the grace (BRP-21)."""
    if now <= start - rule.cancel_until_minutes * MINUTE:
        return None
    if not key_used and now - committed_at <= rule.grace_s:
        return None
    return Refusal(Reason.TOO_LATE_TO_CANCEL)


def leans_on_grace(rule: BookingRule, now: Instant, start: Instant) -> bool:
    """Whether a cancel at `now` is allowed by the grace alone, so that its keys must be retired unused first."""
    return now > start - rule.cancel_until_minutes * MINUTE


def _is_too_early(rule: BookingRule, now: Instant, start: Instant, zone: ZoneInfo) -> bool:
    opening = opens_at(rule.earliest, start, zone)
    return opening is not None and now < opening
