"""The third leg: the guard of a real file accepts exactly what the oracle finds room for and the search assigns."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import islice, product

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from appliance.booking.availability import assign
from appliance.foundation.refusals import Refusal
from appliance.storage import guard
from tests.oracle import worlds
from tests.oracle.brute_force import Claims, Oracle
from tests.oracle.portvakt import calendar_of, taken_in
from tests.oracle.worlds import World
from tests.storage.raw_file import RawFile, raw_memory

PLAIN = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
WAYS = 24


@contextmanager
def loaded(world: World) -> Iterator[RawFile]:
    """A file with the resources and claims of a world; holds that have run out were let go, as every booking does."""
    file = raw_memory()
    with closing(file.connection):
        for thing in world.leaves:
            file.connection.execute(
                "INSERT INTO resource(id, facility_id, slug, name, kind, capacity, position) VALUES (?,'f',?,?,?,?,0)",
                (thing.id, thing.id, thing.id, "counted" if thing.counted else "unit", thing.capacity),
            )
        for claim in world.claims:
            if claim.expires is None or claim.expires > world.now:
                file.insert(claim.resource, claim.start, claim.end, claim.quantity)
        yield file


def accepted(file: RawFile, claims: Claims) -> bool:
    """Whether the file takes all claims of one booking; it is left as it was."""
    file.connection.execute("BEGIN IMMEDIATE")
    try:
        for resource, start, end, quantity in claims:
            file.insert(resource, start, end, quantity)
    except sqlite3.IntegrityError as refused:
        if guard.OVERBOOKED not in str(refused):
            raise
        return False
    finally:
        file.connection.execute("ROLLBACK")
    return True


def check(world: World) -> None:
    oracle, service = Oracle(world), taken_in(world)
    calendar = calendar_of(world, service)
    with loaded(world) as file:
        for start in range(world.begins, world.ends, 15 * 60):
            for way in islice(product(*oracle.choices(start, world.quantity)), WAYS):
                claims = oracle._claims(way, start, world.quantity)
                assert accepted(file, claims) == oracle._room_for(claims), (start, claims)
            wanted = assign(calendar, service, start, world.visit, world.quantity, world.wanted)
            if not isinstance(wanted, Refusal):
                plain = tuple((w.resource_id, w.interval.start, w.interval.end, w.quantity) for w in wanted)
                assert accepted(file, plain), (start, plain)


@pytest.mark.slow
@pytest.mark.feature("SH-16")
@given(worlds.worlds())
@settings(PLAIN, max_examples=60)
def test_the_guard_accepts_exactly_what_there_is_room_for(world: World) -> None:
    """SH-16: what the oracle allows and what is assigned goes in; what the oracle forbids does not."""
    check(world)


@pytest.mark.slow
@pytest.mark.feature("DY-67")
@given(worlds.worlds_with_extras())
@settings(PLAIN, max_examples=60)
def test_the_guard_counts_extras_as_everything_else(world: World) -> None:
    """DY-67: what an extra takes for itself is claimed under the same guard."""
    check(world)


@pytest.mark.long
@pytest.mark.timeout(3000)
@given(st.one_of(worlds.worlds(), worlds.worlds_with_extras()))
@settings(PLAIN, max_examples=5000)
def test_the_guard_agrees_with_the_oracle_at_length(world: World) -> None:
    """SH-16: as above, for a long time."""
    check(world)


@pytest.mark.slow
def test_a_file_without_its_guard_is_caught() -> None:
    """SH-16: negative control; without the trigger a booking without room goes in."""

    @given(worlds.worlds())
    @settings(PLAIN, max_examples=60, phases=[Phase.generate])
    def unguarded(world: World) -> None:
        oracle = Oracle(world)
        with loaded(world) as file:
            for trigger in guard.TRIGGERS:
                file.connection.execute(f"DROP TRIGGER {trigger}")
            for claim in world.claims:
                taken = ((claim.resource, claim.start, claim.end, 5),)
                assert accepted(file, taken) == oracle._room_for(taken)

    with pytest.raises(AssertionError):
        unguarded()
