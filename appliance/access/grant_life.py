"""The life of a grant that a controller is to hold: what is wanted, what was said to it, and what is true (DR-11).

    step(life, input, now, terms) -> life        due(life, now) -> Call | None

What a controller accepted is not shown as working: only a confirmation, or its own listing with the device behind it,
makes a grant `confirmed`. Each change of what is wanted, and each divergence, has a revision of its own, so that an
answer which comes late belongs to the past and changes nothing.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from math import ceil
from typing import Final, TypeAlias

from appliance.foundation.instants import HOUR, MINUTE, Instant
from drivers.controller_contract import HeldGrant
from drivers.supervision import delay_s

UNDER_WAY_S: Final = 30  # longer than any call takes: who finds it older met the end of a process
CONFIRM_S: Final = 10 * MINUTE
REFUSED_S: Final = 5 * MINUTE
LONGEST_REFUSED_S: Final = 6 * HOUR


class LifeState(StrEnum):
    """Where a grant stands."""

    PLANNED = "planned"  # wanted, and nothing was said yet
    SENT = "sent"  # said, and nobody knows whether it arrived
    ACCEPTED = "accepted"  # the controller took it; nobody knows whether it works
    CONFIRMED = "confirmed"  # the device has it
    REMOVING = "removing"  # no more wanted, and maybe still held
    REMOVED = "removed"
    FAILED = "failed"  # the controller says no; the reason says why
    DIVERGED = "diverged"  # the controller does not hold what it took


class Call(StrEnum):
    """What is to be said to a controller."""

    UPSERT = "upsert"
    REVOKE = "revoke"


@dataclass(frozen=True, slots=True)
class Terms:
    """How one controller keeps its word. confirm_s: for how long an accepted grant may stay unconfirmed.

    refused_s: how soon it is asked again after a first no. ends_alone: a grant cannot be taken back and ends with its
    window.
    """

    confirm_s: int = CONFIRM_S
    refused_s: int = REFUSED_S
    ends_alone: bool = False


@dataclass(frozen=True, slots=True)
class GrantLife:
    """One grant at one controller. ends: of its window. since: when its state began. All in UTC seconds.

    is_told: whether the controller may have heard of it. reason: what is or was wrong, in plain English, until it is
    confirmed or removed. attempts: calls that came to nothing. next_at: when it is to be looked at again; None: never.
    """

    revision: int
    ends: Instant
    since: Instant
    state: LifeState = LifeState.PLANNED
    is_wanted: bool = True
    is_told: bool = False
    reason: str = ""
    attempts: int = 0
    next_at: Instant | None = None
    correlation: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The grant is wanted until `ends`, as it was not before."""

    ends: Instant


@dataclass(frozen=True, slots=True)
class Unwanted:
    """The grant is no more wanted."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A call is about to leave."""


@dataclass(frozen=True, slots=True)
class Received:
    """The controller took the call about a revision. is_applied: its device has it too."""

    revision: int
    is_applied: bool
    correlation: str = ""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What came of a call that was accepted. reason: why nothing came of it, when it was not applied."""

    revision: int
    is_applied: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """The controller said no to a call."""

    revision: int
    reason: str


@dataclass(frozen=True, slots=True)
class Unreachable:
    """Nobody knows whether a call arrived. chance: in [0, 1), spreads the next tries in time."""

    revision: int
    reason: str
    chance: float = 0.5


@dataclass(frozen=True, slots=True)
class Listed:
    """What the controller says it holds of this grant; None when it holds nothing.

    fingerprint: of what it should hold.
    """

    held: HeldGrant | None
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed."""


Input: TypeAlias = Wanted | Unwanted | Sent | Received | Confirmed | Refused | Unreachable | Listed | Tick

NOT_CONFIRMED: Final = "the controller accepted it and never confirmed that its device has it"
NOT_HELD: Final = "the controller took it and does not hold it any more"
NOT_AS_SENT: Final = "the controller holds something else than it was sent"
NOT_ON_DEVICE: Final = "the controller holds it, its device does not"
STILL_ON_DEVICE: Final = "the controller accepted the removal; its device may still let the person in"
STILL_HELD: Final = "it was removed and the controller still holds it"
OVER: Final = "its window is over"


def step(life: GrantLife, what: Input, now: Instant, terms: Terms) -> GrantLife:
    """The grant after one input."""
    after = _after(life, what, now, terms)
    return replace(after, since=now) if after.state is not life.state else after


def due(life: GrantLife, now: Instant) -> Call | None:
    """What is to be said to the controller now."""
    if life.next_at is None or now < life.next_at:
        return None
    if not life.is_wanted:
        return Call.REVOKE if life.state is LifeState.REMOVING else None
    return None if life.state in (LifeState.ACCEPTED, LifeState.CONFIRMED) else Call.UPSERT


def _after(life: GrantLife, what: Input, now: Instant, terms: Terms) -> GrantLife:
    match what:
        case Wanted(ends):
            fresh = GrantLife(life.revision + 1, ends, now, next_at=now, is_told=life.is_told)
            return replace(fresh, since=life.since) if life.state is LifeState.PLANNED else fresh
        case Unwanted():
            return _unwanted(life, now, "") if life.is_wanted else life
        case Sent():
            state = LifeState.SENT if life.is_wanted else LifeState.REMOVING
            return replace(life, state=state, is_told=True, next_at=now + UNDER_WAY_S)
        case Listed(held, fingerprint):
            return _listed(life, held, fingerprint, now, terms)
        case Tick():
            return _tick(life, now, terms)
        case _:
            # An answer to what was said before the wish changed says nothing about the present one.
            return _answered(life, what, now, terms) if what.revision == life.revision else life


