"""What every booking verb works with, and the steps that several of them share."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace

from appliance.billing import entitlement_store
from appliance.booking import idempotency_store, store
from appliance.booking.actions import entitling
from appliance.booking.availability import assign
from appliance.booking.booking_window import Channel
from appliance.booking.bookings import Booking, Claimed, Status, body
from appliance.booking.calendar import Calendar, ClaimWish
from appliance.booking.calendar_store import calendar
from appliance.booking.catalogue import Catalogue
from appliance.booking.deciding import Asking
from appliance.booking.extras import ExtraWish, Visit, visit_with
from appliance.booking.idempotency_store import Request
from appliance.booking.pricing import People, Spot, lines_for
from appliance.booking.services import Service, ServiceKind
from appliance.booking.standing_store import asked_by
from appliance.booking.visibility import Sight
from appliance.customers.contacts import Contact
from appliance.foundation import crockford
from appliance.foundation.errors import FieldError, Invalid
from appliance.foundation.i18n import marked
from appliance.foundation.instants import MINUTE, Instant, Interval
from appliance.foundation.money import Money
from appliance.foundation.refusals import Refusal
from appliance.foundation.scope import Scope
from appliance.storage.kept import Kept
from appliance.storage.unit_of_work import Book, Refused, Transaction

UNKNOWN_SERVICE = FieldError("service", "unknown", marked("There is no such service."))
UNKNOWN_RESOURCE = FieldError("resource", "unknown", marked("There is no such resource."))


def _nobody(_tx: Transaction, _contact: Contact) -> str | None:
    return None


def _not_known(_tx: Transaction, _customer_id: str) -> bool:
    return False


def _opens_nothing(_tx: Transaction, _customer_id: str) -> int | None:
    return None


def _elsewhere(_tx: Transaction, _old: Booking, _new: Booking) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Consequences:
    """What must follow a booking in the same transaction; boot injects it, booking knows neither keys nor customers.

    confirmed: give it its keys. ended: kill its keys, in the state named; answers the journal seq that the door must
    reach for that to be in force, None when there was nothing to kill. extended: let its keys open until its new end.
    shortened: let its keys open until its new end. left: let them open until an instant at the latest; both answer a
    seq as `ended` does.
    enrol: put a contact in the register, answers the customer's id. cancel_digest: the digest of its cancel code.
    registered: the id of the customer with a verified address of that contact, unless blocked or archived (BM-05).
    is_registered: whether the customer with that id still is such a customer.
    same_doors: whether the keys of the one booking open what those of the other would.
    entitled: give the cards of a customer the keys that their entitlements allow; answers a seq as `ended` does.
    """

    confirmed: Callable[[Transaction, Booking], None]
    ended: Callable[[Transaction, Booking, str], int | None]
    extended: Callable[[Transaction, Booking], None]
    shortened: Callable[[Transaction, Booking], int | None]
    left: Callable[[Transaction, Booking, Instant], int | None]
    enrol: Callable[[Transaction, Contact], str]
    cancel_digest: Callable[[str], bytes]
    registered: Callable[[Transaction, Contact], str | None] = _nobody
    is_registered: Callable[[Transaction, str], bool] = _not_known
    same_doors: Callable[[Transaction, Booking, Booking], bool] = _elsewhere
    entitled: Callable[[Transaction, str], int | None] = _opens_nothing


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

    people: how many of which customer category; they add up to the quantity. customer_id: who it is for, where known.
    sight: what the caller is known by, who finds no other services; None is a stranger in the channel.
    """

    service: str
    start: Instant
    channel: Channel
    duration: int | None = None
    quantity: int = 1
    resource: str | None = None
    people: People = ()
    customer_id: str | None = None
    extras: tuple[ExtraWish, ...] = ()
    sight: Sight | None = None

    @property
    def seen_with(self) -> Sight:
        """What its caller is known by."""
        return self.sight or Sight(self.channel)


def claimed_by(
    desk: Desk,
    tx: Transaction,
    wish: Wish,
    moved: Booking | None = None,
    *,
    as_if_at: Instant | None = None,
    asked: Asking | None = None,
) -> Booking:
    """The booking in status `held` that would fulfil `wish`, not yet saved; `moved` is the booking it replaces.

    The rule is asked as if it were `as_if_at`, when no other booking stood against it; None is now. `asked` are other
    terms than those of the wish itself.
    Leaves the transaction as Refused when it cannot be, raises Invalid when the wish names things that do not exist.
    """
    catalogue = desk.catalogues.current(tx)
    visit, resource_id = resolved(catalogue, wish, moved)
    service, whole = visit.service, visit.whole
    starts, own = Interval(wish.start, wish.start + 1), moved.id if moved else None
    asked = asked or terms_for(desk, tx, service, wish.channel, starts, wish.customer_id, leaving_out=own)
    named = resource_id if service.takes_one(wish.quantity) else None
    found = calendar(tx, catalogue, whole, starts, wish.channel, asked, named=named, leaving_out=own)
    if as_if_at is not None:
        found = replace(found, now=as_if_at, asked=replace(asked, bars=()))
    claims = assign(found, whole, wish.start, visit.minutes, wish.quantity, resource_id)
    if isinstance(claims, Refusal):
        raise Refused(claims)
    return claiming(tx, catalogue, visit, found, wish, claims, moved)


