"""A switch that bounces, made calm: a level counts once it has stood still for a while. Pure; monotonic seconds."""

from typing import Final

TOUCH: Final = 1e-9


class Debounced:
    """One input. Its level changes only after the new level has stood for `quiet_s` seconds."""

    def __init__(self, level: bool, quiet_s: float) -> None:
        self.level = level
        self._quiet_s = quiet_s
        self._candidate = level
        self._since = 0.0

    def edge(self, level: bool, now: float) -> None:
        """The raw input is at `level` since `now`; each edge starts the wait anew."""
        self._candidate = level
        self._since = now

    def settle(self, now: float) -> bool:
        """Take over a level that has stood long enough; whether the level changed."""
        if self._candidate == self.level or now - self._since < self._quiet_s - TOUCH:
            return False
        self.level = self._candidate
        return True

    def due_in(self, now: float) -> float | None:
        """Seconds until `settle` may change something; None when nothing is under way."""
        if self._candidate == self.level:
            return None
        return max(0.0, self._since + self._quiet_s - now)
