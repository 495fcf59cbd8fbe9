"""The one walk over the doors that may be under way, between those who ask and the doors (DR-12).

It lives as long as the door process. Facts wait until somebody asks: the thread that feeds the doors never does more
for a walk than put one on a queue.
"""

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from appliance import __version__
from appliance.access import commissioning, commissioning_record
from appliance.access.commissioning import Kind, Said, Step, TriedDoor, Walk
from appliance.access.commissioning_record import RecordedDoor
from appliance.access.door_monitor import DoorMonitor, DoorPost
from appliance.access.modes import is_held
from appliance.access.outcomes import Outcome
from appliance.access.presenting import Asked, Presenting
from appliance.access.reasons import Reason
from appliance.access.site_plan import SitePlan
from appliance.foundation.clock import Clock
from appliance.foundation.errors import FieldError, Invalid, NeedsAttention
from appliance.foundation.ids import Ids
from appliance.foundation.instants import Instant
from appliance.storage.chain import Change
from appliance.storage.door_file import DoorFile, connect
from appliance.storage.door_writer import DoorWriter, NotDurable, Transaction
from drivers.contract import Fact, Observation
from drivers.quality import hardware

ENTRIES: Final = frozenset({"card", "pin", "qr"})
FACTS: Final = 256
WRITE_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a walk needs of its unit. file: where the journal is. key: signs; None where the unit cannot."""

    file: DoorFile
    plan: Callable[[], SitePlan | None]
    key: Ed25519PrivateKey | None


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a walk stands, for those who look on. seconds_left: how long the reader in hand still tells the walk."""

    walk: Walk
    current: Step | None
    words: tuple[Said, ...]
    seconds_left: int


