"""The part of the pretend desk that sells a card: what it is told is remembered, the number is easy to remember."""

from dataclasses import dataclass, field

from appliance.billing.entitlements import Product, ProductKind
from appliance.foundation.clock import FakeClock
from appliance.foundation.errors import FieldError, Invalid
from appliance.foundation.instants import DAY, Instant
from appliance.foundation.money import Money
from appliance.foundation.refusals import Refusal
from kiosk_ui.counter import ProductView, PurchaseView

TEN_CARD = ProductView(
    "card-id",
    Product("Tiokort", ProductKind.CLIPS, 106_000, 6, clips=10, valid_days=365, covers={"padel-id": 100}),
    Money(106_000, "SEK"),
    Money(6_000, "SEK"),
    {"padel-id": "Padel"},
)


@dataclass
class FakeCounter:
    """Sells what a test says."""

    clock: FakeClock = field(default_factory=lambda: FakeClock(0))
    sold: tuple[ProductView, ...] = ()
    ordered: list[tuple[str, str]] = field(default_factory=list)

    def now(self) -> Instant:
        return self.clock.now()

    def products(self) -> tuple[ProductView, ...]:
        return self.sold

    def order(self, product_id: str, email: str, phone: str) -> PurchaseView | Refusal:
        self._require(email, phone)
        chosen = next(each for each in self.sold if each.id == product_id)
        until = self.now() + 7 * DAY if chosen.price.amount else None
        self.ordered.append((product_id, email or phone))
        return PurchaseView("7K3Q", chosen.product.name, chosen.price, until, "http://hall.example/p/1?sig=x")

    def _require(self, email: str, phone: str) -> None:
        if email and "@" not in email:
            raise Invalid(FieldError("email", "malformed", "not an e-mail address"))
        if not email and len(phone) < 7:
            raise Invalid(FieldError("phone", "malformed", "not a phone number"))
