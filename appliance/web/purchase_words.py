"""Purchases and what can be bought, in words for people (DY-23)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from appliance.billing.entitlements import Product
from appliance.billing.product_texts import product_lines
from appliance.billing.purchases import PurchaseStatus
from appliance.booking.services import Service
from appliance.foundation.i18n import marked, text
from appliance.foundation.money import Money
from appliance.foundation.wording import money_text

PURCHASE_WORDS: Final = {
    PurchaseStatus.PENDING: marked("To be paid"),
    PurchaseStatus.GRANTED: marked("Paid"),
    PurchaseStatus.CANCELLED: marked("Given up"),
    PurchaseStatus.EXPIRED: marked("Lapsed, not paid"),
    PurchaseStatus.REFUNDED: marked("Refunded"),
}
PURCHASE_MARKS: Final = {
    PurchaseStatus.PENDING: "warn",
    PurchaseStatus.GRANTED: "good",
    PurchaseStatus.CANCELLED: "away",
    PurchaseStatus.EXPIRED: "away",
    PurchaseStatus.REFUNDED: "bad",
}


@dataclass(frozen=True, slots=True)
class ForSale:
    """A product as it is offered to people: its price with the VAT in it, and what it is good for, line by line."""

    id: str
    name: str
    price: str
    lines: tuple[str, ...]


def for_sale(
    language: str, products: Mapping[str, Product], services: Iterable[Service], currency: str
) -> list[ForSale]:
    """What can be bought; of what each pays for only the `services` that may be told of."""
    names = {each.id: each.name for each in services}
    return [
        ForSale(
            each,
            product.name,
            price_text(language, Money(product.amount, currency), product.vat_percent),
            product_lines(language, product, names),
        )
        for each, product in products.items()
    ]


def price_text(language: str, price: Money, vat_percent: int) -> str:
    """A price and the VAT that it contains."""
    if not price.amount:
        return text(language, "Without charge")
    vat = price.vat_within(vat_percent)
    return text(language, "{price} incl. {vat} VAT", price=money_text(language, price), vat=money_text(language, vat))
