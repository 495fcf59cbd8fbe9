"""Names to drivers. A driver's module is imported only when the site plan names it (DR-01).

Drivers of third parties announce themselves by an entry point in the group `portvakt.drivers`, `portvakt.readers` or
`portvakt.controllers` that points at their info; a built-in name cannot be taken over.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import entry_points
from typing import Final, Generic, TypeVar

from appliance.foundation.clock import Clock
from appliance.foundation.errors import FieldError, Invalid, NeedsAttention
from drivers.contract import DoorDriver, DoorSettings, DriverInfo, Site
from drivers.controller_contract import ControllerInfo
from drivers.reader_contract import ReaderInfo

Info = TypeVar("Info")


class Kind(Generic[Info]):
    """All drivers of one half of the contract."""

    def __init__(self, group: str, kind: type[Info], built_in: Mapping[str, str]) -> None:
        self._group = group
        self._kind = kind
        self._built_in = built_in

    @property
    def built_in(self) -> Mapping[str, str]:
        """Where the drivers of this distribution are, as `module:attribute`, by name."""
        return self._built_in

    def names(self) -> list[str]:
        """Every driver that can be named in a site plan, without importing any."""
        return sorted({*self._built_in, *(point.name for point in entry_points(group=self._group))})

    def load(self, name: str) -> Info:
        """The driver of this name; importing it is what costs memory. Unknown: `Invalid`; broken: `NeedsAttention`."""
        found = self._built_in_info(name) if name in self._built_in else self._foreign_info(name)
        if not isinstance(found, self._kind):
            kind = self._kind.__name__
            raise NeedsAttention(f"driver {name!r} does not present itself with a {kind}; ask its maker")
        return found

    def _built_in_info(self, name: str) -> object:
        module, _, attribute = self._built_in[name].partition(":")
        return getattr(import_module(module), attribute)

    def _foreign_info(self, name: str) -> object:
        points = list(entry_points(group=self._group, name=name))
        if len(points) != 1:
            known = ", ".join(self.names()) or "none"
            raise Invalid(FieldError("driver", "unknown_driver", f"there is no driver {name!r}; there are {known}"))
        try:
            return points[0].load()
        except (ImportError, AttributeError) as broken:
            raise NeedsAttention(f"driver {name!r} cannot be loaded: {broken}; install it again") from broken


DOORS: Final = Kind(
    "portvakt.drivers",
    DriverInfo,
    {
        "gpio": "drivers.gpio.driver:DRIVER",
        "mqtt_lock": "drivers.mqtt_lock.driver:DRIVER",
        "simulated": "drivers.simulated.driver:DRIVER",
    },
)
READERS: Final = Kind("portvakt.readers", ReaderInfo, {})
CONTROLLERS: Final = Kind("portvakt.controllers", ControllerInfo, {})


@dataclass(frozen=True, slots=True)
class ConfiguredDoor:
    """A door and the name of the driver that is to move it."""

    driver: str
    settings: DoorSettings


def check(doors: Iterable[ConfiguredDoor], site: Site) -> list[FieldError]:
    """Every mistake in all these doors at once; fields are `doors.SLUG.driver` and `doors.SLUG.settings.NAME`."""
    errors: list[FieldError] = []
    owners: dict[str, str] = {}
    for door in doors:
        slug = door.settings.door_slug
        try:
            driver = DOORS.load(door.driver)
        except Invalid as unknown:
            errors += [_under(f"doors.{slug}", error) for error in unknown.errors]
            continue
        errors += [_under(f"doors.{slug}", error) for error in driver.check(door.settings, site)]
        for claim in sorted(driver.claims(door.settings)):
            owner = owners.setdefault(claim, slug)
            if owner != slug:
                errors.append(FieldError(f"doors.{slug}.settings", "taken", f"{claim} already belongs to {owner}"))
    return errors


def build(door: ConfiguredDoor, site: Site, clock: Clock) -> DoorDriver:
    """One door, not yet started. Raises `Invalid` with every mistake in its settings."""
    driver = DOORS.load(door.driver)
    errors = driver.check(door.settings, site)
    if errors:
        raise Invalid(*errors)
    return driver.build(door.settings, site, clock)


def real_doors(doors: Iterable[ConfiguredDoor], site: Site) -> list[str]:
    """Slugs of the doors that may be steel; a pretend clock is refused while there is one."""
    return [door.settings.door_slug for door in doors if DOORS.load(door.driver).is_real(door.settings, site)]


def _under(prefix: str, error: FieldError) -> FieldError:
    return FieldError(f"{prefix}.{error.field}", error.code, error.message)
