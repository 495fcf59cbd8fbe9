"""What all kinds of keys are judged by: their state, their doors, their window, and whether they were used up."""

from dataclasses import dataclass
from typing import Final

from appliance.access.clock_trust import UNKNOWN_REACH_S, Trust
from appliance.access.door_plan import OnUnknownClock
from appliance.access.known_keys import KeyState, KnownKey
from appliance.access.presence import Passback
from appliance.access.reasons import Reason
from appliance.access.snapshot import Following, Mode, Snapshot
from appliance.foundation.instants import Instant, Interval
from appliance.foundation.weekly import opens_at

RETIRED_S: Final = 10


@dataclass(frozen=True, slots=True)
class Verdict:
    """A judgement before it is made a Grant or a Denial.

    key: the known key that came closest. key_id: what was matched; None where nothing was.
    """

    reason: Reason
    retry_at: Instant | None = None
    key: KnownKey | None = None
    key_id: str | None = None


def judge_keys(snapshot: Snapshot, now: Instant) -> Verdict:
    """The best that the named keys come to; when there are none, why nobody knows them."""
    verdicts = [judge_key(key, snapshot, now) for key in snapshot.keys]
    return min(verdicts, key=_rank) if verdicts else nobodys(snapshot)


def nobodys(snapshot: Snapshot) -> Verdict:
    """The verdict on what no key of this door is found by."""
    return Verdict(Reason.UNKNOWN if snapshot.following is Following.CURRENT else Reason.NOT_SYNCED)


def judge_key(key: KnownKey, snapshot: Snapshot, now: Instant) -> Verdict:
    """What one known key comes to at this door now."""
    reason, retry_at = _key_state(key, now)
    if reason is Reason.GRANTED and snapshot.door.id not in key.doors:
        reason = Reason.WRONG_DOOR
    if reason is Reason.GRANTED:
        reason, retry_at = _in_time(key, snapshot, now)
    if reason in _OUTSIDE and snapshot.is_exit and _is_inside(key, snapshot):
        # Who is inside gets out, however late.
        reason, retry_at = Reason.GRANTED, None
    if reason is Reason.GRANTED and _is_one_too_many(key, snapshot, now):
        reason, retry_at = Reason.PASSBACK, snapshot.door.passback.passes_at(snapshot.presences[key.booking_id])
    if reason is Reason.GRANTED and key.opens_once and (key.first_used_at is not None or key.id in snapshot.spent):
        reason = Reason.USED_UP
    return Verdict(reason, retry_at, key, key.id)


_OUTSIDE: Final = (Reason.TOO_EARLY, Reason.ENDED)


def _is_inside(key: KnownKey, snapshot: Snapshot) -> bool:
    presence = snapshot.presences.get(key.booking_id)
    return presence is not None and presence.inside > 0


def _is_one_too_many(key: KnownKey, snapshot: Snapshot, now: Instant) -> bool:
    """Whether a hard passback keeps the next one out; never anybody in, and nobody in an emergency (AC-13)."""
    rule, presence = snapshot.door.passback, snapshot.presences.get(key.booking_id)
    if rule.passback is not Passback.HARD or snapshot.is_exit or snapshot.mode is Mode.EMERGENCY or presence is None:
        return False
    return rule.is_exceeded(presence, now)


def within(window: Interval, now: Instant) -> tuple[Reason, Instant | None]:
    """Whether now is in a half-open window, and if not, on which side of it and when it would be."""
    if now < window.start:
        return Reason.TOO_EARLY, window.start
    return (Reason.ENDED if now >= window.end else Reason.GRANTED), None


def _in_hours(key: KnownKey, window: Interval, snapshot: Snapshot, now: Instant) -> tuple[Reason, Instant | None]:
    """The same for a standing key, which opens in the hours of the week that lie in its window (AC-06)."""
    opens = opens_at(key.hours, max(now, window.start), snapshot.zone)
    if opens is None or not window.contains(opens):
        return Reason.ENDED, None
    return within(Interval(opens, window.end), now)


_STATES: Final = {
    KeyState.LIVE: Reason.GRANTED,
    KeyState.CANCELLED: Reason.CANCELLED,
    KeyState.MOVED: Reason.MOVED,
    KeyState.REVOKED: Reason.REVOKED,
    KeyState.NOT_PAID: Reason.NOT_PAID,
}


def _key_state(key: KnownKey, now: Instant) -> tuple[Reason, Instant | None]:
    until = key.retired_until
    # A retirement never lasts longer, so one that seems to is of a clock that was set back since.
    if key.state is KeyState.LIVE and until is not None and now < until <= now + RETIRED_S:
        return Reason.CANCELLED, until
    return _STATES[key.state], None


def _in_time(key: KnownKey, snapshot: Snapshot, now: Instant) -> tuple[Reason, Instant | None]:
    window = key.doors[snapshot.door.id]
    if snapshot.clock.trust is not Trust.UNKNOWN:
        return _in_hours(key, window, snapshot, now) if key.is_standing else within(window, now)
    floor = snapshot.clock.floor
    # Nobody knows whether its hours have come: a standing key needs a clock.
    is_near = not key.is_standing and window.overlaps(Interval(floor, floor + UNKNOWN_REACH_S))
    is_allowed = snapshot.door.on_unknown_clock is OnUnknownClock.KNOWN_KEYS and is_near
    return (Reason.GRANTED if is_allowed else Reason.CLOCK_UNKNOWN), None


# Of several keys with one PIN the most helpful answer wins; a live key at another time or door before a dead one.
_ORDER: Final = (
    Reason.GRANTED, Reason.PASSBACK, Reason.NOT_PAID, Reason.TOO_EARLY, Reason.WRONG_DOOR, Reason.CLOCK_UNKNOWN,
    Reason.USED_UP, Reason.MOVED, Reason.CANCELLED, Reason.REVOKED, Reason.ENDED,
)  # fmt: skip


def _rank(verdict: Verdict) -> tuple[int, Instant, bool, Instant, str]:
    key = verdict.key
    # Who has booked comes by the booking, which is told of it, although a standing key would do.
    is_standing, begins = (key.is_standing, key.valid_from) if key else (False, 0)
    return _ORDER.index(verdict.reason), verdict.retry_at or 0, is_standing, begins, verdict.key_id or ""
