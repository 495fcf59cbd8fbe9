"""An output in memory, for demos and trials (AC-17)."""

from typing import Final

from appliance.foundation.clock import Clock
from appliance.foundation.documents import Section
from appliance.foundation.errors import FieldError
from drivers.contract import DriverHealth, Site
from drivers.output_contract import OutputInfo, OutputSettings


class SimulatedOutput:
    """A lamp that nobody can see; an `Output`. `history` is every change since it was made, the first one off."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._is_running = False
        self.history: list[bool] = [False]

    def start(self) -> None:
        self._is_running = True

    def switch(self, on: bool) -> None:
        if on is not self.history[-1]:
            self.history.append(on)

    def health(self) -> DriverHealth:
        return DriverHealth(self._is_running, last_seen=self._clock.now() if self._is_running else None)

    def stop(self) -> None:
        self.switch(False)
        self._is_running = False


def _check(output: OutputSettings, _site: Site) -> list[FieldError]:
    section = Section("settings", output.settings)
    section.finish()
    return section.errors


def _build(_output: OutputSettings, _site: Site, clock: Clock) -> SimulatedOutput:
    return SimulatedOutput(clock)


def _never_real(_output: OutputSettings, _site: Site) -> bool:
    return False


OUTPUT: Final = OutputInfo("simulated", _check, _build, _never_real)
