"""What messages may say of the extras of a booking, as values for the placeholders of templates (DY-71)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from appliance.booking.extras import BookedExtra
from appliance.foundation.money import Money

PLACEHOLDERS: Final = ("extras", "extras_with_prices", "extras_count", "extras_price")
"""The names that a template may use, for customers and for staff."""


def extra_placeholders(
    extras: Sequence[BookedExtra], currency: str, money: Callable[[Money], str]
) -> Mapping[str, str]:
    """The value of each placeholder, empty where nothing was chosen. `money` writes an amount in the reader's language.

    extras: `2 × Racket, 1 × Towel`, by what is paid for. extras_with_prices: one a line, with the sum of each.
    extras_count: how many different ones. extras_price: what they cost together.
    """
    named = [f"{extra.units} × {extra.name}" for extra in extras]
    priced = [f"{name}: {money(extra.total)}" for name, extra in zip(named, extras, strict=True)]
    total = sum((extra.total for extra in extras), Money(0, currency))
    values = (", ".join(named), "\n".join(priced), str(len(extras)) if extras else "", money(total) if extras else "")
    return dict(zip(PLACEHOLDERS, values, strict=True))
