"""The door monitor: one thread that feeds every door machine with what its driver sees, and with time (AC-11).

A driver's `observe` only puts the fact on a queue; the monitor steps the machine, journals what happened and tells the
driver to hold or to lock.
"""

import logging
import queue
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from appliance.access.door_plan import DoorPlan
from appliance.access.doors import Door, Effect, Granted, Happened, Hold, Input, Limits, ModeSet, Seen, Tick, step
from appliance.access.modes import is_held
from appliance.access.snapshot import Mode
from appliance.access.troubles import Troubles
from appliance.foundation.clock import Clock
from appliance.foundation.errors import NeedsAttention, PortvaktError
from appliance.foundation.grants import Grant
from appliance.foundation.instants import Instant
from drivers.contract import Capability, DoorDriver, Observation

TICK_S: Final = 0.25
STOP_S: Final = 2.0
WATCHER_LIMIT: Final = 256
log = logging.getLogger(__name__)

Record = Callable[[str, str, Mapping[str, object]], None]
"""Journals what happened at a door: door id, verb, body."""


Onlooker = Callable[[Observation], None]
"""Hears what drivers see, on the monitor's thread; returns at once."""


class DoorPost:
    """One door in service: its plan, its driver and its machine.

    last_grant: the presentation that it was last released for. entered_at: when a key last opened it, UTC seconds.
    """

    def __init__(self, plan: DoorPlan, driver: DoorDriver) -> None:
        self.plan = plan
        self.driver = driver
        self.lock = threading.Lock()
        self.door = Door()
        self.last_grant: str | None = None
        self.entered_at: Instant | None = None
        self.limits = Limits(
            plan.release_s,
            plan.held_open_warn_s,
            plan.held_open_alarm_s,
            plan.relock_on_open,
            Capability.LOCK_STATE in driver.capabilities,
        )


@dataclass(frozen=True, slots=True)
class DoorStatus:
    """One door for those who look on."""

    plan: DoorPlan
    state: str
    mode: Mode
    is_online: bool
    fault: str
    is_tampered: bool
    has_hand: bool


