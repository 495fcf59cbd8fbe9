"""Doors that a vendor's controller moves: one driver for all of them, named after the controller's (BM-27).

Settings: `controller`, the slug of a controller in the same site plan, and `device`, its own name of the door. Such a
door does what its controller can: one that cannot unlock says so in words.
"""

import threading
from contextlib import suppress
from dataclasses import replace
from typing import Final

from appliance.foundation.clock import Clock
from appliance.foundation.documents import Section
from appliance.foundation.errors import FieldError, PortvaktError
from appliance.foundation.grants import Grant
from appliance.foundation.ids import is_slug
from drivers.contract import (
    Capability,
    DoorSettings,
    DriverHealth,
    DriverInfo,
    DriverRefused,
    Fail,
    Observe,
    Site,
)
from drivers.controller_contract import Controller
from drivers.controllers_in_service import ControllersInService
from drivers.strike import SeenGrants

CAPABILITIES: Final = frozenset({Capability.CONTACT, Capability.LOCK_STATE, Capability.HOLD})
LONGEST_DEVICE: Final = 100
CANNOT_UNLOCK: Final = (
    "this controller opens its doors to the people it knows and to nobody else; enter with what it reads"
)


class ControlledDoor:
    """One door on a controller; a `DoorDriver`."""

    def __init__(self, door: DoorSettings, controllers: ControllersInService, clock: Clock) -> None:
        self._door = door
        self._slug, self._device = str(door.settings["controller"]), str(door.settings["device"])
        self._controllers = controllers
        self._clock = clock
        self._lock = threading.Lock()
        self._grants = SeenGrants()

    @property
    def capabilities(self) -> frozenset[Capability]:
        return CAPABILITIES

    def start(self, observe: Observe) -> None:
        self._controllers.attach(self._slug, self._device, self._door.door_id, observe)

    def release(self, grant: Grant) -> None:
        with self._lock:
            if self._clock.now() >= grant.not_after or not self._grants.is_new(grant.presentation_id):
                return
            controller = self._able()
            controller.unlock(self._device, grant)
            self._grants.add(grant.presentation_id)

    def hold(self, released: bool) -> None:
        self._controllers.get(self._slug).hold(self._device, released)

    def health(self) -> DriverHealth:
        try:
            health = self._controllers.get(self._slug).health()
        except DriverRefused as absent:
            return DriverHealth(False, str(absent))
        return replace(health, fault=f"its controller: {health.fault}" if health.fault else "")

    def stop(self) -> None:
        with suppress(PortvaktError):  # a controller that is away ends releases and holds by itself
            controller = self._controllers.get(self._slug)
            if controller.capabilities.unlocks and controller.health().online:
                controller.hold(self._device, released=False)
        self._controllers.detach(self._slug, self._device, self._door.door_id)

    def _able(self) -> Controller:
        controller = self._controllers.get(self._slug)
        if not controller.capabilities.unlocks:
            raise DriverRefused(CANNOT_UNLOCK)
        return controller


def _check(door: DoorSettings, _site: Site) -> list[FieldError]:
    reader = Section("settings", door.settings)
    reader.checked("controller", is_slug, "the slug of a controller in this plan")
    reader.text("device", longest=LONGEST_DEVICE)
    reader.finish()
    if door.fail is Fail.SAFE:
        reader.errors.append(
            FieldError("fail", "unsupported", "what a door of a controller does without power is set in the controller")
        )
    return reader.errors


def _build(door: DoorSettings, site: Site, clock: Clock) -> ControlledDoor:
    return ControlledDoor(door, site.shared.get(ControllersInService, ControllersInService), clock)


def _is_real(_door: DoorSettings, _site: Site) -> bool:
    return False  # what stands behind the controller is for its own settings to say


def _claims(door: DoorSettings) -> frozenset[str]:
    return frozenset({f"device {door.settings.get('device')} of controller {door.settings.get('controller')}"})


def controlled_door(name: str) -> DriverInfo:
    """The door driver beside the controller driver of the same name."""
    return DriverInfo(name, CAPABILITIES, _check, _build, _is_real, _claims)
