"""Paying: what staff took in confirms the booking that waited for it, with its keys, at once (DY-21, DY-22)."""

from dataclasses import dataclass, replace

from appliance.billing import ledger_store
from appliance.billing.ledger_store import CUSTOMER, PAID, LedgerLine
from appliance.billing.tariff_store import terms_of_customer
from appliance.billing.terms import Method, may_invoice
from appliance.booking import store
from appliance.booking.actions import entitling
from appliance.booking.actions.desk import Desk, already_made, change, existing, expire_stale_holds, remember
from appliance.booking.actions.no_shows import await_guest
from appliance.booking.bookings import Booking, Status
from appliance.booking.idempotency_store import Request
from appliance.foundation.refusals import Refusal
from appliance.storage import jobs
from appliance.storage.unit_of_work import Refused, Transaction, refusable

EXPIRE_UNPAID = "expire_unpaid"
_PAYABLE = frozenset({Status.PENDING, Status.CONFIRMED, Status.ARRIVED, Status.COMPLETED, Status.NO_SHOW})


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that came in. `amount` in minor units, None for all that is owed."""

    method: Method
    amount: int | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """Where a booking stands, in minor units: its price, what came in, and what is still owed."""

    booking: Booking
    paid: int

    @property
    def owed(self) -> int:
        """Nothing of a booking that can be paid no more, such as a cancelled one."""
        payable = self.booking.status in _PAYABLE or self.booking.status is Status.EXPIRED
        return max(0, self.booking.price.amount - self.paid) if payable else 0


@refusable
def pay(desk: Desk, booking_id: str, payment: Payment, actor: str, request: Request | None = None) -> Account:
    """Note a payment. A booking that waited is confirmed once enough came in.

    One that has expired is booked again if its time is still free, else refused as `slot_taken`: then nothing was
    noted, and the money is to be given back. Refused as `nothing_owed`, `not_payable`, `invoice_not_allowed` or
    `credit_used_up`.
    """
    with desk.book.write(desk.scope, actor) as tx:
        if (made := already_made(tx, request)) is not None:
            return Account(made, ledger_store.paid(tx, made.id))
        expire_stale_holds(tx)
        old = existing(tx, booking_id)
        before = ledger_store.paid(tx, old.id)
        amount = _checked(tx, old, payment, before)
        collect(tx, old, payment.method, amount)
        settled = _settled(desk, tx, old, before + amount)
        if old.status is Status.PENDING and settled.status is Status.CONFIRMED:
            _settle_order(desk, tx, settled)
        remember(tx, request, old.id)
        return Account(settled, before + amount)


def account_of(desk: Desk, booking: Booking) -> Account:
    """Where a booking stands."""
    with desk.book.read(desk.scope) as tx:
        return Account(booking, ledger_store.paid(tx, booking.id))


def collect(tx: Transaction, booked: Booking, method: Method, amount: int) -> None:
    """Post money that came in for a booking."""
    lines = (LedgerLine(f"{PAID}{method}", amount, booked.number), LedgerLine(CUSTOMER, -amount, booked.number))
    ledger_store.post(tx, booked.id, booked.customer_id, lines)


def require_credit(tx: Transaction, customer_id: str | None, amount: int) -> None:
    """Leave the transaction as Refused when a customer may not be invoiced so much more."""
    refusal = may_invoice(terms_of_customer(tx, customer_id), amount, ledger_store.invoiced(tx, customer_id))
    if refusal is not None:
        raise Refused(refusal)


def _checked(tx: Transaction, old: Booking, payment: Payment, paid: int) -> int:
    came_late = old.status is Status.EXPIRED and old.customer_id is not None and tx.now < old.interval.end
    if old.status not in _PAYABLE and not came_late:
        raise Refused(Refusal("not_payable"))
    owed = old.price.amount - paid
    amount = owed if payment.amount is None else payment.amount
    if not 0 < amount <= owed:
        raise Refused(Refusal("nothing_owed"))
    if payment.method is Method.INVOICE:
        require_credit(tx, old.customer_id, amount)
    return amount


def _settled(desk: Desk, tx: Transaction, old: Booking, paid: int) -> Booking:
    terms = desk.catalogues.current(tx).tariff.terms_of(old.service_id)
    if old.status not in (Status.PENDING, Status.EXPIRED) or paid < terms.due_first(old.price.amount):
        if old.status is Status.EXPIRED:
            raise Refused(Refusal("not_payable"))
        return old
    return settle(desk, tx, old)


def _settle_order(desk: Desk, tx: Transaction, paid: Booking) -> None:
    """Confirm what waited with the first booking of an order of which only that is paid first (DY-52)."""
    sold = desk.catalogues.current(tx).service(paid.service_id)
    if paid.order_id is None or sold is None or not sold.several.first_only:
        return
    standing = [each for each in store.of_order(tx, paid.order_id) if each.status in _PAYABLE]
    if standing and standing[0].id == paid.id:
        for each in standing:
            if each.status is Status.PENDING:
                settle(desk, tx, each)


def settle(desk: Desk, tx: Transaction, old: Booking) -> Booking:
    """Confirm a booking for which enough came in, with its keys."""
    new = replace(old.at_status(Status.CONFIRMED), committed_at=tx.now, expires_at=None)
    change(tx, "confirmed", old, new)
    if old.status is Status.EXPIRED:
        entitling.take(tx, new)
    jobs.cancel(tx, EXPIRE_UNPAID, new.id)
    desk.consequences.confirmed(tx, new)
    await_guest(desk, tx, new)
    return new
