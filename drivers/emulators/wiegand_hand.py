"""A Wiegand reader that is wired to a pretend board, and a hand at it: cards, keys, its cable. An emulator.

Written from what makers publish: D0 and D1 rest high and fall for a moment, D0 for a nought and D1 for a one, two
milliseconds apart; a key is four bits, or eight with the complement first. A lamp input is lit when it is pulled low.
The pulses of a frame reach the program as fast as the wire takes them, each with the moment at which it would have
come, so that a busy computer does not tear frames apart.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from drivers.emulators.board import PINS, Board, Edge

PULSE_US: Final = 2_000
WIDTH_US: Final = 50
PAUSE_US: Final = 150_000
MOST_BITS: Final = 1_024
KEYS: Final = {**{str(digit): digit for digit in range(10)}, "*": 10, "#": 11}
NAMES: Final = ("d0", "d1", "green", "red", "buzzer", "tamper")
Record = Callable[[Sequence[Edge], Sequence[int]], None]
"""Writes down edges and tells of them, each with when it came in microseconds of the monotonic scale."""


@dataclass(slots=True)
class WiredReader:
    """One reader on a board. `free_us`: when its wires are at rest again."""

    name: str
    pins: dict[str, int]
    is_plugged: bool = True
    free_us: int = field(default=0)

    def connect(self, board: Board) -> None:
        """Solder it on: data wires at rest, cover on, lamps pulled high by the reader."""
        for name, pin in self.pins.items():
            board.wire(pin, outside=None if name in ("green", "red", "buzzer") else int(name != "tamper"), idle=1)

    def hand(self, board: Board, message: dict[str, object], record: Record) -> str:
        """What a hand does; empty, or why it cannot."""
        match message:
            case {"act": "hold", "card": str(card)} if (bits := card_bits(card)) is not None:
                return self._send(board, [bits], record)
            case {"act": "type", "keys": str(keys)} if keys and set(keys) <= set(KEYS):
                width = 8 if message.get("bits") == 8 else 4
                return self._send(board, [key_bits(key, width) for key in keys], record)
            case {"act": "pulse", "bits": str(bits)} if bits and set(bits) <= {"0", "1"} and len(bits) <= MOST_BITS:
                return self._send(board, [bits], record)
            case {"act": "unplug" | "plug" | "tamper" | "tamper_over" as act}:
                if act in ("unplug", "plug"):
                    self.is_plugged = act == "plug"
                if "tamper" in self.pins:
                    is_open = act == "tamper" or not self.is_plugged
                    record(board.touch(self.pins["tamper"], int(is_open)), ())
                return ""
            case _:
                return "no such act"

    def look(self, board: Board) -> dict[str, object]:
        """Which of its lamps are lit; they are lit when low."""
        lamps = ("green", "red", "buzzer")
        return {name: self.is_plugged and board.level(self.pins[name]) == 0 for name in lamps if name in self.pins}

    def _send(self, board: Board, frames: list[str], record: Record) -> str:
        at_us = max(time.monotonic_ns() // 1000, self.free_us)
        edges, came_us = list[Edge](), list[int]()
        for frame in frames if self.is_plugged else []:
            for bit in frame:
                for level, later_us in ((0, 0), (1, WIDTH_US)):
                    edges += board.touch(self.pins[f"d{bit}"], level)
                    came_us.append(at_us + later_us)
                at_us += PULSE_US
            at_us += PAUSE_US
        record(edges, came_us)
        self.free_us = at_us
        return ""


def card_bits(card: str) -> str | None:
    """The bits of a card that is written as `26:2EC0C86`; None for anything else."""
    length, _, value = card.partition(":")
    try:
        count, number = int(length), int(value, 16)
    except ValueError:
        return None
    return f"{number:0{count}b}" if 0 < count <= MOST_BITS and 0 <= number < 1 << count else None


def key_bits(key: str, width: int) -> str:
    """One key in four bits, or in eight."""
    code = KEYS[key]
    return f"{code:04b}" if width == 4 else f"{code ^ 15:04b}{code:04b}"


def parse_reader(text: str) -> WiredReader:
    """Read `outer:d0=5,d1=6,green=13,red=19,buzzer=26,tamper=12`; ValueError says what is wrong."""
    name, _, rest = text.partition(":")
    parts = dict(part.partition("=")[::2] for part in rest.split(",") if part)
    if not name or not {"d0", "d1"} <= set(parts) <= set(NAMES):
        raise ValueError(f"a reader is NAME:d0=PIN,d1=PIN[,green=PIN,red=PIN,buzzer=PIN,tamper=PIN], got {text!r}")
    pins = {part: int(pin) for part, pin in parts.items()}
    if not set(pins.values()) <= set(PINS) or len(set(pins.values())) < len(pins):
        raise ValueError(f"pins are different numbers from {PINS.start} to {PINS.stop - 1}")
    return WiredReader(name, pins)
