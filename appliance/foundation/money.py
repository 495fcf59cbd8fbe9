"""Money as whole minor units of one currency; no floating point anywhere."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """`amount` in minor units (öre, cent) of `currency`, an ISO 4217 code."""

    amount: int
    currency: str

    def __post_init__(self) -> None:
        if len(self.currency) != 3 or not self.currency.isascii() or not self.currency.isupper():
            raise ValueError(f"a currency is three capital letters, got {self.currency!r}")

    def __add__(self, other: Self) -> "Money":
        self._same_currency(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: Self) -> "Money":
        self._same_currency(other)
        return Money(self.amount - other.amount, self.currency)

    def times(self, quantity: int) -> "Money":
        return Money(self.amount * quantity, self.currency)

    def share(self, percent: int) -> "Money":
        """`percent` of this, rounded half away from zero to a whole minor unit (BRP-16)."""
        doubled = 2 * self.amount * percent
        rounded = (abs(doubled) + 100) // 200
        return Money(rounded if doubled >= 0 else -rounded, self.currency)

    def vat_within(self, percent: int) -> "Money":
        """The part of this that is VAT at `percent`, rounded half away from zero to a whole minor unit."""
        whole = 2 * (100 + percent)
        doubled = 2 * abs(self.amount) * percent * 2
        rounded = (doubled + whole) // (2 * whole)
        return Money(rounded if self.amount >= 0 else -rounded, self.currency)

    def _same_currency(self, other: Self) -> None:
        if self.currency != other.currency:
            raise ValueError(f"cannot mix {self.currency} and {other.currency}")
