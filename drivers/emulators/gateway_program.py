"""A gateway of ours before a vendor's system, as a process: its ways, its faults, its hand. An emulator.

By `--pty` over a serial line, by `--broker` over MQTT. It keeps its keys in a file, so that a power cut takes none but
the one that is just being written. Each request is a line of its journal: {"at_us", "op"}; no person is in it.

The control socket takes {"act": ACT}: look; skew (seconds); clear; on a serial line unplug and plug; what
the system itself offers; and {"act": "fault", ...} with
the names of a fault script: channels request, reply and notice, kinds drop, duplicate, delay, reorder,
bit_flip, half_frame, never_applied and power_cut.
"""

import argparse
import json
import os
import secrets
import signal
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol, TextIO

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from appliance.foundation.clock import PretendClock
from drivers.emulators.faults import FaultScript, fault_of, script_at
from drivers.emulators.gateway_firmware import LOOK_S, GatewayFirmware, SerialEnd
from drivers.emulators.key_book import KeyBook
from drivers.emulators.line_server import LineServer, Peer
from drivers.emulators.pty_end import PtyEnd

CHANNELS: Final = ("request", "reply", "notice")
KINDS: Final = (
    "drop", "duplicate", "delay", "reorder", "bit_flip", "half_frame", "never_applied", "power_cut",
)  # fmt: skip
LEAST_REQUEST: Final = 120  # bytes: faults are for requests that say something, and not for the poll


