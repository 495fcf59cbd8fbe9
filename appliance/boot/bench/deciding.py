"""The decision in process: from the bytes of a credential to the call of the relay, its event on the disk before that.

The whole door process runs with its sockets, its follower, throttle and journal; only the asking is a direct call, as a
reader attached to the unit makes it. The relay is the simulated driver with a stop-watch in front of it.
"""

import gc
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from typing import Final

from appliance.access.presenting import Asked
from appliance.boot.bench.figures import Bar, Figure, at_most, over_rounds, p99
from appliance.boot.bench.floors import RawFile, RawSignature, decision_round
from appliance.boot.bench.ground import require_durable
from appliance.boot.bench.plan import SLOWER_BY_MS, Rounds
from appliance.boot.bench.slow_disk import SlowDisk
from appliance.boot.bench.worlds import World
from appliance.boot.clocks import clock_of
from appliance.boot.door import DoorProcess
from appliance.foundation.errors import NeedsAttention
from appliance.foundation.grants import Grant
from appliance.foundation.ids import Uuid7
from drivers.contract import Capability, DoorDriver, DriverHealth, Observe

_P50_MS, _P99_MS, _SLOW_P99_MS = 1.5, 10.0, 40.0
_RATIO: Final = 4.0
_READY_ASKS: Final = 200
_READY_PAUSE_S: Final = 0.1
_WITNESSED: Final = 20
_WARM: Final = 20


class StopWatch:
    """A driver that notes when its relay is called, and can look whether the event was on record by then."""

    def __init__(self, driver: DoorDriver, record: sqlite3.Connection) -> None:
        self._driver = driver
        self._record = record
        self.released_at = 0.0
        self.looks = False
        self.were_on_record: list[bool] = []

    @property
    def capabilities(self) -> frozenset[Capability]:
        return self._driver.capabilities

    def start(self, observe: Observe) -> None:
        self._driver.start(observe)

    def release(self, grant: Grant) -> None:
        self.released_at = time.perf_counter()
        if self.looks:
            query = "SELECT count(*) FROM journal WHERE entity = 'presentation' AND entity_id = ? AND verb = 'granted'"
            self.were_on_record.append(self._record.execute(query, (grant.presentation_id,)).fetchone()[0] == 1)
        self._driver.release(grant)

    def hold(self, released: bool) -> None:
        self._driver.hold(released)

    def health(self) -> DriverHealth:
        return self._driver.health()

    def stop(self) -> None:
        self._driver.stop()


class Reader:
    """Presents the keys of a world at its doors, each in its turn.

    late: how many were let in before their event was on the disk, because the disk took longer than the door may wait.
    """

    def __init__(self, process: DoorProcess, world: World) -> None:
        self._process = process
        self._guests = cycle(world.guests)
        self._ids = Uuid7()
        self.late = 0
        self._record = sqlite3.connect(
            f"file:{world.settings.access_file}?mode=ro", uri=True, check_same_thread=False, isolation_level=None
        )
        self._watches: dict[str, StopWatch] = {}
        for post in process.monitor.posts():
            watch = self._watches[post.plan.slug] = StopWatch(post.driver, self._record)
            post.driver = watch

    def round(self, kind: str, count: int) -> list[float]:
        """Milliseconds from credential to relay, `count` times, by `pin` or `qr`. NeedsAttention for any refusal."""
        return [self._present(kind) for _ in range(count)]

    def witness(self) -> None:
        """NeedsAttention unless another connection finds each event at the moment in which the relay is called."""
        for watch in self._watches.values():
            watch.looks = True
        late = self.late
        for _ in range(_WITNESSED):
            self._present("qr")
        looks = [look for watch in self._watches.values() for look in watch.were_on_record]
        if looks.count(True) != _WITNESSED - (self.late - late):
            raise NeedsAttention("a door was released before its event was on record")
        for watch in self._watches.values():
            watch.looks = False

    def close(self) -> None:
        self._record.close()

    def _present(self, kind: str) -> float:
        guest = next(self._guests)
        asked = Asked(guest.door, kind, guest.pin if kind == "pin" else guest.qr, "bench", self._ids.new())
        began = time.perf_counter()
        outcome = self._process.presenting.present(asked)
        if outcome.verdict != "granted":
            raise NeedsAttention(f"a good key was answered {outcome.verdict}: {outcome.reason}")
        self.late += outcome.late
        return (self._watches[guest.door].released_at - began) * 1000


