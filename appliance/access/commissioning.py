"""The walk of an installer over the doors: which steps, what was found in each, how long it took (DR-12).

    begin(doors) -> Walk -> pulsed, seen, read, answered, passed -> Walk ... -> step(walk) is None

A step is over by what the driver saw or by what a person said. `now` is monotonic seconds and measures; `at` is UTC
seconds and is written down. What stands on a card is shown while it is tried and never kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from appliance.foundation import cards
from appliance.foundation.instants import Instant
from drivers.contract import Capability, Fact

LISTEN_S: Final = 120.0
NOT_SEEN_S: Final = 10.0  # so long after its release should have ended, a door has not locked again
LATE_S: Final = 2.0
UNIT: Final = "unit"


class Kind(StrEnum):
    """What is tried in one step."""

    PULSE = "pulse"  # the strike is released and a person says whether it was
    RELOCK = "relock"  # it is seen to lock again, and how long that took
    OPEN = "open"  # the contact sees the leaf open
    CLOSE = "close"
    REX = "rex"  # the button beside the door is seen
    SCAN = "scan"  # a reader reads


class Said(StrEnum):
    """What a person may say to a step."""

    YES = "yes"
    NO = "no"
    SKIP = "skip"
    AGAIN = "again"  # listen to the reader once more


class Result(StrEnum):
    """What a step came to."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    NOT_DONE = "not_done"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to try at one door; `reader` is the slug of the reader, of a scan alone."""

    door_id: str
    kind: Kind
    reader: str = ""

    @property
    def id(self) -> str:
        """What an answer names, so that it is never taken for one to another step."""
        return ":".join(part for part in (self.door_id, self.kind, self.reader) if part)


@dataclass(frozen=True, slots=True)
class TriedDoor:
    """A door as it is walked over: what it can do, and for how many seconds it is released."""

    id: str
    release_s: int
    capabilities: frozenset[Capability]
    readers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """What one step came to. by: who said so, `unit` where the driver saw it. took_ms: from the release to the lock.

    entry, size: what a reader read (card, pin, qr) and its bits, digits or characters; never the thing itself.
    """

    step: Step
    result: Result
    at: Instant
    by: str
    took_ms: int | None = None
    entry: str = ""
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Walk:
    """A walk under way. Instants `..._at` are monotonic seconds, but `begun_at` is UTC.

    listening_until: until when the reader of a scan tells the walk instead of the door. shown: the bits of the card
    that was read last, for the eyes of whoever walks.
    """

    begun_at: Instant
    doors: tuple[TriedDoor, ...]
    steps: tuple[Step, ...]
    findings: tuple[Finding, ...] = ()
    pulsed_at: float | None = None
    released_at: float | None = None
    locked_at: float | None = None
    listening_until: float = 0.0
    shown: str = field(default="", repr=False)


def begin(doors: Iterable[TriedDoor], at: Instant) -> Walk:
    """A walk over these doors, one after the other; each has the steps that its driver can answer."""
    tried = tuple(doors)
    return Walk(at, tried, tuple(step for door in tried for step in _steps(door)))


def step(walk: Walk) -> Step | None:
    """The step in hand; None when all are done."""
    return walk.steps[len(walk.findings)] if len(walk.findings) < len(walk.steps) else None


def words(walk: Walk) -> tuple[Said, ...]:
    """What a person may say now. Nobody has seen a strike move that was not pulsed."""
    current = step(walk)
    if current is None:
        return ()
    if current.kind is Kind.PULSE:
        return (Said.YES, Said.NO, Said.SKIP) if walk.pulsed_at is not None else (Said.NO, Said.SKIP)
    return (Said.NO, Said.SKIP, Said.AGAIN) if current.kind is Kind.SCAN else (Said.NO, Said.SKIP)


def pulsed(walk: Walk, now: float) -> Walk:
    """The door of the step in hand is being released; what was measured before does not count any more."""
    return replace(walk, pulsed_at=now, released_at=None, locked_at=None)


