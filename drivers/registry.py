"""Names to drivers. A driver's module is imported only when a configured door names it (DR-01).

Drivers of third parties announce themselves by an entry point in the group `portvakt.drivers` that points at their
`DriverInfo`; a built-in name cannot be taken over.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import entry_points
from typing import Final

from appliance.foundation.clock import Clock
from appliance.foundation.errors import FieldError, Invalid, NeedsAttention
from drivers.contract import DoorDriver, DoorSettings, DriverInfo, Site

GROUP: Final = "portvakt.drivers"
BUILT_IN: Final = {
    "gpio": "drivers.gpio.driver",
    "mqtt_lock": "drivers.mqtt_lock.driver",
    "simulated": "drivers.simulated.driver",
}


@dataclass(frozen=True, slots=True)
class ConfiguredDoor:
    """A door and the name of the driver that is to move it."""

    driver: str
    settings: DoorSettings


def names() -> list[str]:
    """Every driver that can be named in a configuration, without importing any."""
    return sorted({*BUILT_IN, *(point.name for point in entry_points(group=GROUP))})


def load(name: str) -> DriverInfo:
    """The driver of this name; importing it is what costs memory. Unknown: `Invalid`; broken: `NeedsAttention`."""
    if name in BUILT_IN:
        found: object = import_module(BUILT_IN[name]).DRIVER
    else:
        points = list(entry_points(group=GROUP, name=name))
        if len(points) != 1:
            known = ", ".join(names())
            raise Invalid(FieldError("driver", "unknown_driver", f"there is no driver {name!r}; there are {known}"))
        try:
            found = points[0].load()
        except (ImportError, AttributeError) as broken:
            raise NeedsAttention(f"driver {name!r} cannot be loaded: {broken}; install it again") from broken
    if not isinstance(found, DriverInfo):
        raise NeedsAttention(f"driver {name!r} does not present itself with a DriverInfo; ask its maker")
    return found


def check(doors: Iterable[ConfiguredDoor], site: Site) -> list[FieldError]:
    """Every mistake in all these doors at once; fields are `doors.SLUG.driver` and `doors.SLUG.settings.NAME`."""
    errors: list[FieldError] = []
    owners: dict[str, str] = {}
    for door in doors:
        slug = door.settings.door_slug
        try:
            driver = load(door.driver)
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
    driver = load(door.driver)
    errors = driver.check(door.settings, site)
    if errors:
        raise Invalid(*errors)
    return driver.build(door.settings, site, clock)


def real_doors(doors: Iterable[ConfiguredDoor], site: Site) -> list[str]:
    """Slugs of the doors that may be steel; a pretend clock is refused while there is one."""
    return [door.settings.door_slug for door in doors if load(door.driver).is_real(door.settings, site)]


def _under(prefix: str, error: FieldError) -> FieldError:
    return FieldError(f"{prefix}.{error.field}", error.code, error.message)
