"""A booking is cancelled with the code from its confirmation (BM-22)."""

import uuid

import pytest

from appliance.keys.cancel_codes import (
    cancel_code,
    cancel_code_digest,
    cancel_code_matches,
    normalise_cancel_code,
)
from appliance.keys.pins import parse_keypad, pin_lookup

SECRET = bytes(range(32))
LOOKUP_KEY = bytes(range(32, 64))
BOOKING = "01890a5d-ac96-774b-bcce-b302099a8057"
CODE = cancel_code(SECRET, BOOKING, 0)


def test_it_never_changes_between_releases() -> None:
    """BM-22: the code in last year's e-mail still cancels."""
    assert CODE == "FE6T-9ZDK-RPMR"


def test_it_is_worth_sixty_bits() -> None:
    """BM-22: 12 symbols of 32; every symbol takes every value somewhere, and none repeats over many bookings."""
    codes = [cancel_code(SECRET, str(uuid.UUID(int=number)), 0).replace("-", "") for number in range(2_000)]
    assert len(set(codes)) == 2_000
    assert {len(code) for code in codes} == {12}
    assert all(len({code[place] for code in codes}) == 32 for place in range(12))


@pytest.mark.parametrize("typed", [CODE, CODE.lower(), CODE.replace("-", ""), f"  {CODE.replace('-', ' ')} "])
def test_it_may_be_typed_in_any_case_and_with_any_gaps(typed: str) -> None:
    """BM-22"""
    assert normalise_cancel_code(typed) == CODE
    assert cancel_code_matches(LOOKUP_KEY, typed, cancel_code_digest(LOOKUP_KEY, CODE))


@pytest.mark.parametrize(
    "typed",
    ["", CODE[:-1], CODE + "A", cancel_code(SECRET, BOOKING, 1), cancel_code(LOOKUP_KEY, BOOKING, 0), "K" * 1_000_000],
    ids=lambda typed: typed[:20],
)
def test_anything_else_cancels_nothing(typed: str) -> None:
    """BM-22"""
    assert not cancel_code_matches(LOOKUP_KEY, typed, cancel_code_digest(LOOKUP_KEY, CODE))


def test_it_opens_no_door() -> None:
    """BM-22: no keypad takes it, and even one of digits alone is stored under another name than a PIN."""
    assert parse_keypad(CODE) is None
    assert cancel_code_digest(LOOKUP_KEY, "012345012345") != pin_lookup(LOOKUP_KEY, "012345012345")
