"""The door process: everything it is made of, put together, started, and taken down in order.

Standard library, cryptography and the configured drivers; nothing of pages, bookings or SQLAlchemy is loaded.
"""

import fcntl
import gc
import json
import os
import signal
import socket
import sqlite3
import threading
from collections import ChainMap
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from appliance.access import store
from appliance.access.challenges import Challenges
from appliance.access.clock_keeper import ClockKeeper, DeclaredTime, MachineTime
from appliance.access.clock_trust import TimeProbe
from appliance.access.condition import Condition
from appliance.access.configuring import Configurer, Surroundings
from appliance.access.controller_service import ControllerService
from appliance.access.device_secrets import DeviceSecrets
from appliance.access.door_monitor import DoorMonitor
from appliance.access.flood_gate import FloodGate
from appliance.access.following import Follower
from appliance.access.grant_planning import GrantPlanning
from appliance.access.holding import HoldingParts
from appliance.access.housekeeping import Housekeeping
from appliance.access.journal_signing import JournalSigning
from appliance.access.journalling import DoorJournal
from appliance.access.lost_past import LostPast
from appliance.access.mode_setting import ModeSetting
from appliance.access.output_keeping import OutputKeeping, configured_output
from appliance.access.outputs import OutputPlan
from appliance.access.pass_keys import PassKeys
from appliance.access.presences import Presences, known_presences
from appliance.access.presenting import Doorkeeping, Presenting
from appliance.access.reader_posts import ReaderPosts
from appliance.access.reader_service import ReaderService
from appliance.access.record_keeping import RecordKeeping
from appliance.access.repeats import Repeats
from appliance.access.retention import Retention
from appliance.access.retiring import Retiring
from appliance.access.scheduling import Scheduling
from appliance.access.site_plan import SitePlan
from appliance.access.spent import Spent
from appliance.access.surveying import Sources
from appliance.access.throttles import Throttles
from appliance.access.troubles import Colour, Troubles
from appliance.access.walking import Surroundings as WalkSurroundings
from appliance.access.walking import Walking
from appliance.boot.clocks import clock_of
from appliance.boot.pid_file import pid_file
from appliance.boot.record_rule import retention_rule
from appliance.config import ClockSource, UnitSettings
from appliance.door_socket.commission_operations import commission_operations
from appliance.door_socket.controller_operations import controller_operations, people_operations
from appliance.door_socket.operations import ControlOperations, present_operations
from appliance.door_socket.output_operations import output_operations
from appliance.door_socket.presence_operations import presence_operations
from appliance.door_socket.record_operations import record_operations
from appliance.door_socket.server import SocketServer
from appliance.door_socket.wire import CONTROL_SOCKET, PRESENT_SOCKET
from appliance.foundation.clock import Clock
from appliance.foundation.errors import NeedsAttention, PortvaktError
from appliance.foundation.ids import Uuid7
from appliance.keys.secrets_store import (
    DoorSecrets,
    load_journal_keys,
    load_pass_keys,
    open_door_secrets,
    open_journal_key,
)
from appliance.storage.checkpoints import PublicKeys
from appliance.storage.door_file import Origin, connect, open_door_file
from appliance.storage.door_writer import DoorWriter, Reserve
from appliance.storage.follower import JournalReader
from appliance.storage.log_moving import LogMover
from drivers import registry
from drivers.contract import Broker, Pins, Site
from drivers.output_contract import Output

PING_S: Final = 1.0


