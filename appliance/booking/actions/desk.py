"""What every booking verb works with, and the steps that several of them share."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace

from appliance.booking import idempotency_store, store
from appliance.booking.availability import assign
from appliance.booking.booking_window import Channel
from appliance.booking.bookings import Booking, Claimed, Status, body
from appliance.booking.calendar import ClaimWish
from appliance.booking.calendar_store import calendar
from appliance.booking.catalogue import Catalogue
from appliance.booking.idempotency_store import Request
from appliance.booking.services import Service, ServiceKind
from appliance.booking.visibility import Sight
from appliance.customers.contacts import Contact
from appliance.foundation import crockford
from appliance.foundation.errors import FieldError, Invalid
from appliance.foundation.i18n import marked
from appliance.foundation.instants import MINUTE, Instant, Interval
from appliance.foundation.refusals import Refusal
from appliance.foundation.scope import Scope
from appliance.storage.kept import Kept
from appliance.storage.unit_of_work import Book, Refused, Transaction

NUMBER_CHARACTERS = 8
UNKNOWN_SERVICE = FieldError("service", "unknown", marked("There is no such service."))
UNKNOWN_RESOURCE = FieldError("resource", "unknown", marked("There is no such resource."))


def _nobody(_tx: Transaction, _contact: Contact) -> str | None:
    return None


def _to_nothing(_tx: Transaction, _customer_id: str, _service: Service, _at: Instant) -> bool:
    return False


def _elsewhere(_tx: Transaction, _old: Booking, _new: Booking) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Consequences:
    """What must follow a booking in the same transaction; boot injects it, booking knows neither keys nor customers.

    confirmed: give it its keys. ended: kill its keys, in the state named; answers the journal seq that the door must
    reach for that to be in force, None when there was nothing to kill. extended: let its keys open until its new end.
    left: let its keys open until an instant at the latest; answers a seq as `ended` does.
    enrol: put a contact in the register, answers the customer's id. cancel_digest: the digest of its cancel code.
    registered: the id of the customer with a verified address of that contact, unless blocked or archived (BM-05).
    same_doors: whether the keys of the one booking open what those of the other would.
    entitled: whether a customer holds what a service asks of who books it; asked about an id that is nobody's as well.
    """

    confirmed: Callable[[Transaction, Booking], None]
    ended: Callable[[Transaction, Booking, str], int | None]
    extended: Callable[[Transaction, Booking], None]
    left: Callable[[Transaction, Booking, Instant], int | None]
    enrol: Callable[[Transaction, Contact], str]
    cancel_digest: Callable[[str], bytes]
    registered: Callable[[Transaction, Contact], str | None] = _nobody
    entitled: Callable[[Transaction, str, Service, Instant], bool] = _to_nothing
    same_doors: Callable[[Transaction, Booking, Booking], bool] = _elsewhere


@dataclass(frozen=True, slots=True)
class Desk:
    """The file, the facility and the consequences: everything a verb needs that is not its input."""

    book: Book
    scope: Scope
    catalogues: Kept[Catalogue]
    consequences: Consequences


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to book: slugs or ids; `duration` in minutes, None is the usual one.

    sight: what the caller is known by, who finds no other services; None is a stranger in the channel.
    """

    service: str
    start: Instant
    channel: Channel
    duration: int | None = None
    quantity: int = 1
    resource: str | None = None
    sight: Sight | None = None

    @property
    def seen_with(self) -> Sight:
        """What its caller is known by."""
        return self.sight or Sight(self.channel)


