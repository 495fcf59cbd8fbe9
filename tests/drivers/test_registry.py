"""Drivers by name: imported when named, checked all at once (DR-01)."""

import subprocess
import sys
from pathlib import Path

import pytest

from appliance.foundation.clock import FakeClock
from appliance.foundation.errors import Invalid
from drivers import registry
from drivers.contract import Broker, DoorSettings, DriverInfo, Fail, Pins, Shared, Site
from drivers.registry import ConfiguredDoor

WIRE = Site(pins=Pins.WIRE, pins_socket=Path("/tmp/wire"))
FULL = Site(Broker("127.0.0.1", 1883, "doors", "hunter2"), Pins.WIRE, Path("/tmp/wire"), bytes(32))


def door(driver: str, slug: str = "court-1", fail: Fail = Fail.SECURE, **settings: object) -> ConfiguredDoor:
    return ConfiguredDoor(driver, DoorSettings(f"id-{slug}", slug, "hall", fail, settings))


def mistakes(*doors: ConfiguredDoor, site: Site = FULL) -> dict[str, str]:
    return {error.field: error.code for error in registry.check(doors, site)}


@pytest.mark.parametrize("name", registry.DOORS.names())
def test_every_registered_driver_presents_itself_under_its_name(name: str) -> None:
    """DR-01: one DriverInfo a driver."""
    driver = registry.DOORS.load(name)
    assert isinstance(driver, DriverInfo)
    assert driver.name == name


def test_a_driver_is_imported_only_when_it_is_named() -> None:
    """DR-01: gpiozero, paho and cryptography cost nothing where no door needs them."""
    probe = (
        "import sys; from drivers import registry; registry.DOORS.names(); registry.DOORS.load('simulated');"
        "sys.exit(bool({'gpiozero', 'paho', 'cryptography'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", probe], check=False).returncode == 0


def test_a_reader_is_imported_only_when_it_is_named() -> None:
    """DR-01: libosdp, pyserial and evdev cost nothing where no reader needs them; evdev not even before a start."""
    probe = (
        "import sys; from drivers import registry; registry.READERS.names(); registry.READERS.load('usb_scanner');"
        "sys.exit(bool({'osdp', 'osdp_sys', 'serial', 'evdev'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", probe], check=False).returncode == 0


def test_an_unknown_driver_is_an_error_that_names_the_known_ones() -> None:
    """DR-01: a mistyped name is found before a door is built."""
    (error,) = registry.check([door("gpoi")], FULL)
    assert (error.field, error.code) == ("doors.court-1.driver", "unknown_driver")
    assert "gpio, mqtt_lock, parakey, rco, simulated" in error.message


def test_every_mistake_of_every_door_is_told_at_once() -> None:
    """DR-01: nobody mends a configuration one error at a time."""
    found = mistakes(
        door("gpio", "a", strike_pin=40, contact_pin=True, debounce_ms=-1, colour="red"),
        door("gpio", "b", contact_pin=5, rex_pin=5, strike_active_high="yes"),
        door("mqtt_lock", "c", Fail.SAFE, discovery=1),
        door("simulated", "d", speed=9),
        site=Site(),
    )
    assert found == {
        "doors.a.settings.strike_pin": "out_of_range",
        "doors.a.settings.contact_pin": "out_of_range",
        "doors.a.settings.debounce_ms": "out_of_range",
        "doors.a.settings.colour": "unknown",
        "doors.b.settings.strike_pin": "missing",
        "doors.b.settings.strike_active_high": "malformed",
        "doors.b.settings.contact_pin": "taken",
        "doors.b.settings.rex_pin": "taken",
        "doors.c.settings.discovery": "malformed",
        "doors.c.driver": "no_signing_key",
        "doors.c.fail": "unsupported",
        "doors.d.settings.speed": "unknown",
    }


def test_two_doors_cannot_have_the_same_pin() -> None:
    """DR-02: found in the configuration, not when the second door goes dead."""
    found = mistakes(door("gpio", "a", strike_pin=17), door("gpio", "b", strike_pin=4, contact_pin=17))
    assert found == {"doors.b.settings": "taken"}
    assert mistakes(door("gpio", "a", strike_pin=17), door("gpio", "b", strike_pin=4, contact_pin=18)) == {}


def test_pins_on_a_wire_need_the_wire_and_locks_on_a_bus_need_the_bus() -> None:
    """DR-02, DR-03: what a driver needs of its site is checked too."""
    assert mistakes(door("gpio", strike_pin=17), site=Site(pins=Pins.WIRE)) == {"doors.court-1.driver": "no_socket"}
    codes = {error.code for error in registry.check([door("mqtt_lock")], Site())}
    assert codes == {"no_broker", "no_signing_key"}
    assert mistakes(door("mqtt_lock", "Bad Slug")) == {"doors.Bad Slug.slug": "not_a_slug"}


def test_a_door_with_mistakes_is_not_built() -> None:
    """DR-01: build refuses what check refuses."""
    with pytest.raises(Invalid):
        registry.build(door("gpio", strike_pin="17"), WIRE, FakeClock())


def test_real_doors_are_known_so_that_nobody_pretends_about_the_time() -> None:
    """DR-01: native pins and a lock that is not declared an emulator are steel."""
    doors = [
        door("simulated", "a"),
        door("gpio", "b", strike_pin=17),
        door("mqtt_lock", "c"),
        door("mqtt_lock", "d", emulated=True),
    ]
    assert registry.real_devices(doors, Site()) == ["doors.b", "doors.c"]
    assert registry.real_devices(doors, FULL) == ["doors.c"]


def test_what_drivers_share_is_made_once() -> None:
    """DR-03: one connection to the broker for all doors of a process."""
    shared, made = Shared(), list[int]()

    def make() -> dict[str, int]:
        made.append(1)
        return {}

    assert shared.get(dict, make) is shared.get(dict, make)
    assert made == [1]


def test_no_secret_is_shown() -> None:
    """DR-03: neither the broker's password nor the signing key stands in a log."""
    assert "hunter2" not in repr(FULL)
    assert "\\x00" not in repr(FULL)
