"""The site plan of the demo: its doors, the readers at the entrance, controllers, and lights that follow bookings.

Ports of serial devices lie in the folder of the run, which is another at each start, so the plan is made at each start.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from appliance.access.site_plan import parse_site_plan
from appliance.booking.catalogue_store import load_catalogue
from appliance.boot import demo_vendors
from appliance.boot.demo_vendors import Vendors
from appliance.boot.demo_world import CLUB_ROOM, COURTS, ENTRANCE, GYM, ROOMS, SAUNA, STORE_ROOM, World
from appliance.keys import store as key_store
from appliance.storage.unit_of_work import Transaction

PINS: Final[Mapping[str, int]] = {"strike_pin": 17, "contact_pin": 27, "rex_pin": 22, "tamper_pin": 23}
DOORS: Final = (ENTRANCE, *COURTS, STORE_ROOM, *ROOMS)
LIGHTS: Final = COURTS[:2]
KEYPAD, SCANNER = "entrance-keypad", "entrance-scanner"
READERS: Final = (KEYPAD, SCANNER)
KEYPAD_KEY: Final = "entrance-keypad.key"
_ROOM_DOORS: Final = {GYM: "Gymmet", SAUNA: "Bastun", CLUB_ROOM: "Klubbrummet"}
_LIGHTS_AROUND_S: Final = 5 * 60


def desire(tx: Transaction, made: World, run_folder: Path, vendors: Vendors) -> None:
    """Make the demo's plan the desired one, unless it is already; the facility is furnished."""
    resources = load_catalogue(tx).tree.resources.values()
    courts = {found.slug: found.id for found in resources if found.slug in COURTS}
    document = site_plan(made, run_folder, courts, vendors)
    parse_site_plan(1, document)
    if key_store.site_plan_or_none(tx) != document:
        key_store.desire_site_plan(tx, document)


def port(run_folder: Path, reader: str) -> Path:
    """Where the serial port of a reader is found."""
    return run_folder / f"{reader}.port"


def site_plan(made: World, run_folder: Path, courts: Mapping[str, str], vendors: Vendors) -> dict[str, object]:
    """The document. `courts`: ids of the courts, by slug."""
    place = made.facility
    return {
        "facility": {"id": place.id, "slug": place.slug, "name": place.name, "time_zone": place.zone.key},
        "doors": _doors(made),
        "readers": _readers(made, run_folder),
        "controllers": demo_vendors.controllers(made, vendors, run_folder),
        "outputs": [_light(made, court, courts[court]) for court in LIGHTS],
    }


def _doors(made: World) -> list[dict[str, object]]:
    drivers: Sequence[tuple[str, str, str, dict[str, object]]] = (
        (ENTRANCE, "Entrén", "gpio", dict(PINS)),
        ("court-1", "Bana 1", "mqtt_lock", {"emulated": True}),
        *((slug, f"Bana {slug[-1]}", "simulated", {}) for slug in COURTS[1:]),
        (STORE_ROOM, "Förrådet", "simulated", {}),
        *((slug, name, *_on_controller(slug)) for slug, name in _ROOM_DOORS.items()),
    )
    return [
        {
            "id": made.door_ids[slug],
            "slug": slug,
            "name": name,
            "number": number,
            "driver": driver,
            "settings": settings,
        }
        for number, (slug, name, driver, settings) in enumerate(drivers)
    ]


def _on_controller(slug: str) -> tuple[str, dict[str, object]]:
    controller, device = demo_vendors.DEVICES[slug]
    return controller, {"controller": controller, "device": device}


def _readers(made: World, run_folder: Path) -> list[dict[str, object]]:
    osdp: dict[str, object] = {"address": 0, "key_file": KEYPAD_KEY}
    readers: Sequence[tuple[str, str, str, dict[str, object]]] = (
        (KEYPAD, "Knappsats", "osdp", osdp),
        (SCANNER, "QR-läsare", "serial_scanner", {}),
    )
    return [
        {
            "id": made.device_ids[slug],
            "slug": slug,
            "name": name,
            "door": made.door_ids[ENTRANCE],
            "driver": driver,
            "settings": {"port": str(port(run_folder, slug)), "emulated": True, **settings},
        }
        for slug, name, driver, settings in readers
    ]


def _light(made: World, court: str, resource_id: str) -> dict[str, object]:
    slug = f"light-{court}"
    return {
        "id": made.device_ids[slug],
        "slug": slug,
        "name": f"Ljus, bana {court[-1]}",
        "driver": "simulated",
        "settings": {},
        "resources": [resource_id],
        "lead_s": _LIGHTS_AROUND_S,
        "lag_s": _LIGHTS_AROUND_S,
    }
