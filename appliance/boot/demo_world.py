"""Södra Padel: the pretend facility of the demo, put into an empty booking file through the ordinary set-up."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from appliance.booking import set_up_store as set_up
from appliance.booking.actions.scheduled import EXTEND_SESSIONS, extend_sessions
from appliance.booking.booking_window import Window
from appliance.booking.catalogue import Facility
from appliance.booking.lead_time import LeadTime, LeadUnit, minutes
from appliance.booking.resources import Pool, Resource, ResourceKind
from appliance.booking.rules import BookingRule, Cancelling, Windows
from appliance.booking.schedule import WeeklyHours
from appliance.booking.services import Need, Service, ServiceKind
from appliance.booking.session_plan_store import SessionPlan, add_session_plan
from appliance.foundation.ids import format_uuid7
from appliance.foundation.instants import DAY_MINUTES, HOUR, MINUTE
from appliance.foundation.money import Money
from appliance.foundation.positions import Position
from appliance.keys import store as key_store
from appliance.storage import jobs
from appliance.storage.unit_of_work import Transaction

COURTS = ("court-1", "court-2", "court-3", "court-4")
ENTRANCE, STORE_ROOM = "entrance", "store-room"
GYM, SAUNA, CLUB_ROOM = "gym", "sauna", "club-room"
ROOMS = (GYM, SAUNA, CLUB_ROOM)
RCO, AXEMA, PARAKEY = "rco", "axema", "parakey"
MARGIN_S = 15 * MINUTE
_DOORS = (ENTRANCE, *COURTS, STORE_ROOM)
_DEVICES = ("entrance-keypad", "entrance-scanner", "light-court-1", "light-court-2")
_CONTROLLERS = (RCO, AXEMA, PARAKEY)
_MADE_MS = 1_767_225_600_000  # 2026-01-01: ids of a seed are the same on every day


@dataclass(frozen=True, slots=True)
class World:
    """What the demo must know of its own facility: its id, and those of its doors, devices and controllers, by slug."""

    facility: Facility
    door_ids: Mapping[str, str]
    device_ids: Mapping[str, str]
    controller_ids: Mapping[str, str]


def world(seed: int) -> World:
    """The same facility, doors, readers, outputs and controllers for the same seed."""
    dice = random.Random(seed)  # noqa: S311 - names of a pretend world are no secret
    # The demo over an old folder finds its facility again: new names come last.
    names = (*_DOORS, *_DEVICES, *ROOMS, *_CONTROLLERS)
    made = [format_uuid7(_MADE_MS + number, dice.getrandbits(80)) for number in range(1 + len(names))]
    ids = dict(zip(names, made[1:], strict=True))
    facility = Facility(
        id=made[0],
        slug="sodra-padel",
        name="Södra Padel",
        zone=ZoneInfo("Europe/Stockholm"),
        currency="SEK",
        region="SE",
        address="Hallvägen 12, 121 62 Johanneshov",
        help_phone="+46 8 123 456 00",
        rule_id=None,
        position=Position(59_297_500, 18_078_100),
    )
    named = ((*_DOORS, *ROOMS), _DEVICES, _CONTROLLERS)
    return World(facility, *({slug: ids[slug] for slug in slugs} for slugs in named))


def furnish(tx: Transaction, made: World) -> None:
    """Courts, a class, rules, prices, and which doors they open: everything that the demo's visitors book."""
    ahead = LeadTime(28, LeadUnit.DAYS)
    windows = Windows(Window(ahead), Window(ahead, latest=minutes(-10)), Window(ahead))
    cancelling = Cancelling(until=minutes(2 * 60))
    rule = BookingRule(tx.ids.new(), "Open to everybody, four weeks ahead", windows, cancelling)
    set_up.add_rule(tx, rule)
    courts = [Resource(tx.ids.new(), slug, f"Bana {slug[-1]}") for slug in COURTS]
    places = Resource(tx.ids.new(), "class-places", "Padelskola", ResourceKind.COUNTED, 12)
    for position, resource in enumerate((*courts, places)):
        set_up.add_resource(tx, resource, position)
    pool = Pool(tx.ids.new(), "courts", tuple(court.id for court in courts))
    set_up.add_pool(tx, pool)
    padel = _padel(tx, pool, rule)
    lesson = _lesson(tx, rule)
    set_up.add_service(tx, padel, vat_percent=6, position=0)
    set_up.add_service(tx, lesson, vat_percent=6, position=1)
    plan = SessionPlan(lesson.id, places.id, frozenset(range(7)), 18 * 60, 60, days_ahead=28)
    add_session_plan(tx, plan)
    jobs.schedule(tx, EXTEND_SESSIONS, lesson.id, extend_sessions(tx, lesson.id) or tx.now + HOUR)
    _ways(tx, made, courts, places)


def open_round_the_clock(tx: Transaction, made: World) -> None:
    """The hours of an unstaffed hall: the demo can be booked at any time of day, and its readiness list says so."""
    set_up.add_hours(tx, [WeeklyHours(made.facility.id, weekday, 0, DAY_MINUTES) for weekday in range(7)])


def _padel(tx: Transaction, pool: Pool, rule: BookingRule) -> Service:
    return Service(
        id=tx.ids.new(),
        slug="padel",
        name="Padel",
        kind=ServiceKind.INDIVIDUAL,
        durations=(60, 90),
        prices=(Money(32_000, "SEK"), Money(46_000, "SEK")),
        needs=(Need(pool.id),),
        grid_minutes=15,
        rule_id=rule.id,
    )


def _lesson(tx: Transaction, rule: BookingRule) -> Service:
    return Service(
        id=tx.ids.new(),
        slug="padel-class",
        name="Padelskola",
        kind=ServiceKind.CLASS,
        durations=(60,),
        prices=(Money(15_000, "SEK"),),
        max_quantity=4,
        rule_id=rule.id,
    )


def _ways(tx: Transaction, made: World, courts: Sequence[Resource], places: Resource) -> None:
    key_store.set_margin(tx, before_s=MARGIN_S, after_s=MARGIN_S)
    key_store.add_way(tx, places.id, made.door_ids[ENTRANCE])
    for court in courts:
        key_store.add_way(tx, court.id, made.door_ids[ENTRANCE])
        key_store.add_way(tx, court.id, made.door_ids[court.slug])
