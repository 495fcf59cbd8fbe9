"""A door in memory: strike, leaf, contact, REX button, cover, and a hand that can be told to misbehave (DR-01).

It obeys the physics of a door: a leaf opens only when the strike is free, unless it is forced.
"""

from dataclasses import dataclass, replace
from typing import Final

from appliance.foundation.clock import Clock
from appliance.foundation.documents import Section
from appliance.foundation.errors import FieldError
from appliance.foundation.grants import Grant
from drivers.contract import (
    Act,
    Capability,
    DoorDriver,
    DoorSettings,
    DriverHealth,
    DriverInfo,
    DriverRefused,
    DriverUnreachable,
    Fact,
    Fail,
    Observation,
    Observe,
    Site,
)
from drivers.controlled_door import controlled_door
from drivers.strike import Strike
from drivers.supervision import FaultMemory, SupervisedLink

ON_CONTROLLER: Final = controlled_door("simulated")
CAPABILITIES: Final = frozenset(Capability)
JAMMED: Final = "the bolt does not move; look for something in its way"
UNPLUGGED: Final = "the door is unplugged; plug it in"


@dataclass(frozen=True, slots=True)
class Frame:
    """The steel of a pretend door."""

    bolt_free: bool = False
    leaf_open: bool = False
    tampered: bool = False
    plugged: bool = True
    jammed: bool = False


class SimulatedDoor:
    """One door in memory; a `DoorDriver` and a `Hand`."""

    def __init__(self, door: DoorSettings, clock: Clock) -> None:
        self._door = door
        self._strike = Strike(clock, self._drive)
        self._link = SupervisedLink(f"simulated-{door.door_slug}", self._serve, self._wake, clock)
        self._lock = self._strike.changed
        self._frame = Frame(bolt_free=door.fail is Fail.SAFE)
        self._faults = FaultMemory(clock)
        self._observe: Observe = _unheard
        self._wants_free = False

    @property
    def capabilities(self) -> frozenset[Capability]:
        return CAPABILITIES

    @property
    def frame(self) -> Frame:
        """What a person standing before the door would see."""
        with self._lock:
            return self._frame

    def start(self, observe: Observe) -> None:
        with self._lock:
            self._observe = observe
            self._tell(Fact.ONLINE)
            self._frame = replace(self._frame, bolt_free=False)
            self._strike.begin()
            self._tell(Fact.LOCKED)
            self._tell(Fact.OPENED if self._frame.leaf_open else Fact.CLOSED)
        self._link.start()

    def release(self, grant: Grant) -> None:
        self._reachable()
        self._strike.release(grant)

    def hold(self, released: bool) -> None:
        """Ending a hold is remembered while the door is unplugged, and raises even so."""
        if released:
            self._reachable()
        self._strike.hold(released)
        self._reachable()

    def health(self) -> DriverHealth:
        with self._lock:
            health = self._link.health()
            if not self._frame.plugged:
                health = replace(health, online=False, fault=UNPLUGGED)
            elif self._frame.jammed:
                health = replace(health, fault=JAMMED)
            return self._faults.noted(health)

    def stop(self) -> None:
        self._link.stop()
        with self._lock:
            self._strike.hold(False)
            self._observe = _unheard
            self._frame = replace(self._frame, bolt_free=self._door.fail is Fail.SAFE)

    def hand(self, act: Act) -> None:
        with self._lock:
            frame = self._frame
            if act is Act.OPEN and not (frame.bolt_free or frame.leaf_open):
                raise DriverRefused("the door is locked")
            self._frame = _after(frame, act, self._door.fail)
            if self._frame.plugged:
                for fact in _facts(frame, self._frame, act):
                    self._tell(fact)
            elif frame.plugged:
                self._tell(Fact.OFFLINE)
            if act is Act.PLUG and not frame.plugged:
                self._strike.begin()
            self._move_bolt()

    def _serve(self, link: SupervisedLink) -> None:
        link.came_online()
        with self._strike.changed:
            while not link.stopping.is_set():
                link.seen()
                # At most half a second, because a pretend clock does not wake anyone.
                self._strike.changed.wait(min(0.5, self._strike.tick() or 0.5))

    def _wake(self) -> None:
        with self._strike.changed:
            self._strike.changed.notify_all()

    def _drive(self, released: bool) -> None:
        with self._lock:
            self._wants_free = released
            self._move_bolt()

    def _move_bolt(self) -> None:
        frame = self._frame
        if frame.jammed or not frame.plugged or frame.bolt_free is self._wants_free:
            return
        self._frame = replace(frame, bolt_free=self._wants_free)
        self._tell(Fact.RELEASED if self._wants_free else Fact.LOCKED)

    def _reachable(self) -> None:
        if not self.frame.plugged or self._link.stopping.is_set():
            raise DriverUnreachable(UNPLUGGED)

    def _tell(self, fact: Fact) -> None:
        self._observe(Observation(self._door.door_id, fact))


def _after(frame: Frame, act: Act, fail: Fail) -> Frame:
    changes: dict[Act, Frame] = {
        Act.OPEN: replace(frame, leaf_open=True),
        Act.FORCE: replace(frame, leaf_open=True),
        Act.CLOSE: replace(frame, leaf_open=False),
        Act.TAMPER: replace(frame, tampered=True),
        Act.TAMPER_OVER: replace(frame, tampered=False),
        Act.UNPLUG: replace(frame, plugged=False, bolt_free=fail is Fail.SAFE),
        Act.PLUG: replace(frame, plugged=True, bolt_free=False) if not frame.plugged else frame,
        Act.JAM: replace(frame, jammed=True),
        Act.FREE: replace(frame, jammed=False),
    }
    return changes.get(act, frame)


def _facts(before: Frame, after: Frame, act: Act) -> list[Fact]:
    facts: list[Fact] = []
    if after.plugged and not before.plugged:
        facts += [Fact.ONLINE, Fact.LOCKED, Fact.OPENED if after.leaf_open else Fact.CLOSED]
    if after.leaf_open is not before.leaf_open:
        facts.append(Fact.OPENED if after.leaf_open else Fact.CLOSED)
    if after.tampered is not before.tampered:
        facts.append(Fact.TAMPER if after.tampered else Fact.TAMPER_OVER)
    if act is Act.REX:
        facts.append(Fact.REX)
    return facts


def _unheard(_observation: Observation) -> None:
    return None


def _check(door: DoorSettings, site: Site) -> list[FieldError]:
    if "controller" in door.settings:
        return ON_CONTROLLER.check(door, site)
    reader = Section("settings", door.settings)
    reader.finish()
    return reader.errors


def _build(door: DoorSettings, site: Site, clock: Clock) -> DoorDriver:
    return ON_CONTROLLER.build(door, site, clock) if "controller" in door.settings else SimulatedDoor(door, clock)


def _never_real(_door: DoorSettings, _site: Site) -> bool:
    return False


def _claims(door: DoorSettings) -> frozenset[str]:
    return ON_CONTROLLER.claims(door) if "controller" in door.settings else frozenset()


DRIVER: Final = DriverInfo("simulated", CAPABILITIES, _check, _build, _never_real, _claims)
