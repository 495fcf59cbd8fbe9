"""What is wrong with the door process right now, by name, so that each trouble can end by itself."""

import threading
from dataclasses import dataclass
from enum import StrEnum


class Colour(StrEnum):
    """How bad it is: all is well, somebody should look, somebody must."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is wrong. name: what it is with, such as `disk` or `door ID`. sentence: plain English."""

    name: str
    colour: Colour
    sentence: str


class Troubles:
    """The troubles of a process; any thread may report."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._current: dict[str, Trouble] = {}

    def report(self, name: str, sentence: str, colour: Colour = Colour.RED) -> None:
        """`sentence` is plain English; an empty one ends the trouble of this name."""
        with self._lock:
            if sentence:
                self._current[name] = Trouble(name, colour, sentence)
            else:
                self._current.pop(name, None)

    def all(self) -> tuple[Colour, tuple[Trouble, ...]]:
        """The worst colour, and every trouble, the worst first."""
        with self._lock:
            current = list(self._current.values())
        current.sort(key=lambda trouble: (-list(Colour).index(trouble.colour), trouble.sentence))
        return (current[0].colour if current else Colour.GREEN), tuple(current)
