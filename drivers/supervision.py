"""One owner thread per link: it connects, serves, and after a loss tries again with jittered back-off (DR-10)."""

import logging
import random
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from appliance.foundation.clock import Clock
from appliance.foundation.errors import NeedsAttention, Retryable
from appliance.foundation.instants import Instant
from drivers.contract import DriverHealth

log = logging.getLogger(__name__)

FIRST_DELAY_S: Final = 0.2
LONGEST_DELAY_S: Final = 30.0
JOIN_S: Final = 1.5


def delay_s(attempt: int, chance: float) -> float:
    """How long to wait after failed attempt number `attempt` (from 0), in seconds.

    Doubles from 0.2 s to 30 s; `chance` in [0, 1) picks a point in the upper half, so that many links that fell
    together do not come back together.
    """
    ceiling = min(LONGEST_DELAY_S, FIRST_DELAY_S * 2.0 ** min(attempt, 16))
    return ceiling * (0.5 + chance / 2)


class FaultMemory:
    """Keeps the latest fault after it is over. Not for several threads at once: call it under the driver's lock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._current = ""
        self._last = ""
        self._at: Instant | None = None

    def noted(self, health: DriverHealth) -> DriverHealth:
        """The same health, with the latest fault in it."""
        if health.fault and health.fault != self._current:
            self._last, self._at = health.fault, self._clock.now()
        self._current = health.fault
        return replace(health, last_fault=self._last, last_fault_at=self._at)


class SupervisedLink:
    """A link and the thread that owns it.

    `serve(link)` connects, calls `came_online`, and returns only when `stopping` is set; it raises `Retryable` or
    `OSError` when the link is lost and `NeedsAttention` when a person must act. `wake` is called by `stop`, to get
    `serve` out of its wait.
    """

    def __init__(
        self,
        name: str,
        serve: Callable[["SupervisedLink"], None],
        wake: Callable[[], None],
        clock: Clock,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.stopping = threading.Event()
        self._name = name
        self._serve = serve
        self._wake = wake
        self._clock = clock
        self._chance = chance
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._attempt = 0
        self._online = False
        self._fault = "not started yet"
        self._last_seen: Instant | None = None
        self._faults = FaultMemory(clock)

    def start(self) -> None:
        """Begin to connect, in the owner thread; returns at once."""
        self.stopping.clear()
        self._fault = "connecting for the first time"
        self._thread = threading.Thread(target=self._own, name=self._name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Leave the link; waits at most `JOIN_S` for the thread, which then ends by itself."""
        self.stopping.set()
        self._wake()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(JOIN_S)
            if self._thread.is_alive():
                log.warning("the thread of link %s did not end in time", self._name)
        with self._lock:
            self._online, self._fault = False, "stopped"

    def came_online(self) -> None:
        """The link works; the next loss starts from the shortest delay again."""
        with self._lock:
            self._online, self._fault, self._attempt = True, "", 0
            self._last_seen = self._clock.now()

    def seen(self) -> None:
        """The other end was heard."""
        with self._lock:
            self._last_seen = self._clock.now()

    @property
    def online(self) -> bool:
        return self._online

    def health(self) -> DriverHealth:
        """A snapshot; never blocks for long."""
        with self._lock:
            return self._faults.noted(DriverHealth(self._online, self._fault, self._last_seen))

    def _own(self) -> None:
        while not self.stopping.is_set():
            try:
                self._serve(self)
            except (Retryable, OSError) as lost:
                self._lost(f"{lost}; trying again by itself")
            except NeedsAttention as refused:
                self._lost(str(refused))
            except Exception as bug:
                # The rim of this thread: a link whose thread died of our own mistake would never come back.
                log.exception("the thread of link %s met a fault it does not know", self._name)
                self._lost(f"internal fault ({type(bug).__name__}); trying again by itself, report it")
            if not self.stopping.is_set():
                self.stopping.wait(delay_s(self._attempt, self._chance()))
                self._attempt += 1

    def _lost(self, fault: str) -> None:
        with self._lock:
            changed = fault != self._fault
            self._online, self._fault = False, fault
            self._faults.noted(DriverHealth(False, fault))
        if changed:
            log.warning("link %s: %s", self._name, fault)