@contextmanager
def reader_of(world: World) -> Iterator[Reader]:
    """A reader at the doors of a door process inside this one; how its writer writes is read back first."""
    process = DoorProcess(world.settings, clock_of(world.settings))
    process.start()
    reader = None
    try:
        _wait_in_service(process)
        written = process.writer.submit(
            lambda tx: [tx.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
        )
        require_durable("access.db", *written.wait(5.0))
        reader = Reader(process, world)
        reader.round("qr", _WARM)
        # As the door process itself does once it is ready.
        gc.collect()
        gc.freeze()
        yield reader
    finally:
        gc.unfreeze()
        process.stop()
        if reader is not None:
            reader.close()


def _wait_in_service(process: DoorProcess) -> None:
    pause = threading.Event()
    for _ in range(_READY_ASKS):
        posts = process.monitor.posts()
        # A door is in the plan a moment before its driver has started.
        if posts and process.follower.applied_seq and all(post.driver.health().online for post in posts):
            return
        pause.wait(_READY_PAUSE_S)
    raise NeedsAttention("the doors did not come into service")


def measure(world: World, many: World, size: Rounds, folder: Path) -> list[Figure]:
    """PIN and pass with thousands of live keys, then with tens of thousands, beside verify and raw commit."""
    figures = _with(world, size, folder, f"{2 * len(world.guests):,} keys", "decision")
    return figures + _with(many, size, folder, f"{2 * len(many.guests):,} keys", "decision.many_keys")


def _with(world: World, size: Rounds, folder: Path, keys: str, name: str) -> list[Figure]:
    by_pass, by_pin, floors, commits = [], [], [], []
    raw, signature = RawFile(folder / "raw.db"), RawSignature()
    with reader_of(world) as reader:
        for _ in range(size.rounds):
            floors.append(decision_round(raw, signature, size.decisions))
            by_pass.append(reader.round("qr", size.decisions))
            commits.append(decision_round(raw, None, size.decisions))
            by_pin.append(reader.round("pin", size.decisions))
        reader.witness()
        late = reader.late
    raw.close()
    return [
        _figure(f"{name}.pass.p50", f"pass to relay, {keys}", by_pass, floors, at_most(_P50_MS), _RATIO),
        _tail(f"{name}.pass.p99", f"pass to relay, {keys}, p99", by_pass, floors, at_most(_P99_MS)),
        _figure(f"{name}.pin.p50", f"PIN to relay, {keys}", by_pin, commits, at_most(_P50_MS), None),
        _tail(f"{name}.pin.p99", f"PIN to relay, {keys}, p99", by_pin, commits, at_most(_P99_MS)),
        Figure(f"{name}.late", f"events that were late, {keys}", late, "", bar=at_most(0)),
    ]


def measure_slow(world: World, size: Rounds, folder: Path) -> list[Figure]:
    """The same by pass on a disk each of whose fsyncs lasts 5 ms longer."""
    by_pass, floors = [], []
    disk = SlowDisk(SLOWER_BY_MS)
    disk.install()
    try:
        raw, signature = RawFile(folder / "raw.db"), RawSignature()
        with reader_of(world) as reader:
            for _ in range(size.rounds):
                floors.append(decision_round(raw, signature, size.decisions // 3))
                by_pass.append(reader.round("qr", size.decisions // 3))
        raw.close()
    finally:
        disk.remove()
    return [
        _figure("slow_disk.decision.pass.p50", "pass to relay", by_pass, floors, None, None, SLOWER_BY_MS),
        _tail(
            "slow_disk.decision.pass.p99", "pass to relay, p99", by_pass, floors, at_most(_SLOW_P99_MS), SLOWER_BY_MS
        ),
    ]


def _figure(
    name: str,
    about: str,
    rounds: list[list[float]],
    floors: list[list[float]],
    bar: Bar | None,
    ratio_bar: float | None,
    added_ms: float = 0.0,
) -> Figure:
    return Figure(name, about, over_rounds(rounds), "ms", over_rounds(floors), bar, ratio_bar, added_ms)


def _tail(
    name: str, about: str, rounds: list[list[float]], floors: list[list[float]], bar: Bar, added_ms: float = 0.0
) -> Figure:
    return Figure(name, about, over_rounds(rounds, p99), "ms", over_rounds(floors, p99), bar, None, added_ms)
