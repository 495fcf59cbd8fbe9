"""The tariff: everything of a facility that decides what things cost and how they are paid, as one value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from appliance.billing.categories import CustomerCategory
from appliance.billing.entitlements import Product
from appliance.billing.fees import FeeProduct
from appliance.billing.prices import PriceAsk, Prices
from appliance.billing.terms import PaymentTerms, Policy


@dataclass(frozen=True, slots=True)
class Tariff:
    """Of one facility. products: those that are no longer sold too, for who holds one; categories: those offered."""

    prices: Prices = field(default_factory=lambda: Prices({}, ZoneInfo("UTC")))
    categories: Mapping[str, CustomerCategory] = field(default_factory=dict)
    terms: Mapping[str, PaymentTerms] = field(default_factory=dict)
    products: Mapping[str, Product] = field(default_factory=dict)
    fee_product: FeeProduct | None = None

    def terms_of(self, service_id: str) -> PaymentTerms:
        """How a service is paid: on site where nothing was said."""
        return self.terms.get(service_id) or PaymentTerms(service_id)

    def price(self, base: int, asked: PriceAsk) -> int:
        """The price of one, with the rules in force."""
        if self.terms_of(asked.service_id).policy is Policy.FREE:
            return 0
        return self.prices.price(base, asked)

    def is_flat(self, service_id: str) -> bool:
        """Whether a service costs the same at every start, for everybody."""
        return not self.prices.concern(service_id) or self.terms_of(service_id).policy is Policy.FREE

    def sold_at(self, channel: str) -> Mapping[str, Product]:
        """What customers buy themselves on a channel, by id and in the order of its names (DY-23)."""
        return {each: product for each, product in self.products.items() if channel in product.sold_at}

    def product(self, name: str) -> str | None:
        """The id of the product with that id or name."""
        return name if name in self.products else next((i for i, p in self.products.items() if p.name == name), None)
