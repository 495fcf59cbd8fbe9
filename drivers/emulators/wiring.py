"""How a pretend door is wired to a pretend board, and what a hand at that door does to its pins. Pure.

Wired as `drivers/README.md` tells an installer to: contact, REX button and cover switch against ground, inputs pulled
up. Leaf in its frame 0, open 1; button pressed 0; cover on 0, off 1.
"""

from dataclasses import dataclass
from typing import Final

from drivers.emulators.board import PINS, Board, Edge

REX_PRESS_S: Final = 0.25
NAMES: Final = {"strike", "contact", "rex", "tamper"}


@dataclass(frozen=True, slots=True)
class Wiring:
    """One door. `active` is the level that draws the relay, `fail_safe` whether a drawn relay locks."""

    door: str
    pins: dict[str, int]
    active: int = 1
    fail_safe: bool = False

    def connect(self, board: Board) -> None:
        """Solder it on: leaf closed, button up, cover on, relay at rest."""
        for name, outside in (("contact", 0), ("rex", 1), ("tamper", 0)):
            if name in self.pins:
                board.wire(self.pins[name], outside=outside)
        board.wire(self.pins["strike"], idle=1 - self.active)

    def bolt_free(self, board: Board) -> bool:
        drawn = board.level(self.pins["strike"]) == self.active
        return drawn is not self.fail_safe

    def leaf_open(self, board: Board) -> bool:
        return "contact" in self.pins and board.level(self.pins["contact"]) == 1

    def hand(self, board: Board, act: str) -> list[Edge] | str:
        """The edges of what the hand did, or why the door does not give way."""
        moves = {
            "open": ("contact", 1),
            "force": ("contact", 1),
            "close": ("contact", 0),
            "rex": ("rex", 0),
            "rex_over": ("rex", 1),
            "tamper": ("tamper", 1),
            "tamper_over": ("tamper", 0),
        }
        if act not in moves:
            return f"a hand cannot {act}"
        name, level = moves[act]
        if name not in self.pins:
            return f"door {self.door} has no {name}"
        if act == "open" and not (self.bolt_free(board) or self.leaf_open(board)):
            return "locked"
        return board.touch(self.pins[name], level)


def parse_wiring(text: str) -> Wiring:
    """Read `entrance:strike=17,contact=27,rex=22,tamper=23,active=low,fail=safe`; ValueError says what is wrong."""
    door, _, rest = text.partition(":")
    parts = dict(part.partition("=")[::2] for part in rest.split(",") if part)
    active, fail = parts.pop("active", "high"), parts.pop("fail", "secure")
    if not door or "strike" not in parts or not set(parts) <= NAMES:
        raise ValueError(f"a door is NAME:strike=PIN,contact=PIN,rex=PIN,tamper=PIN, got {text!r}")
    if active not in ("high", "low") or fail not in ("secure", "safe"):
        raise ValueError("active is high or low, fail is secure or safe")
    pins = {name: int(pin) for name, pin in parts.items()}
    if not set(pins.values()) <= set(PINS) or len(set(pins.values())) < len(pins):
        raise ValueError(f"pins are different numbers from {PINS.start} to {PINS.stop - 1}")
    return Wiring(door, pins, 1 if active == "high" else 0, fail == "safe")