class DoorProcess:
    """Every part of the door process. Made by one thread, started once, stopped once."""

    def __init__(self, settings: UnitSettings, clock: Clock, probe: TimeProbe | None = None) -> None:
        self.stopping = threading.Event()
        self.troubles = Troubles()
        settings.run.mkdir(parents=True, exist_ok=True)
        secrets = open_door_secrets(settings.secrets)
        ids, site = Uuid7(), _site(settings, secrets)
        self._file, connection = open_door_file(settings.access_file, settings.run, ids, clock.now())
        self.troubles.report("file", self._file.problem)
        reserve = Reserve(settings.door_data / "access.reserve" if self._file.origin is not Origin.MEMORY else None)
        self.writer = DoorWriter(connection, clock, settings.facility_id, reserve, self.troubles.report)
        self._connections = presenting_keys, ours, kept = connect(self._file), connect(self._file), connect(self._file)
        keeper = ClockKeeper(clock, probe or _probe(settings, clock), store.clock_memory(ours))
        throttles = Throttles(store.reader_throttles(ours), store.door_throttles(ours), store.pins_shut_until(ours))
        self.monitor = DoorMonitor(clock, DoorJournal(self.writer).record, self.troubles)
        self.readers = ReaderPosts(lambda asked: self.walking.present(asked), ids, self.troubles)
        self.controllers = self._controller_service(settings, site, keeper, clock)
        self.configurer = self._configurer(settings, site, ours, clock)
        past = LostPast(self._file, throttles, self.writer, clock)
        self.follower = Follower(
            JournalReader(settings.booking_file), connect(self._file), self.writer, clock, settings.facility_id,
            self.troubles, self.configurer.apply_newest, past.keys_read, self.controllers.planning.keys_changed,
        )  # fmt: skip
        floods = FloodGate(self.writer, ids)
        pass_keys = PassKeys(secrets.public_keys, lambda: load_pass_keys(settings.secrets), clock)
        spent, zones, asked = Spent(store.spent(ours)), secrets.zone_secret, Challenges(clock)
        self.presences = Presences(known_presences(ours))
        sources = Sources(presenting_keys, keeper, throttles, asked, spent, self.presences, zones, self._plan)
        parts = (self.monitor, self.follower, self.writer, sources, floods, Repeats(), secrets.lookup_key, pass_keys)
        self.presenting = Presenting(Doorkeeping(*parts))
        modes = ModeSetting(ours, self.writer, self.monitor)
        self.scheduling = Scheduling(self.monitor, modes, self.presenting, keeper, self._plan, ids)
        self.outputs = self._output_keeping(settings, ours, keeper, site, clock)
        self.retention = Retention(retention_rule(settings), kept, self.writer, keeper)
        rounds = self.scheduling.go_round, self.outputs.go_round, self.retention.go_round
        wal, key = self._log_mover(), self._journal_key(settings)
        self.walking = self._walking(clock, ids, key)
        beside = JournalSigning(self.writer, clock, key), reserve, keeper, floods, spent, rounds, self.troubles
        self.housekeeping = Housekeeping(wal, self.writer, *beside)
        condition = self._condition(settings, keeper)
        self._sockets = self._servers(settings, modes, Retiring(self.writer, self.follower, clock), condition)

    def _log_mover(self) -> LogMover:
        return LogMover(connect(self._file, writes=True), self.writer.shorten_log)

    def _condition(self, settings: UnitSettings, keeper: ClockKeeper) -> Condition:
        looked_at = self._file, self.writer, self.follower, self.configurer, keeper, self.troubles
        return Condition(*looked_at, _signed_by(settings))

    def _controller_service(
        self, settings: UnitSettings, site: Site, keeper: ClockKeeper, clock: Clock
    ) -> ControllerService:
        secrets = DeviceSecrets(settings.secrets / "door" / "devices")
        parts = HoldingParts(lambda: connect(self._file), self.writer, keeper, clock, self.troubles)

        def planning(tell: Callable[[str], None]) -> GrantPlanning:
            return GrantPlanning(connect(self._file), self.writer, keeper, tell)

        return ControllerService(secrets, site, clock, parts, planning)

    def _output_keeping(
        self, settings: UnitSettings, ours: sqlite3.Connection, keeper: ClockKeeper, site: Site, clock: Clock
    ) -> OutputKeeping:
        def make(plan: OutputPlan) -> Output:
            return registry.build_output(configured_output(plan), site, clock)

        reader = JournalReader(settings.booking_file)
        return OutputKeeping(reader, ours, self.writer, keeper, self._plan, make, self.troubles)

    def _walking(self, clock: Clock, ids: Uuid7, key: Ed25519PrivateKey | None) -> Walking:
        around = WalkSurroundings(self._file, self._plan, key)
        return Walking(self.monitor, self.presenting, self.writer, clock, ids, around)

    def _plan(self) -> SitePlan | None:
        return self.configurer.plan

    def _configurer(self, settings: UnitSettings, site: Site, ours: sqlite3.Connection, clock: Clock) -> Configurer:
        around = Surroundings(settings.facility_id, site, settings.clock is ClockSource.PRETEND)
        devices = DeviceSecrets(settings.secrets / "door" / "devices")
        readers = ReaderService(self.readers, devices, site, clock)
        return Configurer(ours, self.writer, self.monitor, clock, around, self.troubles, [self.controllers], [readers])

    def _servers(
        self, settings: UnitSettings, modes: ModeSetting, retiring: Retiring, condition: Condition
    ) -> tuple[SocketServer, SocketServer]:
        control = ControlOperations(
            self.presenting, self.monitor, self.readers, self.follower, modes, retiring, condition, self.stopping
        )
        keeping = RecordKeeping(self._file, self.writer, is_held=settings.records.legal_hold)
        beside = (
            output_operations(self.outputs), presence_operations(self.presences, self.writer),
            controller_operations(self.controllers), people_operations(self.controllers), record_operations(keeping),
            commission_operations(self.walking),
        )  # fmt: skip
        asked = ChainMap(*map(dict, (control.all(), *beside)))
        presented = present_operations(self.presenting, self.walking.present)
        return (
            SocketServer(settings.run, PRESENT_SOCKET, presented, self.stopping),
            SocketServer(settings.run, CONTROL_SOCKET, asked, self.stopping),
        )

    def _journal_key(self, settings: UnitSettings) -> Ed25519PrivateKey | None:
        try:
            return open_journal_key(settings.secrets, "door")
        except (PortvaktError, OSError) as fault:
            # Doors open all the same, also from a disk that takes no new file.
            self.troubles.report("signing", f"the door's journal is not signed: {fault}", Colour.AMBER)
            return None

    def start(self) -> None:
        """Doors first, then the bookings, then those who ask."""
        self.monitor.start()
        self.readers.start()
        self.controllers.start()
        self.configurer.start()
        self.follower.start()
        self.housekeeping.start()
        for server in self._sockets:
            server.start()

    def stop(self) -> None:
        """Nobody asks any more, doors go to their safe state, what waits is written."""
        self.stopping.set()
        for server in self._sockets:
            server.stop()
        self.readers.stop()
        self.follower.stop()
        self.monitor.stop()
        self.controllers.stop()
        self.housekeeping.stop()
        self.outputs.stop()
        self.writer.close()
        for connection in self._connections:
            connection.close()