def claimed_by(
    tx: Transaction, catalogue: Catalogue, wish: Wish, moved: Booking | None = None, *, as_if_at: Instant | None = None
) -> Booking:
    """The booking in status `held` that would fulfil `wish`, not yet saved; `moved` is the booking it replaces.

    The rule is asked as if it were `as_if_at`; None is now.
    Leaves the transaction as Refused when it cannot be, raises Invalid when the wish names things that do not exist.
    """
    service, duration, resource_id = _resolved(catalogue, wish, moved)
    found = calendar(
        tx,
        catalogue,
        service,
        Interval(wish.start, wish.start + 1),
        wish.channel,
        named=resource_id if service.takes_one(wish.quantity) else None,
        leaving_out=moved.id if moved else None,
    )
    if as_if_at is not None:
        found = replace(found, now=as_if_at)
    claims = assign(found, service, wish.start, duration, wish.quantity, resource_id)
    if isinstance(claims, Refusal):
        raise Refused(claims)
    booking_id = moved.id if moved else tx.ids.new()
    session = next((session.id for session in found.sessions if session.interval.start == wish.start), None)
    return Booking(
        id=booking_id,
        number=moved.number if moved else _fresh_number(tx, booking_id),
        service_id=service.id,
        session_id=session,
        customer_id=moved.customer_id if moved else None,
        status=Status.HELD,
        channel=wish.channel,
        interval=Interval(wish.start, wish.start + duration * MINUTE),
        quantity=wish.quantity,
        price=service.price(duration, wish.quantity),
        vat_percent=catalogue.vat_percent[service.id],
        revision=0,
        created_at=tx.now,
        committed_at=None,
        expires_at=None,
        claims=_claims(claims),
        preferred_id=moved.preferred_id if moved else resource_id,
    )


def already_made(tx: Transaction, asked: Request | None) -> Booking | None:
    """The booking as it is now that the same request made or changed before; None for a request that is new."""
    made = idempotency_store.seen(tx, asked) if asked is not None else None
    return store.by_id(tx, made) if made is not None else None


def expire_stale_holds(tx: Transaction) -> None:
    """Let go of every hold whose time has run out; the first step of every booking transaction."""
    for stale in store.stale_holds(tx):
        change(tx, "expired", stale, replace(stale.at_status(Status.EXPIRED), expires_at=None))


def existing(tx: Transaction, booking_id: str) -> Booking:
    """The booking that a verb is about; leaves the transaction as Refused when there is none."""
    found = store.by_id(tx, booking_id)
    if found is None:
        raise Refused(Refusal("unknown_booking"))
    return found


def change(tx: Transaction, verb: str, old: Booking, new: Booking, asked: Request | None = None) -> None:
    """Save a booking that changed, put the change on record, and remember the request that asked for it."""
    store.change(tx, old, new)
    tx.record("booking", old.id, verb, before=body(old), after=body(new))
    remember(tx, asked, old.id)


def remember(tx: Transaction, asked: Request | None, booking_id: str) -> None:
    """Keep in mind which booking a request made or changed, for `already_made`; nothing for a request without key."""
    if asked is not None:
        idempotency_store.remember(tx, asked, booking_id)


def _resolved(catalogue: Catalogue, wish: Wish, moved: Booking | None) -> tuple[Service, int, str | None]:
    # What somebody has booked they know, even if strangers do not find it.
    service = catalogue.service(wish.service, None if moved else wish.seen_with)
    if service is None:
        raise Invalid(UNKNOWN_SERVICE)
    resource_id = catalogue.resource_id(wish.resource) if wish.resource is not None else None
    if wish.resource is not None and resource_id is None:
        raise Invalid(UNKNOWN_RESOURCE)
    if service.kind is ServiceKind.CLASS:
        resource_id = None
    return service, service.durations[0] if wish.duration is None else wish.duration, resource_id


def _claims(wishes: tuple[ClaimWish, ...]) -> tuple[Claimed, ...]:
    return tuple(Claimed(wish.resource_id, wish.interval, wish.quantity) for wish in wishes)


def _fresh_number(tx: Transaction, booking_id: str) -> str:
    """A short number for people, from the random end of the id; the next id's when it is taken."""
    while True:
        bits = uuid.UUID(booking_id).int & (1 << crockford.BITS_PER_CHARACTER * NUMBER_CHARACTERS) - 1
        number = crockford.encoded(bits, NUMBER_CHARACTERS)
        if not store.number_taken(tx, number):
            return number
        booking_id = tx.ids.new()
