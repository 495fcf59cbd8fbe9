"""The bits of a card have one written form (AC-06)."""

from hypothesis import given
from hypothesis import strategies as st

from appliance.foundation.cards import BITS_LIMIT, CardBits, parse

BITS = st.integers(1, BITS_LIMIT).flatmap(
    lambda length: st.builds(CardBits, st.just(length), st.integers(0, 2**length - 1))
)


@given(BITS)
def test_what_is_written_is_read_again(card: CardBits) -> None:
    """AC-06: bits to text and back."""
    assert parse(str(card)) == card


@given(st.text(alphabet="0123456789abcdefABCDEF: -", max_size=70))
def test_there_is_one_way_to_write_a_card(text: str) -> None:
    """AC-06: what is read writes itself as it was; all else is no card."""
    card = parse(text)
    assert card is None or str(card) == text


def test_bits_that_do_not_fit_are_no_card() -> None:
    """AC-06: a value longer than its length, no bits, too many."""
    assert parse("4:F") == CardBits(4, 15)
    assert [parse(text) for text in ("4:10", "0:0", "257:0", "26:0F", "26:f")] == [None] * 5


def test_a_card_does_not_show_itself() -> None:
    """AC-06: a number in a log is a number that can be copied."""
    assert "BEEF" not in repr(CardBits(16, 0xBEEF))
    assert str(0xBEEF) not in repr(CardBits(16, 0xBEEF))
