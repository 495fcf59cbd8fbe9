"""The demo as its visitors meet it: a process with children of its own, an API, a clock and a command line.

Everything is asked from outside. What the program says of itself is held against its files and the witnesses.
"""

import http.client
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from appliance.config import UnitSettings
from appliance.config_file import load
from appliance.door_socket.client import DoorClient, DoorHealth, DoorRefused, DoorUnreachable
from appliance.foundation.clock import PretendClock
from drivers.local_broker import free_port
from tests.waiting import until
from tests.whole_unit.demo_api import Answer, Api, Booked, Json, booked, wish
from tests.witness import CommandWitness

ROOT: Final = Path(__file__).parents[2]
PORTVAKT: Final = (sys.executable, "-m", "appliance")
COURTS: Final = ("court-1", "court-2", "court-3", "court-4")
ROOMS: Final = ("gym", "sauna", "club-room")
DOORS: Final = ("entrance", *COURTS, "store-room", *ROOMS)
ENTRANCE_PIN: Final = 17
READY_S: Final = 15.0


class Demo:
    """One demo. Made by `running_demo`."""

    def __init__(self, process: subprocess.Popen[str], line: Json, ready_s: float) -> None:
        self.process = process
        self.line = line
        self.ready_s = ready_s
        self.data = Path(line["data"])
        self.api = Api(line["web"])
        self.clock = PretendClock(self.data / "pretend-clock")
        self.door_ids = {door["slug"]: door["id"] for door in self.api.ask("GET", "/doors").body["doors"]}
        self.resources = self.api.courts()

    @property
    def settings(self) -> UnitSettings:
        return load(self.data / "portvakt.toml")

    @property
    def run(self) -> Path:
        """The folder of the sockets."""
        return self.settings.run

    @property
    def lock_key(self) -> Ed25519PublicKey:
        key = load_pem_public_key((self.data / "lock-public.pem").read_bytes())
        assert isinstance(key, Ed25519PublicKey)
        return key

    def book(self, court: str | None = None, after_s: int = 0) -> Booked:
        """The first free time from `after_s` on, on one court or on any."""
        now = self.clock.now()
        wanted = {id_ for id_, slug in self.resources.items() if court in (None, slug)}
        for slot in self.api.slots(now + after_s, now + after_s + 24 * 3600):
            free = [id_ for id_ in slot["resources"] if id_ in wanted]
            if not free:
                continue
            answer = self.api.ask("POST", "/bookings", wish(slot["start"], free[0]))
            if answer.status == 201:
                # A machine under load may need longer than the 20 ms that a door waits for news before it decides.
                assert until(self.door_has_heard, 10)
                return booked(answer.body, self.resources)
            assert answer.body["code"] in {"slot_taken", "in_the_past"}, answer
        raise AssertionError(f"nothing is free on {court}")

    def door_has_heard(self) -> bool:
        """Whether the door process has followed the bookings to their end."""
        heard = rows(self.data / "access.db", "SELECT seq FROM cursor")
        return heard == rows(self.data / "booking.db", "SELECT max(seq) FROM journal")

    def book_open(self, court: str) -> Booked:
        """A booking whose keys open now; where the court is taken, time is moved on to the next free time."""
        booking = self.book(court)
        if booking.valid_from > self.clock.now():
            self.clock.set(booking.valid_from)
        return booking

    def present(self, door: str, kind: str, value: str, language: str = "en") -> Json:
        """The answer of the API at a door, with the reader token of the demo, and `id`, the presentation's."""
        name = str(uuid.uuid4())
        headers = {"Authorization": f"Bearer {self.line['reader_token']}", "Accept-Language": language}
        ask = {"kind": kind, "value": value, "presentation_id": name}
        answer = self.api.ask("POST", f"/doors/{door}/presentations", ask, headers)
        assert answer.status == 200, answer
        return {"id": name, **answer.body}

    def reason(self, door: str, kind: str, value: str) -> str:
        return str(self.present(door, kind, value)["reason"])

    def cancel(self, booking: Booked) -> Answer:
        return self.api.ask("POST", f"/bookings/{booking.id}/cancel", {"cancel_code": booking.cancel_code})

    def check_out(self, booking: Booked) -> Answer:
        return self.api.ask("POST", f"/bookings/{booking.id}/check-out", {"cancel_code": booking.cancel_code})

    def command(self, verb: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return command(verb, *arguments, "--data", str(self.data))

    def cli_present(self, door: str, kind: str, value: str) -> Json:
        """What `portvakt present` prints, and `exit`, its exit status."""
        return cli_present(door, kind, value, "--data", str(self.data))

    def state(self, door: str) -> str:
        return str(self.api.ask("GET", f"/doors/{door}").body["state"])

    def locked(self, door: str, seconds: float = 12.0) -> bool:
        return until(lambda: self.state(door) == "locked", seconds)

    def door_journal(self, after: int = 0) -> list[Json]:
        """Entries of the door process's own journal, their bodies opened."""
        found = rows(self.data / "access.db", _DOOR_ENTRIES, (after,))
        names = ("seq", "entity", "entity_id", "verb", "after")
        return [dict(zip(names, (*row[:4], json.loads(row[4] or "{}")), strict=True)) for row in found]

    def entry(self, presentation_id: str) -> Json:
        """What the door wrote down about one presentation."""
        found = [entry for entry in self.door_journal() if entry["entity_id"] == presentation_id]
        assert len(found) == 1, found
        return found[0]

    def pid(self, name: str) -> int:
        """Of `door` or `web`, as the pid file says; 0 while there is none."""
        with suppress(FileNotFoundError, ValueError):
            return int((self.data / "run" / f"{name}.pid").read_text())
        return 0

    def log(self, name: str) -> str:
        return (self.data / "logs" / f"{name}.log").read_text()

    def kill(self, name: str) -> int:
        """kill -9 of `door` or `web`; its pid."""
        pid = self.pid(name)
        assert is_of(pid, self.data), f"{name} does not run"
        os.kill(pid, signal.SIGKILL)
        return pid

    def back(self, name: str, pid: int, seconds: float = 30.0) -> bool:
        """Whether `name` was started again after it had been `pid`, and answers."""
        return until(lambda: self.pid(name) not in (0, pid) and self.answers(name), seconds)

    def answers(self, name: str) -> bool:
        try:
            status = self.api.health()["status"]
        except (OSError, http.client.HTTPException, ValueError):
            return False
        return name == "web" or status == "ok"

    @contextmanager
    def unsupervised(self) -> Iterator[None]:
        """Nothing that ends is started again while the block runs."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    @contextmanager
    def witness(self) -> Iterator[CommandWitness]:
        """Whoever listens to the bus as a stranger, by the pretend clock of this world."""
        host, _, port = self.line["mqtt"].rpartition(":")
        with CommandWitness(host, int(port), self.lock_key, f"witness-{uuid.uuid4().hex}", self.clock.now) as witness:
            yield witness

    def end(self, number: int = signal.SIGTERM) -> int:
        """Ask it to end; its exit status."""
        self.process.send_signal(number)
        return self.process.wait(30)


@contextmanager
def running_demo(data: Path | None = None, *options: str) -> Iterator[Demo]:
    """A demo on free ports, ended when the block ends, with everything that it had started."""
    with tempfile.TemporaryDirectory(prefix="pv-demo-") as folder:
        data = data or Path(folder) / "data"
        began = time.monotonic()
        process = start_demo(data, free_port(), *options)
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            took = time.monotonic() - began
            assert line, f"the demo ended: {process.stderr.read() if process.stderr else ''}"
            yield Demo(process, json.loads(line), took)
        except BaseException as fault:
            for log in sorted((data / "logs").glob("*.log")):
                fault.add_note(f"--- {log.name}\n{log.read_text()[-4000:]}")
            raise
        finally:
            end_all(process, data)


def start_demo(data: Path, port: int, *options: str) -> subprocess.Popen[str]:
    arguments = [*PORTVAKT, "demo", "--no-browser", "--port", str(port), "--data", str(data), *options]
    return subprocess.Popen(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=environment()
    )


def end_all(process: subprocess.Popen[str], data: Path) -> None:
    """The demo in an orderly way, and then whatever is left of it by force."""
    if process.poll() is None:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()
    for pid in left_of(data):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def left_of(data: Path) -> dict[int, str]:
    """Every living process whose command line names a data folder, or the folder of its sockets."""
    found = {}
    settings = data / "portvakt.toml"
    folders = [data, load(settings).run] if settings.exists() else [data]
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and any(is_of(int(folder.name), each) for each in folders):
            with suppress(OSError):
                found[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")
    found.pop(os.getpid(), None)
    return found


def is_of(pid: int, data: Path) -> bool:
    """Whether a process lives and was started over a data folder."""
    with suppress(OSError):
        return str(data) in Path(f"/proc/{pid}/cmdline").read_text()
    return False


def command(verb: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one verb of the command line to its end."""
    whole = [*PORTVAKT, verb, *arguments]
    return subprocess.run(whole, capture_output=True, text=True, timeout=60, check=False, cwd=ROOT, env=environment())


def cli_present(door: str, kind: str, value: str, *place: str) -> Json:
    done = command("present", door, f"--{kind}", value, *place, "--json")
    return {"exit": done.returncode, "stderr": done.stderr, **(json.loads(done.stdout) if done.stdout else {})}


def door_health(run: Path) -> DoorHealth | None:
    """As the door process says by itself; None while it does not answer, or a door on its own wires is away."""
    with closing(DoorClient(run, timeout_s=1.0)) as client, suppress(DoorUnreachable, DoorRefused):
        if all(door.online for door in client.doors() if door.driver in ("gpio", "simulated")):
            return client.health()
    return None


def doors_ready(run: Path) -> bool:
    """Whether the door process answers and serves its doors."""
    health = door_health(run)
    return health is not None and health.plan_number is not None


@contextmanager
def running(verb: str, *arguments: object, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """One verb of the command line as a process, ended when the block ends; what it says goes into `log`."""
    with log.open("ab") as said:
        whole = [*PORTVAKT, verb, *(str(argument) for argument in arguments)]
        process = subprocess.Popen(
            whole, stdin=subprocess.DEVNULL, stdout=said, stderr=said, cwd=ROOT, env=environment()
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        process.wait(15)


def environment() -> dict[str, str]:
    return {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}


def rows(path: Path, sql: str, values: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
    """The rows of one query on a file of the unit, read as a stranger."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)) as connection:
        return connection.execute(sql, values).fetchall()


_DOOR_ENTRIES = "SELECT seq, entity, entity_id, verb, after FROM journal WHERE seq > ? ORDER BY seq"
