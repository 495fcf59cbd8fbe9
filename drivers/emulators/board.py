"""The pins of a pretend board: who holds them, what drives them, and what level results. Pure; no clock, no I/O.

A pin has the level its program drives, else what the world outside connects it to, else its pull, else its idle level.
When the program lets go of a pin, or dies, nothing drives it any more: that is what the kernel does with a GPIO line
when the handle is closed and the pin controller is strict (see `drivers/README.md`).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

PINS: Final = range(0, 64)
PULLS: Final = {"up": 1, "down": 0, "floating": None}


class By(StrEnum):
    """Who changed a level."""

    PROGRAM = "program"
    HANGUP = "hangup"  # the program let go or died
    HAND = "hand"


@dataclass(slots=True)
class Line:
    """One pin."""

    owner: object | None = None
    driven: int | None = None
    outside: int | None = None
    pull: str = "floating"
    idle: int = 0

    @property
    def level(self) -> int:
        for level in (self.driven, self.outside, PULLS[self.pull]):
            if level is not None:
                return level
        return self.idle


@dataclass(frozen=True, slots=True)
class Edge:
    """One change of level, in the order in which it happened."""

    pin: int
    level: int
    by: By


class Board:
    """All pins. Every method returns the edges that it caused."""

    def __init__(self) -> None:
        self._lines = {pin: Line() for pin in PINS}

    def level(self, pin: int) -> int:
        return self._lines[pin].level

    def owner(self, pin: int) -> object | None:
        return self._lines[pin].owner

    def claim(self, pin: int, owner: object) -> bool:
        """Make the pin `owner`'s; False when another holds it, as the kernel answers EBUSY."""
        line = self._lines[pin]
        if line.owner not in (None, owner):
            return False
        line.owner = owner
        return True

    def drive(self, pin: int, level: int) -> list[Edge]:
        line = self._lines[pin]
        before, line.driven = line.level, level
        return self._edges(pin, before, By.PROGRAM)

    def listen(self, pin: int, pull: str) -> list[Edge]:
        line = self._lines[pin]
        before, line.driven, line.pull = line.level, None, pull
        return self._edges(pin, before, By.PROGRAM)

    def wire(self, pin: int, outside: int | None = None, idle: int = 0) -> None:
        """Connect the pin to the world before anyone uses it."""
        self._lines[pin].outside = outside
        self._lines[pin].idle = idle

    def touch(self, pin: int, outside: int) -> list[Edge]:
        line = self._lines[pin]
        before, line.outside = line.level, outside
        return self._edges(pin, before, By.HAND)

    def let_go(self, owner: object) -> list[Edge]:
        """Everything that `owner` held is held by nobody and driven by nothing."""
        edges: list[Edge] = []
        for pin, line in self._lines.items():
            if line.owner is owner:
                edges += self.free(pin)
        return edges

    def free(self, pin: int) -> list[Edge]:
        line = self._lines[pin]
        before = line.level
        line.owner, line.driven, line.pull = None, None, "floating"
        return self._edges(pin, before, By.HANGUP)

    def _edges(self, pin: int, before: int, by: By) -> list[Edge]:
        level = self._lines[pin].level
        return [Edge(pin, level, by)] if level != before else []
