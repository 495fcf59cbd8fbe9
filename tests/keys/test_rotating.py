"""A pass with a code that changes (AC-04)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.keys import rotating
from appliance.keys.one_time_codes import STEP_S

ZONE, KEY = bytes(32), "0190a000-0000-7000-8000-000000000001"
SEED = rotating.seed(ZONE, KEY)
PASS = "PV1" + "A" * 157
NOW = 1_800_000_000


def test_what_the_phone_shows_is_split_again() -> None:
    """AC-04"""
    shown = rotating.text(PASS, SEED, NOW)
    assert len(shown) == 168
    assert rotating.split(shown) == (PASS, shown[-8:])
    assert rotating.matching_step(SEED, shown[-8:], NOW) == NOW // STEP_S


@pytest.mark.parametrize(
    "shown", ["", "PV2", PASS, PASS + "12345678", "PV2" + "A" * 157 + "1234567x", "PV2" + "٤" * 165]
)
def test_anything_else_is_none(shown: str) -> None:
    """AC-04"""
    assert rotating.split(shown) is None


@given(st.integers(NOW, NOW + 10_000), st.integers(-300, 300))
def test_a_screenshot_is_dead_within_ninety_seconds(taken: int, later: int) -> None:
    """AC-04: good in its own step and in the two beside it, at no other time."""
    digits = rotating.code(SEED, taken // STEP_S)
    step = rotating.matching_step(SEED, digits, taken + later)
    assert (step is not None) is (abs((taken + later) // STEP_S - taken // STEP_S) <= 1)
    if later >= 90:
        assert step is None


def test_each_pass_and_each_unit_has_codes_of_its_own() -> None:
    """AC-04"""
    seeds = {rotating.seed(zone, key) for zone in (ZONE, bytes([1] * 32)) for key in (KEY, KEY[:-1] + "2")}
    assert len(seeds) == 4
