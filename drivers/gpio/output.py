"""An output on one pin: a relay for lights or heating (AC-17). A pin that nobody drives leaves it off."""

import threading
from typing import Final

from appliance.foundation.clock import Clock
from appliance.foundation.documents import Section
from appliance.foundation.errors import FieldError
from drivers.contract import DriverHealth, DriverUnreachable, Pins, Site
from drivers.gpio.pins import PinNumbers, connect
from drivers.output_contract import OutputInfo, OutputSettings
from drivers.supervision import SupervisedLink
from drivers.transports.board import HIGHEST_PIN, LOWEST_PIN, no_socket

LONGEST_WAIT_S: Final = 0.5


class GpioOutput:
    """One relay; an `Output`. Its link is the board, or the process that plays the board."""

    def __init__(self, output: OutputSettings, site: Site, clock: Clock) -> None:
        self._site = site
        self._numbers, _ = _read(output)
        self._link = SupervisedLink(f"gpio-output-{output.slug}", self._serve, self._wake, clock)
        self._changed = threading.Condition(threading.RLock())
        self._wanted = False
        self._lost = ""

    def start(self) -> None:
        self._link.start()

    def switch(self, on: bool) -> None:
        with self._changed:
            self._wanted = on
            self._changed.notify_all()

    def health(self) -> DriverHealth:
        return self._link.health()

    def stop(self) -> None:
        self._link.stop()

    def _serve(self, link: SupervisedLink) -> None:
        self._lost = ""
        pins = connect(self._site, self._lose)
        try:
            with self._changed:
                drawn = self._wanted
                pins.open(self._numbers, drawn, _no_edge)
                link.came_online()
                while not link.stopping.is_set():
                    if self._lost:
                        raise DriverUnreachable(self._lost)
                    if self._wanted is not drawn:
                        drawn = self._wanted
                        pins.draw(drawn)
                    link.seen()
                    self._changed.wait(LONGEST_WAIT_S)
        finally:
            pins.close()

    def _lose(self, why: str) -> None:
        with self._changed:
            self._lost = why
            self._changed.notify_all()

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()


def _no_edge(_name: str, _level: bool) -> None:
    return None


def _read(output: OutputSettings) -> tuple[PinNumbers, list[FieldError]]:
    section = Section("settings", output.settings)
    pin = section.number("pin", LOWEST_PIN, HIGHEST_PIN)
    active_high = section.flag("active_high", True)
    section.finish()
    return PinNumbers(pin, active_high, {}), section.errors


def _check(output: OutputSettings, site: Site) -> list[FieldError]:
    return _read(output)[1] + no_socket(site)


def _build(output: OutputSettings, site: Site, clock: Clock) -> GpioOutput:
    return GpioOutput(output, site, clock)


def _is_real(_output: OutputSettings, site: Site) -> bool:
    return site.pins is Pins.NATIVE


def _claims(output: OutputSettings) -> frozenset[str]:
    return frozenset({f"pin {_read(output)[0].strike}"})


OUTPUT: Final = OutputInfo("gpio", _check, _build, _is_real, _claims)
