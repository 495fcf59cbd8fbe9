"""Cancellation fees: what a late cancel costs, and what is given back (BRP-11 to BRP-17).

A fee is a percent of what was charged, half up to a whole minor unit. It carries the account and the VAT of the
facility's fee product, not those of the service. Unless the customer may be sent an invoice, it is never more than what
they have paid.
"""

from dataclasses import dataclass
from typing import Final

from appliance.billing.lines import LineKind, PriceLine
from appliance.billing.prices import share


@dataclass(frozen=True, slots=True)
class FeeProduct:
    """What an invoice calls the fee at a facility, its ledger account and its VAT in percent."""

    name: str
    account: str
    vat_percent: int


@dataclass(frozen=True, slots=True)
class Settlement:
    """What becomes of a booking's money at its cancel, in minor units.

    fee: what is kept or asked for. refund: of what was paid, given back. due: of the fee, still to be invoiced.
    """

    fee: int
    refund: int
    due: int


NOTHING_OWED: Final = Settlement(0, 0, 0)


def fee_for(charged: int, paid: int, percent: int, *, may_be_invoiced: bool) -> Settlement:
    """What a cancel costs that is late by a tier of `percent`; 0 for one in time.

    charged: the price of the booking after all that lowers it. paid: what came in for it. Always fee = paid - refund +
    due, so that the ledger balances whether it was prepaid or not, with or without a fee.
    """
    fee = share(charged, percent)
    if not may_be_invoiced:
        fee = min(fee, paid)
    return Settlement(fee, refund=max(0, paid - fee), due=max(0, fee - paid))


def fee_line(product: FeeProduct, fee: int) -> PriceLine:
    """The fee as a line, with the product's name as it is now (BRP-13)."""
    return PriceLine(LineKind.FEE, product.name, 1, fee, fee, product.vat_percent, product.account)
