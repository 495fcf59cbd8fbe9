"""The door machine: what a door is doing, from what its driver sees and what was decided (AC-11, AC-12).

    step(door, input, now, limits) -> (door, effects)

`now` is monotonic seconds. The state shown is what the contact says, never what was commanded. A door is never released
without a deadline unless its mode holds it; what is still released then is told to lock, again and again.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, TypeAlias

from appliance.access.modes import is_held
from appliance.access.snapshot import Mode
from drivers.contract import Fact

NEVER: Final = float("-inf")
REX_S: Final = 10.0
RELOCK_AGAIN_S: Final = 2.0
GRACE_S: Final = 0.5  # how much later than its deadline a bolt may be seen to hold
LATE_LEAF_S: Final = 1.5  # contact and lock report by different ways: a leaf may be seen just after the bolt is back


class DoorState(StrEnum):
    """What is shown of a door."""

    LOCKED = "locked"
    RELEASED = "released"
    OPEN = "open"
    HELD_OPEN_WARNING = "held_open_warning"
    HELD_OPEN = "held_open"
    FORCED = "forced"
    OFFLINE = "offline"


class Held(StrEnum):
    """How long an open leaf has been open."""

    NO = "no"
    WARNED = "warned"
    ALARM = "alarm"


@dataclass(frozen=True, slots=True)
class Limits:
    """The lengths of one door, in seconds. reports_lock: whether its driver sees the bolt move."""

    release_s: int
    warn_s: int
    alarm_s: int
    relock_on_open: bool
    reports_lock: bool


@dataclass(frozen=True, slots=True)
class Door:
    """One door at one moment; instants are monotonic seconds.

    released_until: the deadline while the bolt is or may be free; None when it holds or a mode keeps it free.
    opened_at: since when the leaf is open; None when it is closed. rex_until: until when somebody may leave.
    free_until: until when a leaf that is seen to open was opened rightly. is_leaf_known: whether it was ever seen.
    """

    mode: Mode = Mode.NORMAL
    is_online: bool = True
    is_released: bool = False
    released_until: float | None = None
    free_until: float = NEVER
    rex_until: float = NEVER
    opened_at: float | None = None
    is_leaf_known: bool = False
    is_forced: bool = False
    held: Held = Held.NO
    is_tampered: bool = False

    @property
    def state(self) -> DoorState:
        """What is shown."""
        if not self.is_online:
            return DoorState.OFFLINE
        if self.opened_at is not None:
            if self.is_forced:
                return DoorState.FORCED
            return _HELD_STATES[self.held]
        return DoorState.RELEASED if self.is_released else DoorState.LOCKED


_HELD_STATES: Final = {
    Held.NO: DoorState.OPEN,
    Held.WARNED: DoorState.HELD_OPEN_WARNING,
    Held.ALARM: DoorState.HELD_OPEN,
}


@dataclass(frozen=True, slots=True)
class Granted:
    """A grant is about to be sent to the driver."""

    release_s: int


@dataclass(frozen=True, slots=True)
class Seen:
    """The driver saw something."""

    fact: Fact


@dataclass(frozen=True, slots=True)
class ModeSet:
    """Another mode prevails."""

    mode: Mode


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed."""


Input: TypeAlias = Granted | Seen | ModeSet | Tick


@dataclass(frozen=True, slots=True)
class Happened:
    """Something for the journal; `verb` is in the past tense."""

    verb: str


@dataclass(frozen=True, slots=True)
class Hold:
    """Something for the driver: keep the door released, or lock it."""

    released: bool


Effect: TypeAlias = Happened | Hold
Step: TypeAlias = tuple[Door, tuple[Effect, ...]]


def step(door: Door, what: Input, now: float, limits: Limits) -> Step:
    """The door after one input, and what must be done about it."""
    match what:
        case Granted(release_s):
            return _granted(door, release_s, now, limits), ()
        case Seen(fact):
            return _seen(door, fact, now, limits)
        case ModeSet(mode):
            return _mode_set(door, mode, now, limits)
        case Tick():
            return _tick(door, now, limits)


def _granted(door: Door, release_s: int, now: float, limits: Limits) -> Door:
    if is_held(door.mode):
        return door
    until = max(door.released_until or NEVER, now + release_s)
    is_released = door.is_released or not limits.reports_lock
    return replace(
        door, released_until=until, free_until=max(door.free_until, until + LATE_LEAF_S), is_released=is_released
    )


