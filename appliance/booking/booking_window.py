"""The booking window: from when and until when a start may be booked, by channel (BRP-04, DY-10, DY-28).

Pure arithmetic on instants. Which starts of a span a window holds is found by halving: a later start never opens or
closes sooner than an earlier one, as long as the zone's offset stays.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from appliance.booking.lead_time import NO_LEAD, LeadTime, LeadUnit
from appliance.booking.reasons import Reason
from appliance.foundation.i18n import marked
from appliance.foundation.instants import Instant, Interval
from appliance.foundation.refusals import Refusal


class Channel(StrEnum):
    """Who asks; it follows from the credential of the caller and can be narrowed, never widened."""

    PUBLIC = "public"
    KIOSK = "kiosk"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Window:
    """When one channel may book a slot.

    earliest: how long before it opens for booking; None opens it at once. from_end: that is counted from the end of
    the slot, not from its start. release_minute: the minute of the local day at which it opens, where
    `earliest` is of days. latest: how long before its start it closes; a negative one closes it so long after.
    """

    earliest: LeadTime | None = None
    release_minute: int | None = None
    from_end: bool = False
    latest: LeadTime = NO_LEAD

    def opens_at(self, slot: Interval, zone: ZoneInfo) -> Instant | None:
        """The first instant at which `slot` may be booked; None when it always might have been."""
        if self.earliest is None:
            return None
        return self.earliest.before(slot.end if self.from_end else slot.start, zone, self.release_minute)

    def closes_at(self, start: Instant, zone: ZoneInfo) -> Instant:
        """The last instant at which a slot that starts at `start` may be booked."""
        return self.latest.before(start, zone)

    def mistakes(self) -> list[tuple[str, str]]:
        """What does not fit together, as (part, marked sentence)."""
        wrong = []
        if self.earliest is not None and self.earliest.value < 0:
            wrong.append(("earliest", marked("Nothing opens for booking after it has begun.")))
        if self.release_minute is not None and not (
            self.earliest is not None and self.earliest.unit is LeadUnit.DAYS and 0 <= self.release_minute < 24 * 60
        ):
            wrong.append(("release_minute", marked("A time of day goes with a lead time of days.")))
        return wrong


def may_book(window: Window, now: Instant, slot: Interval, zone: ZoneInfo) -> Refusal | None:
    """None if `slot` may be booked at `now`; else `too_early` with its instant, `too_late` or `in_the_past`."""
    opening = window.opens_at(slot, zone)
    if opening is not None and now < opening:
        return Refusal(Reason.TOO_EARLY, opening)
    if now > window.closes_at(slot.start, zone):
        return Refusal(Reason.IN_THE_PAST if slot.start < now else Reason.TOO_LATE)
    return None


def bookable_starts(window: Window, now: Instant, span: Interval, lasting: int, zone: ZoneInfo) -> Interval | None:
    """The part of `span` whose starts, of slots `lasting` so many seconds, `may_book` allows.

    `span` must lie between two changes of the zone's offset.
    """

    def is_open(start: Instant) -> bool:
        opening = window.opens_at(Interval(start, start + lasting), zone)
        return opening is None or now >= opening

    low = _first(span, lambda start: now <= window.closes_at(start, zone))
    end = _first(Interval(low, span.end), lambda start: not is_open(start)) if low < span.end else low
    return Interval(low, end) if low < end else None


def _first(span: Interval, holds: Callable[[Instant], bool]) -> Instant:
    """The first instant of `span` at which `holds`, which then holds to its end; its end when there is none."""
    low, high = span.start, span.end
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low
