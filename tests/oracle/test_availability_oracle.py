"""Offered is exactly what can be booked: the search and the assignment against the oracle, on random worlds."""

import ast
import inspect
import sys
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from appliance.booking.availability import Calendar, assign, offers
from appliance.booking.services import Service
from appliance.foundation.instants import Interval
from appliance.foundation.refusals import Refusal
from tests.oracle import brute_force, worlds
from tests.oracle.brute_force import decide
from tests.oracle.portvakt import calendar_of, service_of, taken_in
from tests.oracle.worlds import World

Seen = dict[int, tuple[frozenset[str], int]]
Search = Callable[[World], Seen]

PLAIN = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def searched(world: World) -> Seen:
    """What `offers` lists: at each start, what may be wanted and how much is left."""
    service = taken_in(world)
    return _listed(calendar_of(world, service), service, world)


def _listed(calendar: Calendar, service: Service, world: World) -> Seen:
    duration = service.durations[0]
    found = offers(calendar, service, Interval(world.begins, world.ends), duration, world.quantity, world.wanted)
    assert found.ends == [start + 60 * duration for start in found.starts]
    shown = zip(found.resources, found.seats_left, strict=True)
    return dict(zip(found.starts, [(frozenset(ids), seats) for ids, seats in shown], strict=True))


def foretold(world: World) -> Seen:
    """What the oracle says of the same."""
    return {start: (verdict.resources, verdict.seats) for start, verdict in decide(world).items()}


def check_assignments(world: World) -> None:
    """At every minute: an offered start gives claims that the oracle knows to fit, any other a refusal."""
    service = taken_in(world)
    calendar, verdicts = calendar_of(world, service), decide(world)
    for start in range(world.begins, world.ends, 60):
        claims = assign(calendar, service, start, world.visit, world.quantity, world.wanted)
        if start not in verdicts:
            assert isinstance(claims, Refusal), start
        else:
            assert not isinstance(claims, Refusal), (start, claims)
            plain = [(each.resource_id, each.interval.start, each.interval.end, each.quantity) for each in claims]
            assert tuple(sorted(plain)) in verdicts[start].bookings


@pytest.mark.slow
@given(worlds.worlds())
@settings(PLAIN, max_examples=100)
def test_offered_is_exactly_what_the_oracle_allows(world: World) -> None:
    """DY-06: customers are offered every time that is free and none that is not."""
    assert searched(world) == foretold(world)


@pytest.mark.slow
@given(worlds.worlds())
@settings(PLAIN, max_examples=60)
def test_what_is_offered_can_be_claimed_and_nothing_else(world: World) -> None:
    """DY-06: every offered start can be booked, every other is refused."""
    check_assignments(world)


@pytest.mark.slow
@pytest.mark.feature("DY-67")
@given(worlds.worlds_with_extras())
@settings(PLAIN, max_examples=100)
def test_with_extras_offered_is_exactly_what_the_oracle_allows(world: World) -> None:
    """DY-67: extras that take time and things of their own are in what is offered, and in what is claimed."""
    assert searched(world) == foretold(world)
    check_assignments(world)


@pytest.mark.long
@pytest.mark.timeout(3000)
@given(st.one_of(worlds.worlds(), worlds.worlds_with_extras()))
@settings(PLAIN, max_examples=10_000)
def test_search_and_assignment_agree_with_the_oracle_at_length(world: World) -> None:
    """DY-06: as above, for a long time."""
    assert searched(world) == foretold(world)
    check_assignments(world)


def by_start_only(world: World) -> Seen:
    """A wrong search: it looks whether the start is free, not whether the whole time is."""
    service = replace(
        service_of(world),
        durations=(1,),
        needs=tuple(replace(n, length_minutes=1, offset_minutes=0) for n in service_of(world).needs),
        before_minutes=0,
        after_minutes=0,
    )
    return _listed(calendar_of(world, service_of(world)), service, world)


def without_buffers(world: World) -> Seen:
    """A wrong search: it forgets the buffers around a booking."""
    service = replace(service_of(world), before_minutes=0, after_minutes=0)
    return _listed(calendar_of(world, service), service, world)


def without_looking_back(world: World) -> Seen:
    """A wrong search: it does not see claims that began before the first start asked for."""
    seen = tuple(claim for claim in world.claims if claim.start >= world.begins)
    return searched(replace(world, claims=seen))


def with_stale_holds(world: World) -> Seen:
    """A wrong search: it counts holds whose time has run out."""
    return searched(replace(world, claims=tuple(replace(claim, expires=None) for claim in world.claims)))


def without_parts(world: World) -> Seen:
    """A wrong search: it takes a hall and its courts for unrelated resources."""
    return searched(replace(world, things=tuple(replace(thing, parent=None) for thing in world.things)))


@pytest.mark.parametrize(
    "wrong", [by_start_only, without_buffers, without_looking_back, with_stale_holds, without_parts]
)
def test_the_oracle_catches_a_wrong_search(wrong: Search) -> None:
    """SH-16: negative control, each way to get it wrong is found out."""
    quick = settings(PLAIN, max_examples=400, phases=[Phase.generate], database=None)
    find(worlds.worlds(), lambda world: wrong(world) != foretold(world), settings=quick)


def without_more_time(world: World) -> Seen:
    """A wrong search: it offers the time as if the extras took none."""
    return searched(replace(world, extras=tuple(replace(extra, minutes=0) for extra in world.extras)))


def without_things_of_extras(world: World) -> Seen:
    """A wrong search: it forgets what the extras take for themselves."""
    return searched(replace(world, extras=tuple(replace(extra, need=None) for extra in world.extras)))


@pytest.mark.parametrize("wrong", [without_more_time, without_things_of_extras])
def test_the_oracle_catches_a_search_that_forgets_extras(wrong: Search) -> None:
    """DY-67: negative control."""
    quick = settings(PLAIN, max_examples=400, phases=[Phase.generate], database=None)
    find(worlds.worlds_with_extras(), lambda world: wrong(world) != foretold(world), settings=quick)


def test_the_right_search_is_not_caught() -> None:
    """SH-16: the control's own control: the same hunt finds nothing wrong with the real search."""
    quick = settings(PLAIN, max_examples=60, phases=[Phase.generate], database=None)
    with pytest.raises(NoSuchExample):
        find(worlds.worlds(), lambda world: searched(world) != foretold(world), settings=quick)


@pytest.mark.parametrize("module", [brute_force, worlds])
def test_the_oracle_imports_nothing_of_ours(module: object) -> None:
    """DY-06: an oracle that shared code with the search would share its mistakes."""
    tree = ast.parse(inspect.getsource(sys.modules[getattr(module, "__name__", "")]))
    named = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    named |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    ours = {"appliance", "drivers", "kiosk_ui", "cloud_bridge"}
    assert not {name for name in named if name.partition(".")[0] in ours}
    assert {name for name in named if name.startswith("tests")} <= {"tests.oracle.worlds"}
