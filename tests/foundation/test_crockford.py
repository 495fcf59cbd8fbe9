"""Codes for people: one spelling out, many spellings in (BM-22)."""

from hypothesis import given
from hypothesis import strategies as st

from appliance.foundation.crockford import ALPHABET, encoded, normalised


def test_a_code_is_written_in_groups_of_four() -> None:
    assert encoded(0, 12) == "0000-0000-0000"
    assert encoded(2**60 - 1, 12) == "ZZZZ-ZZZZ-ZZZZ"
    assert set("ILOU").isdisjoint(ALPHABET)


@given(st.integers(0, 2**80 - 1))
def test_the_symbols_are_the_digits_of_the_number_to_base_32(number: int) -> None:
    """Against Python's own reader, which calls the same digits 0-9 and a-v."""
    pythons = str.maketrans(ALPHABET, "0123456789abcdefghijklmnopqrstuv", "-")
    assert int(encoded(number, 16).translate(pythons), 32) == number


def test_only_the_lowest_bits_count() -> None:
    assert encoded(2**60 + 7, 12) == encoded(7, 12)


@given(st.integers(0, 2**60 - 1), st.sampled_from(["", " ", "-", " - "]))
def test_whatever_the_case_and_the_gaps_a_code_is_read_as_itself(number: int, gap: str) -> None:
    """BM-22"""
    code = encoded(number, 12)
    symbols = code.replace("-", "")
    assert normalised(gap.join([symbols[:4], symbols[4:8], symbols[8:]]).lower(), 12) == code
    assert normalised(symbols.replace("0", "O").replace("1", "l"), 12) == code


def test_what_cannot_be_a_code_is_none() -> None:
    """BM-22"""
    for typed in (
        "",
        "K7QF-29ZM-4TX",
        "K7QF-29ZM-4TXRR",
        "K7QF-29ZM-4TXU",
        "K7QF_29ZM_4TXR",
        "K" * 1_000_000,
        "٣" * 12,
    ):
        assert normalised(typed, 12) is None


@given(st.text(max_size=60))
def test_any_text_is_either_no_code_or_one_in_its_one_spelling(typed: str) -> None:
    """BM-22"""
    code = normalised(typed, 12)
    assert code is None or normalised(code, 12) == code
