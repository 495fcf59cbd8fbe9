"""A door on pins: strike relay, contact, REX button and cover switch (DR-02, AC-15).

Fail secure: a drawn relay frees the strike. Fail safe: a drawn relay holds the magnet. In both a dropped relay, an
undriven pin and a dead program are the same thing, so that a crash leaves the door as its `Fail` says.
"""

from dataclasses import replace
from typing import Final

from appliance.foundation.clock import Clock
from appliance.foundation.documents import Section
from appliance.foundation.errors import FieldError
from appliance.foundation.grants import Grant
from drivers.contract import (
    Capability,
    DoorSettings,
    DriverHealth,
    DriverInfo,
    DriverUnreachable,
    Fact,
    Fail,
    Observation,
    Observe,
    Pins,
    Site,
)
from drivers.gpio.debounce import Debounced
from drivers.gpio.pins import INPUTS, DoorPins, PinNumbers, connect, kernel_keeps_outputs
from drivers.strike import Strike
from drivers.supervision import FaultMemory, SupervisedLink
from drivers.transports.board import HIGHEST_PIN, LOWEST_PIN, no_socket

DEBOUNCE_MS: Final = 30
LONGEST_WAIT_S: Final = 0.5
ALWAYS: Final = frozenset({Capability.HOLD})
BY_INPUT: Final = {"contact": Capability.CONTACT, "rex": Capability.REX, "tamper": Capability.TAMPER}
FACTS: Final = {
    ("contact", True): Fact.CLOSED,
    ("contact", False): Fact.OPENED,
    ("rex", True): Fact.REX,
    ("tamper", True): Fact.TAMPER_OVER,
    ("tamper", False): Fact.TAMPER,
}
KEPT_OUTPUTS: Final = (
    "this kernel keeps the strike's pin driven when the program dies; set dtparam=strict_gpiod in config.txt and reboot"
)


