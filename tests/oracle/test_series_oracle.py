"""Each date of a series is had exactly where brute force finds room for it beside those before it (DY-49, DY-67)."""

from dataclasses import dataclass, replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from appliance.booking.calendar import ClaimWish
from appliance.booking.recurrence import Turn
from appliance.booking.series import Occasion, Placing
from appliance.foundation.instants import local_date
from tests.oracle import worlds
from tests.oracle.brute_force import decide
from tests.oracle.portvakt import calendar_of, taken_in
from tests.oracle.worlds import Claim, World

PLAIN = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@dataclass(frozen=True)
class Repeated:
    """The wish of a world at several starts that may meet each other, in order of the series."""

    world: World
    starts: tuple[int, ...]


@st.composite
def repeated(draw: DrawFn) -> Repeated:
    """Mostly starts on the grid, which could be had."""
    world = draw(st.one_of(worlds.worlds(), worlds.worlds_with_extras()))
    minutes = range(world.begins, world.ends, 60)
    likely = sorted(decide(world)) or list(minutes)
    one = st.one_of(st.sampled_from(likely), st.sampled_from(likely), st.sampled_from(list(minutes)))
    return Repeated(world, tuple(draw(st.lists(one, min_size=2, max_size=4, unique=True))))


def had(asked: Repeated, placing: Placing) -> list[tuple[ClaimWish, ...] | None]:
    """What the series of Portvakt takes at each start; None where it is refused."""
    world = asked.world
    taken: list[tuple[ClaimWish, ...] | None] = []
    for start in asked.starts:
        calendar = calendar_of(world, placing.service)
        day = local_date(start, calendar.zone)
        placed = placing.wanted(calendar, Occasion(Turn(day.replace(day=1), day), start), start)
        placing.take(calendar, placed)
        taken.append(None if placed.start is None else placed.claims)
    return taken


def placing_of(asked: Repeated) -> Placing:
    world = asked.world
    return Placing(taken_in(world), world.visit, world.quantity, world.wanted)


def check(asked: Repeated, placing: Placing) -> None:
    world = asked.world
    for start, claims in zip(asked.starts, had(asked, placing), strict=True):
        verdict = decide(replace(world, begins=start, ends=start + 60)).get(start)
        assert (claims is not None) == (verdict is not None), (start, claims)
        if claims is not None and verdict is not None:
            plain = [(each.resource_id, each.interval.start, each.interval.end, each.quantity) for each in claims]
            assert tuple(sorted(plain)) in verdict.bookings
            world = replace(world, claims=(*world.claims, *(Claim(*each, None) for each in plain)))


@pytest.mark.slow
@pytest.mark.feature("DY-49", "DY-67")
@given(repeated())
@settings(PLAIN, max_examples=100)
def test_each_date_is_had_where_brute_force_finds_room_beside_those_before(asked: Repeated) -> None:
    """DY-49, DY-67: with and without extras, of things and people, on one night with either change of the clock."""
    check(asked, placing_of(asked))


@pytest.mark.slow
def test_a_series_that_forgets_what_it_took_is_caught() -> None:
    """DY-49: negative control; dates that are not decided beside each other are had too often."""

    class Forgetful(Placing):
        def take(self, *_what: object) -> None:
            return None

    @given(repeated())
    @settings(PLAIN, max_examples=300, phases=[Phase.generate])
    def unchecked(asked: Repeated) -> None:
        right = placing_of(asked)
        check(asked, Forgetful(right.service, right.duration, right.quantity, right.resource))

    with pytest.raises(AssertionError):
        unchecked()