class KeptFile:
    """Where a system's memory survives a power cut; `power_fails` cuts the power in the middle of the next write."""

    def __init__(self, path: Path | None, system: KeyBook) -> None:
        self.power_fails = False
        self._path = path
        self._system = system
        if path is not None and path.exists():
            system.take(json.loads(path.read_text(encoding="utf-8")))

    def write(self) -> None:
        """A power cut in mid-write leaves half of the new file and the whole of the old."""
        if self._path is None:
            return
        text, fresh = json.dumps(self._system.to_json()), self._path.with_suffix(".new")
        if self.power_fails:
            fresh.write_text(text[: len(text) // 2], encoding="utf-8")
            os._exit(9)
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(self._path)


class EmulatedGateway:
    """System, gateway and hand; everything runs in the line server's thread but the reading of the wire."""

    def __init__(
        self,
        system: KeyBook,
        server: LineServer,
        kept: Path | None,
        faults: FaultScript,
        journal: TextIO,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.server = server
        self.system = system
        self.acts: Mapping[str, Callable[[], None]] = {}
        self.skew_s = 0
        self._now = now
        self._unit_ahead_s = 0.0
        self._kept = KeptFile(kept, system)
        self._faults = faults
        self._journal = journal
        self.firmware = GatewayFirmware(system, self.clock, time.monotonic, self._kept.write)

    def clock(self) -> int:
        """The time as this gateway believes it to be."""
        return int(self._now() + self._unit_ahead_s) + self.skew_s

    def set_clock(self, now: int) -> None:
        """Judge by the unit's time from now on, as a gateway on a serial line does."""
        self._unit_ahead_s = now - self._now()

    def spoiled(self, channel: str, payload: bytes) -> list[tuple[float, bytes]]:
        """What a message becomes on its way."""
        if len(payload) < LEAST_REQUEST:
            return [(0.0, payload)]
        if channel == "request":
            kind = self._faults.next_kind(channel)
            # They wait for the next request that changes something.
            self._kept.power_fails = self._kept.power_fails or kind == "power_cut"
            self.system.swallows += kind == "never_applied"
        return self._faults.passed(channel, payload)

    def heard(self, peer: Peer, message: dict[str, object]) -> None:
        """The hand does something."""
        act = str(message.pop("act", ""))
        try:
            peer.send({"ok": True, **(self._hand(act, message) or {})})
        except (KeyError, ValueError, StopIteration) as wrong:
            peer.send({"ok": False, "error": str(wrong) or act})

    def gone(self, peer: Peer) -> None:
        return None

    def note(self, op: str) -> None:
        """Write a line of the journal."""
        self._journal.write(json.dumps({"at_us": time.time_ns() // 1000, "op": op}) + "\n")
        self._journal.flush()

    def _hand(self, act: str, asked: dict[str, Any]) -> dict[str, object] | None:
        if act == "look":
            return look_at(self.system)
        if act == "fault":
            self._faults.add(fault_of(asked, CHANNELS, KINDS))
        elif act == "skew":
            self.skew_s = int(asked["seconds"])
        elif act == "clear":
            self.skew_s = 0
            self.system.clear()
            self._faults.faults.clear()
        elif act in self.acts:
            self.acts[act]()
        else:
            return acted(self.system, act, asked, self.clock(), self._kept)
        self._kept.write()
        return None


def look_at(system: KeyBook) -> dict[str, object]:
    """What the hand sees: keys in force as grant to revision and end, and the doors."""
    held = {grant: [key.revision, key.end] for grant, key in system.on_device().items()}
    doors = {str(door["device"]): door for door in system.doors(time.monotonic())}
    return {"held": held, "doors": doors}


def acted(system: KeyBook, act: str, asked: dict[str, Any], now: int, kept: KeptFile) -> dict[str, object] | None:
    """What a hand does at the system itself. KeyError: there is no such act, or no such door."""
    found = system.acts()[act]({**asked, "now": now, "mono": time.monotonic()})
    kept.write()
    return found


class SerialLine:
    """A pty in place of a serial port: its near end is found at a path, until a hand pulls the cable."""

    def __init__(self, gateway: EmulatedGateway, path: Path, key: bytes) -> None:
        self._gateway = gateway
        self._end = SerialEnd(gateway.firmware, key, lambda: secrets.token_bytes(16), gateway.set_clock)
        self._cable = PtyEnd(path, gateway.server, self._arrived)
        gateway.acts = {"plug": self._cable.plug, "unplug": self._cable.unplug}

    def start(self) -> None:
        self._cable.plug()
        self._look_around()

    def stop(self) -> None:
        self._cable.unplug()

    def _arrived(self, data: bytes) -> None:
        for delay, piece in self._gateway.spoiled("request", data):
            self._gateway.server.later(delay, partial(self._heard, piece))

    def _heard(self, data: bytes) -> None:
        for op, frame in self._end.heard(data):
            if op != "poll":
                self._gateway.note(op)
            for delay, leaving in self._gateway.spoiled("reply", frame):
                self._gateway.server.later(delay, partial(self._cable.send, leaving))

    def _look_around(self) -> None:
        self._gateway.firmware.look_around()
        self._gateway.server.later(LOOK_S, self._look_around)


class Way(Protocol):
    """How requests come in."""

    def start(self) -> None: ...

    def stop(self) -> None: ...


def add_options(options: argparse.ArgumentParser) -> None:
    """The options of every gateway."""
    options.add_argument("--broker", type=_address, help="HOST:PORT: over MQTT, as a gateway of ours")
    options.add_argument("--facility", default="", help="the facility's slug, over MQTT")
    options.add_argument("--controller", default="", help="the controller's slug, over MQTT")
    options.add_argument("--public-key", type=_public_key, help="PEM file of the unit's public key, over MQTT")
    options.add_argument("--kept", type=Path, help="file in which keys survive")


def read_faults(path: Path | None) -> FaultScript:
    """The script of a gateway's faults; an empty one where there is none."""
    return script_at(path, CHANNELS, KINDS)


def run(given: argparse.Namespace, system: KeyBook, server: LineServer, pty: Path | None = None) -> int:
    """Serve by the way that was given until SIGTERM or SIGINT; prints one line of JSON when ready."""
    with given.journal.open("a", encoding="utf-8") as journal:
        now = PretendClock(given.clock_shift).now if given.clock_shift else time.time
        gateway = EmulatedGateway(system, server, given.kept, read_faults(given.faults), journal, now)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: server.stop())
        way: Way
        if pty is not None:
            way = SerialLine(gateway, pty, bytes.fromhex(given.link_key.read_text().strip()))
        else:
            # A tenth of a second and eight megabytes that a serial line can do without.
            from drivers.emulators.gateway_bus import Bus

            way = Bus(gateway, given.broker, given.facility, given.controller, given.public_key)
        way.start()
        if given.control is not None:
            server.listen(given.control, gateway)
        print(json.dumps({"ready": True, "emulator": system.kind}), flush=True)
        server.run()
        way.stop()
    return 0


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host, int(port)


def _public_key(text: str) -> Ed25519PublicKey:
    key = load_pem_public_key(Path(text).read_bytes())
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("not an Ed25519 key")
    return key
