"""`portvakt emulate gpio-wire`: a board's pins as a process of their own. An emulator, not hardware.

Programs connect to the wire socket and speak JSON lines:

    {"op": "input", "pin": 27, "pull": "up"}     answered {"re": 27, "level": 0}, or {"re": 27, "error": "busy"}
    {"op": "output", "pin": 17, "level": 0}      answered likewise; the pin is driven from then on
    {"op": "drive", "pin": 17, "level": 1}       not answered
    {"op": "free", "pin": 17}                    not answered; nothing drives the pin any more
    pushed for inputs: {"edge": 27, "level": 1, "mono_us": microseconds of the monotonic scale}

When the connection ends, however it ends, nothing drives its pins any more (AC-15). Every change of level is a line of
the edge file, the witness: {"at_us": microseconds since 1970, "pin", "level", "by": "program" | "hangup" | "hand"}.
The control socket takes {"act": "open", "door": NAME} and {"act": "look"}; for a Wiegand reader, with "reader": NAME,
{"act": "hold", "card": "26:2EC0C86"}, {"act": "type", "keys": "1234#", "bits": 8}, {"act": "pulse", "bits": "0101"},
tamper, tamper_over, unplug and plug.
"""

import argparse
import json
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from drivers.emulators.board import PINS, PULLS, Board, By, Edge
from drivers.emulators.line_server import LineServer, Peer
from drivers.emulators.wiegand_hand import WiredReader, parse_reader
from drivers.emulators.wiring import REX_PRESS_S, Wiring, parse_wiring


class Wire:
    """The service behind the wire socket: pins to whoever claims them first."""

    def __init__(self, board: Board, edges: TextIO) -> None:
        self._board = board
        self._edges = edges

    def heard(self, peer: Peer, message: dict[str, object]) -> None:
        pin, level = message.get("pin"), message.get("level")
        if type(pin) is not int or pin not in PINS:
            self._refuse(peer)
            return
        match message.get("op"):
            case "input" if message.get("pull") in PULLS:
                if self._claimed(peer, pin):
                    self.record(self._board.listen(pin, str(message["pull"])))
                    peer.send({"re": pin, "level": self._board.level(pin)})
            case "output" if type(level) is int and level in (0, 1):
                if self._claimed(peer, pin):
                    self.record(self._board.drive(pin, level))
                    peer.send({"re": pin, "level": self._board.level(pin)})
            case "drive" if type(level) is int and level in (0, 1) and self._board.owner(pin) is peer:
                self.record(self._board.drive(pin, level))
            case "free" if self._board.owner(pin) is peer:
                self.record(self._board.free(pin))
            case _:
                self._refuse(peer)

    def gone(self, peer: Peer) -> None:
        self.record(self._board.let_go(peer))

    def record(self, edges: Sequence[Edge], came_us: Sequence[int] = ()) -> None:
        """Write the edges down, then tell the programs that listen to their pins; they came now, or at these moments
        of the monotonic scale.
        """
        told: dict[Peer, list[dict[str, object]]] = {}
        for number, edge in enumerate(edges):
            line = {"at_us": time.time_ns() // 1000, "pin": edge.pin, "level": edge.level, "by": edge.by.value}
            self._edges.write(json.dumps(line) + "\n")
            owner = self._board.owner(edge.pin)
            if edge.by is By.HAND and isinstance(owner, Peer):
                moment = came_us[number] if came_us else time.monotonic_ns() // 1000
                told.setdefault(owner, []).append({"edge": edge.pin, "level": edge.level, "mono_us": moment})
        self._edges.flush()
        for owner, lines in told.items():
            owner.send(*lines)

    def _claimed(self, peer: Peer, pin: int) -> bool:
        if self._board.claim(pin, peer):
            return True
        peer.send({"re": pin, "error": "busy"})
        return False

    def _refuse(self, peer: Peer) -> None:
        peer.send({"error": "malformed"})
        peer.closed = True


class DoorHand:
    """The service behind the control socket: a hand at the doors and readers that are wired to the board."""

    def __init__(
        self, board: Board, wire: Wire, wirings: Sequence[Wiring], readers: Sequence[WiredReader], server: LineServer
    ) -> None:
        self._board = board
        self._wire = wire
        self._wirings = {wiring.door: wiring for wiring in wirings}
        self._readers = {reader.name: reader for reader in readers}
        self._server = server

    def heard(self, peer: Peer, message: dict[str, object]) -> None:
        act = message.get("act")
        if act == "look":
            doors = {name: self._look(wiring) for name, wiring in self._wirings.items()}
            readers = {name: reader.look(self._board) for name, reader in self._readers.items()}
            peer.send({"ok": True, "doors": doors, "readers": readers})
            return
        if "reader" in message:
            reader = self._readers.get(str(message["reader"]))
            error = reader.hand(self._board, message, self._wire.record) if reader else "no such reader"
            peer.send({"ok": False, "error": error} if error else {"ok": True})
            return
        wiring = self._wirings.get(str(message.get("door", next(iter(self._wirings), ""))))
        if wiring is None or not isinstance(act, str):
            peer.send({"ok": False, "error": "no such door or act"})
            return
        outcome = wiring.hand(self._board, act)
        if isinstance(outcome, str):
            peer.send({"ok": False, "error": outcome})
            return
        self._wire.record(outcome)
        if act == "rex":
            self._server.later(REX_PRESS_S, lambda: self._let_go_of_button(wiring))
        peer.send({"ok": True})

    def gone(self, peer: Peer) -> None:
        return None

    def _let_go_of_button(self, wiring: Wiring) -> None:
        edges = wiring.hand(self._board, "rex_over")
        if not isinstance(edges, str):
            self._wire.record(edges)

    def _look(self, wiring: Wiring) -> dict[str, object]:
        levels = {name: self._board.level(pin) for name, pin in wiring.pins.items()}
        free, is_open = wiring.bolt_free(self._board), wiring.leaf_open(self._board)
        return {"bolt_free": free, "leaf_open": is_open, "levels": levels}


def parser() -> argparse.ArgumentParser:
    """The options of `portvakt emulate gpio-wire`."""
    options = argparse.ArgumentParser("portvakt emulate gpio-wire", description="A board's pins as a process.")
    options.add_argument("--socket", type=Path, required=True, help="where programs connect to the pins")
    options.add_argument("--edges", type=Path, required=True, help="file to append each edge to, as JSON lines")
    options.add_argument("--control", type=Path, help="socket for a hand at the doors")
    door_help = "NAME:strike=PIN,contact=PIN,rex=PIN,tamper=PIN[,active=low][,fail=safe]; may be repeated"
    options.add_argument("--door", type=parse_wiring, action="append", default=[], help=door_help)
    reader_help = "a Wiegand reader, NAME:d0=PIN,d1=PIN[,green=PIN,red=PIN,buzzer=PIN,tamper=PIN]; may be repeated"
    options.add_argument("--reader", type=parse_reader, action="append", default=[], help=reader_help)
    return options


def main(argv: Sequence[str]) -> int:
    """Run until SIGTERM or SIGINT; prints one line of JSON when ready."""
    arguments = parser().parse_args(argv)
    board, server = Board(), LineServer()
    for wired in (*arguments.door, *arguments.reader):
        wired.connect(board)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: server.stop())
    with arguments.edges.open("a", encoding="utf-8") as edges:
        wire = Wire(board, edges)
        server.listen(arguments.socket, wire)
        if arguments.control:
            server.listen(arguments.control, DoorHand(board, wire, arguments.door, arguments.reader, server))
        print(json.dumps({"ready": True, "emulator": "gpio-wire"}), flush=True)
        server.run()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
