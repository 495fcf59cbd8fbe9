"""The pins of a board for gpiozero's devices: of this board, or of a process that plays one (DR-02, DR-08)."""

from collections.abc import Callable
from typing import Final, Protocol

import gpiozero

from appliance.foundation.errors import FieldError
from drivers.contract import DriverRefused, Pins, Site
from drivers.transports.pin_wire import WireFactory

LOWEST_PIN: Final = 2
HIGHEST_PIN: Final = 27
Faults = tuple[type[Exception], ...]


class Factory(Protocol):
    """The part of a gpiozero pin factory that is used here."""

    def close(self) -> None:
        """Let go of all pins."""


def reach(site: Site, on_lost: Callable[[str], None]) -> tuple[Factory, Faults]:
    """The pins of the board that the configuration names, and no other; and what they may raise in use.

    on_lost: is told why, when the process that plays the board is gone.
    """
    if site.pins is Pins.WIRE:
        if site.pins_socket is None:
            raise DriverRefused("the pins are to be played by another process, but its socket is not configured")
        return WireFactory(site.pins_socket, on_lost), (gpiozero.GPIOZeroError,)
    return _native()


def no_socket(site: Site) -> list[FieldError]:
    """The mistake of pins on a wire whose socket is not configured."""
    if site.pins is Pins.WIRE and site.pins_socket is None:
        return [FieldError("driver", "no_socket", "the pins are on a wire, but its socket is not configured")]
    return []


def unusable(fault: Exception) -> DriverRefused:
    """What to say of pins that cannot be claimed."""
    return DriverRefused(f"the pins cannot be used: {fault}; check their numbers and who else uses them")


def _native() -> tuple[Factory, Faults]:
    try:
        import lgpio
        from gpiozero.pins.lgpio import LGPIOFactory
    except ImportError as missing:
        raise DriverRefused("the package lgpio is missing; install portvakt[pi]") from missing
    faults = (gpiozero.GPIOZeroError, lgpio.error, OSError)
    try:
        return LGPIOFactory(), faults
    except faults as fault:
        raise DriverRefused(
            f"the board's pins cannot be opened: {fault}; check the rights on /dev/gpiochip*"
        ) from fault
