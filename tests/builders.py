"""A furnished unit for tests: the demo's facility in a booking file of its own, under a clock that is moved by hand.

The file is made once for each seed and copied, so that a site costs a few milliseconds and tests share nothing.
"""

import atexit
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import TypedDict, Unpack
from zoneinfo import ZoneInfo

from appliance.booking.actions import cancelling, checking_out, confirming, holding, moving
from appliance.booking.actions.cancelling import Cancelled, KeyUse
from appliance.booking.actions.checking_out import CheckedOut
from appliance.booking.actions.confirming import Order
from appliance.booking.actions.desk import Wish
from appliance.booking.booking_window import Channel
from appliance.booking.bookings import Booking, Status
from appliance.booking.extras import ExtraWish
from appliance.booking.idempotency_store import Request
from appliance.booking.rule_store import RULES
from appliance.boot import demo_site, demo_vendors, demo_world
from appliance.boot.booking_side import BookingSide, open_booking_side, prepare
from appliance.boot.demo_world import World
from appliance.config import ClockSource, GpioPins, UnitSettings, WebSettings
from appliance.customers.contacts import Contact
from appliance.foundation.clock import Clock, FakeClock
from appliance.foundation.instants import Instant, at_local
from appliance.foundation.refusals import Refusal
from appliance.identity.signing_in import give_password
from appliance.storage import versioned

STOCKHOLM = ZoneInfo("Europe/Stockholm")
MONDAY = date(2026, 11, 30)
NOW = at_local(MONDAY, 9 * 60, STOCKHOLM)
TEN = NOW + 3600
ADMIN = "admin"
ANNA = Contact("Anna Ek", "anna.ek@example.se", "+46701740605", "anna.ek@example.se")
BO = Contact("Bo Öst", "bo@example.se", None, "bo@example.se")


class Parts(TypedDict, total=False):
    """What a wish may say beside its start."""

    service: str
    channel: Channel
    duration: int | None
    quantity: int
    resource: str | None
    extras: tuple[ExtraWish, ...]


def unit_settings(data: Path, world: World) -> UnitSettings:
    """The settings of a unit whose files lie in `data`."""
    web = WebSettings("127.0.0.1", 8080, 0, 8, "http://unit.test")
    return UnitSettings(
        data, data / "s", world.facility.id, world.facility.slug, ClockSource.PRETEND, web, None, GpioPins.NATIVE, None
    )


