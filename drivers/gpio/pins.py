"""The pins of one GPIO door as gpiozero devices, over the pins of this board or over a wire to another process."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import gpiozero

from drivers.contract import DriverUnreachable, Site
from drivers.transports.board import Factory, Faults, reach, unusable

INPUTS: Final = ("contact", "rex", "tamper")
KERNEL_MODULES: Final = ("pinctrl_bcm2835", "pinctrl_rp1")

OnEdge = Callable[[str, bool], None]


@dataclass(frozen=True, slots=True)
class PinNumbers:
    """BCM numbers: the strike relay, and those of `INPUTS` that are connected."""

    strike: int
    strike_active_high: bool
    inputs: Mapping[str, int]


class DoorPins:
    """The devices of one door; opened with the relay drawn or not, closed with nothing driven.

    Inputs are pulled up and switched to ground: a leaf in its frame, a pressed button and a closed cover read True.
    """

    def __init__(self, factory: Factory, faults: Faults) -> None:
        self._factory = factory
        self._faults = faults
        self._strike: gpiozero.DigitalOutputDevice | None = None
        self._inputs: dict[str, gpiozero.DigitalInputDevice] = {}

    def open(self, numbers: PinNumbers, drawn: bool, on_edge: OnEdge) -> None:
        """Claim every pin; the relay stands at `drawn` from the first moment."""
        try:
            self._strike = gpiozero.DigitalOutputDevice(
                numbers.strike,
                active_high=numbers.strike_active_high,
                initial_value=drawn,
                pin_factory=self._factory,
            )
            for name, pin in numbers.inputs.items():
                device = gpiozero.DigitalInputDevice(pin, pull_up=True, pin_factory=self._factory)
                device.when_activated = _teller(on_edge, name, True)
                device.when_deactivated = _teller(on_edge, name, False)
                self._inputs[name] = device
        except self._faults as fault:
            raise unusable(fault) from fault

    def draw(self, drawn: bool) -> None:
        """Draw the relay or let it drop."""
        if self._strike is None:
            raise DriverUnreachable("the pins are closed")
        try:
            self._strike.value = drawn
        except self._faults as fault:
            raise DriverUnreachable(f"the relay's pin does not answer: {fault}") from fault

    def read(self, name: str) -> bool | None:
        """The raw level of an input; None when it is not connected."""
        device = self._inputs.get(name)
        return None if device is None else bool(device.value)

    def close(self) -> None:
        """Nothing is driven any more."""
        for device in self._inputs.values():
            device.close()
        if self._strike is not None:
            self._strike.close()
        self._inputs, self._strike = {}, None
        self._factory.close()


def connect(site: Site, on_lost: Callable[[str], None]) -> DoorPins:
    """Reach the board that the configuration names, and no other."""
    return DoorPins(*reach(site, on_lost))


def kernel_keeps_outputs(modules: Path = Path("/sys/module")) -> bool:
    """Whether this kernel leaves a pin driven after the program that drove it has died.

    Raspberry Pi's kernels do unless `dtparam=strict_gpiod` stands in config.txt (raspberrypi/linux 6117 and 6150).
    """
    for module in KERNEL_MODULES:
        try:
            setting = (modules / module / "parameters" / "persist_gpio_outputs").read_text()
        except OSError:
            continue
        if setting.strip() in ("Y", "1"):
            return True
    return False


def _teller(on_edge: OnEdge, name: str, level: bool) -> Callable[[], None]:
    return lambda: on_edge(name, level)
