"""The pins of one Wiegand reader as gpiozero devices: two data wires, lamps, buzzer, cover switch."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import gpiozero

from drivers.contract import DriverUnreachable, Site
from drivers.transports.board import Factory, Faults, reach, unusable

DATA: Final = ("d0", "d1")
LAMPS: Final = ("green", "red", "buzzer")
TAMPER: Final = "tamper"

Fell = Callable[[int, float], None]
"""Takes the bit of a data wire that fell, and when, in seconds on the scale of the pins."""


@dataclass(frozen=True, slots=True)
class ReaderPinNumbers:
    """BCM numbers by name: both of `DATA`, and those of `LAMPS` and `TAMPER` that are connected."""

    numbers: Mapping[str, int]
    lamps_active_high: bool


class _DataWire:
    """One data wire. gpiozero's own inputs keep the moment of an edge to themselves, so its pin is asked directly."""

    def __init__(self, number: int, factory: Factory, bit: int, fell: Fell) -> None:
        self._bit = bit
        self._fell = fell
        self._device = gpiozero.GPIODevice(number, pin_factory=factory)
        pin = self._device.pin
        pin.function, pin.pull = "input", "up"
        pin.bounce, pin.edges = None, "falling"
        # gpiozero keeps no hold of whom it tells: this object must live as long as its pin is counted.
        pin.when_changed = self._changed

    def close(self) -> None:
        self._device.close()

    def _changed(self, ticks: float, level: int) -> None:
        if not level:
            self._fell(self._bit, ticks)


class ReaderPins:
    """The devices of one reader. Data wires and cover switch are pulled up; a pulse and a closed cover are low."""

    def __init__(self, factory: Factory, faults: Faults) -> None:
        self._factory = factory
        self._faults = faults
        self._lamps: dict[str, gpiozero.DigitalOutputDevice] = {}
        self._wires: list[_DataWire] = []
        self._tamper: gpiozero.DigitalInputDevice | None = None

    def open(self, pins: ReaderPinNumbers, fell: Fell) -> None:
        """Claim every pin, with lamps dark and the buzzer quiet from the first moment."""
        numbers = pins.numbers
        try:
            for name in LAMPS:
                if name in numbers:
                    self._lamps[name] = gpiozero.DigitalOutputDevice(
                        numbers[name], active_high=pins.lamps_active_high, pin_factory=self._factory
                    )
            if TAMPER in numbers:
                self._tamper = gpiozero.DigitalInputDevice(numbers[TAMPER], pull_up=True, pin_factory=self._factory)
            self._wires += [_DataWire(numbers[name], self._factory, bit, fell) for bit, name in enumerate(DATA)]
        except self._faults as fault:
            raise unusable(fault) from fault

    def light(self, name: str, on: bool) -> None:
        """Light a lamp, or sound the buzzer; nothing happens where there is none."""
        try:
            if name in self._lamps:
                self._lamps[name].value = on
        except self._faults as fault:
            raise DriverUnreachable(f"the pin of the {name} wire does not answer: {fault}") from fault

    def cover_is_on(self) -> bool:
        """False when the cover is off, or the cable is cut or pulled out; true where no switch is connected."""
        return self._tamper is None or bool(self._tamper.value)

    def close(self) -> None:
        """Nothing is driven any more."""
        for device in (*self._wires, *self._lamps.values(), self._tamper):
            if device is not None:
                with suppress(DriverUnreachable):
                    device.close()
        self._wires, self._lamps, self._tamper = [], {}, None
        self._factory.close()


def connect(site: Site, on_lost: Callable[[str], None]) -> ReaderPins:
    """Reach the board that the configuration names, and no other."""
    return ReaderPins(*reach(site, on_lost))