class DoorMonitor:
    """All doors in service."""

    def __init__(self, clock: Clock, record: Record, troubles: Troubles) -> None:
        self._clock = clock
        self._record = record
        self._troubles = troubles
        self._posts: dict[str, DoorPost] = {}
        self._slugs: dict[str, DoorPost] = {}
        self._facts: queue.SimpleQueue[Observation | None] = queue.SimpleQueue()
        self._watchers: list[queue.Queue[DoorStatus]] = []
        self._watch_lock = threading.Lock()
        self._shown: dict[str, DoorStatus] = {}
        self._onlookers: list[Onlooker] = []
        self._beat = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="door-monitor", daemon=True)

    def start(self) -> None:
        """Begin to watch the doors."""
        self._thread.start()

    def stop(self) -> None:
        """Leave every door in the safe state of its plan."""
        self._facts.put(None)
        self._thread.join(1.0)
        self.put_in_service([])

    def put_in_service(self, posts: Iterable[DoorPost]) -> None:
        """Serve exactly these doors from now on; drivers of the others are stopped."""
        fresh = {post.plan.id: post for post in posts}
        staying = {id(post.driver) for post in fresh.values()}
        gone = [post for post in self._posts.values() if id(post.driver) not in staying]
        self._posts = fresh
        self._slugs = {post.plan.slug: post for post in fresh.values()}
        for post in gone:
            self._shown.pop(post.plan.id, None)
            self._troubles.report(f"door {post.plan.id}", "")
        # Side by side: each may take its time, and all must be safe before the process ends.
        stoppers = [threading.Thread(target=_stop, args=(post,), daemon=True) for post in gone]
        for stopper in stoppers:
            stopper.start()
        for stopper in stoppers:
            stopper.join(STOP_S)

    def observe(self, observation: Observation) -> None:
        """What a driver saw; returns at once."""
        self._facts.put(observation)

    def look_on(self, onlooker: Onlooker) -> None:
        """Let somebody hear what drivers see, for as long as the process lives; called before `start`."""
        self._onlookers.append(onlooker)

    def posts(self) -> list[DoorPost]:
        """Every door in service, in the order of the plan."""
        return list(self._posts.values())

    def find(self, door: str) -> DoorPost | None:
        """A door by its id or slug."""
        posts, slugs = self._posts, self._slugs
        return posts.get(door) or slugs.get(door)

    def release(self, post: DoorPost, grant: Grant) -> None:
        """Send a grant to its door; the machine knows of it first, or the leaf could look forced."""
        if post.door.mode is Mode.LOCKDOWN:
            raise NeedsAttention("the door was locked down while this was decided")
        self._step(post, Granted(grant.release_s))
        post.last_grant = grant.presentation_id
        if grant.key_id is not None:
            post.entered_at = grant.decided_at
        if not is_held(post.door.mode):
            post.driver.release(grant)

    def set_mode(self, post: DoorPost, mode: Mode) -> None:
        """Let another mode prevail at a door."""
        if mode is not post.door.mode:
            self._step(post, ModeSet(mode))

    def status(self, post: DoorPost) -> DoorStatus:
        """One door as it is now."""
        health, door = post.driver.health(), post.door
        return DoorStatus(
            plan=post.plan,
            state=door.state if health.online else "offline",
            mode=door.mode,
            is_online=health.online,
            fault=health.fault,
            is_tampered=door.is_tampered,
            has_hand=hasattr(post.driver, "hand"),
        )

    def watch(self) -> "queue.Queue[DoorStatus]":
        """A queue that gets every door now, and each change from now on. Give it back with `unwatch`."""
        watcher: queue.Queue[DoorStatus] = queue.Queue(WATCHER_LIMIT)
        for post in self.posts():
            watcher.put_nowait(self.status(post))
        with self._watch_lock:
            self._watchers.append(watcher)
        return watcher

    def unwatch(self, watcher: "queue.Queue[DoorStatus]") -> None:
        """Stop telling a watcher."""
        with self._watch_lock:
            if watcher in self._watchers:
                self._watchers.remove(watcher)

    def is_alive(self) -> bool:
        """Whether the thread has gone round since this was last asked: what a watchdog needs to know."""
        beaten = self._beat.is_set()
        self._beat.clear()
        return beaten

    def _serve(self) -> None:
        next_tick = self._clock.monotonic()
        while True:
            self._beat.set()
            try:
                observation = self._facts.get(timeout=max(0.0, min(TICK_S, next_tick - self._clock.monotonic())))
            except queue.Empty:
                next_tick = self._clock.monotonic() + TICK_S
                self._tick()
                continue
            if observation is None:
                return
            post = self._posts.get(observation.door_id)
            if post is not None:
                self._step(post, Seen(observation.fact))
                for onlooker in self._onlookers:
                    onlooker(observation)

    def _tick(self) -> None:
        for post in self.posts():
            self._step(post, Tick())
            self._tell(post)

    def _step(self, post: DoorPost, what: Input) -> None:
        with post.lock:
            post.door, effects = step(post.door, what, self._clock.monotonic(), post.limits)
        for effect in effects:
            self._act(post, effect)
        if effects:
            self._tell(post)

    def _act(self, post: DoorPost, effect: Effect) -> None:
        match effect:
            case Happened(verb):
                body: dict[str, object] = {"state": post.door.state, "mode": post.door.mode}
                if verb == "released":
                    body["presentation_id"] = post.last_grant
                self._record(post.plan.id, verb, body)
            case Hold(released):
                try:
                    post.driver.hold(released)
                except PortvaktError as fault:
                    log.warning("door %s does not hold or lock: %s", post.plan.slug, fault)

    def _tell(self, post: DoorPost) -> None:
        status = self.status(post)
        if self._shown.get(post.plan.id) == status:
            return
        self._shown[post.plan.id] = status
        self._troubles.report(f"door {post.plan.id}", f"door {post.plan.slug}: {status.fault}" if status.fault else "")
        with self._watch_lock:
            for watcher in list(self._watchers):
                try:
                    watcher.put_nowait(status)
                except queue.Full:
                    # It has stopped reading; it will find out by itself when nothing comes any more.
                    self._watchers.remove(watcher)


def _stop(post: DoorPost) -> None:
    try:
        post.driver.stop()
    except PortvaktError as fault:
        log.warning("door %s does not stop: %s", post.plan.slug, fault)
