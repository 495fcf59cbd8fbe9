"""A unit's folder with a real door process of its own beside the test."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from appliance.config import UnitSettings
from appliance.config_file import load
from appliance.door_socket.client import DoorClient
from appliance.foundation.clock import SystemClock
from appliance.keys.secrets_store import open_web_secrets
from tests.access.bookings import FACILITY, Bookings, document
from tests.access.rig import eventually

ROOT = Path(__file__).parents[2]


class DoorUnit:
    """The folder, the bookings in it, and the process."""

    def __init__(self, data: Path, run: Path) -> None:
        self.clock = SystemClock()
        self.config = run / "portvakt.toml"
        self.config.write_text(
            f'[unit]\ndata = "{data}"\nrun = "{run}"\nfacility = "{FACILITY}"\nslug = "sodra"\n', encoding="utf-8"
        )
        self.settings: UnitSettings = load(self.config)
        self.bookings = Bookings(
            self.settings.booking_file, self.clock, open_web_secrets(self.settings.secrets).lookup_key
        )
        self.client = DoorClient(run)
        self.process: subprocess.Popen[str] | None = None
        self.program = "tests.whole_unit.door_program"

    def start(self) -> float:
        """Start the process; seconds until its ready line."""
        begun = self.clock.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", self.program, str(self.config)],
            cwd=ROOT,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        ready = json.loads(self.process.stdout.readline() or "{}")
        assert ready.get("ready") is True
        return self.clock.monotonic() - begun

    def start_with_doors(self) -> float:
        """Start, with a site plan in force."""
        self.bookings.plan(1, document())
        seconds = self.start()
        eventually(lambda: bool(doors := self.client.doors()) and all(door.online for door in doors), "the site plan")
        return seconds

    def kill(self) -> None:
        """kill -9, as a power cut would."""
        assert self.process is not None
        self.process.kill()
        self._reap()

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self._reap()

    def rss_mib(self) -> float:
        """Resident memory of the process."""
        assert self.process is not None
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))) / 1024

    def delete_bookings(self) -> None:
        """booking.db and its side files are gone."""
        self.bookings.close()
        for side in ("", "-wal", "-shm"):
            (self.settings.data / f"booking.db{side}").unlink(missing_ok=True)

    def close(self) -> None:
        if self.process is not None:
            self.process.kill()
            self._reap()
        self.client.close()
        self.bookings.close()

    def _reap(self) -> int:
        assert self.process is not None
        code = self.process.wait(10)
        if self.process.stdout is not None:
            self.process.stdout.close()
        self.process = None
        return code


@contextmanager
def door_unit(data: Path | None = None) -> Iterator[DoorUnit]:
    """A unit in folders of its own, gone afterwards."""
    run = Path(tempfile.mkdtemp(prefix="pv-"))
    folder = data or Path(tempfile.mkdtemp(prefix="pv-data-"))
    unit = DoorUnit(folder, run)
    try:
        yield unit
    finally:
        unit.close()
        shutil.rmtree(run, ignore_errors=True)
        if data is None:
            shutil.rmtree(folder, ignore_errors=True)
