"""Positions as RFC 5870 writes them, and distances on a ball."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.foundation.positions import EARTH_RADIUS_M, Position, distance_m, parse_position

POSITIONS = st.builds(Position, st.integers(-90_000_000, 90_000_000), st.integers(-180_000_000, 180_000_000))
HALF_ROUND = 20_015_115  # pi times the radius


@given(POSITIONS)
def test_a_position_reads_back_what_it_writes(position: Position) -> None:
    """DY-59: to a millionth of a degree."""
    assert parse_position(str(position)) == position


@pytest.mark.parametrize(
    "written", ["", "59", "59;18", "90.1,0", "0,180.5", "59,3,18,0", "1e2,0", "\u0661,\u0662", "nan,0"]
)
def test_what_is_no_position_is_none(written: str) -> None:
    assert parse_position(written) is None


def test_distances_between_known_places() -> None:
    """Within half a percent of the geodesics on WGS 84: Stockholm to Gothenburg 397.6 km, to Sydney 15,585 km."""
    stockholm, gothenburg, sydney = map(parse_position, ("59.3293,18.0686", "57.7089,11.9746", "-33.8688,151.2093"))
    assert stockholm
    assert gothenburg
    assert sydney
    assert distance_m(stockholm, gothenburg) == pytest.approx(397_600, rel=0.005)
    assert distance_m(stockholm, sydney) == pytest.approx(15_585_000, rel=0.005)


@given(POSITIONS, POSITIONS)
def test_a_distance_is_the_same_both_ways_and_at_most_half_round(one: Position, other: Position) -> None:
    assert distance_m(one, other) == distance_m(other, one) <= HALF_ROUND
    assert distance_m(one, one) == 0


def test_poles_and_the_date_line_are_no_edges() -> None:
    """A step across 180 degrees is a step; from pole to pole it is half round."""
    assert distance_m(Position(0, 179_999_999), Position(0, -179_999_999)) < 1
    assert distance_m(Position(90_000_000, 0), Position(-90_000_000, 0)) == round(3.141592653589793 * EARTH_RADIUS_M)
