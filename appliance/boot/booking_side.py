"""The booking side put together: file, secrets, verbs and what follows them; shared by web, demo and commands."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from appliance.booking.actions import promoting
from appliance.booking.actions.answering import FORGET_ANSWERS
from appliance.booking.actions.desk import Consequences, Desk
from appliance.booking.actions.scheduled import FORGET_REQUESTS
from appliance.booking.bookings import Booking
from appliance.booking.catalogue import Facility
from appliance.booking.catalogue_store import catalogues, facility_called, facility_exists, find_facility
from appliance.booking.set_up_store import add_facility, scope_of
from appliance.boot.clocks import clock_of
from appliance.config import UnitSettings
from appliance.customers.register_store import is_registered, registered
from appliance.customers.store import enrol
from appliance.foundation.clock import Clock
from appliance.foundation.errors import NeedsAttention
from appliance.foundation.ids import Uuid7
from appliance.foundation.scope import Scope
from appliance.identity.own_profile import OwnProfiles
from appliance.identity.signing_in import SigningIn, first_administrator, has_staff
from appliance.keys import backup_pins
from appliance.keys.backup_pins import BackupPins
from appliance.keys.card_binding import CardBinding
from appliance.keys.issuing import Admission, Issuing
from appliance.keys.links import Links
from appliance.keys.phone_binding import PhoneBinding
from appliance.keys.secrets_store import open_web_secrets
from appliance.keys.standing_keys import settle_customer
from appliance.messaging.actions.forgetting import FORGET_MESSAGES
from appliance.messaging.actions.recapping import RECAP
from appliance.messaging.outbox_store import Outbox
from appliance.storage import jobs
from appliance.storage.engine import open_engine
from appliance.storage.migrating import migrate, require_newest, stands_at
from appliance.storage.unit_of_work import Book, Transaction


@dataclass(frozen=True, slots=True)
class BookingSide:
    """Everything that writes `booking.db`."""

    engine: Engine
    clock: Clock
    book: Book
    scope: Scope
    desk: Desk
    issuing: Issuing
    cards: CardBinding
    phones: PhoneBinding
    backup_pins: BackupPins
    links: Links
    signing_in: SigningIn
    own_profiles: OwnProfiles
    outbox: Outbox


def open_booking_side(settings: UnitSettings, clock: Clock | None = None) -> BookingSide:
    """Open the file of a unit that was migrated and set up. NeedsAttention when it is not, or has lost its guard.

    `clock` stands in for the configured one.
    """
    engine, clock = open_engine(settings.booking_file), clock or clock_of(settings)
    require_newest(engine)
    book = Book(engine, clock, Uuid7())
    scope = scope_of(find_facility(book, settings.facility_id))
    secrets = open_web_secrets(settings.secrets)
    issuing, links = Issuing(secrets), Links(secrets)
    consequences = Consequences(
        confirmed=lambda tx, booked: issuing.issue(tx, _admission(booked)),
        ended=lambda tx, booked, state: issuing.kill(tx, booked.id, state),
        extended=lambda tx, booked: issuing.extend(tx, _admission(booked)),
        shortened=lambda tx, booked: issuing.shorten(tx, _admission(booked)),
        left=lambda tx, booked, gone_by: issuing.end_by(tx, booked.id, gone_by),
        enrol=enrol,
        cancel_digest=links.cancel_digest,
        registered=registered,
        is_registered=is_registered,
        same_doors=lambda tx, old, new: issuing.opens_alike(tx, old.resource_ids, new.resource_ids),
        entitled=settle_customer,
    )
    desk = Desk(book, scope, catalogues(), consequences)
    book.settling = lambda tx, done: promoting.settle(desk, tx, done)
    outbox = Outbox()
    book.noting = outbox.note
    cards, phones = CardBinding(book, scope, secrets.lookup_key), PhoneBinding(book, scope)
    backup = BackupPins(book, scope, secrets)
    staff = replace(scope, facility_id=settings.home_id or scope.facility_id)
    signing_in, own = SigningIn(book, scope, staff), OwnProfiles(book, staff)
    return BookingSide(engine, clock, book, scope, desk, issuing, cards, phones, backup, links, signing_in, own, outbox)


def prepare(
    settings: UnitSettings,
    place: Facility | None = None,
    clock: Clock | None = None,
    further: Sequence[Facility] = (),
) -> str | None:
    """Make what a first start lacks: the file, its facilities, its first administrator, whose password is the answer.

    place: the unit's own facility where it is known already, further: those that it serves besides. A file that exists
    is left as it is: an older one waits for `portvakt migrate`, one without its guard is refused.
    """
    if not settings.booking_file.exists() and (settings.secrets / "web" / "pin.key").exists():
        raise NeedsAttention(
            f"{settings.booking_file} is missing although this unit has sold before. Restore it from a backup; to "
            f"begin again with an empty one, run portvakt migrate. The doors go on with the keys they know."
        )
    settings.data.mkdir(parents=True, exist_ok=True)
    engine, clock = open_engine(settings.booking_file), clock or clock_of(settings)
    try:
        if stands_at(engine) is None:
            migrate(engine, Uuid7(), clock.now())
        require_newest(engine)
        book = Book(engine, clock, Uuid7())
        place = place or first_facility(settings)
        with book.write(scope_of(place), "first-start") as tx:
            password = _furnish(tx, place)
        for each in further or [first_facility(each) for each in settings.all_facilities[1:]]:
            with book.write(scope_of(each), "first-start") as tx:
                _furnish(tx, each, has_own_staff=False)
        return password
    finally:
        engine.dispose()


def first_facility(settings: UnitSettings) -> Facility:
    """A facility as it is before anybody described it."""
    return Facility(
        id=settings.facility_id,
        slug=settings.facility_slug,
        name=settings.facility_slug.replace("-", " ").title(),
        zone=ZoneInfo("Europe/Stockholm"),
        currency="SEK",
        region="SE",
        address="",
        help_phone="",
        rule_id=None,
    )


def _furnish(tx: Transaction, place: Facility, *, has_own_staff: bool = True) -> str | None:
    if not facility_exists(tx):
        if facility_called(tx, place.slug) is not None:
            raise NeedsAttention(f"booking.db has another facility called {place.slug}: give {place.id} another slug")
        add_facility(tx, place)
    jobs.ensure(tx, FORGET_REQUESTS, place.id, tx.now)
    jobs.ensure(tx, FORGET_ANSWERS, place.id, tx.now)
    jobs.ensure(tx, FORGET_MESSAGES, place.id, tx.now)
    jobs.ensure(tx, backup_pins.JOB, place.id, tx.now)
    if has_own_staff:
        jobs.ensure(tx, RECAP, place.id, tx.now)
    return first_administrator(tx) if has_own_staff and not has_staff(tx) else None


def _admission(booked: Booking) -> Admission:
    return Admission(
        booked.id, booked.number, booked.service_id, booked.resource_ids, booked.interval, booked.customer_id
    )