def claiming(
    tx: Transaction,
    catalogue: Catalogue,
    visit: Visit,
    found: Calendar,
    wish: Wish,
    claims: tuple[ClaimWish, ...],
    moved: Booking | None = None,
) -> Booking:
    """The booking in status `held` that fulfils `wish` by `claims`, which its calendar has room for; not yet saved."""
    session = next((session.id for session in found.sessions if session.interval.start == wish.start), None)
    held = replace(
        _fresh(tx, wish, moved),
        service_id=visit.service.id,
        session_id=session,
        interval=Interval(wish.start, wish.start + visit.minutes * MINUTE),
        vat_percent=catalogue.vat_percent[visit.service.id],
        claims=_claims(claims),
        preferred_id=moved.preferred_id if moved else _preferred(catalogue, visit, wish),
        extras=visit.extras,
        rule_id=found.asked.rule.id or None,
    )
    spot = Spot(wish.start, held.channel, wish.quantity, catalogue.places(held))
    return held.priced(lines_for(catalogue, visit.service, visit.duration, spot, wish.people, visit.quoted))


def _preferred(catalogue: Catalogue, visit: Visit, wish: Wish) -> str | None:
    """Which resource was asked for by name; of a class none can be."""
    if wish.resource is None or visit.service.kind is ServiceKind.CLASS:
        return None
    return catalogue.resource_id(wish.resource)


def _fresh(tx: Transaction, wish: Wish, moved: Booking | None) -> Booking:
    """A booking that has everything but what must be worked out; with the identity of the one that it replaces."""
    booking_id = moved.id if moved else tx.ids.new()
    return Booking(
        id=booking_id,
        number=moved.number if moved else fresh_number(tx, booking_id, store.number_taken),
        service_id=wish.service,
        session_id=None,
        customer_id=moved.customer_id if moved else None,
        status=Status.HELD,
        # Staff who move what was sold at the kiosk do not change for whom it was priced.
        channel=(moved or wish).channel,
        interval=Interval(wish.start, wish.start + MINUTE),
        quantity=wish.quantity,
        price=Money(0, tx.scope.currency),
        vat_percent=0,
        revision=0,
        created_at=tx.now,
        committed_at=None,
        expires_at=None,
        claims=(),
    )


def terms_for(
    desk: Desk,
    tx: Transaction,
    service: Service,
    channel: Channel,
    starts: Interval,
    customer_id: str | None,
    *,
    leaving_out: str | None = None,
) -> Asking:
    """On which terms a customer, or somebody unknown, asks for starts of a service."""
    catalogue = desk.catalogues.current(tx)
    swaps = catalogue.rule(service).swaps
    held: frozenset[str] = frozenset()
    if swaps and customer_id is not None:
        held = frozenset(
            each.product_id for each in entitlement_store.holdings(tx, customer_id, tx.now).all if each.is_good(tx.now)
        )
    return asked_by(
        tx, catalogue, service, channel, starts, customer_id=customer_id, held_products=held, leaving_out=leaving_out
    )


def already_made(tx: Transaction, asked: Request | None) -> Booking | None:
    """The booking as it is now that the same request made or changed before; None for a request that is new."""
    made = idempotency_store.seen(tx, asked) if asked is not None else None
    return store.by_id(tx, made) if made is not None else None


def expire_stale_holds(tx: Transaction) -> None:
    """Let go of every hold and unpaid booking whose time has run out; the first step of every booking transaction."""
    stale_holds = store.stale_holds(tx)
    for stale in stale_holds:
        change(tx, "expired", stale, replace(stale.at_status(Status.EXPIRED), expires_at=None))
        entitling.give_back(tx, stale, in_time=True)
    if stale_holds:
        # Whoever waits for that time comes before whoever books next.
        tx.settle()


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


def resolved(catalogue: Catalogue, wish: Wish, moved: Booking | None = None) -> tuple[Visit, str | None]:
    """What a wish asks for and its resource id; Invalid when it names things that do not exist.

    moved: a booking that is changed. What somebody has booked they know, even if strangers do not find it.
    """
    service, duration, resource_id = named_in(catalogue, wish, moved)
    had = moved.extras if moved else ()
    return visit_with(catalogue.extras, service, wish.extras, duration, wish.quantity, had), resource_id


def named_in(catalogue: Catalogue, wish: Wish, moved: Booking | None = None) -> tuple[Service, int, str | None]:
    """Service, duration in minutes and resource id of a wish, whatever is taken with it; Invalid as `resolved`."""
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


def fresh_number(tx: Transaction, thing_id: str, taken: Callable[[Transaction, str], bool]) -> str:
    """A short number for people, from the random end of an id; the next id's when it is taken."""
    while True:
        bits = uuid.UUID(thing_id).int & (1 << crockford.BITS_PER_CHARACTER * store.NUMBER_CHARACTERS) - 1
        number = crockford.encoded(bits, store.NUMBER_CHARACTERS)
        if not taken(tx, number):
            return number
        thing_id = tx.ids.new()
