"""Nine digits for a booking that the door never heard of (AC-02)."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.foundation.instants import HOUR, MINUTE, Interval
from appliance.keys.derived_pins import (
    DIGITS,
    LIKELIEST,
    QUARTER_S,
    DerivedClaims,
    DerivedRules,
    derived_pin,
    intervals_near,
    matching,
    zone_secret,
)

UNIT = bytes(range(32))
SECRET = zone_secret(UNIT, "court-1")
START = 1_800_000_000 // QUARTER_S * QUARTER_S
RULES = DerivedRules(15, 480, 1, 900, 900, 0)
BOOKED = DerivedClaims("court-1", Interval(START, START + HOUR), 0)


@pytest.mark.parametrize(
    ("grid", "longest", "windows"), [(60, 120, 5), (60, 240, 14), (30, 240, 44), (15, 480, 592), (15, 720, 1272)]
)
def test_the_number_of_windows_is_the_published_one(grid: int, longest: int, windows: int) -> None:
    """AC-02: with a quarter of an hour before and after."""
    rules = DerivedRules(grid, longest, 1, 900, 900, 0)
    counts = {len(list(intervals_near(rules, START + second, 3600))) for second in range(0, 3600, 60)}
    assert rules.windows == max(counts)
    # The published table counts what holds at a grid point; with margins shorter than the grid there may be one more.
    assert windows in counts


@given(
    st.integers(-3 * HOUR, 3 * HOUR), st.sampled_from([15, 30, 60]), st.integers(1, 12), st.integers(0, 3),
    st.sampled_from([0, 3600, 7200, 20700]),
)  # fmt: skip
def test_it_opens_within_its_margins_and_at_no_other_second(
    second: int, grid: int, steps: int, serial: int, offset: int
) -> None:
    """AC-02: any booking on the local grid is found in [start - before, end + after) and never outside."""
    rules = DerivedRules(grid, 12 * grid, 4, 900, 600, 0)
    start = START - (START + offset) % (grid * MINUTE)
    booked = DerivedClaims("court-1", Interval(start, start + steps * grid * MINUTE), serial)
    now = start + second
    is_in = start - 900 <= now < booked.interval.end + 600
    assert (booked in matching(UNIT, ["court-1"], derived_pin(SECRET, booked), rules, now, offset)) is is_in


def test_several_bookings_of_one_time_have_pins_of_their_own() -> None:
    """AC-02: the serial keeps them apart, and a door that allows fewer takes fewer."""
    pins = [derived_pin(SECRET, replace(BOOKED, serial=serial)) for serial in range(3)]
    assert len(set(pins)) == 3
    assert {len(pin) for pin in pins} == {DIGITS}
    two = replace(RULES, serials=2)
    found = [[claims.serial for claims in matching(UNIT, ["court-1"], pin, two, START, 0)] for pin in pins]
    assert found == [[0], [1], []]


def test_another_zone_or_unit_has_other_pins() -> None:
    """AC-02: the PIN of one court opens no other."""
    pin = derived_pin(SECRET, BOOKED)
    assert matching(UNIT, ["court-2"], pin, RULES, START, 0) == []
    assert matching(bytes(32), ["court-1"], pin, RULES, START, 0) == []
    assert matching(UNIT, ["court-2", "court-1"], pin, RULES, START, 0) == [BOOKED]


def test_a_booking_that_the_door_must_know_needs_none() -> None:
    """AC-02: only bookings that start at or after the instant up to which the door's log is complete."""
    pin = derived_pin(SECRET, BOOKED)
    for known_until, found in ((START, [BOOKED]), (START + 1, [])):
        assert matching(UNIT, ["court-1"], pin, replace(RULES, known_until=known_until), START, 0) == found


@pytest.mark.parametrize("typed", ["", "12345678", "1234567890"])
def test_other_lengths_are_not_even_tried(typed: str) -> None:
    """AC-02: six digits are never taken for nine."""
    assert matching(UNIT, ["court-1"], typed, RULES, START, 0) == []


@pytest.mark.parametrize(
    "interval",
    [Interval(START + 60, START + HOUR + 60), Interval(START, START + 70), Interval(START, START + 64 * HOUR)],
)
def test_what_is_not_in_quarters_has_no_pin(interval: Interval) -> None:
    """AC-02"""
    with pytest.raises(ValueError, match="quarters"):
        derived_pin(SECRET, replace(BOOKED, interval=interval))


def test_the_likeliest_pin_is_as_likely_as_published() -> None:
    """AC-02: 2**31 values fall on 10**9 PINs, so that some have three of them and none has more."""
    assert -(-(2**31) // 10**DIGITS) / 2**31 == LIKELIEST
