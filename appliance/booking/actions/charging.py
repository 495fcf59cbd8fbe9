"""Charging a cancellation fee: the line on record, and a posting that balances whatever was paid (BRP-11 to BRP-17)."""

from appliance.billing import ledger_store
from appliance.billing.fees import FeeProduct, Settlement, fee_for, fee_line
from appliance.billing.ledger_store import CUSTOMER, REFUND, LedgerLine
from appliance.billing.tariff_store import terms_of_customer
from appliance.booking.bookings import Booking
from appliance.foundation.errors import NeedsAttention
from appliance.storage.unit_of_work import Transaction


def settlement_of(tx: Transaction, cancelled: Booking, percent: int) -> Settlement:
    """What becomes of a booking's money when it is cancelled at a fee of `percent` of its price."""
    terms = terms_of_customer(tx, cancelled.customer_id)
    paid = ledger_store.paid(tx, cancelled.id)
    may_be_invoiced = terms is not None and terms.may_be_invoiced
    return fee_for(cancelled.price.amount, paid, percent, may_be_invoiced=may_be_invoiced)


def charge(tx: Transaction, cancelled: Booking, settlement: Settlement, product: FeeProduct | None) -> None:
    """Post the fee and the refund of a booking that is being cancelled; nothing where both are 0.

    NeedsAttention where there is a fee and the facility has no product for it.
    """
    if settlement.fee:
        if product is None:
            raise NeedsAttention("the facility has no fee product: add one before fees are charged")
        line = fee_line(product, settlement.fee)
        fee = LedgerLine(line.account, -line.amount, line.name, line.vat_percent)
        ledger_store.post(tx, cancelled.id, cancelled.customer_id, (LedgerLine(CUSTOMER, line.amount, line.name), fee))
    if settlement.refund:
        back = LedgerLine(REFUND, -settlement.refund, cancelled.number)
        owed = LedgerLine(CUSTOMER, settlement.refund, cancelled.number)
        ledger_store.post(tx, cancelled.id, cancelled.customer_id, (back, owed))
