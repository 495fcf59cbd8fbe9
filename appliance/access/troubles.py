"""What is wrong with the door process right now, by name, so that each trouble can end by itself."""

import threading
from enum import StrEnum


class Colour(StrEnum):
    """How bad it is: all is well, somebody should look, somebody must."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"


class Troubles:
    """The troubles of a process; any thread may report."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._current: dict[str, tuple[Colour, str]] = {}

    def report(self, name: str, sentence: str, colour: Colour = Colour.RED) -> None:
        """`sentence` is plain English; an empty one ends the trouble of this name."""
        with self._lock:
            if sentence:
                self._current[name] = (colour, sentence)
            else:
                self._current.pop(name, None)

    def all(self) -> tuple[Colour, tuple[str, ...]]:
        """The worst colour, and every sentence."""
        with self._lock:
            current = sorted(self._current.values(), reverse=True)
        worst = max((colour for colour, _ in current), key=list(Colour).index, default=Colour.GREEN)
        return worst, tuple(sentence for _, sentence in current)
