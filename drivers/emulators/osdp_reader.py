"""`portvakt emulate osdp-reader`: an OSDP v2 reader at a pty, as a process of its own. An emulator, not a reader.

Its key lies in a file as 32 hexadecimal digits; without one it is as it came from its maker, and writes the file when
it is given a key. What it showed is a line of its journal: {"at_us": microseconds since 1970, "lamp": "green",
"tenths": 30}, {"buzzer": TIMES}, {"key": "set"}; what was typed or held up is in none.

The control socket takes {"act": "type", "keys": "271828#"}, {"act": "card", "card": "26:2468ACE"}, unplug, plug,
power_cut, reset (the key is gone), install (the default key is good once more), {"act": "rekey", "key": HEX},
{"act": "fault", ...} with the names of a fault script (channels: command, reply), and look.
"""

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final, TextIO

from drivers.emulators.faults import FaultScript, fault_of, read_script
from drivers.emulators.line_server import LineServer, Peer
from drivers.emulators.osdp_device import KEYS, OsdpDevice
from drivers.emulators.pty_end import PtyEnd

COLOURS: Final = {0: "dark", 1: "red", 2: "green", 3: "amber", 4: "blue"}
BITS_LIMIT: Final = 256
_SET_AND_START: Final = 2


class EmulatedReader:
    """The reader, its cable and its hand; the service behind its control socket."""

    def __init__(self, device: OsdpDevice, pty: Path, key_file: Path | None, faults: FaultScript) -> None:
        self.server = LineServer()
        self._device = device
        self._key_file = key_file
        self._faults = faults
        self._cable = PtyEnd(pty, self.server, self._heard)
        self._journal: TextIO | None = None
        self._lamp, self._lamp_until, self._sounds_until = "dark", 0.0, 0.0
        device.happened = self._happened

    def run(self, journal: TextIO | None, control: Path | None) -> None:
        """Serve until stopped; prints one line of JSON when ready."""
        self._journal = journal
        self._cable.plug()
        if control is not None:
            self.server.listen(control, self)
        print(json.dumps({"ready": True, "emulator": "osdp-reader"}), flush=True)
        self.server.run()
        self._cable.unplug()

    def heard(self, peer: Peer, message: dict[str, object]) -> None:
        """One wish of the hand."""
        error = self._act(message)
        lamp = self._lamp if time.monotonic() < self._lamp_until else "dark"
        sounds = time.monotonic() < self._sounds_until
        look = {"lamp": lamp, "sounds": sounds, "secure": self._device.secure, "has_key": self._device.key is not None}
        peer.send({"ok": False, "error": error} if error else {"ok": True, **look})

    def gone(self, peer: Peer) -> None:
        return None

    def _act(self, message: dict[str, object]) -> str:
        device = self._device
        match message:
            case {"act": "type", "keys": str(keys)} if set(keys) <= set(KEYS):
                device.typed(keys)
            case {"act": "card", "card": str(card)} if (bits := _card(card)) is not None:
                device.card(*bits)
            case {"act": "rekey", "key": str(key)} if len(key) == 32:
                device.key = bytes.fromhex(key)
                device.power_cut()
            case {"act": "fault"}:
                return self._fault(message)
            case {"act": str(act)} if act in _PLAIN_ACTS:
                _PLAIN_ACTS[act](self)
            case _:
                return "no such act"
        return ""

    def _fault(self, message: dict[str, object]) -> str:
        try:
            self._faults.add(fault_of({name: value for name, value in message.items() if name != "act"}))
        except ValueError as wrong:
            return str(wrong)
        return ""

    def unplug(self) -> None:
        self._cable.unplug()
        self._device.power_cut()

    def plug(self) -> None:
        self._cable.plug()

    def power_cut(self) -> None:
        self._device.power_cut()

    def reset(self) -> None:
        self._device.key = None
        self._device.power_cut()

    def install(self) -> None:
        self._device.install = True

    def look(self) -> None:
        return None

    def _heard(self, data: bytes) -> None:
        for delay, arriving in self._faults.passed("command", data):
            self.server.later(delay, partial(self._answer, arriving)) if delay else self._answer(arriving)

    def _answer(self, data: bytes) -> None:
        for reply in self._device.heard(data):
            for delay, leaving in self._faults.passed("reply", reply):
                self.server.later(delay, partial(self._cable.send, leaving)) if delay else self._cable.send(leaving)

    def _happened(self, what: str, data: bytes) -> None:
        if what == "lamp" and len(data) >= 9 and data[2] == _SET_AND_START:
            tenths = int.from_bytes(data[7:9], "little")
            self._lamp, self._lamp_until = COLOURS.get(data[5], "other"), time.monotonic() + tenths / 10
            self._note({"lamp": self._lamp, "tenths": tenths})
        elif what == "buzzer" and len(data) >= 5:
            tenths = (data[2] + data[3]) * data[4]
            self._sounds_until = time.monotonic() + tenths / 10
            self._note({"buzzer": data[4]})
        elif what == "key":
            self._keep_key()
            self._note({"key": "set"})

    def _keep_key(self) -> None:
        if self._key_file is not None and self._device.key is not None:
            descriptor = os.open(self._key_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(self._device.key.hex() + "\n")

    def _note(self, line: dict[str, object]) -> None:
        if self._journal is not None:
            self._journal.write(json.dumps({"at_us": time.time_ns() // 1000, **line}) + "\n")
            self._journal.flush()


_PLAIN_ACTS: Final = {
    "unplug": EmulatedReader.unplug,
    "plug": EmulatedReader.plug,
    "power_cut": EmulatedReader.power_cut,
    "reset": EmulatedReader.reset,
    "install": EmulatedReader.install,
    "look": EmulatedReader.look,
}


def _card(text: str) -> tuple[int, int] | None:
    length, _, bits = text.partition(":")
    try:
        found = int(length), int(bits, 16)
    except ValueError:
        return None
    return found if 1 <= found[0] <= BITS_LIMIT and 0 <= found[1] < 1 << found[0] else None


def parser() -> argparse.ArgumentParser:
    """The options of `portvakt emulate osdp-reader`."""
    options = argparse.ArgumentParser("portvakt emulate osdp-reader", description="An OSDP reader at a pty.")
    options.add_argument("--pty", type=Path, required=True, help="the path under which its port is found")
    options.add_argument("--address", type=int, default=0, help="0 to 126")
    options.add_argument("--key", type=Path, help="file of its key, 32 hexadecimal digits; not there: it has none yet")
    options.add_argument("--control", type=Path, help="socket for a hand at the reader")
    options.add_argument("--journal", type=Path, help="file to append lamp and buzzer to, as JSON lines")
    options.add_argument("--faults", type=lambda text: read_script(Path(text)), default=FaultScript(), help="TOML file")
    options.add_argument("--plain", action="store_true", help="a reader that knows no secure channel")
    return options


def main(argv: Sequence[str]) -> int:
    """Run until SIGTERM or SIGINT."""
    arguments = parser().parse_args(argv)
    has_key = arguments.key is not None and arguments.key.exists()
    key = bytes.fromhex(arguments.key.read_text().strip()) if has_key else None
    device = OsdpDevice(arguments.address, key, lambda _what, _data: None, os.urandom, arguments.plain)
    reader = EmulatedReader(device, arguments.pty, arguments.key, arguments.faults)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: reader.server.stop())
    if arguments.journal is None:
        reader.run(None, arguments.control)
        return 0
    with arguments.journal.open("a", encoding="utf-8") as journal:
        reader.run(journal, arguments.control)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
