"""Purchases: an entitlement product that a customer ordered, and that is theirs once it is paid (DY-23). Pure.

Everything that was agreed is copied onto the purchase when it is made: a product that is renamed or priced anew later
changes nothing of it. pending -> granted | cancelled | expired; expired -> granted, when the money came late;
granted -> refunded.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any, Final

from appliance.billing.entitlements import Product
from appliance.billing.terms import Method
from appliance.foundation.instants import DAY, Instant
from appliance.foundation.refusals import Refusal

KEPT_S: Final = 7 * DAY
"""How long a purchase waits for its payment."""


class PurchaseStatus(StrEnum):
    """Where a purchase stands."""

    PENDING = "pending"
    GRANTED = "granted"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REFUNDED = "refunded"


@dataclass(frozen=True, slots=True)
class Purchase:
    """One entitlement product for one customer, as it was when they ordered it.

    name, amount, vat_percent, account, clips, valid_days: those of the product then; amount in minor units, VAT
    contained. method: how it was paid, None while it is not, and of what costs nothing. expires_at: until when it
    waits for its payment. reason: why staff refunded it.
    """

    id: str
    number: str
    customer_id: str
    product_id: str
    channel: str
    name: str
    amount: int
    vat_percent: int
    account: str
    clips: int | None
    valid_days: int | None
    status: PurchaseStatus
    created_at: Instant
    expires_at: Instant | None
    method: Method | None = None
    entitlement_id: str | None = None
    reason: str | None = None
    revision: int = 0

    def fulfilled(self, entitlement_id: str, method: Method | None) -> "Purchase":
        """The same, paid and theirs."""
        paid = self._at(PurchaseStatus.GRANTED)
        return replace(paid, entitlement_id=entitlement_id, method=method)

    def ended(self, status: PurchaseStatus, reason: str | None = None) -> "Purchase":
        """The same, cancelled, expired or refunded."""
        return replace(self._at(status), reason=reason)

    def _at(self, status: PurchaseStatus) -> "Purchase":
        return replace(self, status=status, expires_at=None, revision=self.revision + 1)


def refusal_to_pay(purchase: Purchase) -> Refusal | None:
    """Why no payment can be noted; money that came late is taken all the same."""
    if purchase.status in (PurchaseStatus.PENDING, PurchaseStatus.EXPIRED):
        return None
    return Refusal("purchase_paid" if purchase.status is PurchaseStatus.GRANTED else "purchase_closed")


def refusal_to_cancel(purchase: Purchase) -> Refusal | None:
    """Why it cannot be cancelled; what was paid is refunded instead."""
    if purchase.status is PurchaseStatus.PENDING:
        return None
    return Refusal("purchase_paid" if purchase.status is PurchaseStatus.GRANTED else "purchase_closed")


def as_ordered(product: Product, purchase: Purchase) -> Product:
    """The product with what was agreed when it was ordered; as it is now, where it has become of another kind."""
    if product.has_clips != (purchase.clips is not None):
        return product
    return replace(product, name=purchase.name, clips=purchase.clips, valid_days=purchase.valid_days)


def body(purchase: Purchase) -> dict[str, object]:
    """A purchase as its row and as the journal keep it."""
    kept = asdict(purchase)
    return kept | {
        "status": str(purchase.status),
        "method": None if purchase.method is None else str(purchase.method),
    }


def from_body(kept: Mapping[str, Any]) -> Purchase:
    """The purchase that `body` made."""
    method = None if kept["method"] is None else Method(kept["method"])
    return Purchase(**{**kept, "status": PurchaseStatus(kept["status"]), "method": method})
