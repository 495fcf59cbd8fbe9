"""Keeping an eye on a vendor's server: looks now and then, tells its doors, and says what is wrong (DR-10)."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from appliance.foundation.clock import Clock
from appliance.foundation.errors import NeedsAttention, Retryable
from drivers.contract import DriverHealth, DriverUnreachable, Fact, Observation, Observe
from drivers.supervision import FaultMemory, SupervisedLink

LONGEST_WAIT_S: Final = 0.5
_CALL: Final = "call"


class VendorWatch:
    """Calls `look` every `every_s` seconds, and never sooner than `least_s` after the last time, however it went.

    `look` raises as a driver does when the server is away or says no.
    """

    def __init__(self, name: str, look: Callable[[], None], every_s: float, least_s: float, clock: Clock) -> None:
        self._look = look
        self._every_s = every_s
        self._least_s = least_s
        self._clock = clock
        self._changed = threading.Condition()
        self._due = self._earliest = clock.monotonic()
        self._link = SupervisedLink(name, self._serve, self._wake, clock)
        self._faults = FaultMemory(clock)
        self._complaints: dict[str, str] = {}
        self._doors: dict[str, tuple[str, Observe]] = {}
        self._told: bool | None = None

    def start(self) -> None:
        """Begin to look, in a thread of its own; returns at once."""
        self._link.start()

    def stop(self) -> None:
        """Look no more."""
        self._link.stop()
        with self._changed:
            self._doors.clear()

    def attach(self, device: str, door_id: str, observe: Observe) -> None:
        """Tell `observe` whether the server can be reached, now and at each change."""
        with self._changed:
            self._doors[device] = (door_id, observe)
            if self._told is not None:
                observe(Observation(door_id, Fact.ONLINE if self._told else Fact.OFFLINE))

    def soon(self, after_s: float = 0.0) -> None:
        """Look again after so many seconds, or as soon as it is allowed: there may be news, or a call failed."""
        with self._changed:
            self._due = min(self._due, max(self._earliest, self._clock.monotonic() + after_s))
            self._changed.notify_all()

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Around what a caller asks of the server, so that health learns how it went."""
        try:
            yield
        except DriverUnreachable as away:
            self.complain(_CALL, str(away))
            self.soon()
            raise
        self.answered()

    def answered(self) -> None:
        """The server did what somebody asked of it."""
        self.complain(_CALL, "")
        self._link.came_online()
        self._tell(online=True)

    def complain(self, about: str, why: str) -> None:
        """Note what is wrong with one thing behind a server that works; an empty `why` is an end to it."""
        with self._changed:
            self._complaints.pop(about, None)
            if why:
                self._complaints[about] = why

    def health(self) -> DriverHealth:
        """The link's health, or of what is wrong behind it the newest."""
        link = self._link.health()
        with self._changed:
            newest = next(reversed(self._complaints.values()), "")
            return self._faults.noted(replace(link, fault=link.fault or newest))

    def _serve(self, link: SupervisedLink) -> None:
        while self._waited(link):
            with self._changed:
                now = self._clock.monotonic()
                self._earliest, self._due = now + self._least_s, now + max(self._least_s, self._every_s)
            try:
                self._look()
            except (Retryable, NeedsAttention, OSError):
                self._tell(online=False)
                self.soon()
                raise
            if not link.stopping.is_set():
                self.answered()

    def _waited(self, link: SupervisedLink) -> bool:
        """Wait until it is time to look; whether it still is."""
        with self._changed:
            while not link.stopping.is_set():
                left = self._due - self._clock.monotonic()
                if left <= 0:
                    return True
                # At most half a second, because a pretend clock does not wake anyone.
                self._changed.wait(min(LONGEST_WAIT_S, left))
        return False

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _tell(self, online: bool) -> None:
        with self._changed:
            if self._told is online:
                return
            self._told = online
            for door_id, observe in self._doors.values():
                observe(Observation(door_id, Fact.ONLINE if online else Fact.OFFLINE))
