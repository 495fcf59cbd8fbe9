"""`portvakt emulate scanner`: a QR scanner on a serial port, at a pty, as a process of its own. An emulator.

The control socket takes {"act": "scan", "text": TEXT}, which sends the text and CR LF; {"act": "send", "hex": BYTES},
which sends just these; unplug, plug and look.
"""

import argparse
import json
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from drivers.emulators.line_server import LineServer, Peer
from drivers.emulators.pty_end import PtyEnd


class EmulatedScanner:
    """The scanner and its hand; the service behind its control socket."""

    def __init__(self, pty: Path) -> None:
        self.server = LineServer()
        self._cable = PtyEnd(pty, self.server, lambda _data: None)

    def run(self, control: Path) -> None:
        """Serve until stopped; prints one line of JSON when ready."""
        self._cable.plug()
        self.server.listen(control, self)
        print(json.dumps({"ready": True, "emulator": "scanner"}), flush=True)
        self.server.run()
        self._cable.unplug()

    def heard(self, peer: Peer, message: dict[str, object]) -> None:
        """One wish of the hand."""
        error = self._act(message)
        peer.send({"ok": False, "error": error} if error else {"ok": True})

    def gone(self, peer: Peer) -> None:
        return None

    def _act(self, message: dict[str, object]) -> str:
        match message:
            case {"act": "scan", "text": str(text)}:
                self._cable.send(text.encode() + b"\r\n")
            case {"act": "send", "hex": str(digits)}:
                try:
                    self._cable.send(bytes.fromhex(digits))
                except ValueError:
                    return "hex must be hexadecimal digits"
            case {"act": "unplug"}:
                self._cable.unplug()
            case {"act": "plug"}:
                self._cable.plug()
            case {"act": "look"}:
                return ""
            case _:
                return "no such act"
        return ""


def parser() -> argparse.ArgumentParser:
    """The options of `portvakt emulate scanner`."""
    options = argparse.ArgumentParser("portvakt emulate scanner", description="A serial QR scanner at a pty.")
    options.add_argument("--pty", type=Path, required=True, help="the path under which its port is found")
    options.add_argument("--control", type=Path, required=True, help="socket for a hand that holds up codes")
    return options


def main(argv: Sequence[str]) -> int:
    """Run until SIGTERM or SIGINT."""
    arguments = parser().parse_args(argv)
    scanner = EmulatedScanner(arguments.pty)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: scanner.server.stop())
    scanner.run(arguments.control)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
