"""Pretend facilities of a size: courts, some doors in memory, and as many bookings with live keys as wanted.

Courts, rules and doors go through the ordinary set-up. Bookings and keys are written in bulk, row by row what the
product writes for each, past the journal but through the guard of the database.
"""

import json
import random
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from appliance.booking import set_up_store as set_up
from appliance.booking.catalogue import Facility
from appliance.booking.resources import Pool, Resource
from appliance.booking.rules import BookingRule
from appliance.booking.schedule import WeeklyHours
from appliance.booking.services import Need, Service, ServiceKind, Several
from appliance.boot.bench.plans import door_slug, site_plan
from appliance.boot.booking_side import open_booking_side, prepare
from appliance.config import ClockSource, GpioPins, UnitSettings, WebSettings
from appliance.config_file import write
from appliance.foundation.clock import SystemClock
from appliance.foundation.ids import Uuid7
from appliance.foundation.instants import DAY, HOUR, MINUTE, Instant, Interval, at_local, local_date
from appliance.foundation.money import Money
from appliance.identity.signing_in import give_password, issue_device_token
from appliance.identity.store import DeviceToken
from appliance.keys import passes, pins
from appliance.keys import store as key_store
from appliance.keys.secrets_store import WebSecrets, open_web_secrets
from appliance.storage.unit_of_work import Transaction

DOORS: Final = 8
SERVICE: Final = "court"
STAFF: Final = "admin"
# Every key is good from now on, so that thousands can be presented today; a pass can say no more than 45 days.
KEYS_EARLY_S: Final = 45 * DAY - 2 * HOUR
_KEYS_LATE_S: Final = 15 * MINUTE
_ZONE: Final = ZoneInfo("Europe/Stockholm")
_CHUNK: Final = 500


