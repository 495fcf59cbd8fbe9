"""The waiting list: who waits for which start, in which order, and until when one may be promoted (DY-18 to DY-20).

A place that becomes free goes to the first who can take it: either booked at once or kept for a while until they say
yes. Pure: what is free is handed in.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Self
from zoneinfo import ZoneInfo

from appliance.booking.booking_window import Channel, Window
from appliance.booking.rules import BookingRule, Windows
from appliance.foundation.errors import Bug
from appliance.foundation.instants import DAY, Instant, Interval

LONGEST_RANGE_S: Final = 62 * DAY


class State(StrEnum):
    """Where an entry is in its life."""

    WAITING = "waiting"
    OFFERED = "offered"
    BOOKED = "booked"
    LEFT = "left"
    LAPSED = "lapsed"
    REMOVED = "removed"


ARROWS: Final[dict[State, frozenset[State]]] = {
    State.WAITING: frozenset({State.OFFERED, State.BOOKED, State.LEFT, State.LAPSED, State.REMOVED}),
    State.OFFERED: frozenset({State.BOOKED, State.LEFT, State.LAPSED}),
    State.BOOKED: frozenset(),
    State.LEFT: frozenset(),
    State.LAPSED: frozenset(),
    State.REMOVED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class WaitingEntry:
    """Somebody who waits for `quantity` of a service, for a start within `starts`.

    duration: minutes. booking_id: what was offered or booked. reason: why it was removed. revision: counts its changes.
    told_start, told_at: of which free start they were told last, and when, where everybody is told.
    """

    id: str
    service_id: str
    customer_id: str
    channel: Channel
    starts: Interval
    duration: int
    quantity: int
    state: State
    booking_id: str | None
    reason: str | None
    created_at: Instant
    revision: int = 0
    told_start: Instant | None = None
    told_at: Instant | None = None

    def at_state(self, state: State, booking_id: str | None = None, reason: str | None = None) -> Self:
        """The entry one arrow further. A Bug when the graph has no such arrow."""
        if state not in ARROWS[self.state]:
            raise Bug(f"an entry of the waiting list cannot go from {self.state} to {state}")
        booking_id = booking_id or self.booking_id
        return replace(self, state=state, booking_id=booking_id, reason=reason, revision=self.revision + 1)

    def told(self, start: Instant, now: Instant) -> Self:
        """The entry of somebody who still waits, and was told that `start` is free."""
        return replace(self, told_start=start, told_at=now, revision=self.revision + 1)


def body(entry: WaitingEntry) -> dict[str, object]:
    """The entry as the journal keeps it; its columns."""
    return {
        "id": entry.id,
        "service_id": entry.service_id,
        "customer_id": entry.customer_id,
        "channel": str(entry.channel),
        "starts_from": entry.starts.start,
        "starts_before": entry.starts.end,
        "duration": entry.duration,
        "quantity": entry.quantity,
        "state": str(entry.state),
        "booking_id": entry.booking_id,
        "reason": entry.reason,
        "created_at": entry.created_at,
        "revision": entry.revision,
        "told_start": entry.told_start,
        "told_at": entry.told_at,
    }


def as_promoted(rule: BookingRule) -> BookingRule:
    """The rule as it binds a promotion: until `promote_until`, else until booking closes for the public (BRP-20)."""
    window = Window(latest=rule.promote_until or rule.windows.public.latest)
    return replace(rule, windows=Windows(window, window, window))


def promotes_too_late(rule: BookingRule, now: Instant, zone: ZoneInfo) -> bool:
    """Whether somebody could be promoted at a time at which cancelling is not free any more (BRP-20)."""
    last = as_promoted(rule).windows.public.closes_at(now, zone)
    costs = [now - tier.before_minutes * 60 for tier in rule.cancelling.tiers if tier.percent]
    return last > min([rule.cancelling.until.before(now, zone), *costs])


def position(entry: WaitingEntry, entries: Iterable[WaitingEntry]) -> int:
    """The place of an entry among those that wait for the same service and time; the first is 1."""
    return 1 + sum(
        (other.created_at, other.id) < (entry.created_at, entry.id) and _meets(other.starts, entry.starts)
        for other in entries
        if other.state is State.WAITING and other.service_id == entry.service_id
    )


def _meets(one: Interval, other: Interval) -> bool:
    return one.start < other.end and other.start < one.end
