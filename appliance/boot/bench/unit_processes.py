"""Starting the real door and web processes of a pretend facility, and what they take: time and memory."""

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from appliance.boot.bench.ground import require_durable
from appliance.boot.bench.worlds import Guest, World
from appliance.door_socket.client import DoorClient
from appliance.foundation.errors import Bug, NeedsAttention
from appliance.foundation.ids import Uuid7

_STOP_S: Final = 10.0
_MIB: Final = 1024 * 1024
_ONLINE_ASKS: Final = 200
_ONLINE_PAUSE_S: Final = 0.1


@dataclass(frozen=True, slots=True)
class Started:
    """A running process: the line by which it said that it was ready, and the seconds from its start to that."""

    process: subprocess.Popen[str]
    line: str
    ready_s: float
    began: float

    @property
    def rss_mib(self) -> float:
        """Resident memory now, in MiB (proc(5), VmRSS)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        kib = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
        return int(kib) * 1024 / _MIB


def start(command: Sequence[str], log: Path) -> Started:
    """Start `python -m COMMAND` and wait for its first line. NeedsAttention when it ends before."""
    began = time.perf_counter()
    with log.open("ab") as errors:
        process = subprocess.Popen([sys.executable, "-m", *command], stdout=subprocess.PIPE, stderr=errors, text=True)
    if process.stdout is None:
        raise Bug("a process has no output")
    line = process.stdout.readline()
    if not line:
        process.wait(_STOP_S)
        raise NeedsAttention(f"{' '.join(command)} ended: {log.read_text(encoding='utf-8')[-2000:]}")
    return Started(process, line.strip(), time.perf_counter() - began, began)


def stop(started: Started) -> None:
    """End a process in an orderly way."""
    started.process.send_signal(signal.SIGTERM)
    try:
        started.process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        started.process.kill()
        started.process.wait()
    if started.process.stdout is not None:
        started.process.stdout.close()


@contextmanager
def unit(world: World, added_ms: float = 0.0) -> Iterator[tuple[Started, Started]]:
    """Door and web of a world, running. When it is left, what was read back of their connections is checked."""
    data, report = world.settings.data, world.settings.data / f"connections-{added_ms:g}.jsonl"
    with ExitStack() as closing:
        door_command = ["appliance", "door", "--config", str(world.config)]
        if added_ms > 0:
            door_command = ["appliance.boot.bench.observed", str(report), f"{added_ms:g}", "door", str(world.config)]
        door = start(door_command, data / "door.log")
        closing.callback(stop, door)
        web = start(
            ["appliance.boot.bench.observed", str(report), f"{added_ms:g}", "web", str(world.config)], data / "web.log"
        )
        closing.callback(stop, web)
        wait_online(world)
        yield door, web
    lines = report.read_text(encoding="utf-8").splitlines()
    if not lines:
        raise NeedsAttention("the web process told nothing of its connections")
    for line in lines:
        require_durable("booking.db", *json.loads(line))


def wait_online(world: World) -> None:
    """Wait until every door is in service and knows its keys. NeedsAttention when that takes too long."""
    client, pause = DoorClient(world.settings.run), threading.Event()
    try:
        for _ in range(_ONLINE_ASKS):
            doors = client.doors()
            if doors and all(door.online for door in doors):
                return
            pause.wait(_ONLINE_PAUSE_S)
    finally:
        client.close()
    raise NeedsAttention("the doors did not come into service")


@contextmanager
def opening_door(world: World, guest: Guest) -> Iterator[tuple[float, Started]]:
    """A fresh door process, and the seconds from its start to its first granted pass."""
    door = start(["appliance", "door", "--config", str(world.config)], world.settings.data / "door.log")
    client = DoorClient(world.settings.run)
    with ExitStack() as closing:
        closing.callback(stop, door)
        closing.callback(client.close)
        verdict = client.present(guest.door, "qr", guest.qr, "bench", Uuid7().new())
        if not verdict.granted:
            raise NeedsAttention(f"the first pass after a start was refused: {verdict.reason}")
        yield time.perf_counter() - door.began, door
