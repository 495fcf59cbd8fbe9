"""`portvakt emulate rco`: an R-CARD M5 system behind our gateway, as a process of its own. An emulator, not RCO's.

By `--pty` over a serial line, by `--broker` over MQTT. It keeps its cards in a file, so that a power cut takes none but
the one that is just being written. Each request is a line of its journal: {"at_us", "op"}; no card is in it.

The control socket takes {"act": ACT}: look; swipe (device, card, pin); link and unlink (sub); night; holiday and
workday; functions (device, names); skew (seconds); clear; for a hand at a door (device) open, close, force; and
{"act": "fault", ...} with the names of a fault script: channels request, reply and notice, kinds drop, duplicate,
delay, reorder, bit_flip, half_frame, never_applied and power_cut.
"""

import argparse
import json
import os
import secrets
import signal
import sys
import threading
import time
import tty
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final, TextIO

from appliance.foundation.clock import PretendClock
from drivers.emulators.faults import FaultScript, fault_of, read_script
from drivers.emulators.gateway_firmware import LOOK_S, GatewayFirmware, SerialEnd
from drivers.emulators.line_server import LineServer, Peer
from drivers.emulators.rco_system import RcoSystem, Sub

CHANNELS: Final = ("request", "reply", "notice")
KINDS: Final = (
    "drop", "duplicate", "delay", "reorder", "bit_flip", "half_frame", "never_applied", "power_cut",
)  # fmt: skip
LEAST_REQUEST: Final = 120  # bytes: faults are for requests that say something, and not for the poll


