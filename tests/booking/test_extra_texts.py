"""What messages say of extras (DY-71), and how lines add up (DY-67)."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from appliance.billing.lines import total, vat_within
from appliance.billing.prices import PriceAsk
from appliance.billing.quotes import Sold, quote
from appliance.billing.tariff import Tariff
from appliance.booking.extra_texts import PLACEHOLDERS, extra_placeholders
from appliance.booking.extras import BookedExtra
from appliance.foundation.money import Money


def kr(money: Money) -> str:
    return f"{money.amount // 100} kr"


def booked(name: str, units: int, amount: int) -> BookedExtra:
    return BookedExtra(name, name, units, units, Money(amount, "SEK"), 25, "", 0)


def test_each_placeholder_has_its_value() -> None:
    """DY-71: names and numbers, prices line by line, how many, and the sum."""
    told = extra_placeholders([booked("Racket", 2, 3_000), booked("Handduk", 1, 2_000)], "SEK", kr)
    assert tuple(told) == PLACEHOLDERS
    assert told == {
        "extras": "2 × Racket, 1 × Handduk",
        "extras_with_prices": "2 × Racket: 60 kr\n1 × Handduk: 20 kr",
        "extras_count": "2",
        "extras_price": "80 kr",
    }


def test_a_booking_without_extras_leaves_all_of_them_empty() -> None:
    """DY-71: a template may ask for them at every booking."""
    assert set(extra_placeholders([], "SEK", kr).values()) == {""}


@given(st.lists(st.tuples(st.integers(0, 10**7), st.integers(1, 1000), st.integers(0, 100)), max_size=8))
def test_extras_add_up_by_plain_counting(rows: list[tuple[int, int, int]]) -> None:
    """DY-67: the sum is that of all units, and VAT of each line the nearest whole unit of its share."""
    extras = [replace(booked("x", units, amount), vat_percent=vat) for amount, units, vat in rows]
    free = Sold("Padel", 0, 25, PriceAsk("padel", 60, 0, "public"), [(None, 1)])
    lines = quote(Tariff(), free, [extra.quoted for extra in extras])
    assert total(lines) == sum(extra.total.amount for extra in extras) == sum(unit * many for unit, many, _ in rows)
    exact = [unit * many * vat / (100 + vat) for unit, many, vat in rows]
    assert abs(vat_within(lines, "SEK").amount - sum(exact)) <= len(rows) / 2 + 1e-3
