"""A thread of the web process that takes a turn again and again until it is stopped, whatever comes of each turn."""

import logging
import threading
from collections.abc import Callable

from appliance.foundation.errors import PortvaktError

_log = logging.getLogger(__name__)
STOPPED_S = 2.0


class Beats:
    """A turn every `beat_s` seconds, and one last thing at the end."""

    def __init__(
        self, name: str, beat_s: float, turn: Callable[[], object], at_end: Callable[[], object] | None = None
    ) -> None:
        self._name = name
        self._beat_s = beat_s
        self._turn = turn
        self._at_end = at_end
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def is_stopping(self) -> bool:
        """Whether the turn under way is the last one."""
        return self._stopping.is_set()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End within two seconds, after the turn under way and the last thing."""
        self._stopping.set()
        self._thread.join(STOPPED_S)

    def _run(self) -> None:
        while not self._stopping.wait(self._beat_s):
            self._try(self._turn)
        if self._at_end is not None:
            self._try(self._at_end)

    def _try(self, turn: Callable[[], object]) -> None:
        try:
            turn()
        except PortvaktError as fault:
            _log.warning("the %s lost a beat: %s", self._name, fault)
        except Exception:  # noqa: BLE001 - the rim of the thread: the next beat must come
            _log.exception("the %s met an unforeseen fault", self._name)
