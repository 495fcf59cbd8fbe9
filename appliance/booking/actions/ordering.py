"""What is made together: the steps that series, chains and rows share, and what happens to a whole order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from appliance.billing.fees import NOTHING_OWED, Settlement, together
from appliance.booking import idempotency_store, order_store, store
from appliance.booking.actions import cancelling, confirming, entitling
from appliance.booking.actions.answering import answered_before, keep_answers
from appliance.booking.actions.cancelling import Cancelled, KeyUse
from appliance.booking.actions.desk import Desk, expire_stale_holds, remember
from appliance.booking.bookings import Booking
from appliance.booking.idempotency_store import Request
from appliance.booking.orders import BookingOrder, OpenDate, OrderKind, OrderWish
from appliance.customers.store import sealed_for
from appliance.foundation.refusals import Refusal
from appliance.storage.unit_of_work import Refused, Transaction, refusable

Answers = Mapping[str, object]
"""What somebody says to custom fields, by the slugs of those."""
NO_ANSWERS: Final[Answers] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Ordered:
    """An order with all of its bookings, by time."""

    order: BookingOrder
    bookings: tuple[Booking, ...]


@dataclass(frozen=True, slots=True)
class OrderCancelled:
    """What a cancel of a whole order came to. `kept` says of each booking that stayed, by its id, why it did.

    settlement: what became of the money of all that were cancelled.
    """

    ordered: Ordered
    kept: Mapping[str, Refusal]
    key_seq: int | None
    settlement: Settlement


@dataclass(frozen=True, slots=True)
class Group:
    """What bookings that are to be made together have in common: the id of their order, its kind, whose they are.

    entitlement: which one pays, as `entitling` takes it. answers: what they say to custom fields, by slug, for all.
    """

    id: str
    kind: OrderKind
    customer_id: str
    entitlement: str = entitling.AUTO
    wish: OrderWish | None = None
    answers: Answers = field(default_factory=dict)


def already_ordered(tx: Transaction, asked: Request | None) -> Ordered | None:
    """The order as it is now that the same request made or changed before; None for a request that is new."""
    made = idempotency_store.seen(tx, asked) if asked is not None else None
    return ordered(tx, made) if made is not None else None


def ordered(tx: Transaction, order_id: str) -> Ordered | None:
    """An order of this facility with its bookings."""
    found = order_store.by_id(tx, order_id)
    return None if found is None else Ordered(found, tuple(store.of_order(tx, order_id)))


def found_again(tx: Transaction, order_id: str) -> Ordered:
    """An order that is there, as it is now; leaves the transaction as Refused when it is not."""
    found = ordered(tx, order_id)
    if found is None:
        raise Refused(Refusal("unknown_booking"))
    return found


def sell_one(
    desk: Desk, tx: Transaction, group: Group, wished: Booking, participant: str | None = None
) -> Booking | Refusal:
    """Sell one booking of a group, with who comes to it; or why it cannot be paid as wanted, and nothing changed."""
    belonging = _belonging(tx, group.id, group.customer_id, wished, participant)
    return confirming.sell_if_allowed(desk, tx, belonging, group.customer_id, group.entitlement)


def put_on_record(
    desk: Desk,
    tx: Transaction,
    group: Group,
    made: Sequence[Booking],
    asked: Request | None,
    skipped: tuple[OpenDate, ...] = (),
) -> Ordered:
    """Save the order of a group of which these bookings were made, in the transaction that made them (DY-49).

    Invalid with every mistake in the answers: then nothing is made.
    """
    keep_answers(tx, desk.catalogues.current(tx), group.customer_id, made, group.answers)
    order = BookingOrder(group.id, group.kind, group.customer_id, group.wish, skipped, 0, tx.now)
    order_store.add(tx, order, desk.consequences.cancel_digest(order.id))
    remember(tx, asked, order.id)
    return Ordered(order, tuple(made))


def add_to(
    desk: Desk, tx: Transaction, order: BookingOrder, wished: Booking, entitlement: str, answers: Answers
) -> Booking:
    """Sell one more booking of an order that is there; what is not answered anew stands as its others have it."""
    catalogue = desk.catalogues.current(tx)
    before = answered_before(tx, catalogue, store.of_order(tx, order.id))
    belonging = _belonging(tx, order.id, order.customer_id, wished, None)
    made = confirming.sell(desk, tx, belonging, order.customer_id, entitlement)
    keep_answers(tx, catalogue, order.customer_id, [made], {**before, **answers})
    return made


@refusable
def cancel_order(
    desk: Desk,
    order_id: str,
    key_uses: Mapping[str, KeyUse],
    actor: str,
    request: Request | None = None,
    *,
    by_staff: bool = False,
    waive_fee: bool = False,
) -> OrderCancelled:
    """Cancel all bookings of an order that may be, each by its own rule; the others stay, with the reason.

    key_uses: what is known of the keys of each booking, by its id. Dates left open are open no more. Refused as
    `not_cancellable` when none may be, as `unknown_booking` when there is no such order.
    """
    with desk.book.write(desk.scope, actor) as tx:
        made = already_ordered(tx, request)
        if made is not None:
            return OrderCancelled(made, {}, tx.head.seq, NOTHING_OWED)
        expire_stale_holds(tx)
        found = found_again(tx, order_id)
        unknown = KeyUse(unused=None)
        ended = {
            each.id: cancelling.end(
                desk, tx, each, key_uses.get(each.id, unknown), by_staff=by_staff, waive_fee=waive_fee
            )
            for each in found.bookings
            if each.occupies
        }
        cancelled = [each for each in ended.values() if isinstance(each, Cancelled)]
        if not cancelled:
            raise Refused(next((each for each in ended.values() if isinstance(each, Refusal)), _NOTHING_LEFT))
        if found.order.skipped:
            closed = replace(found.order, skipped=(), revision=found.order.revision + 1)
            order_store.change(tx, "closed", found.order, closed)
        remember(tx, request, order_id)
        return OrderCancelled(
            found_again(tx, order_id),
            {booking_id: each for booking_id, each in ended.items() if isinstance(each, Refusal)},
            max((each.key_seq for each in cancelled if each.key_seq is not None), default=None),
            together(each.settlement for each in cancelled),
        )


def leaning_on_grace(desk: Desk, order_id: str) -> list[str]:
    """The bookings of an order of which the doors must first promise that no key was used."""
    with desk.book.read(desk.scope) as tx:
        ids = [each.id for each in store.of_order(tx, order_id)]
    return [each for each in ids if cancelling.needs_unused_keys(desk, each)]


def _belonging(tx: Transaction, order_id: str, customer_id: str, wished: Booking, participant: str | None) -> Booking:
    sealed = sealed_for(tx, customer_id, {"participant": participant}) if participant else None
    return replace(wished, order_id=order_id, participant=sealed)


_NOTHING_LEFT = Refusal("not_cancellable")