def seen(walk: Walk, door_id: str, fact: Fact, now: float, at: Instant) -> Walk:
    """The driver of a door saw something."""
    current = step(walk)
    if current is None or current.door_id != door_id:
        return walk
    if fact is Fact.RELEASED and walk.pulsed_at is not None and walk.released_at is None:
        return replace(walk, released_at=now)
    if fact is Fact.LOCKED and walk.released_at is not None and walk.locked_at is None:
        return _relocked(replace(walk, locked_at=now), at)
    if fact is _AWAITED.get(current.kind):
        return _found(walk, Result.PASSED, UNIT, now, at)
    return walk


def read(walk: Walk, door_id: str, reader: str, entry: str, value: str, now: float, at: Instant) -> Walk | None:
    """A reader read something; None when it is not the walk's but a guest's, to be presented at the door."""
    current = step(walk)
    if current is None or current != Step(door_id, Kind.SCAN, reader) or now >= walk.listening_until:
        return None
    bits = cards.parse(value) if entry == "card" else None
    size = bits.length if bits else len(value)
    after = _found(walk, Result.PASSED, UNIT, now, at, entry=entry, size=size)
    return replace(after, shown=str(bits) if bits else "")


def answered(walk: Walk, word: Said, by: str, now: float, at: Instant) -> Walk:
    """A person said one of `words`."""
    if word is Said.AGAIN:
        return replace(walk, listening_until=now + LISTEN_S)
    current = step(walk)
    after = _found(walk, _SAID[word], by, now, at)
    if current is not None and current.kind is Kind.PULSE and word is not Said.YES:
        # What was not released cannot be seen to lock again.
        return _found(after, Result.SKIPPED, UNIT, now, at)
    return _relocked(after, at)


def passed(walk: Walk, now: float, at: Instant) -> Walk:
    """Time has passed: a bolt that was not seen to hold by now has failed."""
    current = step(walk)
    if current is None or current.kind is not Kind.RELOCK or walk.pulsed_at is None:
        return walk
    is_over = now >= walk.pulsed_at + _door(walk, current).release_s + NOT_SEEN_S
    return _found(walk, Result.FAILED, UNIT, now, at) if is_over else walk


def ended(walk: Walk, by: str, now: float, at: Instant) -> Walk:
    """The walk is over; what was not tried is written down as such."""
    while step(walk) is not None:
        walk = _found(walk, Result.NOT_DONE, by, now, at)
    return walk


_AWAITED: Final = {Kind.OPEN: Fact.OPENED, Kind.CLOSE: Fact.CLOSED, Kind.REX: Fact.REX}
_SAID: Final = {Said.YES: Result.PASSED, Said.NO: Result.FAILED, Said.SKIP: Result.SKIPPED}


def _steps(door: TriedDoor) -> list[Step]:
    kinds = [Kind.PULSE, Kind.RELOCK]
    kinds += [Kind.OPEN, Kind.CLOSE] if Capability.CONTACT in door.capabilities else []
    kinds += [Kind.REX] if Capability.REX in door.capabilities else []
    return [Step(door.id, kind) for kind in kinds] + [Step(door.id, Kind.SCAN, reader) for reader in door.readers]


def _door(walk: Walk, current: Step) -> TriedDoor:
    return next(door for door in walk.doors if door.id == current.door_id)


def _relocked(walk: Walk, at: Instant) -> Walk:
    """The relock step is over as soon as both ends of it were seen, also those seen before it was its turn."""
    current = step(walk)
    if current is None or current.kind is not Kind.RELOCK or walk.released_at is None or walk.locked_at is None:
        return walk
    took = walk.locked_at - walk.released_at
    result = Result.PASSED if took <= _door(walk, current).release_s + LATE_S else Result.FAILED
    return _found(walk, result, UNIT, walk.locked_at, at, took_ms=round(took * 1000))


def _found(
    walk: Walk, result: Result, by: str, now: float, at: Instant, *,
    took_ms: int | None = None, entry: str = "", size: int | None = None,
) -> Walk:  # fmt: skip
    current = step(walk)
    if current is None:
        return walk
    after = replace(walk, findings=(*walk.findings, Finding(current, result, at, by, took_ms, entry, size)), shown="")
    following = step(after)
    if following is None or following.door_id != current.door_id:
        after = replace(after, pulsed_at=None, released_at=None, locked_at=None)
    listens = following is not None and following.kind is Kind.SCAN
    return replace(after, listening_until=now + LISTEN_S if listens else 0.0)