class Walking:
    """Takes what the one who walks says. Any thread may ask."""

    def __init__(
        self, monitor: DoorMonitor, presenting: Presenting, writer: DoorWriter, clock: Clock, ids: Ids,
        around: Surroundings,
    ) -> None:  # fmt: skip
        self._monitor = monitor
        self._presenting = presenting
        self._writer = writer
        self._clock = clock
        self._ids = ids
        self._around = around
        self._walk: Walk | None = None
        self._doors: Mapping[str, RecordedDoor] = {}
        self._record: dict[str, object] | None = None
        self._facts: deque[tuple[Observation, float, Instant]] = deque(maxlen=FACTS)
        self._lock = threading.Lock()
        monitor.look_on(self._observed)

    def begin(self, doors: Sequence[str], actor: str) -> Progress:
        """Begin a walk over these doors (ids or slugs; none: all), or go on with the one that is under way."""
        with self._lock:
            posts = [self._post(door) for door in doors] or self._monitor.posts()
            wanted = tuple(post.plan.id for post in posts)
            if not wanted:
                raise NeedsAttention("there is no door in service: set up the doors first")
            if self._walk is None:
                self._facts.clear()
                # As they are now: a door that a newer plan takes away meanwhile is in the record all the same.
                self._doors = {post.plan.id: RecordedDoor(post.plan, hardware(post.plan.driver)) for post in posts}
                self._walk = commissioning.begin(map(self._tried, posts), self._clock.now())
            elif doors and wanted != tuple(door.id for door in self._walk.doors):
                raise NeedsAttention("another walk over the doors is under way: finish it first")
            return self._progress(self._walk)

    def look(self) -> Progress | None:
        """Where the walk stands; None when there is none."""
        with self._lock:
            return self._progress(self._caught_up()) if self._walk is not None else None

    def pulse(self, step_id: str, actor: str) -> Outcome:
        """Release the door of the step in hand, by a decision like every other."""
        with self._lock:
            current = self._current(step_id)
            post = self._post(current.door_id)
            if is_held(post.door.mode):
                raise NeedsAttention("the door stands free now: end that first")
            before = self._caught_up()
            # First, or the strike could be seen to move before it was asked to.
            self._walk = commissioning.pulsed(before, self._clock.monotonic())
        outcome = self._presenting.pulse(post, actor, self._ids.new())
        with self._lock:
            if outcome.verdict != "granted" and self._walk is not None and self._walk.findings == before.findings:
                self._walk = before
        return outcome

    def answer(self, step_id: str, word: str, actor: str) -> Progress:
        """What a person says to the step in hand."""
        with self._lock:
            self._current(step_id)
            walk = self._caught_up()
            allowed = commissioning.words(walk)
            if word not in allowed:
                raise Invalid(FieldError("word", "not_an_option", f"must be one of {', '.join(allowed)}"))
            now, at = self._clock.monotonic(), self._clock.now()
            self._walk = commissioning.answered(walk, Said(word), actor, now, at)
            return self._progress(self._walk)

    def finish(self, actor: str) -> dict[str, object]:
        """End the walk: the signed record, which the journal keeps."""
        with self._lock:
            if self._walk is None:
                raise NeedsAttention("there is no walk over the doors: begin one")
            if self._around.key is None:
                raise NeedsAttention("this unit cannot sign: look at its health, and finish when it can")
            at = self._clock.now()
            walk = commissioning.ended(self._caught_up(), actor, self._clock.monotonic(), at)
            plan = self._plan()
            body = commissioning_record.make(walk, self._doors, plan.facility, __version__, actor, at)
            record = commissioning_record.sign(body, self._around.key)
            self._walk, self._record = None, record
        # Not under the lock, which readers wait for: no guest waits for a disk because of a walk.
        entity, verb = commissioning_record.ENTITY, commissioning_record.VERB
        self._note(Change(actor, entity, plan.facility.id, verb, after=record))
        return record

    def record(self) -> dict[str, object] | None:
        """The record of the last walk that was finished; None before the first."""
        if self._record is not None:
            return self._record
        with closing(connect(self._around.file)) as ours:
            return commissioning_record.last(ours)

    def present(self, asked: Asked) -> Outcome:
        """What a reader read: shown to whoever walks while its own step is in hand, presented at the door otherwise."""
        post = self._monitor.find(asked.door)
        with self._lock:
            if post is not None and self._walk is not None and asked.kind in ENTRIES:
                now, at = self._clock.monotonic(), self._clock.now()
                walk = self._caught_up()
                taken = commissioning.read(walk, post.plan.id, asked.reader, asked.kind, asked.value, now, at)
                if taken is not None:
                    self._walk = taken
                    # A guest who came in between hears that the door does not work right now, which is true.
                    return Outcome(asked.presentation_id, "denied", Reason.DOOR_FAULT, Reason.DOOR_FAULT)
        return self._presenting.present(asked)

    def _observed(self, observation: Observation) -> None:
        if self._walk is not None:
            self._facts.append((observation, self._clock.monotonic(), self._clock.now()))

    def _caught_up(self) -> Walk:
        walk = self._walk
        if walk is None:
            raise NeedsAttention("there is no walk over the doors: begin one")
        while self._facts:
            observation, now, at = self._facts.popleft()
            walk = commissioning.seen(walk, observation.door_id, Fact(observation.fact), now, at)
        self._walk = walk = commissioning.passed(walk, self._clock.monotonic(), self._clock.now())
        return walk

    def _current(self, step_id: str) -> Step:
        current = commissioning.step(self._caught_up())
        if current is None or current.id != step_id:
            raise Invalid(FieldError("step", "not_now", "is not the step in hand any more: look again"))
        return current

    def _progress(self, walk: Walk) -> Progress:
        current = commissioning.step(walk)
        listens = current is not None and current.kind is Kind.SCAN
        left = max(0, round(walk.listening_until - self._clock.monotonic())) if listens else 0
        return Progress(walk, current, commissioning.words(walk), left)

    def _post(self, door: str) -> DoorPost:
        post = self._monitor.find(door)
        if post is None:
            raise Invalid(FieldError("door", "no_such_door", "there is no such door"))
        return post

    def _plan(self) -> SitePlan:
        plan = self._around.plan()
        if plan is None:
            raise NeedsAttention("there is no site plan yet: set up the doors first")
        return plan

    def _tried(self, post: DoorPost) -> TriedDoor:
        readers = tuple(reader.slug for reader in self._plan().readers if reader.door_id == post.plan.id)
        return TriedDoor(post.plan.id, post.plan.release_s, post.driver.capabilities, readers)

    def _note(self, change: Change) -> None:
        def write(tx: Transaction) -> None:
            tx.journal(change)

        try:
            self._writer.submit(write, keep=True).wait(WRITE_S)
        except NotDurable:
            # It waits for the disk with the events; whoever walked has the record in hand.
            return
