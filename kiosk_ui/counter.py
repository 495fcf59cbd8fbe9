"""What is sold at the kiosk beside times, cards and subscriptions, and what becomes of an order (DY-23)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from appliance.billing.entitlements import Product
from appliance.foundation.instants import Instant
from appliance.foundation.money import Money
from appliance.foundation.refusals import Refusal


@dataclass(frozen=True, slots=True)
class ProductView:
    """A card or subscription. `services` are the names of what may be told of, by the ids in what it covers."""

    id: str
    product: Product
    price: Money
    vat: Money
    services: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PurchaseView:
    """What was ordered. `number` is said to staff, `link` leads to its page on the phone.

    until: how long it waits for its payment; None for what costs nothing, which is good at once.
    """

    number: str
    name: str
    price: Money
    until: Instant | None
    link: str


class Counter(Protocol):
    """The part of a desk that sells."""

    def products(self) -> tuple[ProductView, ...]:
        """What may be bought at the kiosk."""

    def order(self, product_id: str, email: str, phone: str) -> PurchaseView | Refusal:
        """Order one of them. Raises `Invalid` with fields `email`, `phone`, and `product` for one not sold here."""
