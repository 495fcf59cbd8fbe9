"""A controller in memory, for demos and trials (BM-27). There is no vendor: its words and its faults are made up here.

It applies at once unless a hand says otherwise; what it was told goes when the process ends, and comes back by the
unit's own reconciliation.
"""

import itertools
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from appliance.foundation.clock import Clock
from appliance.foundation.documents import Section
from appliance.foundation.errors import FieldError
from appliance.foundation.grants import Grant
from appliance.foundation.instants import DAY
from drivers.contract import DoorSettings, DriverHealth, DriverRefused, DriverUnreachable, Fail, Observe, Site
from drivers.controller_contract import (
    Confirmation,
    ControllerCapabilities,
    ControllerEvent,
    ControllerGrant,
    ControllerInfo,
    ControllerSettings,
    EventPage,
    Hear,
    HeldGrant,
    Passage,
    Receipt,
    Revocation,
    Takes,
    fingerprint_of,
)
from drivers.simulated.driver import SimulatedDoor

PAGE: Final = 100
MOST_GRANTS: Final = 1_000_000
LONGEST_CODE: Final = 16


@dataclass(slots=True)
class Whims:
    """What a hand can make of it. away: nobody answers. says_no: a sentence it refuses with. applies: whether what it
    takes reaches its device at once; if not, only when a hand says so. swallows: how many calls more are taken and
    never applied.
    """

    away: bool = False
    says_no: str = ""
    applies: bool = True
    swallows: int = 0


class SimulatedController:
    """A `Controller` with a hand."""

    def __init__(self, settings: ControllerSettings, clock: Clock) -> None:
        self.whims = Whims()
        self.calls = 0
        self._capabilities = _capabilities(settings)
        self._slug, self._facility = settings.slug, settings.facility_slug
        self._clock = clock
        self._lock = threading.RLock()
        self._hear: Hear = _unheard
        self._told: dict[str, ControllerGrant | int] = {}  # a grant, or the revision at which it was revoked
        self._device: dict[str, ControllerGrant] = {}
        self._events: list[ControllerEvent] = []
        self._numbers = itertools.count(1)
        self._doors: dict[str, SimulatedDoor] = {}

    @property
    def capabilities(self) -> ControllerCapabilities:
        return self._capabilities

    def start(self, hear: Hear, known: Sequence[ControllerGrant] = ()) -> None:
        self._hear = hear

    def attach(self, device: str, door_id: str, observe: Observe) -> None:
        with self._lock:
            former = self._doors.pop(device, None)
            if former is not None:
                former.stop()
            door = self._doors[device] = SimulatedDoor(
                DoorSettings(door_id, self._slug, self._facility, Fail.SECURE, {}), self._clock
            )
        door.start(observe)

    def door(self, device: str) -> SimulatedDoor:
        """The steel behind it."""
        return self._doors[device]

    def upsert(self, grant: ControllerGrant) -> Receipt:
        with self._lock:
            self._answer()
            if grant.revision >= self._revision(grant.id):
                self._told[grant.id] = grant
            return self._receipt(grant.id)

    def revoke(self, grant: ControllerGrant) -> Receipt:
        with self._lock:
            self._answer()
            if grant.revision >= self._revision(grant.id):
                self._told[grant.id] = grant.revision
            return self._receipt(grant.id)

    def unlock(self, device: str, grant: Grant) -> None:
        if not self._capabilities.unlocks:
            raise DriverRefused("the simulated controller plays one that opens no door on demand")
        with self._lock:
            self._answer()
        self._known(device).release(grant)

    def hold(self, device: str, released: bool) -> None:
        with self._lock:
            self._answer()
        self._known(device).hold(released)

    def _known(self, device: str) -> SimulatedDoor:
        door = self._doors.get(device)
        if door is None:
            raise DriverRefused(f"the simulated controller has no door {device}")
        return door

    def events(self, cursor: str) -> EventPage:
        with self._lock:
            self._answer()
            first = int(cursor) if cursor else len(self._events)
            page = tuple(self._events[first : first + PAGE])
            return EventPage(page, str(first + len(page)), self._clock.now())

    def held(self) -> tuple[HeldGrant, ...]:
        with self._lock:
            self._answer()
            ids = {*self._device, *(one for one, told in self._told.items() if isinstance(told, ControllerGrant))}
            return tuple(self._held(one) for one in sorted(ids))

    def hook(self, headers: Mapping[str, str], body: bytes) -> bool:
        return False

    def health(self) -> DriverHealth:
        return DriverHealth(not self.whims.away, "unplugged" if self.whims.away else "", self._clock.now())

    def stop(self) -> None:
        self._hear = _unheard
        for door in self._doors.values():
            door.stop()

    def apply(self) -> None:
        """Bring to the device what was taken, and say so."""
        with self._lock:
            for grant_id in list(self._told):
                self._apply(grant_id)
                self._hear(Confirmation(grant_id, self._revision(grant_id), applied=True))

    def forget(self, grant_id: str) -> None:
        """Lose one grant, as a person at the vendor's own screen can."""
        with self._lock:
            self._told.pop(grant_id, None)
            self._device.pop(grant_id, None)

    def pass_by(self, device: str, grant_id: str, passage: Passage = Passage.GRANTED) -> None:
        """Somebody stands at a door."""
        with self._lock:
            now = self._clock.now()
            self._events.append(ControllerEvent(f"e{next(self._numbers)}", device, passage, now, now, grant_id))

    def device_holds(self) -> dict[str, ControllerGrant]:
        """What lets people in."""
        with self._lock:
            return dict(self._device)

    def _answer(self) -> None:
        self.calls += 1
        if self.whims.away:
            raise DriverUnreachable("the simulated controller is unplugged")
        if self.whims.says_no:
            raise DriverRefused(self.whims.says_no)

    def _receipt(self, grant_id: str) -> Receipt:
        if self.whims.swallows:
            self.whims.swallows -= 1
            return Receipt(applied=False, correlation=grant_id)
        if self.whims.applies:
            self._apply(grant_id)
        return Receipt(self.whims.applies, correlation=grant_id)

    def _apply(self, grant_id: str) -> None:
        told = self._told[grant_id]
        if isinstance(told, ControllerGrant):
            self._device[grant_id] = told
        else:
            self._device.pop(grant_id, None)

    def _revision(self, grant_id: str) -> int:
        told = self._told.get(grant_id, 0)
        return told.revision if isinstance(told, ControllerGrant) else told

    def _held(self, grant_id: str) -> HeldGrant:
        device, told = self._device.get(grant_id), self._told.get(grant_id)
        shown = told if isinstance(told, ControllerGrant) else device
        if shown is None:
            return HeldGrant(grant_id, 0, on_device=False)
        return HeldGrant(grant_id, self._revision(grant_id), device is not None and (device == shown),
                         fingerprint_of(shown))  # fmt: skip


