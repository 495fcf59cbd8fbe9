"""What does not fit any more is exactly what walking every minute finds (DY-25, SB-20)."""

import ast
import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from appliance.booking.bookings import Claimed
from appliance.booking.conflicts import Occupation, conflicts
from appliance.foundation.instants import MINUTE, Interval, merged
from tests.oracle import conflict_oracle
from tests.oracle.conflict_oracle import Booked, Taken, decide

ABOVE = {"half-a": ("half-a", "hall"), "half-b": ("half-b", "hall"), "ann": ("ann",), "places": ("places",)}
OWNERS = ("facility", "service", "hall", "half-a", "ann", "places")
World = tuple[list[Booked], dict[str, list[Interval]], dict[str, int]]


@st.composite
def worlds(draw: DrawFn) -> World:
    """Up to six bookings within two hours, openings of some owners, and resources of which there is less now."""
    minutes = st.integers(0, 40)
    booked = []
    for number in range(draw(st.integers(0, 6))):
        start, length = draw(minutes), draw(st.integers(1, 20))
        claims = []
        for leaf in draw(st.lists(st.sampled_from(sorted(ABOVE)), max_size=3, unique=True)):
            before, after = draw(st.integers(-10, 3)), draw(st.integers(-10, 3))
            first, end = start - before, start + length + after
            if first < end:
                claims.append(Taken(leaf, first, end, draw(st.integers(1, 3)) if leaf == "places" else 1))
        owners = draw(st.sampled_from([(), ("facility", "service")]))
        booked.append(Booked(f"b{number}", start, start + length, owners, tuple(claims), draw(st.integers(0, 3))))
    openings = {}
    for owner in draw(st.lists(st.sampled_from(OWNERS), max_size=3, unique=True)):
        spans = draw(st.lists(st.tuples(minutes, st.integers(1, 60)), max_size=3))
        openings[owner] = merged(sorted(Interval(first * MINUTE, (first + long) * MINUTE) for first, long in spans))
    return booked, openings, draw(st.dictionaries(st.sampled_from(["places", "ann"]), st.integers(1, 4), max_size=2))


def found(world: World) -> dict[str, set[tuple[str, str]]]:
    booked, openings, capacities = world
    occupations = [
        Occupation(
            each.id,
            Interval(each.start * MINUTE, each.end * MINUTE),
            each.owners,
            tuple(Claimed(c.leaf, Interval(c.start * MINUTE, c.end * MINUTE), c.quantity) for c in each.claims),
            each.since,
        )
        for each in booked
    ]
    causes = conflicts(occupations, openings, ABOVE, capacities)
    return {id_: {(str(each.kind), each.owner_id) for each in listed} for id_, listed in causes.items()}


def foretold(world: World) -> dict[str, set[tuple[str, str]]]:
    booked, openings, capacities = world
    opened = {
        owner: frozenset(m for each in spans for m in range(each.start // MINUTE, each.end // MINUTE))
        for owner, spans in openings.items()
    }
    return decide(booked, opened, ABOVE, capacities)


@pytest.mark.feature("DY-25", "SB-20")
@given(worlds())
def test_conflicts_are_exactly_what_the_oracle_finds(world: World) -> None:
    """DY-25, SB-20: hours of everybody concerned, buffers left out, and who was first stays."""
    assert found(world) == foretold(world)


def test_the_oracle_can_tell() -> None:
    """DY-25: negative control; a booking outside the hours of its hall is found by both."""
    late = Booked("b", 10, 20, (), (Taken("half-a", 5, 25, 1),), 0)
    world: World = ([late], {"hall": [Interval(0, 19 * MINUTE)]}, {})
    assert found(world) == foretold(world) == {"b": {("closed", "hall")}}
    assert found(([late], {"hall": [Interval(10 * MINUTE, 20 * MINUTE)]}, {})) == {}


def test_the_oracle_shares_nothing_with_what_it_judges() -> None:
    tree = ast.parse(inspect.getsource(conflict_oracle))
    modules = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not any(name.startswith(("appliance", "drivers")) for name in modules)
