"""What a purchase posts to the ledger: its sale, its payment, and both undone; each adds up to zero (DY-23)."""

from appliance.billing.ledger_store import CUSTOMER, INVOICED, PAID, REFUND, LedgerLine
from appliance.billing.purchases import Purchase
from appliance.billing.terms import Method


def sale(purchase: Purchase) -> tuple[LedgerLine, ...]:
    """What is posted when it is sold: the customer owes it, its account has earned it; nothing for what is free."""
    if not purchase.amount:
        return ()
    income = LedgerLine(purchase.account, -purchase.amount, purchase.name, purchase.vat_percent)
    return LedgerLine(CUSTOMER, purchase.amount, purchase.number), income


def payment(purchase: Purchase) -> tuple[LedgerLine, ...]:
    """What is posted when its money came in, or was invoiced."""
    if not purchase.amount or purchase.method is None:
        return ()
    came = LedgerLine(f"{PAID}{purchase.method}", purchase.amount, purchase.number)
    return came, LedgerLine(CUSTOMER, -purchase.amount, purchase.number)


def reversal(purchase: Purchase) -> tuple[LedgerLine, ...]:
    """What is posted when it is refunded: the sale is undone; what came in is to be given back, an invoice is none."""
    if not purchase.amount:
        return ()
    account = INVOICED if purchase.method is Method.INVOICE else REFUND
    return (
        LedgerLine(purchase.account, purchase.amount, purchase.name, purchase.vat_percent),
        LedgerLine(account, -purchase.amount, purchase.number),
    )
