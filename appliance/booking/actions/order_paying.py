"""The money of an order: what is due as one payment, and noting it (DY-52).

What is due with an order is what its bookings must be paid with now: all of them, or, where the service of the first
says so, the first that still stands. Bookings that wait for their payment are confirmed together: who has paid for the
first of a series has all of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from appliance.billing import ledger_store
from appliance.billing.fees import NOTHING_OWED, Settlement, fee_for, together
from appliance.billing.tariff_store import terms_of_customer
from appliance.billing.terms import Method
from appliance.booking.actions import cancelling, paying
from appliance.booking.actions.desk import Desk, expire_stale_holds, remember
from appliance.booking.actions.ordering import Ordered, already_ordered, found_again
from appliance.booking.bookings import CANCELLABLE, Booking, Status
from appliance.booking.catalogue import Catalogue
from appliance.booking.idempotency_store import Request
from appliance.foundation.refusals import Refusal
from appliance.storage.unit_of_work import Refused, Transaction, refusable

PAYABLE = frozenset({Status.PENDING, Status.CONFIRMED, Status.ARRIVED, Status.COMPLETED})


@dataclass(frozen=True, slots=True)
class OrderAccount:
    """Where an order stands, in minor units. due: what of `owed` is to be paid as one now, by booking.

    first_only: only the first booking is paid with the order, the others later.
    """

    total: int
    paid: int
    owed: int
    due: Mapping[str, int]
    first_only: bool

    @property
    def due_now(self) -> int:
        """What is to be paid as one."""
        return sum(self.due.values())


def account_of_order(desk: Desk, tx: Transaction, ordered: Ordered) -> OrderAccount:
    """What an order costs, what came in, and what is due with it: one query."""
    catalogue = desk.catalogues.current(tx)
    standing = [each for each in ordered.bookings if each.status in PAYABLE]
    paid = ledger_store.paid_each(tx, [each.id for each in standing])
    first_only = pays_first_only(catalogue, ordered.bookings)
    covered = standing[:1] if first_only else standing
    due = {each.id: _due(catalogue, each, paid[each.id]) for each in covered}
    return OrderAccount(
        total=sum(each.price.amount for each in standing),
        paid=sum(paid.values()),
        owed=sum(max(0, each.price.amount - paid[each.id]) for each in standing),
        due={booking_id: amount for booking_id, amount in due.items() if amount},
        first_only=first_only,
    )


@refusable
def pay_order(desk: Desk, order_id: str, method: Method, actor: str, request: Request | None = None) -> Ordered:
    """Note that what is due with an order came in, as one payment: all of it or nothing (DY-52).

    Refused as `nothing_owed`, as `unknown_booking` without the order, and as an invoice would be for one booking.
    """
    with desk.book.write(desk.scope, actor) as tx:
        if (made := already_ordered(tx, request)) is not None:
            return made
        expire_stale_holds(tx)
        found = found_again(tx, order_id)
        account = account_of_order(desk, tx, found)
        if not account.due:
            raise Refused(Refusal("nothing_owed"))
        if method is Method.INVOICE:
            paying.require_credit(tx, found.order.customer_id, account.due_now)
        for each in found.bookings:
            if each.id in account.due:
                paying.collect(tx, each, method, account.due[each.id])
            if each.status is Status.PENDING:
                paying.settle(desk, tx, each)
        remember(tx, request, order_id)
        return found_again(tx, order_id)


def cost_of_order(desk: Desk, ordered: Ordered) -> Settlement:
    """What would become of the money of an order if staff cancelled all of it now and waived nothing."""
    with desk.book.read(desk.scope) as tx:
        open_ones = [each for each in ordered.bookings if each.status in CANCELLABLE and tx.now < each.interval.end]
        paid = ledger_store.paid_each(tx, [each.id for each in open_ones])
        terms = terms_of_customer(tx, ordered.order.customer_id)
        invoiced = terms is not None and terms.may_be_invoiced
        costs = [
            fee_for(
                each.price.amount, paid[each.id], cancelling.percent_for_staff(desk, tx, each), may_be_invoiced=invoiced
            )
            for each in open_ones
        ]
        return together(costs) if costs else NOTHING_OWED


def pays_first_only(catalogue: Catalogue, bookings: tuple[Booking, ...]) -> bool:
    """Whether only the first of these is paid with them: as its service says."""
    service = catalogue.service(bookings[0].service_id) if bookings else None
    return service is not None and service.several.first_only


def _due(catalogue: Catalogue, booked: Booking, paid: int) -> int:
    price = booked.price.amount
    first = catalogue.tariff.terms_of(booked.service_id).due_first(price)
    return max(0, (first if booked.status is Status.PENDING else price) - paid)