def _answered(
    life: GrantLife, what: Received | Confirmed | Refused | Unreachable, now: Instant, terms: Terms
) -> GrantLife:
    match what:
        case Received(_, True, _) | Confirmed(_, True, _):
            return _applied(life)
        case Received():
            return _accepted(life, what.correlation, now, terms)
        case Confirmed() | Refused():
            return _refused(life, what.reason, now, terms)
        case Unreachable():
            return _unreachable(life, what, now)


def _applied(life: GrantLife) -> GrantLife:
    if life.is_wanted:
        return replace(life, state=LifeState.CONFIRMED, reason="", attempts=0, next_at=life.ends)
    return replace(life, state=LifeState.REMOVED, reason="", attempts=0, next_at=None, is_told=False)


def _accepted(life: GrantLife, correlation: str, now: Instant, terms: Terms) -> GrantLife:
    waiting = replace(life, correlation=correlation, next_at=now + terms.confirm_s)
    if life.state is LifeState.SENT:
        return replace(waiting, state=LifeState.ACCEPTED)
    # In any other state what came of it was faster than the receipt.
    return replace(waiting, reason=STILL_ON_DEVICE) if life.state is LifeState.REMOVING else life


def _unreachable(life: GrantLife, what: Unreachable, now: Instant) -> GrantLife:
    if life.state in (LifeState.CONFIRMED, LifeState.REMOVED):
        return life
    state = LifeState.SENT if life.is_wanted else LifeState.REMOVING
    again = now + ceil(delay_s(life.attempts, what.chance))
    return replace(life, state=state, reason=what.reason, attempts=life.attempts + 1, next_at=again)


def _refused(life: GrantLife, reason: str, now: Instant, terms: Terms) -> GrantLife:
    again = now + min(LONGEST_REFUSED_S, terms.refused_s * 2 ** min(life.attempts, 10))
    state = LifeState.FAILED if life.is_wanted else LifeState.REMOVING
    if life.state is LifeState.REMOVED:
        return life
    return replace(life, state=state, reason=reason, attempts=life.attempts + 1, next_at=again)


def _listed(life: GrantLife, held: HeldGrant | None, fingerprint: str, now: Instant, terms: Terms) -> GrantLife:
    if not life.is_wanted:
        return _listed_unwanted(life, held, now)
    is_believed = life.state in (LifeState.ACCEPTED, LifeState.CONFIRMED)
    if held is None:
        return _diverged(life, NOT_HELD, now, life.revision) if is_believed else life
    # What it holds may be newer than what this unit remembers, whose file may have been made anew.
    newest = max(life.revision, held.revision)
    if _is_as_sent(life, held, fingerprint):
        return _held_as_sent(replace(life, revision=newest, is_told=True), held, now, terms)
    if is_believed:
        return _diverged(life, NOT_AS_SENT, now, newest)
    is_behind = held.revision > life.revision
    return replace(life, revision=newest + 1, is_told=True, next_at=now) if is_behind else life


def _held_as_sent(life: GrantLife, held: HeldGrant, now: Instant, terms: Terms) -> GrantLife:
    if held.on_device:
        return _applied(life)
    if life.state is LifeState.CONFIRMED:
        return _diverged(life, NOT_ON_DEVICE, now, life.revision)
    if life.state in (LifeState.ACCEPTED, LifeState.DIVERGED):
        return life
    return replace(life, state=LifeState.ACCEPTED, next_at=now + terms.confirm_s)


def _listed_unwanted(life: GrantLife, held: HeldGrant | None, now: Instant) -> GrantLife:
    if held is None:
        return _applied(life)
    if life.state is LifeState.REMOVED:
        removing = replace(life, state=LifeState.REMOVING, reason=STILL_HELD, is_told=True, next_at=now)
        return replace(removing, revision=max(life.revision, held.revision) + 1)
    if held.revision > life.revision:
        return replace(life, revision=held.revision + 1, next_at=now)
    return life


def _is_as_sent(life: GrantLife, held: HeldGrant, fingerprint: str) -> bool:
    if held.fingerprint is not None:
        return held.fingerprint == fingerprint
    return held.revision == life.revision


def _tick(life: GrantLife, now: Instant, terms: Terms) -> GrantLife:
    if now >= life.ends and life.state is not LifeState.REMOVED:
        if terms.ends_alone or not life.is_told:
            over = replace(life, state=LifeState.REMOVED, reason=OVER, next_at=None)
            return replace(over, is_wanted=False, is_told=False)
        if life.is_wanted:
            return _unwanted(life, now, OVER)
    if life.state is LifeState.ACCEPTED and life.next_at is not None and now >= life.next_at:
        return _diverged(life, NOT_CONFIRMED, now, life.revision)
    return life


def _unwanted(life: GrantLife, now: Instant, reason: str) -> GrantLife:
    ended = replace(life, revision=life.revision + 1, is_wanted=False, attempts=0, reason=reason, correlation="")
    if life.is_told:
        return replace(ended, state=LifeState.REMOVING, next_at=now)
    return replace(ended, state=LifeState.REMOVED, next_at=None)


def _diverged(life: GrantLife, reason: str, now: Instant, newest: int) -> GrantLife:
    """To be said again, as something newer than all that was said before."""
    again = now + ceil(delay_s(life.attempts, 0.0)) if life.attempts else now
    return replace(
        life, state=LifeState.DIVERGED, reason=reason, revision=newest + 1, is_told=True, attempts=life.attempts + 1,
        next_at=again,
    )  # fmt: skip
