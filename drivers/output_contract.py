"""The output half of the driver contract: lights, heating and whatever else follows bookings (AC-17).

An output is no door: it is switched, not released, and no grant is needed for it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from appliance.foundation.clock import Clock
from appliance.foundation.errors import FieldError
from drivers.contract import DriverHealth, Site


@dataclass(frozen=True, slots=True)
class OutputSettings:
    """One output as its driver needs to know it. `settings` are the driver's own, checked by its factory."""

    output_id: str
    slug: str
    settings: Mapping[str, object]


class Output(Protocol):
    """The output half of the driver contract, for one output.

    must: `start` returns within two seconds also when the device is away.
    must: what was last switched is in force again after a break of the link; before the first call it is off.
    """

    def start(self) -> None:
        """Take hold of the device."""

    def switch(self, on: bool) -> None:
        """Switch it; idempotent, returns at once, never raises: `health` says when the device does not follow."""

    def health(self) -> DriverHealth:
        """A snapshot; never blocks."""

    def stop(self) -> None:
        """Switch it off and let go of the device, within two seconds."""


def _nothing(_output: OutputSettings) -> frozenset[str]:
    return frozenset()


@dataclass(frozen=True, slots=True)
class OutputInfo:
    """How an output driver presents itself; its module exposes one as `OUTPUT`. Fields as in `DriverInfo`."""

    name: str
    check: Callable[[OutputSettings, Site], list[FieldError]]
    build: Callable[[OutputSettings, Site, Clock], Output]
    is_real: Callable[[OutputSettings, Site], bool]
    claims: Callable[[OutputSettings], frozenset[str]] = _nothing
