"""Norra Hallen: a second facility of the demo's organisation, with a door process of its own (DY-58)."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from appliance.access.site_plan import parse_site_plan
from appliance.booking import set_up_store as set_up
from appliance.booking.booking_window import Window
from appliance.booking.catalogue import Facility
from appliance.booking.catalogue_store import load_catalogue
from appliance.booking.lead_time import LeadTime, LeadUnit, minutes
from appliance.booking.resources import Pool, Resource
from appliance.booking.rules import BookingRule, Windows
from appliance.booking.schedule import WeeklyHours
from appliance.booking.services import Need, Service, ServiceKind
from appliance.boot.demo_world import ENTRANCE, MARGIN_S
from appliance.foundation.ids import format_uuid7
from appliance.foundation.instants import DAY_MINUTES
from appliance.foundation.money import Money
from appliance.foundation.positions import Position
from appliance.keys import store as key_store
from appliance.storage.unit_of_work import Transaction

COURTS: Final = ("court-1", "court-2")
DOORS: Final[Mapping[str, str]] = {ENTRANCE: "Entrén", "court-1": "Bana 1", "court-2": "Bana 2"}
_MADE_MS: Final = 1_767_225_600_001  # a millisecond after the first facility of the same seed


@dataclass(frozen=True, slots=True)
class FurtherWorld:
    """The facility, and the ids of its doors by slug."""

    facility: Facility
    door_ids: Mapping[str, str]


def world(seed: int) -> FurtherWorld:
    """The same facility and doors for the same seed."""
    dice = random.Random(f"further {seed}")  # noqa: S311 - names of a pretend world are no secret
    facility_id, *doors = [format_uuid7(_MADE_MS, dice.getrandbits(80)) for _ in range(1 + len(DOORS))]
    facility = Facility(
        id=facility_id,
        slug="norra-hallen",
        name="Norra Hallen",
        zone=ZoneInfo("Europe/Stockholm"),
        currency="SEK",
        region="SE",
        address="Solnavägen 40, 169 51 Solna",
        help_phone="+46 8 123 456 01",
        rule_id=None,
        position=Position(59_357_300, 18_014_900),
    )
    return FurtherWorld(facility, dict(zip(DOORS, doors, strict=True)))


def furnish(tx: Transaction, made: FurtherWorld) -> None:
    """Two courts that open around the clock, for padel and for badminton, unless they are there."""
    if load_catalogue(tx).services:
        return
    ahead = LeadTime(28, LeadUnit.DAYS)
    windows = Windows(Window(ahead), Window(ahead, latest=minutes(-10)), Window(ahead))
    rule = BookingRule(tx.ids.new(), "Open to everybody, four weeks ahead", windows)
    set_up.add_rule(tx, rule)
    courts = [Resource(tx.ids.new(), slug, DOORS[slug]) for slug in COURTS]
    key_store.set_margin(tx, before_s=MARGIN_S, after_s=MARGIN_S)
    for position, court in enumerate(courts):
        set_up.add_resource(tx, court, position)
        for door in (ENTRANCE, court.slug):
            key_store.add_way(tx, court.id, made.door_ids[door])
    pool = Pool(tx.ids.new(), "courts", tuple(court.id for court in courts))
    set_up.add_pool(tx, pool)
    for position, (slug, name, amount) in enumerate((("padel", "Padel", 28_000), ("badminton", "Badminton", 16_000))):
        service = Service(
            id=tx.ids.new(),
            slug=slug,
            name=name,
            kind=ServiceKind.INDIVIDUAL,
            durations=(60,),
            prices=(Money(amount, "SEK"),),
            needs=(Need(pool.id),),
            grid_minutes=30,
            rule_id=rule.id,
        )
        set_up.add_service(tx, service, vat_percent=6, position=position)
    set_up.add_hours(tx, [WeeklyHours(made.facility.id, weekday, 0, DAY_MINUTES) for weekday in range(7)])
    document = _site_plan(made)
    parse_site_plan(1, document)
    key_store.desire_site_plan(tx, document)


def _site_plan(made: FurtherWorld) -> dict[str, object]:
    place = made.facility
    return {
        "facility": {"id": place.id, "slug": place.slug, "name": place.name, "time_zone": place.zone.key},
        "doors": [
            {
                "id": made.door_ids[slug],
                "slug": slug,
                "name": name,
                "number": number,
                "driver": "simulated",
                "settings": {},
            }
            for number, (slug, name) in enumerate(DOORS.items())
        ],
    }
