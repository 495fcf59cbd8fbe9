"""The decision: one pure function that says yes or no, and the only place that makes a Grant (AC-07, AC-08, AC-09).

decide(presentation, snapshot, now) -> Grant | Denial
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from appliance.access.clock_trust import UNKNOWN_REACH_S, ClockReading, Trust
from appliance.access.door_plan import DoorPlan, OnStale, OnUnknownClock
from appliance.access.known_keys import KeyState, KnownKey
from appliance.access.presentations import (
    Credential,
    Pin,
    Presentation,
    ScheduledAccess,
    SignedPass,
    StaffRelease,
    Unreadable,
)
from appliance.access.reasons import Reason, told
from appliance.access.throttle import Throttle, shut_until
from appliance.foundation.grants import Grant
from appliance.foundation.instants import Instant, Interval

COMMAND_LIFE_S: Final = 5
RETIRED_S: Final = 10


class Mode(StrEnum):
    """How a door is run; the later in this list, the stronger."""

    NORMAL = "normal"
    FREE_ACCESS = "free_access"
    LOCKDOWN = "lockdown"
    EMERGENCY = "emergency"


class Following(StrEnum):
    """How well the door knows the bookings."""

    CURRENT = "current"
    STALE = "stale"  # they could not be read in time, this once
    STOPPED = "stopped"  # the file was replaced: a person must look
    NEVER = "never"  # no file was ever read


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that a decision depends on, as it stood at one moment.

    keys: those that the credential names. today: the date at the facility. facility_tag: of the door's own facility.
    is_online: whether the driver reaches its door.
    """

    door: DoorPlan
    facility_tag: bytes
    mode: Mode
    keys: tuple[KnownKey, ...]
    throttle: Throttle
    today: date
    clock: ClockReading
    following: Following
    is_online: bool


@dataclass(frozen=True, slots=True)
class Denial:
    """A no. `reason` is exact, `told` is what the guest hears, `retry_at` when the same would pass (UTC seconds).

    key: the known key that came closest, for the journal; None when there was none.
    """

    reason: Reason
    told: Reason
    retry_at: Instant | None = None
    key: KnownKey | None = None


@dataclass(frozen=True, slots=True)
class _Verdict:
    """A judgement before it is made a Grant or a Denial. `key_id` is the key that was matched."""

    reason: Reason
    retry_at: Instant | None = None
    key: KnownKey | None = None
    key_id: str | None = None


def decide(presentation: Presentation, snapshot: Snapshot, now: Instant) -> Grant | Denial:
    """Whether this presentation opens this door now."""
    credential = presentation.credential
    verdict = _judge(credential, snapshot, now)
    if verdict.reason is Reason.GRANTED and not snapshot.is_online:
        verdict = _Verdict(Reason.DOOR_FAULT, key=verdict.key, key_id=verdict.key_id)
    if verdict.reason is not Reason.GRANTED:
        is_matched = verdict.key is not None or isinstance(credential, SignedPass | StaffRelease)
        heard = told(verdict.reason, matched=is_matched, guessable=isinstance(credential, Pin))
        return Denial(verdict.reason, heard, verdict.retry_at if heard is verdict.reason else None, verdict.key)
    return Grant(
        presentation_id=presentation.id,
        door_id=snapshot.door.id,
        door_slug=snapshot.door.slug,
        key_id=verdict.key_id,
        release_s=snapshot.door.release_s,
        decided_at=now,
        not_after=now + COMMAND_LIFE_S,
    )


def is_wrong_try(presentation: Presentation, reason: Reason) -> bool:
    """Whether a denial counts as a guess. An ended PIN does, or a guesser could tell it from an unknown one."""
    guesses = (Reason.UNKNOWN, Reason.NOT_SYNCED, Reason.ENDED)
    return isinstance(presentation.credential, Pin) and reason in guesses


