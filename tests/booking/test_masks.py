"""Masks against a regular expression of the same meaning, and against texts that stall those (DY-61)."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.booking.masks import MASK_LIMIT, MaskSign, matches, parse_mask
from appliance.foundation.errors import FieldError

PLACES = st.lists(
    st.tuples(st.sampled_from(["9", "A", "N", "-", "x", "\\9", "\\+"]), st.sampled_from(["", "?", "+"])), max_size=8
)
MEANING = {"9": "[0-9]", "A": "[xyå]", "N": "[xyå0-9]", "\\9": "9", "\\+": r"\+", "-": "-", "x": "x"}


def read(mask: str) -> tuple[MaskSign, ...]:
    places = parse_mask(mask)
    assert not isinstance(places, FieldError), places
    return places


@given(PLACES, st.text(alphabet="xyå019-+", max_size=12))
def test_a_mask_means_what_it_says(places: list[tuple[str, str]], text: str) -> None:
    """DY-61: sign by sign, with what may be left out and what may repeat."""
    mask = read("".join(sign + more for sign, more in places))
    wanted = re.compile("".join(MEANING[sign] + more for sign, more in places))
    assert matches(mask, text) == (wanted.fullmatch(text) is not None)


@pytest.mark.parametrize("mask", ["?", "9??", "9+?", "+", "\\", "9" * (MASK_LIMIT + 1)])
def test_a_mask_that_means_nothing_is_refused(mask: str) -> None:
    """DY-61: before anybody is asked with it."""
    assert isinstance(parse_mask(mask), FieldError)


def test_no_text_can_stall_a_mask() -> None:
    """DY-61: what makes a backtracking matcher try for ages is looked at once a sign, so many places at most."""
    looks = 0

    class Counting(str):
        __slots__ = ()

        def __eq__(self, other: object) -> bool:
            nonlocal looks
            looks += 1
            return str.__eq__(self, other)

        __hash__ = str.__hash__

    mask = tuple(MaskSign(Counting("x"), True, False, True) for _ in range(MASK_LIMIT))
    assert not matches(mask, "x" * 500 + "!")
    assert looks <= 501 * MASK_LIMIT
