"""What a price is made of: lines with a unit price, a quantity and VAT. The one place that adds them up (DY-67)."""

from collections.abc import Iterable
from dataclasses import dataclass

from appliance.foundation.money import Money


@dataclass(frozen=True, slots=True)
class PriceLine:
    """`quantity` of something at `unit` each, VAT of `vat_percent` contained."""

    name: str
    unit: Money
    quantity: int
    vat_percent: int

    @property
    def total(self) -> Money:
        return self.unit.times(self.quantity)

    @property
    def vat(self) -> Money:
        return self.total.vat_within(self.vat_percent)


def total_of(lines: Iterable[PriceLine], currency: str) -> Money:
    """The sum of all lines, VAT included."""
    return sum((line.total for line in lines), Money(0, currency))


def vat_of(lines: Iterable[PriceLine], currency: str) -> Money:
    """The VAT within the sum: rounded line by line, as it stands on a receipt."""
    return sum((line.vat for line in lines), Money(0, currency))