def _judge(credential: Credential, snapshot: Snapshot, now: Instant) -> _Verdict:
    if isinstance(credential, Unreadable):
        return _Verdict(credential.reason)
    if snapshot.mode is Mode.LOCKDOWN:
        return _Verdict(Reason.LOCKDOWN)
    if isinstance(credential, StaffRelease):
        return _Verdict(Reason.GRANTED)
    if isinstance(credential, ScheduledAccess):
        # Nobody is there to be let in: where the time is not known a door stays shut.
        is_known = snapshot.clock.trust is not Trust.UNKNOWN
        return _Verdict(Reason.GRANTED if is_known else Reason.CLOCK_UNKNOWN)
    if isinstance(credential, SignedPass):
        return _judge_pass(credential, snapshot, now)
    until = shut_until(snapshot.throttle, now, snapshot.today)
    if until is not None:
        return _Verdict(Reason.LOCKED_OUT, until)
    return _judge_keys(snapshot, now) or _Verdict(
        Reason.UNKNOWN if snapshot.following is Following.CURRENT else Reason.NOT_SYNCED
    )


def _judge_pass(credential: SignedPass, snapshot: Snapshot, now: Instant) -> _Verdict:
    claims = credential.claims
    if claims.facility_tag != snapshot.facility_tag:
        return _Verdict(Reason.WRONG_FACILITY)
    known = _judge_keys(snapshot, now)
    if known is not None and known.reason is not Reason.GRANTED:
        return known
    if claims.rotating_only:
        return _Verdict(Reason.STATIC_REFUSED, key=known.key if known else None, key_id=claims.key_id)
    return known or _judge_unheard(credential, snapshot, now)


def _judge_unheard(credential: SignedPass, snapshot: Snapshot, now: Instant) -> _Verdict:
    """A genuine pass of a key that this door does not know."""
    window = credential.claims.window
    if snapshot.following is Following.CURRENT:
        # Keys long over are forgotten; whoever still shows one hears the truth.
        return _Verdict(Reason.ENDED if now >= window.end else Reason.REVOKED)
    if snapshot.door.on_stale is not OnStale.SIGNED_PASSES:
        return _Verdict(Reason.NOT_SYNCED)
    if snapshot.clock.trust is Trust.UNKNOWN:
        return _Verdict(Reason.CLOCK_UNKNOWN)
    number = snapshot.door.number
    if number is None or not credential.claims.opens(number):
        return _Verdict(Reason.WRONG_DOOR)
    return _Verdict(*_within(window.start, window.end, now), key_id=credential.claims.key_id)


def _judge_keys(snapshot: Snapshot, now: Instant) -> _Verdict | None:
    """The best that the named keys come to; None when there are none."""
    verdicts = [_judge_key(key, snapshot, now) for key in snapshot.keys]
    return min(verdicts, key=_rank) if verdicts else None


def _judge_key(key: KnownKey, snapshot: Snapshot, now: Instant) -> _Verdict:
    reason, retry_at = _key_state(key, now)
    if reason is Reason.GRANTED and snapshot.door.id not in key.doors:
        reason = Reason.WRONG_DOOR
    if reason is Reason.GRANTED:
        reason, retry_at = _in_time(key, snapshot, now)
    return _Verdict(reason, retry_at, key, key.id)


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
        return _within(window.start, window.end, now)
    floor = snapshot.clock.floor
    is_near = window.overlaps(Interval(floor, floor + UNKNOWN_REACH_S))
    is_allowed = snapshot.door.on_unknown_clock is OnUnknownClock.KNOWN_KEYS and is_near
    return (Reason.GRANTED if is_allowed else Reason.CLOCK_UNKNOWN), None


def _within(start: Instant, end: Instant, now: Instant) -> tuple[Reason, Instant | None]:
    if now < start:
        return Reason.TOO_EARLY, start
    return (Reason.ENDED if now >= end else Reason.GRANTED), None


# Of several keys with one PIN the most helpful answer wins; a live key at another time or door before a dead one.
_ORDER: Final = (
    Reason.GRANTED, Reason.NOT_PAID, Reason.TOO_EARLY, Reason.WRONG_DOOR, Reason.CLOCK_UNKNOWN, Reason.MOVED,
    Reason.CANCELLED, Reason.REVOKED, Reason.ENDED,
)  # fmt: skip


def _rank(verdict: _Verdict) -> tuple[int, Instant, str]:
    key = verdict.key
    return _ORDER.index(verdict.reason), key.valid_from if key else 0, verdict.key_id or ""