class EmulatedRco:
    """System, gateway and hand; everything runs in the line server's thread but the reading of the wire."""

    def __init__(
        self,
        system: RcoSystem,
        kept: Path | None,
        faults: FaultScript,
        journal: TextIO,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.server = LineServer()
        self.system = system
        self.skew_s = 0
        self._now = now
        self._unit_ahead_s = 0.0
        self._kept = kept
        self._faults = faults
        self._journal = journal
        self.firmware = GatewayFirmware(system, self.clock, time.monotonic, self.keep)
        if kept is not None and kept.exists():
            system.take(json.loads(kept.read_text(encoding="utf-8")))

    def clock(self) -> int:
        """The time as this gateway believes it to be."""
        return int(self._now() + self._unit_ahead_s) + self.skew_s

    def set_clock(self, now: int) -> None:
        """Judge by the unit's time from now on, as a gateway on a serial line does."""
        self._unit_ahead_s = now - self._now()

    def keep(self) -> None:
        """Write what must survive; a power cut in mid-write leaves half of the new file and the whole of the old."""
        if self._kept is None:
            return
        text, fresh = json.dumps(self.system.to_json()), self._kept.with_suffix(".new")
        if self._power_fails:
            fresh.write_text(text[: len(text) // 2], encoding="utf-8")
            os._exit(9)
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(self._kept)

    _power_fails = False

    def spoiled(self, channel: str, payload: bytes) -> list[tuple[float, bytes]]:
        """What a message becomes on its way."""
        if len(payload) < LEAST_REQUEST:
            return [(0.0, payload)]
        if channel == "request":
            kind = self._faults.next_kind(channel)
            # They wait for the next request that changes something.
            self._power_fails = self._power_fails or kind == "power_cut"
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
        system = self.system
        if act == "look":
            return self._look()
        if act == "swipe":
            pin = asked.get("pin") is True
            return {
                "verdict": system.swipe(asked["device"], asked["card"], self.clock(), time.monotonic(), with_pin=pin)
            }
        acts: dict[str, Callable[[], object]] = {
            "link": lambda: system.link(asked["sub"], True),
            "unlink": lambda: system.link(asked["sub"], False),
            "night": system.night,
            "holiday": lambda: setattr(system, "holiday", True),
            "workday": lambda: setattr(system, "holiday", False),
            "functions": lambda: setattr(system.bodies[asked["device"]], "functions", tuple(asked["names"])),
            "skew": lambda: setattr(self, "skew_s", int(asked["seconds"])),
            "clear": self._clear,
            "fault": lambda: self._faults.add(fault_of(asked, CHANNELS, KINDS)),
            "open": lambda: self._leaf(asked["device"], True, forced=False),
            "force": lambda: self._leaf(asked["device"], True, forced=True),
            "close": lambda: self._leaf(asked["device"], False, forced=False),
        }
        acts[act]()
        self.keep()
        return None

    def _leaf(self, device: str, is_open: bool, *, forced: bool) -> None:
        body = self.system.bodies[device]
        if is_open and not (forced or body.leaf_open or body.is_free(time.monotonic())):
            raise ValueError("locked")
        if body.leaf_open is not is_open:
            body.leaf_open = is_open
            bolt = "released" if body.is_free(time.monotonic()) else "locked"
            leaf = "open" if is_open else "closed"
            self.firmware.notice({"notice": "door", "device": device, "bolt": bolt, "leaf": leaf})

    def _look(self) -> dict[str, object]:
        held = {grant: [card.revision, card.end] for grant, card in self.system.on_device().items()}
        mono = time.monotonic()
        doors = {device: {"bolt_free": body.is_free(mono), "leaf_open": body.leaf_open,
                          "function": self.system.function(device)}
                 for device, body in self.system.bodies.items()}  # fmt: skip
        return {"held": held, "doors": doors}

    def _clear(self) -> None:
        system = self.system
        system.cards, system.gone, system.events, system.due = {}, {}, [], []
        system.swallows, system.holiday, self.skew_s = 0, False, 0
        for sub in system.subs.values():
            sub.cards, sub.linked = {}, True
        self._faults.faults.clear()


class SerialLine:
    """A pty in place of a serial port: its near end is found at a path."""

    def __init__(self, rco: EmulatedRco, path: Path, key: bytes) -> None:
        self._rco = rco
        self._end = SerialEnd(rco.firmware, key, lambda: secrets.token_bytes(16), rco.set_clock)
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        fresh = path.with_suffix(".link")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(os.ttyname(self._slave))
        fresh.replace(path)

    def start(self) -> None:
        threading.Thread(target=self._read, daemon=True).start()
        self._look_around()

    def _read(self) -> None:
        while data := os.read(self._master, 4096):
            self._rco.server.later(0, partial(self._arrived, data))

    def _arrived(self, data: bytes) -> None:
        for delay, piece in self._rco.spoiled("request", data):
            self._rco.server.later(delay, partial(self._heard, piece))

    def _heard(self, data: bytes) -> None:
        for op, frame in self._end.heard(data):
            if op != "poll":
                self._rco.note(op)
            for delay, leaving in self._rco.spoiled("reply", frame):
                self._rco.server.later(delay, partial(self._write, leaving))

    def _write(self, frame: bytes) -> None:
        os.write(self._master, frame)

    def _look_around(self) -> None:
        self._rco.firmware.look_around()
        self._rco.server.later(LOOK_S, self._look_around)


def parser() -> argparse.ArgumentParser:
    """The options of `portvakt emulate rco`."""
    options = argparse.ArgumentParser("portvakt emulate rco", description="R-CARD M5 behind our gateway as a process.")
    options.add_argument("--pty", type=Path, help="where the serial port is to be found")
    options.add_argument("--link-key", type=Path, help="file of the line's key, 64 hexadecimal digits")
    options.add_argument("--broker", type=_address, help="HOST:PORT")
    options.add_argument("--facility", default="", help="the facility's slug, over MQTT")
    options.add_argument("--controller", default="", help="the controller's slug, over MQTT")
    options.add_argument("--public-key", type=Path, help="PEM file of the unit's public key, over MQTT")
    options.add_argument("--sub", type=_sub, action="append", required=True, help="NAME=DOOR,DOOR: a sub-controller")
    options.add_argument("--passage-delay-s", type=int, default=0, help="how late the server learns of a passage")
    options.add_argument("--kept", type=Path, help="file in which cards survive")
    options.add_argument("--journal", type=Path, required=True, help="file to append each request to, as JSON lines")
    options.add_argument("--control", type=Path, help="socket for a hand")
    options.add_argument("--faults", type=_script, default=FaultScript(), help="TOML file of faults")
    options.add_argument("--clock-shift", type=Path, help="file that moves the clock, for a world with a pretend one")
    return options


def main(argv: Sequence[str]) -> int:
    """Run until SIGTERM or SIGINT; prints one line of JSON when ready."""
    options = parser()
    given = options.parse_args(argv)
    if (given.pty is None) is (given.broker is None):
        options.error("give either --pty with --link-key, or --broker with --public-key")
    system = RcoSystem({name: Sub(doors) for name, doors in given.sub}, given.passage_delay_s)
    now = PretendClock(given.clock_shift).now if given.clock_shift else time.time
    with given.journal.open("a", encoding="utf-8") as journal:
        rco = EmulatedRco(system, given.kept, given.faults, journal, now)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: rco.server.stop())
        ended: Callable[[], None] | None = None
        if given.pty is not None:
            SerialLine(rco, given.pty, bytes.fromhex(given.link_key.read_text().strip())).start()
        else:
            from drivers.emulators.rco_bus import Bus

            bus = Bus(rco, given.broker, given.facility, given.controller, given.public_key)
            bus.start()
            ended = bus.stop
        if given.control is not None:
            rco.server.listen(given.control, rco)
        print(json.dumps({"ready": True, "emulator": "rco"}), flush=True)
        rco.server.run()
        if ended is not None:
            ended()
    return 0


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host, int(port)


def _sub(text: str) -> tuple[str, tuple[str, ...]]:
    name, _, doors = text.partition("=")
    return name, tuple(doors.split(","))


def _script(text: str) -> FaultScript:
    return read_script(Path(text), CHANNELS, KINDS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
