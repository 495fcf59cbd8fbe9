"""When a strike is free, against a model that only counts seconds (DR-02)."""

from hypothesis import given
from hypothesis import strategies as st

from appliance.foundation.clock import FakeClock
from appliance.foundation.grants import Grant
from drivers.strike import REMEMBERED, SeenGrants, Strike


def grant(clock: FakeClock, name: str, release_s: int = 5, life_s: int = 5) -> Grant:
    now = clock.now()
    return Grant(name, "door", "court-1", None, release_s, now, now + life_s)


def strike() -> tuple[Strike, FakeClock, list[bool]]:
    clock, driven = FakeClock(), list[bool]()
    return Strike(clock, driven.append), clock, driven


def test_a_pulse_ends_by_itself_at_its_second() -> None:
    """DR-02: strike pulse of the grant's length, to the tick."""
    pulsed, clock, driven = strike()
    assert pulsed.release(grant(clock, "a", release_s=3))
    clock.advance(2.999)
    assert pulsed.tick() is not None
    clock.advance(0.002)
    assert pulsed.tick() is None
    assert driven == [True, False]


def test_a_grant_counts_once_and_not_after_its_end() -> None:
    """DR-01: idempotent by presentation id; nothing at `not_after`."""
    pulsed, clock, driven = strike()
    late = grant(clock, "late", life_s=2)
    clock.advance(2)
    assert not pulsed.release(late)
    assert pulsed.release(grant(clock, "a", release_s=1))
    clock.advance(1)
    pulsed.tick()
    assert not pulsed.release(grant(clock, "a", release_s=1))
    assert driven == [True, False]


def test_a_correction_of_the_wall_clock_does_not_stretch_a_pulse() -> None:
    """DR-02: the pulse is measured with a stopwatch."""
    pulsed, clock, driven = strike()
    pulsed.release(grant(clock, "a", release_s=3))
    clock.set(clock.now() - 86_400)
    clock.advance(3)
    pulsed.tick()
    assert driven == [True, False]


def test_a_hold_outlasts_pulses_and_its_end_ends_them_too() -> None:
    """DR-02: hold until told otherwise; the end locks at once."""
    pulsed, clock, driven = strike()
    pulsed.hold(True)
    pulsed.release(grant(clock, "a", release_s=100))
    clock.advance(50)
    assert pulsed.tick() is None
    pulsed.hold(False)
    assert driven == [True, False]
    assert not pulsed.released


def test_after_a_reconnect_a_hold_is_driven_again_and_a_pulse_is_not() -> None:
    """DR-10: what was under way is over; what was standing stands."""
    pulsed, clock, driven = strike()
    pulsed.release(grant(clock, "a"))
    pulsed.begin()
    assert driven == [True, False]
    pulsed.hold(True)
    pulsed.begin()
    assert driven == [True, False, True, True]


STEP = st.one_of(
    st.tuples(st.just("release"), st.integers(1, 20)),
    st.tuples(st.just("hold"), st.booleans()),
    st.tuples(st.just("wait"), st.integers(1, 30)),
    st.tuples(st.just("begin"), st.just(0)),
)


@given(steps=st.lists(STEP, max_size=40))
def test_the_strike_is_free_exactly_while_a_pulse_or_a_hold_lasts(steps: list[tuple[str, int]]) -> None:
    """DR-02: any mix of grants, holds, time and reconnects equals the model."""
    pulsed, clock, driven = strike()
    held, until = False, 0.0
    for number, (verb, value) in enumerate(steps):
        if verb == "release":
            pulsed.release(grant(clock, f"p{number}", release_s=value))
            until = max(until, clock.monotonic() + value)
        elif verb == "hold":
            pulsed.hold(bool(value))
            held, until = bool(value), until if value else 0.0
        elif verb == "wait":
            clock.advance(value)
        else:
            pulsed.begin()
            until = 0.0
        pulsed.tick()
        assert pulsed.released is (held or clock.monotonic() < until)
        assert (driven[-1] if driven else False) is pulsed.released


def test_only_so_many_presentations_are_remembered() -> None:
    """DR-01: memory is bounded; the oldest go first."""
    seen = SeenGrants()
    for number in range(REMEMBERED + 1):
        seen.add(str(number))
    assert seen.is_new("0")
    assert not seen.is_new("1")