def _mode_set(door: Door, mode: Mode, now: float, limits: Limits) -> Step:
    changed = replace(door, mode=mode)
    if is_held(mode):
        is_released = door.is_released or not limits.reports_lock
        held = replace(changed, released_until=None, is_forced=False, held=Held.NO, is_released=is_released)
        return held, (Hold(released=True),)
    # Also when nothing was held: a restarted driver is told once what it should be doing.
    is_released = door.is_released and limits.reports_lock
    free_until = now + LATE_LEAF_S if is_held(door.mode) else door.free_until
    opened_at = now if door.opened_at is not None and is_held(door.mode) else door.opened_at
    locked = replace(changed, is_released=is_released, free_until=free_until, opened_at=opened_at)
    return replace(locked, released_until=now + RELOCK_AGAIN_S if is_released else None), (Hold(released=False),)


def _seen(door: Door, fact: Fact, now: float, limits: Limits) -> Step:
    match fact:
        case Fact.OPENED:
            return _opened(door, now, limits)
        case Fact.CLOSED:
            return _closed(door)
        case Fact.RELEASED:
            return _bolt_free(door, now, limits)
        case Fact.LOCKED:
            locked = replace(door, is_released=False, released_until=None)
            return locked, ((Happened("locked"),) if door.is_released else ())
        case Fact.REX:
            return replace(door, rex_until=now + REX_S), (Happened("rex"),)
        case Fact.TAMPER | Fact.TAMPER_OVER:
            is_tampered = fact is Fact.TAMPER
            verb = "tamper" if is_tampered else "tamper_over"
            return replace(door, is_tampered=is_tampered), (
                (Happened(verb),) if door.is_tampered != is_tampered else ()
            )
        case Fact.ONLINE | Fact.OFFLINE:
            return _linked(door, fact is Fact.ONLINE)


def _linked(door: Door, is_online: bool) -> Step:
    effects: list[Effect] = []
    if door.is_online != is_online:
        effects.append(Happened("online" if is_online else "offline"))
    if is_online and is_held(door.mode):
        # A device that was away has forgotten what it was told.
        effects.append(Hold(released=True))
    return replace(door, is_online=is_online), tuple(effects)


def _bolt_free(door: Door, now: float, limits: Limits) -> Step:
    effects = () if door.is_released else (Happened("released"),)
    freed = replace(door, is_released=True)
    if is_held(door.mode) or door.released_until is not None:
        return freed, effects
    # Freed by somebody else, a key or a button of the lock's own: it gets a deadline like every other release.
    until = now + limits.release_s
    return replace(freed, released_until=until, free_until=max(door.free_until, until + LATE_LEAF_S)), effects


def _opened(door: Door, now: float, limits: Limits) -> Step:
    if door.opened_at is not None:
        return door, ()
    # A leaf that stood open when it was first seen was not forced under our eyes.
    is_right = is_held(door.mode) or door.is_released or now <= max(door.free_until, door.rex_until)
    opened = replace(door, opened_at=now, is_leaf_known=True, rex_until=NEVER)
    if door.is_leaf_known and not is_right:
        return replace(opened, is_forced=True), (Happened("opened"), Happened("forced"))
    if limits.relock_on_open and door.released_until is not None:
        is_released = door.is_released and limits.reports_lock
        relocking = replace(opened, released_until=now + RELOCK_AGAIN_S, is_released=is_released)
        return relocking, (Happened("opened"), Hold(released=False))
    return opened, (Happened("opened"),)


def _closed(door: Door) -> Step:
    effects = (Happened("closed"),) if door.opened_at is not None else ()
    return replace(door, opened_at=None, is_leaf_known=True, is_forced=False, held=Held.NO), effects


def _tick(door: Door, now: float, limits: Limits) -> Step:
    effects: list[Effect] = []
    if door.released_until is not None and now >= door.released_until + GRACE_S:
        door, more = _overdue(door, now, limits)
        effects.extend(more)
    if door.opened_at is not None and not is_held(door.mode):
        open_s = now - door.opened_at
        if open_s >= limits.alarm_s and door.held is not Held.ALARM:
            door = replace(door, held=Held.ALARM)
            effects.append(Happened("held_open"))
        elif open_s >= limits.warn_s and door.held is Held.NO:
            door = replace(door, held=Held.WARNED)
            effects.append(Happened("held_open_warning"))
    return door, tuple(effects)


def _overdue(door: Door, now: float, limits: Limits) -> Step:
    if not limits.reports_lock:
        return replace(door, is_released=False, released_until=None), (Happened("locked"),)
    if not door.is_released:
        return replace(door, released_until=None), ()
    # The device ends a release by itself; one that has not is told so until the bolt is seen to hold.
    return replace(door, released_until=now + RELOCK_AGAIN_S), (Hold(released=False),)
