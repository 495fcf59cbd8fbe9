"""Quotes: the lines of a booking before anybody has booked it (DY-16, DY-65).

One line for each customer category, one for each extra; what an entitlement covers is one more beside each line of the
service. Each is rounded once, half up; the total is their sum.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from appliance.billing.entitlements import Cover
from appliance.billing.lines import LineKind, PriceLine
from appliance.billing.prices import PriceAsk, share
from appliance.billing.tariff import Tariff


@dataclass(frozen=True, slots=True)
class Extra:
    """Something sold beside a service, priced by whoever offers it; `unit_amount` has VAT contained."""

    name: str
    unit_amount: int
    quantity: int
    vat_percent: int
    account: str = ""

    @property
    def amount(self) -> int:
        return self.unit_amount * self.quantity


@dataclass(frozen=True, slots=True)
class Sold:
    """What is quoted: a service by its name, its base price of one and its VAT.

    asked: for one without a category. people: how many of which category, None being none.
    """

    name: str
    base: int
    vat_percent: int
    asked: PriceAsk
    people: Sequence[tuple[str | None, int]]


def quote(tariff: Tariff, sold: Sold, extras: Iterable[Extra] = ()) -> tuple[PriceLine, ...]:
    """The lines of a booking, in the order in which they are shown."""
    terms = tariff.terms_of(sold.asked.service_id)
    lines: list[PriceLine] = []
    for category_id, quantity in sold.people:
        unit = tariff.price(sold.base, replace(sold.asked, category_id=category_id))
        category = tariff.categories.get(category_id) if category_id is not None else None
        name = f"{sold.name}, {category.name}" if category is not None else sold.name
        lines.append(
            PriceLine(
                LineKind.SERVICE, name, quantity, unit, unit * quantity, sold.vat_percent, terms.account, category_id
            )
        )
    lines.extend(
        PriceLine(
            LineKind.EXTRA,
            extra.name,
            extra.quantity,
            extra.unit_amount,
            extra.amount,
            extra.vat_percent,
            extra.account,
        )
        for extra in extras
    )
    return tuple(lines)


def covered(lines: Iterable[PriceLine], cover: Cover) -> tuple[PriceLine, ...]:
    """The lines with what `cover` takes off those of the service; a cover that was there gives way."""
    found = [line for line in lines if line.kind is not LineKind.ENTITLEMENT]
    taken = []
    for line in found:
        if line.kind is LineKind.SERVICE:
            off = -share(line.amount, cover.percent)
            taken.append(
                replace(
                    line,
                    kind=LineKind.ENTITLEMENT,
                    name=cover.name,
                    quantity=1,
                    unit_amount=off,
                    amount=off,
                    entitlement_id=cover.entitlement_id,
                )
            )
    return (*found, *taken)