def run(settings: UnitSettings) -> int:
    """Run the door process until SIGTERM or SIGINT; 0 after an orderly end."""
    lock = _alone(settings.run, settings.door_data)
    process = DoorProcess(settings, clock_of(settings))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: process.stopping.set())
    with ExitStack() as closing:
        closing.enter_context(lock)
        closing.callback(process.stop)
        process.start()
        closing.enter_context(pid_file(settings.pid_folder, "door"))
        # What was made so far lives as long as the process; collecting it again and again costs milliseconds.
        gc.collect()
        gc.freeze()
        ready = {"ready": True, "present": str(settings.present_socket), "control": str(settings.control_socket)}
        print(json.dumps(ready), flush=True)
        _notify("READY=1")
        while not process.stopping.wait(PING_S):
            if process.monitor.is_alive():
                _notify("WATCHDOG=1")
        _notify("STOPPING=1")
    return 0


def _signed_by(settings: UnitSettings) -> Callable[[], PublicKeys]:
    return lambda: load_journal_keys(settings.secrets, "door")


def _probe(settings: UnitSettings, clock: Clock) -> TimeProbe:
    return DeclaredTime() if settings.clock is ClockSource.PRETEND else MachineTime(clock)


def _alone(*folders: Path) -> ExitStack:
    """Locks for as long as the process lives, or two would pull at the same doors or write the same access.db.

    The folders themselves are locked: that needs no file, and so works where nothing can be written.
    """
    with ExitStack() as held:
        for folder in folders:
            with suppress(OSError):
                folder.mkdir(parents=True, exist_ok=True)
            lock = os.open(folder, os.O_RDONLY)
            held.callback(os.close, lock)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as taken:
                raise NeedsAttention(f"another door process runs in {folder}: stop it first") from taken
        return held.pop_all()


def _site(settings: UnitSettings, secrets: DoorSecrets) -> Site:
    broker = settings.broker
    password = broker.password_file.read_text().strip() if broker and broker.password_file else ""
    return Site(
        broker=Broker(broker.host, broker.port, broker.user or "", password) if broker else None,
        pins=Pins(settings.gpio_pins),
        pins_socket=settings.wire_socket,
        signing_key=secrets.command_key.private_bytes_raw(),
    )


def _notify(state: str) -> None:
    """Tell systemd (sd_notify(3)); without systemd nobody listens."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notifier:
        notifier.sendto(state.encode(), address)