@dataclass(frozen=True, slots=True)
class House:
    """How many courts there are, how long a visit lasts and is cleaned up after, and when they are open; in minutes."""

    courts: int
    visit: int
    cleaning: int
    opens: int
    closes: int

    def starts(self, first_day: Instant, day: int) -> list[Instant]:
        """The starts of a day, back to back; `day` counts from the local midnight `first_day`."""
        midnight = at_local(local_date(first_day, _ZONE) + timedelta(days=day), self.opens, _ZONE)
        each = self.visit + self.cleaning
        return [midnight + n * each * MINUTE for n in range((self.closes - self.opens) // each)]


CLUB: Final = House(courts=50, visit=60, cleaning=15, opens=6 * 60, closes=22 * 60)
CROWD: Final = House(courts=20, visit=30, cleaning=0, opens=9 * 60, closes=18 * 60)
"""The workload on which other booking systems were measured."""


@dataclass(frozen=True, slots=True)
class Guest:
    """Who may come in now: a door of theirs (slug), their PIN and their pass."""

    door: str
    pin: str
    qr: str


@dataclass(frozen=True, slots=True)
class World:
    """A furnished facility. `first_day` is local midnight before the first booking; courts are slugs.

    password: that of `STAFF`, for this bench alone.
    """

    settings: UnitSettings
    config: Path
    reader_token: str
    password: str
    first_day: Instant
    guests: tuple[Guest, ...]
    doors: int
    house: House
    ids: "Ids"

    @property
    def courts(self) -> tuple[str, ...]:
        return tuple(_court(n) for n in range(self.house.courts))


@dataclass(frozen=True, slots=True)
class Ids:
    """What was furnished, as the rows of the file name it."""

    facility: str
    courts: tuple[str, ...]
    doors: tuple[str, ...]
    service: str


def build(
    data: Path,
    run: Path,
    port: int,
    bookings: int,
    days: int,
    doors: int = DOORS,
    seed: int = 1,
    *,
    told: bool = False,
    house: House = CLUB,
) -> World:
    """A facility in the empty folder `data` with so many bookings, spread at random over `days` days from tomorrow.

    told: its doors hang on a controller that must be told of every guest.
    """
    ids, now = Uuid7(), SystemClock().now()
    facility = Facility(ids.new(), "bench", "Bench", _ZONE, "SEK", "SE", "", "", None)
    settings = UnitSettings(
        data=data,
        run=run,
        facility_id=facility.id,
        facility_slug=facility.slug,
        clock=ClockSource.PRETEND,
        web=WebSettings("127.0.0.1", port, 0, 8, f"http://127.0.0.1:{port}"),
        broker=None,
        gpio_pins=GpioPins.NATIVE,
        wire_socket=None,
    )
    prepare(settings, facility)
    config = data / "portvakt.toml"
    config.write_text(write(settings), encoding="utf-8")
    side = open_booking_side(settings)
    try:
        with side.book.write(side.scope, "bench") as tx:
            made = _furnish(tx, facility, house, doors, told=told)
            token = issue_device_token(tx, DeviceToken("reader", "bench", None))
            password = give_password(tx, STAFF, one_time=False)
    finally:
        side.book.close()
    first_day = at_local(local_date(now, _ZONE) + timedelta(days=1), 0, _ZONE)
    writer = _Bulk(made, house, open_web_secrets(settings.secrets), ids, now)
    guests = writer.write(settings.booking_file, _visits(house, first_day, bookings, days, seed))
    return World(settings, config, token, password, first_day, guests, doors, house, made)


def free_slots(world: World, after_days: int, days: int) -> Iterator[tuple[str, Instant]]:
    """Court and start of every slot of some days that no bulk booking lies in, court by court, then hour by hour."""
    for day in range(after_days, after_days + days):
        for start in world.house.starts(world.first_day, day):
            for court in world.courts:
                yield court, start


def _visits(house: House, first_day: Instant, bookings: int, days: int, seed: int) -> Iterator[tuple[int, Instant]]:
    dice = random.Random(seed)  # noqa: S311 - where pretend bookings lie is no secret
    every = [start for day in range(days) for start in house.starts(first_day, day)]
    yield from dice.sample([(court, start) for court in range(house.courts) for start in every], bookings)


def _court(number: int) -> str:
    return f"court-{number + 1}"


def _furnish(tx: Transaction, facility: Facility, house: House, door_count: int, *, told: bool) -> Ids:
    rule = BookingRule(tx.ids.new(), "Open to everybody")
    set_up.add_rule(tx, rule)
    courts = [Resource(tx.ids.new(), _court(n), f"Court {n + 1}") for n in range(house.courts)]
    for position, court in enumerate(courts):
        set_up.add_resource(tx, court, position)
    pool = Pool(tx.ids.new(), "courts", tuple(court.id for court in courts))
    set_up.add_pool(tx, pool)
    service = Service(
        id=tx.ids.new(),
        slug=SERVICE,
        name="Court",
        kind=ServiceKind.INDIVIDUAL,
        durations=(house.visit,),
        prices=(Money(20_000, "SEK"),),
        needs=(Need(pool.id),),
        grid_minutes=15,
        after_minutes=house.cleaning,
        rule_id=rule.id,
        several=Several(series=True),
    )
    set_up.add_service(tx, service, vat_percent=6)
    set_up.add_hours(tx, [WeeklyHours(facility.id, day, house.opens, house.closes) for day in range(7)])
    doors = tuple(tx.ids.new() for _ in range(door_count))
    key_store.desire_site_plan(tx, site_plan(facility, doors, told=told))
    key_store.set_margin(tx, before_s=KEYS_EARLY_S, after_s=_KEYS_LATE_S)
    for number, court in enumerate(courts):
        key_store.add_way(tx, court.id, doors[number % door_count])
    return Ids(facility.id, tuple(court.id for court in courts), doors, service.id)


class _Bulk:
    """Writes bookings with their claims and keys."""

    def __init__(self, ids: Ids, house: House, secrets: WebSecrets, fresh: Uuid7, now: Instant) -> None:
        self._ids = ids
        self._house = house
        self._secrets = secrets
        self._fresh = fresh
        self._now = now
        self._taken: set[bytes] = set()
        self._count = 0

    def write(self, file: Path, visits: Iterator[tuple[int, Instant]]) -> tuple[Guest, ...]:
        """Everything in chunks, so that no transaction lasts long."""
        guests: list[Guest] = []
        connection = sqlite3.connect(file, isolation_level=None)
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            while chunk := list(islice(visits, _CHUNK)):
                connection.execute("BEGIN IMMEDIATE")
                guests.extend(self._add(connection, court, start) for court, start in chunk)
                connection.execute("COMMIT")
        finally:
            connection.close()
        return tuple(guests)

    def _add(self, connection: sqlite3.Connection, court: int, start: Instant) -> Guest:
        booking_id, end = self._fresh.new(), start + self._house.visit * MINUTE
        self._count += 1
        at = court % len(self._ids.doors)
        number, door = f"B{self._count:07}", self._ids.doors[at]
        _insert(connection, "booking", {
            "id": booking_id, "facility_id": self._ids.facility, "number": number, "service_id": self._ids.service,
            "status": "confirmed", "channel": "public", "starts": start, "ends": end, "quantity": 1, "amount": 20_000,
            "currency": "SEK", "vat_percent": 6, "revision": 1, "created_at": self._now, "committed_at": self._now,
        })  # fmt: skip
        _insert(connection, "claim", {
            "facility_id": self._ids.facility, "resource_id": self._ids.courts[court], "booking_id": booking_id,
            "starts": start, "ends": end + self._house.cleaning * MINUTE, "quantity": 1, "active": 1,
        })  # fmt: skip
        secrets = self._secrets
        pin = pins.allocate(secrets.site_secret, secrets.lookup_key, booking_id, pins.Issuer.UNIT, self._taken)
        self._taken.add(pin.lookup)
        window = Interval(start, end).widened(KEYS_EARLY_S, _KEYS_LATE_S)
        template = key_store.IssuedKey("", booking_id, number, "", None, 0, {door: window}, 0, "live")
        by_pin = replace(template, id=self._fresh.new(), kind="pin", lookup=pin.lookup.hex(), counter=pin.counter)
        by_pass = replace(template, id=self._fresh.new(), kind="qr")
        for key in (by_pin, by_pass):
            body = key_store.body(key)
            row = {**body, "facility_id": self._ids.facility, "doors": json.dumps(body["doors"])}
            _insert(connection, "key", row)
        return Guest(door_slug(at), pin.pin, self._signed(by_pass, at))

    def _signed(self, key: key_store.IssuedKey, door_number: int) -> str:
        claims = passes.PassClaims(
            key_id=key.id,
            facility_tag=passes.facility_tag(self._ids.facility),
            epoch=self._secrets.epoch,
            not_before=key.window.start,
            minutes=key.window.seconds // MINUTE,
            doors=passes.door_mask(frozenset({door_number} if door_number < passes.DOORS else ())),
        )
        return passes.sign(claims, self._secrets.signing_key)


def _insert(connection: sqlite3.Connection, table: str, row: dict[str, object]) -> None:
    names = ", ".join(row)
    marks = ", ".join("?" * len(row))
    connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(row.values()))  # noqa: S608 - our own names