def _unheard(_confirmation: Confirmation) -> None:
    return None


def _read(controller: ControllerSettings) -> tuple[ControllerCapabilities, list[FieldError]]:
    """What it is to play, with every mistake in it."""
    reader = Section("settings", controller.settings)
    found = ControllerCapabilities(
        takes=frozenset({reader.choice("takes", Takes, Takes.EMAIL)}),
        code_digits=_digits(reader, controller),
        resolution_s=reader.number("resolution_s", 1, DAY, 1),
        max_grants=reader.number_or_none("max_grants", 1, MOST_GRANTS),
        revocation=reader.choice("revocation", Revocation, Revocation.INSTANT),
        lists=reader.flag("lists", True),
        unlocks=reader.flag("unlocks", True),
        sees_doors=True,
        events=True,
    )
    reader.finish()
    return found, reader.errors


def _digits(reader: Section, controller: ControllerSettings) -> tuple[int, int]:
    if not reader.has("code_digits"):
        return ControllerCapabilities().code_digits
    match controller.settings.get("code_digits"):
        case [int(least), int(most)] if 1 <= least <= most <= LONGEST_CODE:
            return least, most
    reader.mistake("code_digits", "malformed", f"must be the least and the most digits of a code, 1 to {LONGEST_CODE}")
    return ControllerCapabilities().code_digits


def _capabilities(controller: ControllerSettings) -> ControllerCapabilities:
    return _read(controller)[0]


def _check(controller: ControllerSettings, _site: Site) -> list[FieldError]:
    return _read(controller)[1]


def _build(controller: ControllerSettings, _site: Site, clock: Clock) -> SimulatedController:
    return SimulatedController(controller, clock)


def _is_real(_controller: ControllerSettings, _site: Site) -> bool:
    return False


CONTROLLER: Final = ControllerInfo("simulated", _capabilities, _check, _build, _is_real)