class GpioDoor:
    """One door on pins; a `DoorDriver`. Its link is the board, or the process that plays the board."""

    def __init__(self, door: DoorSettings, site: Site, clock: Clock) -> None:
        self._door = door
        self._site = site
        self._clock = clock
        self._numbers, self._quiet_s, _ = _read(door)
        self._strike = Strike(clock, self._drive)
        self._changed = self._strike.changed
        self._link = SupervisedLink(f"gpio-{door.door_slug}", self._serve, self._wake, clock)
        self._inputs: dict[str, Debounced] = {}
        self._pins: DoorPins | None = None
        self._lost = ""
        self._faults = FaultMemory(clock)
        self._observe: Observe = _unheard

    @property
    def capabilities(self) -> frozenset[Capability]:
        return ALWAYS | {BY_INPUT[name] for name in self._numbers.inputs}

    def start(self, observe: Observe) -> None:
        self._observe = observe
        self._link.start()

    def release(self, grant: Grant) -> None:
        self._reachable()
        self._strike.release(grant)
        self._reachable()

    def hold(self, released: bool) -> None:
        """A hold survives a lost wire. Ending one is remembered while the pins are away, and raises even so."""
        if released:
            self._reachable()
        self._strike.hold(released)
        self._reachable()

    def health(self) -> DriverHealth:
        health = self._link.health()
        if health.online and self._site.pins is Pins.NATIVE and kernel_keeps_outputs():
            health = replace(health, fault=KEPT_OUTPUTS)
        with self._changed:
            return self._faults.noted(health)

    def stop(self) -> None:
        self._link.stop()
        self._strike.hold(False)
        self._observe = _unheard

    def _serve(self, link: SupervisedLink) -> None:
        self._lost = ""
        pins = connect(self._site, self._lose)
        try:
            pins.open(self._numbers, self._drawn(released=False), self._edge)
            with self._changed:
                self._begin(pins)
                link.came_online()
                self._watch(link)
        finally:
            with self._changed:
                was_online, self._pins = self._pins is not None, None
            pins.close()
            if was_online:
                self._tell(Fact.OFFLINE)

    def _begin(self, pins: DoorPins) -> None:
        self._pins = pins
        levels = {name: pins.read(name) for name in INPUTS}
        self._inputs = {name: Debounced(level, self._quiet_s) for name, level in levels.items() if level is not None}
        self._tell(Fact.ONLINE)
        self._strike.begin()
        for name, is_on in self._inputs.items():
            if name == "contact" or (name == "tamper" and not is_on.level):
                self._tell(FACTS[name, is_on.level])

    def _watch(self, link: SupervisedLink) -> None:
        while not link.stopping.is_set():
            if self._lost:
                raise DriverUnreachable(self._lost)
            link.seen()
            waits = [LONGEST_WAIT_S, self._strike.tick(), *map(self._settle, list(self._inputs))]
            self._changed.wait(min(wait for wait in waits if wait is not None))

    def _settle(self, name: str) -> float | None:
        now, debounced = self._clock.monotonic(), self._inputs[name]
        fact = FACTS.get((name, debounced.level)) if debounced.settle(now) else None
        if fact is not None:
            self._tell(fact)
        return debounced.due_in(now)

    def _edge(self, name: str, level: bool) -> None:
        with self._changed:
            if name in self._inputs:
                self._inputs[name].edge(level, self._clock.monotonic())
                self._changed.notify_all()

    def _drive(self, released: bool) -> None:
        if self._pins is None:
            return
        try:
            self._pins.draw(self._drawn(released))
        except DriverUnreachable as lost:
            self._lost = str(lost)
            self._changed.notify_all()
            return
        self._tell(Fact.RELEASED if released else Fact.LOCKED)

    def _drawn(self, released: bool) -> bool:
        return released if self._door.fail is Fail.SECURE else not released

    def _lose(self, why: str) -> None:
        with self._changed:
            self._lost = why
            self._changed.notify_all()

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _reachable(self) -> None:
        if self._pins is None or self._lost:
            raise DriverUnreachable(self._lost or self._link.health().fault or "the pins are not open yet")

    def _tell(self, fact: Fact) -> None:
        self._observe(Observation(self._door.door_id, fact))


def _unheard(_observation: Observation) -> None:
    return None


def _read(door: DoorSettings) -> tuple[PinNumbers, float, list[FieldError]]:
    reader = Section("settings", door.settings)
    strike = reader.number_or_none("strike_pin", LOWEST_PIN, HIGHEST_PIN)
    if not reader.has("strike_pin"):
        reader.mistake("strike_pin", "missing", "must be set")
    active_high = reader.flag("strike_active_high", True)
    found = {name: reader.number_or_none(f"{name}_pin", LOWEST_PIN, HIGHEST_PIN) for name in INPUTS}
    inputs = {name: number for name, number in found.items() if number is not None}
    debounce_ms = reader.number("debounce_ms", 0, 500, DEBOUNCE_MS)
    used = [strike, *inputs.values()]
    for name, number in inputs.items():
        if used.count(number) > 1:
            reader.mistake(f"{name}_pin", "taken", f"pin {number} is named twice for this door")
    reader.finish()
    return PinNumbers(strike or 0, active_high, inputs), debounce_ms / 1000, reader.errors


def _check(door: DoorSettings, site: Site) -> list[FieldError]:
    return _read(door)[2] + no_socket(site)


def _build(door: DoorSettings, site: Site, clock: Clock) -> GpioDoor:
    return GpioDoor(door, site, clock)


def _is_real(_door: DoorSettings, site: Site) -> bool:
    return site.pins is Pins.NATIVE


def _claims(door: DoorSettings) -> frozenset[str]:
    numbers = _read(door)[0]
    return frozenset(f"pin {number}" for number in (numbers.strike, *numbers.inputs.values()) if number)


DRIVER: Final = DriverInfo("gpio", ALWAYS | frozenset(BY_INPUT.values()), _check, _build, _is_real, _claims)
