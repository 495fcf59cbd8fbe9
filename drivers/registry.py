"""Names to drivers. A driver's module is imported only when the site plan names it (DR-01).

Drivers of third parties announce themselves by an entry point in the group `portvakt.drivers`, `portvakt.readers`,
`portvakt.controllers` or `portvakt.outputs` that points at their info; a built-in name cannot be taken over.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from appliance.foundation.clock import Clock
from appliance.foundation.errors import FieldError, Invalid, NeedsAttention
from drivers.contract import DoorDriver, DoorSettings, DriverInfo, Site
from drivers.controller_contract import Controller, ControllerInfo, ControllerSettings
from drivers.output_contract import Output, OutputInfo, OutputSettings
from drivers.reader_contract import Reader, ReaderInfo, ReaderSettings

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

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
        return sorted({*self._built_in, *(point.name for point in _announced(self._group))})

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
        points = [point for point in _announced(self._group) if point.name == name]
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
        "axema": "drivers.axema.door:DRIVER",
        "gpio": "drivers.gpio.driver:DRIVER",
        "mqtt_lock": "drivers.mqtt_lock.driver:DRIVER",
        "parakey": "drivers.parakey.door:DRIVER",
        "rco": "drivers.rco.driver:DRIVER",
        "simulated": "drivers.simulated.driver:DRIVER",
    },
)
READERS: Final = Kind(
    "portvakt.readers",
    ReaderInfo,
    {
        "osdp": "drivers.osdp.driver:READER",
        "serial_scanner": "drivers.serial_scanner.driver:READER",
        "usb_scanner": "drivers.usb_scanner.driver:READER",
        "wiegand": "drivers.wiegand.driver:READER",
    },
)
CONTROLLERS: Final = Kind(
    "portvakt.controllers",
    ControllerInfo,
    {
        "axema": "drivers.axema.driver:CONTROLLER",
        "parakey": "drivers.parakey.driver:CONTROLLER",
        "rco": "drivers.rco.driver:CONTROLLER",
        "simulated": "drivers.simulated.controller:CONTROLLER",
    },
)
OUTPUTS: Final = Kind(
    "portvakt.outputs",
    OutputInfo,
    {"gpio": "drivers.gpio.output:OUTPUT", "simulated": "drivers.simulated.output:OUTPUT"},
)


@dataclass(frozen=True, slots=True)
class ConfiguredDoor:
    """A door and the name of the driver that is to move it."""

    driver: str
    settings: DoorSettings


@dataclass(frozen=True, slots=True)
class ConfiguredOutput:
    """An output and the name of the driver that is to switch it."""

    driver: str
    settings: OutputSettings


@dataclass(frozen=True, slots=True)
class ConfiguredReader:
    """A reader and the name of the driver that is to read it."""

    driver: str
    settings: ReaderSettings


@dataclass(frozen=True, slots=True)
class ConfiguredController:
    """A controller and the name of the driver that is to speak to it."""

    driver: str
    settings: ControllerSettings


class Checking:
    """Every mistake in all the devices of a site plan at once, and what only one of them can have.

    Fields are `doors.SLUG.driver`, `doors.SLUG.settings.NAME` and so on for the other parts of the plan.
    """

    def __init__(self, site: Site) -> None:
        self.errors: list[FieldError] = []
        self._site = site
        self._owners: dict[str, str] = {}

    def look_at(self, kind: Kind[Any], part: str, slug: str, driver: str, settings: object) -> None:
        """Check one device of a part of the plan."""
        place = f"{part}.{slug}"
        try:
            info = kind.load(driver)
        except Invalid as unknown:
            self.errors += [_under(place, error) for error in unknown.errors]
            return
        self.errors += [_under(place, error) for error in info.check(settings, self._site)]
        for claim in sorted(info.claims(settings)):
            owner = self._owners.setdefault(claim, slug)
            if owner != slug:
                self.errors.append(FieldError(f"{place}.settings", "taken", f"{claim} already belongs to {owner}"))


def check(
    doors: Iterable[ConfiguredDoor],
    site: Site,
    outputs: Iterable[ConfiguredOutput] = (),
    checking: Checking | None = None,
) -> list[FieldError]:
    """Every mistake in all these devices at once; with `checking`, what it has looked at before counts too."""
    checking = checking or Checking(site)
    for door in doors:
        checking.look_at(DOORS, "doors", door.settings.door_slug, door.driver, door.settings)
    for output in outputs:
        checking.look_at(OUTPUTS, "outputs", output.settings.slug, output.driver, output.settings)
    return checking.errors


def check_readers(readers: Iterable[ConfiguredReader], site: Site) -> list[FieldError]:
    """Every mistake in all these readers at once."""
    checking = Checking(site)
    for reader in readers:
        checking.look_at(READERS, "readers", reader.settings.slug, reader.driver, reader.settings)
    return checking.errors


def build(door: ConfiguredDoor, site: Site, clock: Clock) -> DoorDriver:
    """One door, not yet started. Raises `Invalid` with every mistake in its settings."""
    driver = DOORS.load(door.driver)
    errors = driver.check(door.settings, site)
    if errors:
        raise Invalid(*errors)
    return driver.build(door.settings, site, clock)


def build_output(output: ConfiguredOutput, site: Site, clock: Clock) -> Output:
    """One output that was checked before, not yet started."""
    return OUTPUTS.load(output.driver).build(output.settings, site, clock)


def real_devices(doors: Iterable[ConfiguredDoor], site: Site, outputs: Iterable[ConfiguredOutput] = ()) -> list[str]:
    """Places of the devices that may be steel; a pretend clock is refused while there is one."""
    real = [
        f"doors.{door.settings.door_slug}" for door in doors if DOORS.load(door.driver).is_real(door.settings, site)
    ]
    return real + [
        f"outputs.{output.settings.slug}"
        for output in outputs
        if OUTPUTS.load(output.driver).is_real(output.settings, site)
    ]


def build_reader(reader: ConfiguredReader, site: Site, clock: Clock) -> Reader:
    """One reader, not yet started; `check_readers` found nothing."""
    return READERS.load(reader.driver).build(reader.settings, site, clock)


def real_readers(readers: Iterable[ConfiguredReader], site: Site) -> list[str]:
    """Places of the readers that may be steel; a pretend clock is refused while there is one."""
    real = [reader for reader in readers if READERS.load(reader.driver).is_real(reader.settings, site)]
    return [f"readers.{reader.settings.slug}" for reader in real]


def check_controllers(controllers: Iterable[ConfiguredController], site: Site) -> list[FieldError]:
    """Every mistake in all these controllers at once."""
    checking = Checking(site)
    for controller in controllers:
        checking.look_at(CONTROLLERS, "controllers", controller.settings.slug, controller.driver, controller.settings)
    return checking.errors


def build_controller(controller: ConfiguredController, site: Site, clock: Clock) -> Controller:
    """One controller that was checked before, not yet started."""
    return CONTROLLERS.load(controller.driver).build(controller.settings, site, clock)


def real_controllers(controllers: Iterable[ConfiguredController], site: Site) -> list[str]:
    """Places of the controllers that may be steel; a pretend clock is refused while there is one."""
    real = [one for one in controllers if CONTROLLERS.load(one.driver).is_real(one.settings, site)]
    return [f"controllers.{controller.settings.slug}" for controller in real]


def _announced(group: str) -> "Iterable[EntryPoint]":
    # It brings e-mail, archives and more, two megabytes of them, and most sites name no driver of a third party.
    from importlib.metadata import entry_points

    return entry_points(group=group)


def _under(prefix: str, error: FieldError) -> FieldError:
    return FieldError(f"{prefix}.{error.field}", error.code, error.message)
