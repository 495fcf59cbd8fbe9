"""Card formats to bits and back (AC-06)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.foundation.cards import CardBits, parse
from appliance.foundation.errors import Invalid
from appliance.keys.cards import CardFormat, CardNumber, card_bits, card_lookup, card_number, is_sound

LARGEST = {
    CardFormat.H10301: (26, 255, 65_535),
    CardFormat.H10306: (34, 65_535, 65_535),
    CardFormat.H10302: (37, 0, 34_359_738_367),
    CardFormat.H10304: (37, 65_535, 524_287),
}


def test_a_published_card_of_26_bits() -> None:
    """AC-06: `lf hid clone -w H10301 --fc 118 --cn 1603` of the Proxmark3 manual makes the tag 2006EC0C86."""
    bits = card_bits(CardNumber(CardFormat.H10301, 118, 1603))
    assert str(bits) == f"26:{0x2006EC0C86 & 2**26 - 1:X}" == "26:2EC0C86"


@pytest.mark.parametrize(
    ("card", "sent"),
    [
        (CardNumber(CardFormat.H10301, 0, 0), "0" + "0" * 24 + "1"),
        (CardNumber(CardFormat.H10301, 128, 1), "1" + "10000000" + "0000000000000001" + "0"),
        (CardNumber(CardFormat.H10306, 1, 3), "1" + "0000000000000001" + "0000000000000011" + "1"),
        (CardNumber(CardFormat.H10302, 0, 1 << 17), "1" + "0" * 17 + "1" + "0" * 17 + "0"),
        (CardNumber(CardFormat.H10304, 1, 0), "1" + "0000000000000001" + "0" * 19 + "1"),
    ],
)
def test_the_bits_by_hand(card: CardNumber, sent: str) -> None:
    """AC-06: even parity over the first half, odd over the second; of 35 data bits the middle one is in both."""
    assert card_bits(card) == CardBits(len(sent), int(sent, 2))


@given(st.data(), st.sampled_from(CardFormat))
def test_every_card_is_read_as_it_was_made_and_no_flipped_bit_passes(data: st.DataObject, format_: CardFormat) -> None:
    """AC-06: 26, 34 and 37 bits; a parity error is found wherever it is."""
    length, code, number = LARGEST[format_]
    card = CardNumber(format_, data.draw(st.integers(0, code)), data.draw(st.integers(0, number)))
    bits = card_bits(card)
    assert (bits.length, card_number(bits, format_)) == (length, card)
    assert parse(str(bits)) == bits
    flipped = CardBits(length, bits.value ^ 1 << data.draw(st.integers(0, length - 1)))
    assert card_number(flipped, format_) is None
    assert is_sound(bits)
    assert not is_sound(flipped)


@pytest.mark.parametrize("format_", CardFormat)
def test_what_does_not_fit_is_named(format_: CardFormat) -> None:
    """AC-06"""
    _, code, number = LARGEST[format_]
    with pytest.raises(Invalid) as caught:
        card_bits(CardNumber(format_, code + 1, number + 1))
    assert [error.field for error in caught.value.errors] == ["facility_code", "number"]


def test_a_card_of_another_length_is_none_of_a_format_and_cannot_be_judged() -> None:
    """AC-06: vendors have formats of their own; those are taken bit by bit."""
    assert card_number(CardBits(32, 5), CardFormat.H10301) is None
    assert is_sound(CardBits(32, 5))


def test_the_digest_depends_on_key_length_and_bits() -> None:
    """AC-06: no number is stored in clear."""
    cards = [CardBits(26, 5), CardBits(34, 5), CardBits(26, 6)]
    assert len({card_lookup(key, bits) for key in (b"a" * 32, b"b" * 32) for bits in cards}) == 6
