"""Price lines: what a booking costs, line by line, with names, VAT and accounts as they were when it was sold."""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from enum import StrEnum
from typing import Any, cast

from appliance.foundation.money import Money


class LineKind(StrEnum):
    """What a line is for."""

    SERVICE = "service"
    EXTRA = "extra"
    ENTITLEMENT = "entitlement"
    FEE = "fee"


@dataclass(frozen=True, slots=True)
class PriceLine:
    """One line: `quantity` of `unit_amount` each, `amount` in all, in minor units with `vat_percent` contained.

    What an entitlement covers is a line of its own, with a negative amount and the VAT of what it covers.
    """

    kind: LineKind
    name: str
    quantity: int
    unit_amount: int
    amount: int
    vat_percent: int
    account: str = ""
    category_id: str | None = None
    entitlement_id: str | None = None


def total(lines: Iterable[PriceLine]) -> int:
    """The price: the sum of the lines."""
    return sum(line.amount for line in lines)


def vat_within(lines: Iterable[PriceLine], currency: str) -> Money:
    """The VAT that the lines contain, rounded once a line."""
    amounts = (Money(line.amount, currency).vat_within(line.vat_percent).amount for line in lines)
    return Money(sum(amounts), currency)


def entitlement_of(lines: Iterable[PriceLine]) -> str | None:
    """The entitlement that covers some of it; None when none does."""
    return next((line.entitlement_id for line in lines if line.entitlement_id is not None), None)


def people_of(lines: Iterable[PriceLine]) -> tuple[tuple[str, int], ...]:
    """How many of which customer category the lines are for; empty where none was named."""
    return tuple(
        (line.category_id, line.quantity)
        for line in lines
        if line.kind is LineKind.SERVICE and line.category_id is not None
    )


def body(lines: Iterable[PriceLine]) -> list[list[object]]:
    """The lines as the journal keeps them."""
    return [[str(part) if isinstance(part, LineKind) else part for part in astuple(line)] for line in lines]


def from_body(kept: object) -> tuple[PriceLine, ...]:
    """The lines that `body` made."""
    return tuple(PriceLine(LineKind(first), *rest) for first, *rest in cast("Sequence[Sequence[Any]]", kept))
