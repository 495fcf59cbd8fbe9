"""The controllers of this process by their slugs, where doors on them find them (BM-27).

A member of `Site.shared`. A controller may be replaced while doors hang on it: they are attached to the new one.
"""

import threading
from dataclasses import dataclass

from drivers.contract import DriverRefused, Observe
from drivers.controller_contract import Controller


@dataclass(frozen=True, slots=True)
class _Door:
    device: str
    door_id: str
    observe: Observe


class ControllersInService:
    """Any thread may ask."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._controllers: dict[str, Controller] = {}
        self._doors: dict[tuple[str, str], _Door] = {}

    def put(self, slug: str, controller: Controller) -> None:
        """Serve this one under its slug from now on; the doors on it are attached to it."""
        with self._lock:
            self._controllers[slug] = controller
            doors = [door for (name, _), door in self._doors.items() if name == slug]
            for door in doors:
                controller.attach(door.device, door.door_id, door.observe)

    def drop(self, slug: str) -> None:
        """There is no such controller any more."""
        with self._lock:
            self._controllers.pop(slug, None)

    def get(self, slug: str) -> Controller:
        """The controller; `DriverRefused` when there is none."""
        with self._lock:
            found = self._controllers.get(slug)
        if found is None:
            raise DriverRefused(f"there is no controller {slug} in service; check the site plan")
        return found

    def attach(self, slug: str, device: str, door_id: str, observe: Observe) -> None:
        """Let `observe` hear of a device, of whatever controller stands under this slug."""
        with self._lock:
            self._doors[slug, device] = _Door(device, door_id, observe)
            if slug in self._controllers:
                self._controllers[slug].attach(device, door_id, observe)

    def detach(self, slug: str, device: str, door_id: str) -> None:
        """That door hears no more."""
        with self._lock:
            door = self._doors.get((slug, device))
            if door is not None and door.door_id == door_id:
                del self._doors[slug, device]
