"""The real door process inside a test, over simulated doors and a made-up `booking.db`."""

import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from appliance.access.clock_trust import TimeProbe
from appliance.access.outcomes import Outcome
from appliance.access.presenting import Asked
from appliance.access.snapshot import Following
from appliance.boot.door import DoorProcess
from appliance.config import ClockSource, GpioPins, UnitSettings, WebSettings
from appliance.door_socket.client import DoorClient
from appliance.foundation.clock import Clock, FakeClock
from appliance.foundation.ids import Uuid7
from appliance.keys.passes import PassClaims, facility_tag, sign
from appliance.keys.secrets_store import open_web_secrets
from appliance.storage.chain import Entry
from appliance.storage.door_file import DoorFile, Origin, connect, journal_entries
from tests.access.bookings import FACILITY, Bookings, document

DEADLINE_S = 10.0


def eventually(holds: Callable[[], bool], what: str = "it") -> None:
    """Wait for something that other threads or processes do."""
    pause = threading.Event()
    for _ in range(int(DEADLINE_S / 0.01)):
        if holds():
            return
        pause.wait(0.01)
    raise AssertionError(f"{what} did not happen within {DEADLINE_S} s")


def unit(folder: Path, run: Path | None = None) -> UnitSettings:
    """The settings of a unit whose files are in `folder`."""
    web = WebSettings("127.0.0.1", 0, 0, 2, "http://127.0.0.1")
    return UnitSettings(
        folder, run or folder / "run", FACILITY, "sodra", ClockSource.PRETEND, web, None, GpioPins.NATIVE, None
    )


class Rig:
    """A unit's folder, its bookings, and a door process that can be started and stopped."""

    def __init__(self, folder: Path, clock: Clock, run: Path) -> None:
        self.settings = unit(folder, run)
        self.clock = clock
        secrets = open_web_secrets(self.settings.secrets)
        self.lookup_key = secrets.lookup_key
        self.signing_key: Ed25519PrivateKey = secrets.signing_key
        self.bookings = Bookings(self.settings.booking_file, clock, secrets.lookup_key)
        self.process: DoorProcess | None = None
        self.client = DoorClient(run)
        self.probe: TimeProbe | None = None
        self._ids = Uuid7()

    @property
    def door(self) -> DoorProcess:
        assert self.process is not None
        return self.process

    def start(self) -> DoorProcess:
        """Start the process and wait until it has its doors and the bookings."""
        self.process = DoorProcess(self.settings, self.clock, self.probe)
        self.process.start()
        return self.process

    def start_with_plan(self, plan: dict[str, object] | None = None) -> DoorProcess:
        """Start with a site plan in force."""
        self.bookings.plan(1, plan or document())
        process = self.start()
        eventually(lambda: bool(process.monitor.posts()), "the site plan")
        eventually(lambda: all(post.driver.health().online for post in process.monitor.posts()), "the doors")
        return process

    def hear(self) -> None:
        """Have the door follow the bookings to their end; a busy machine may need longer than one decision waits."""
        assert self.door.follower.catch_up(5.0) is Following.CURRENT

    def stop(self) -> None:
        if self.process is not None:
            self.process.stop()
            self.process = None

    def pin(self, value: str, door: str = "entrance", reader: str = "r1", presentation_id: str = "") -> Outcome:
        """Present a PIN."""
        return self.door.presenting.present(Asked(door, "pin", value, reader, presentation_id or self._ids.new()))

    def qr(self, value: str, door: str = "entrance") -> Outcome:
        """Present a pass."""
        return self.door.presenting.present(Asked(door, "qr", value, "r1", self._ids.new()))

    def signed(self, key_id: str, **changes: Any) -> str:
        """The text of a pass for a key."""
        claims = PassClaims(key_id, facility_tag(FACILITY), 1, self.clock.now() - 60, 600, 3)
        return sign(replace(claims, **changes), self.signing_key)

    def rows(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        """The rows of one statement on `access.db`, read by a connection of its own."""
        with closing(sqlite3.connect(self.settings.access_file)) as connection:
            return connection.execute(sql, values).fetchall()

    def entries(self, entity: str = "presentation") -> list[Entry]:
        """The door's journal, without other things."""
        path = self.settings.access_file
        connection = connect(DoorFile(f"file:{path}", Origin.INTACT))
        try:
            return [entry for entry in journal_entries(connection) if entry.entity == entity]
        finally:
            connection.close()


@contextmanager
def rigged(clock: Clock | None = None, folder: Path | None = None) -> Iterator[Rig]:
    """A rig in a folder of its own, gone afterwards; its sockets lie in a short one."""
    data = folder or Path(tempfile.mkdtemp(prefix="pv-data-"))
    run = Path(tempfile.mkdtemp(prefix="pv-"))
    rig = Rig(data, clock or FakeClock(), run)
    try:
        yield rig
    finally:
        rig.stop()
        rig.client.close()
        rig.bookings.close()
        shutil.rmtree(run, ignore_errors=True)
        if folder is None:
            shutil.rmtree(data, ignore_errors=True)
