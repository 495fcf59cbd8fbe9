"""Carries what the door process reports to the pages that show doors: one thread, one `door` event a change."""

import logging
from collections.abc import Iterator
from threading import Event, Thread
from typing import Final, Protocol

from appliance.door_socket.answers import DoorView
from appliance.foundation.errors import Retryable
from appliance.web.live import LiveHub

AGAIN_S: Final = 1.0

_log = logging.getLogger(__name__)


class Watched(Protocol):
    """Where changes of doors come from; `appliance.door_socket.client.DoorClient` is one."""

    def watch(self) -> Iterator[DoorView | None]:
        """Every door now, then each change; None when nothing happened for a while."""


class LiveDoors:
    """The thread between the door process and the hub. A door process that is away is asked again every second."""

    def __init__(self, doors: Watched, hub: LiveHub) -> None:
        self._doors = doors
        self._hub = hub
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="live-doors", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Stop at the next change, at most ten seconds later; the thread never keeps the process alive."""
        self._stopping.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._relay()
            except Retryable as away:
                _log.debug("doors cannot be watched: %s", away)
                self._hub.publish("doors", {"away": True})
            self._stopping.wait(AGAIN_S)

    def _relay(self) -> None:
        for door in self._doors.watch():
            if self._stopping.is_set():
                return
            if door is not None:
                self._hub.publish("door", {"door": door.slug, "state": door.state})
