"""How a service is paid, and who may be sent an invoice (DY-09, DY-21, DY-22)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from appliance.billing.prices import share
from appliance.foundation.instants import MINUTE, Instant
from appliance.foundation.refusals import Refusal

LONGEST_WAIT_MINUTES: Final = 7 * 24 * 60


class Policy(StrEnum):
    """When a booking must be paid."""

    FREE = "free"  # never: nothing is charged
    ON_SITE = "on_site"  # when its people come
    PREPAY = "prepay"  # in full before it counts
    DEPOSIT = "deposit"  # a part before it counts
    INVOICE = "invoice"  # later, by customers who may


class Method(StrEnum):
    """How money came in."""

    CASH = "cash"
    CARD = "card"
    TRANSFER = "transfer"
    INVOICE = "invoice"


@dataclass(frozen=True, slots=True)
class PaymentTerms:
    """The terms of one service. `account` is the ledger account of its lines.

    deposit_percent: of the price, for a deposit. pay_within_minutes: how long the time is kept for who must pay first.
    """

    service_id: str
    policy: Policy = Policy.ON_SITE
    deposit_percent: int = 100
    pay_within_minutes: int = 30
    account: str = ""

    def due_first(self, total: int) -> int:
        """What must be paid before a booking of that price counts, in minor units."""
        if self.policy is Policy.PREPAY:
            return total
        return share(total, self.deposit_percent) if self.policy is Policy.DEPOSIT else 0

    def pay_by(self, now: Instant) -> Instant:
        """Until when the time is kept."""
        return now + self.pay_within_minutes * MINUTE


@dataclass(frozen=True, slots=True)
class CustomerTerms:
    """What one customer is trusted with. credit_limit: the most that may be invoiced and unpaid, None for no end."""

    customer_id: str
    may_be_invoiced: bool = False
    credit_limit: int | None = None


def may_invoice(terms: CustomerTerms | None, amount: int, invoiced: int) -> Refusal | None:
    """None when `amount` more may be invoiced to a customer who has not paid `invoiced` yet (DY-22)."""
    if terms is None or not terms.may_be_invoiced:
        return Refusal("invoice_not_allowed")
    if terms.credit_limit is not None and invoiced + amount > terms.credit_limit:
        return Refusal("credit_used_up")
    return None