@dataclass(frozen=True, slots=True)
class Site:
    """One facility, its booking side and its clock. `password` is the administrator's, and not for one time."""

    settings: UnitSettings
    world: World
    clock: FakeClock
    side: BookingSide
    password: str

    def wish(self, start: Instant, **parts: Unpack[Parts]) -> Wish:
        """An hour of padel for the public unless `parts` say otherwise."""
        return Wish(
            parts.get("service", "padel"),
            start,
            parts.get("channel", Channel.PUBLIC),
            parts.get("duration"),
            parts.get("quantity", 1),
            parts.get("resource"),
            extras=parts.get("extras", ()),
        )

    def try_book(self, wish: Wish, contact: Contact = ANNA, request: Request | None = None) -> Booking | Refusal:
        return confirming.confirm(self.side.desk, Order(wish, None, contact), "public", request)

    def book(self, start: Instant, contact: Contact = ANNA, **parts: Unpack[Parts]) -> Booking:
        """A confirmed booking; fails when it is refused."""
        booked = self.try_book(self.wish(start, **parts), contact)
        assert isinstance(booked, Booking), booked
        return booked

    def try_hold(self, wish: Wish) -> Booking | Refusal:
        return holding.hold(self.side.desk, wish, "public")

    def hold(self, start: Instant, **parts: Unpack[Parts]) -> Booking:
        """A held slot; fails when it is refused."""
        held = self.try_hold(self.wish(start, **parts))
        assert isinstance(held, Booking), held
        return held

    def take_up(self, hold_id: str, contact: Contact = ANNA) -> Booking | Refusal:
        return confirming.confirm(self.side.desk, Order(None, hold_id, contact), "public")

    def cancel(self, booking_id: str, *, unused: bool | None = None, by_staff: bool = False) -> Cancelled | Refusal:
        return cancelling.cancel(self.side.desk, booking_id, KeyUse(unused), "public", by_staff=by_staff)

    def move(self, booked: Booking, start: Instant, *, by_staff: bool = False) -> moving.Moved | Refusal:
        wish = moving.same_at(booked, start, Channel.PUBLIC)
        return moving.move(self.side.desk, booked.id, wish, "public", by_staff=by_staff)

    def one_time_password(self) -> str:
        """Another password for the administrator, who must change it before anything else."""
        with self.side.book.write(self.side.scope, "test") as tx:
            return give_password(tx, ADMIN, one_time=True)

    def try_check_out(self, booking_id: str, request: Request | None = None) -> CheckedOut | Refusal:
        return checking_out.check_out(self.side.desk, booking_id, "public", request)

    def check_out(self, booking_id: str) -> CheckedOut:
        """A booking whose people have left; fails when it is refused."""
        left = self.try_check_out(booking_id)
        assert isinstance(left, CheckedOut), left
        return left

    def await_guests(self, minutes: int | None) -> None:
        """Have every rule wait for guests for so long, from now on."""
        with self.side.book.write(self.side.scope, "test") as tx:
            for each in versioned.listed(tx, RULES):
                no_shows = replace(each.value.no_shows, wait_minutes=minutes)
                versioned.change(tx, RULES, each, replace(each.value, no_shows=no_shows), each.version)

    def pins(self, booking_id: str) -> list[str]:
        """The PINs that its customer would be shown now."""
        with self.side.book.read(self.side.scope) as tx:
            return [shown.code for shown in self.side.issuing.show(tx, booking_id) if shown.kind == "pin"]

    def status(self, booking_id: str) -> Status:
        return Status(str(self.rows("SELECT status FROM booking WHERE id = ?", booking_id)[0][0]))

    def rows(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        """The rows of one statement, read by a connection of its own."""
        with closing(sqlite3.connect(self.settings.booking_file)) as connection:
            return connection.execute(sql, values).fetchall()

    def resource(self, slug: str) -> str:
        """The id of a resource."""
        return str(self.rows("SELECT id FROM resource WHERE slug = ?", slug)[0][0])

    def reopened(self) -> "Site":
        """The same files as a process sees them that was started anew."""
        return replace(self, side=open_booking_side(self.settings, self.clock))

    def close(self) -> None:
        self.side.book.close()


@contextmanager
def site(data: Path, *, seed: int = 1, now: Instant = NOW) -> Iterator[Site]:
    """A furnished site in the folder `data`, closed at the end. The facility was furnished at `now`."""
    made, template, password = _template(seed, now)
    shutil.copytree(template, data, dirs_exist_ok=True)
    clock = FakeClock(now)
    settings = unit_settings(data, made)
    opened = Site(settings, made, clock, open_booking_side(settings, clock), password)
    try:
        yield opened
    finally:
        opened.close()


def visited(data: Path, *, seed: int = 1, now: Instant = NOW) -> Site:
    """A site that another process furnished, as one more process sees it. Close it."""
    made, clock = demo_world.world(seed), FakeClock(now)
    settings = unit_settings(data, made)
    return Site(settings, made, clock, open_booking_side(settings, clock), "")


@contextmanager
def second_facility(first: Site, *, seed: int = 2) -> Iterator[Site]:
    """Another facility in the same file."""
    made = demo_world.world(seed)
    made = replace(made, facility=replace(made.facility, slug="norra-padel", name="Norra Padel"))
    settings = unit_settings(first.settings.data, made)
    password = _furnish(settings, made, first.clock)
    opened = Site(settings, made, first.clock, open_booking_side(settings, first.clock), password)
    try:
        yield opened
    finally:
        opened.close()


@cache
def _template(seed: int, now: Instant) -> tuple[World, Path, str]:
    folder = Path(tempfile.mkdtemp(prefix="portvakt-template-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    made = demo_world.world(seed)
    password = _furnish(unit_settings(folder, made), made, FakeClock(now))
    return made, folder, password


def _furnish(settings: UnitSettings, made: World, clock: Clock) -> str:
    prepare(settings, made.facility, clock)
    side = open_booking_side(settings, clock)
    with side.book.write(side.scope, "test") as tx:
        demo_world.furnish(tx, made)
        demo_world.open_round_the_clock(tx, made)
        demo_site.desire(tx, made, settings.run, demo_vendors.chosen())
        password = give_password(tx, ADMIN, one_time=False)
    side.engine.dispose()
    return password
