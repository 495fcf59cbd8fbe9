"""The door machine: released, open, held open, forced (AC-11)."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from appliance.access.decision import Mode
from appliance.access.doors import (
    GRACE_S,
    LATE_LEAF_S,
    RELOCK_AGAIN_S,
    REX_S,
    Door,
    DoorState,
    Effect,
    Granted,
    Happened,
    Hold,
    Input,
    Limits,
    ModeSet,
    Seen,
    Tick,
    step,
)
from appliance.access.modes import ModeWishes, is_held
from drivers.contract import Fact

LIMITS = Limits(release_s=5, warn_s=30, alarm_s=60, relock_on_open=False, reports_lock=True)


def play(*inputs: tuple[float, Input], limits: Limits = LIMITS) -> tuple[Door, list[Effect]]:
    """The door after some inputs at their times, and everything that had to be done."""
    door, done = Door(), list[Effect]()
    for now, what in inputs:
        door, effects = step(door, what, now, limits)
        done.extend(effects)
    return door, done


def seen(now: float, fact: Fact) -> tuple[float, Input]:
    return now, Seen(fact)


CLOSED = seen(0, Fact.CLOSED)
GRANTED = [(1.0, Granted(5)), seen(1.1, Fact.RELEASED)]


def verbs(effects: list[Effect]) -> list[str]:
    return [effect.verb for effect in effects if isinstance(effect, Happened)]


def test_a_grant_opens_and_locks_again() -> None:
    """AC-11: the plain course of an entry."""
    door, done = play(
        CLOSED, *GRANTED, seen(2, Fact.OPENED), seen(4, Fact.CLOSED), seen(6.1, Fact.LOCKED), (6.2, Tick())
    )
    assert door.state is DoorState.LOCKED
    assert verbs(done) == ["released", "opened", "closed", "locked"]


def test_the_state_shown_is_what_the_contact_says() -> None:
    """AC-11: released but shut is released; open is open, locked bolt or not."""
    assert play(CLOSED, *GRANTED)[0].state is DoorState.RELEASED
    assert play(CLOSED, *GRANTED, seen(2, Fact.OPENED), seen(6, Fact.LOCKED))[0].state is DoorState.OPEN


def test_a_grant_alone_shows_nothing() -> None:
    """AC-11: what was commanded is not what happened."""
    assert play(CLOSED, (1.0, Granted(5)))[0].state is DoorState.LOCKED


def test_open_without_grant_or_rex_is_forced() -> None:
    """AC-11: forced, until the leaf is back."""
    door, done = play(CLOSED, seen(5, Fact.OPENED))
    assert door.state is DoorState.FORCED
    assert verbs(done) == ["opened", "forced"]
    assert play(CLOSED, seen(5, Fact.OPENED), seen(6, Fact.CLOSED))[0].state is DoorState.LOCKED


def test_rex_shunts_the_forced_alarm_for_one_opening() -> None:
    """AC-11: who leaves breaks nothing; the next who enters does."""
    out = [CLOSED, seen(1, Fact.REX), seen(1 + REX_S, Fact.OPENED)]
    assert play(*out)[0].state is DoorState.OPEN
    assert play(CLOSED, seen(1, Fact.REX), seen(1.1 + REX_S, Fact.OPENED))[0].state is DoorState.FORCED
    assert play(*out, seen(12, Fact.CLOSED), seen(12.5, Fact.OPENED))[0].state is DoorState.FORCED


def test_a_leaf_seen_just_after_the_bolt_came_back_is_not_forced() -> None:
    """AC-11: contact and lock report by different ways."""
    late = [CLOSED, *GRANTED, seen(6, Fact.LOCKED)]
    assert play(*late, seen(6 + LATE_LEAF_S, Fact.OPENED))[0].state is DoorState.OPEN
    assert play(*late, seen(6.1 + LATE_LEAF_S, Fact.OPENED))[0].state is DoorState.FORCED


def test_a_leaf_that_stood_open_at_the_start_was_not_forced() -> None:
    """AC-11: nobody is alarmed by a restart."""
    assert play(seen(0, Fact.OPENED))[0].state is DoorState.OPEN


def test_held_open_warns_first() -> None:
    """AC-11: 30 s warning, 60 s alarm, over when the leaf is back."""
    opened = [CLOSED, *GRANTED, seen(2, Fact.OPENED), seen(6, Fact.LOCKED)]
    assert play(*opened, (31.9, Tick()))[0].state is DoorState.OPEN
    door, done = play(*opened, (32, Tick()), (40, Tick()))
    assert (door.state, verbs(done)[-1]) == (DoorState.HELD_OPEN_WARNING, "held_open_warning")
    door, done = play(*opened, (32, Tick()), (62, Tick()), (70, Tick()))
    assert (door.state, verbs(done)[-2:]) == (DoorState.HELD_OPEN, ["held_open_warning", "held_open"])
    assert play(*opened, (62, Tick()), seen(63, Fact.CLOSED))[0].state is DoorState.LOCKED


def test_a_bolt_that_stays_free_is_told_to_lock_again_and_again() -> None:
    """AC-11: a device that forgets to relock does not get away with it."""
    at = 6.0 + GRACE_S
    _, done = play(CLOSED, *GRANTED, (at - 0.1, Tick()), (at, Tick()), (at + RELOCK_AGAIN_S + GRACE_S, Tick()))
    assert [effect for effect in done if isinstance(effect, Hold)] == [Hold(False), Hold(False)]


def test_relock_on_open() -> None:
    """AC-11: the strike locks behind the first who enters, where the door asks for it."""
    limits = Limits(5, 30, 60, relock_on_open=True, reports_lock=True)
    _, done = play(CLOSED, *GRANTED, seen(2, Fact.OPENED), limits=limits)
    assert done[-1] == Hold(False)


def test_tamper_and_offline_are_told_once() -> None:
    """AC-11: a device that repeats itself fills no journal."""
    facts = [Fact.TAMPER, Fact.TAMPER, Fact.TAMPER_OVER, Fact.OFFLINE, Fact.OFFLINE]
    door, done = play(CLOSED, *(seen(1, fact) for fact in facts))
    assert verbs(done) == ["tamper", "tamper_over", "offline"]
    assert door.state is DoorState.OFFLINE


def test_modes_hold_and_let_go() -> None:
    """AC-12: free access and emergency hold the door, the others lock it; a device that was away is told again."""
    door, done = play(
        CLOSED, (1, ModeSet(Mode.FREE_ACCESS)), seen(2, Fact.RELEASED), seen(300, Fact.OPENED), (900, Tick())
    )
    assert (door.state, done[0]) == (DoorState.OPEN, Hold(True))
    assert "held_open" not in verbs(done)
    _, done = play((1, ModeSet(Mode.EMERGENCY)), seen(2, Fact.OFFLINE), seen(3, Fact.ONLINE))
    assert done[-1] == Hold(True)
    _, done = play((1, ModeSet(Mode.EMERGENCY)), (2, ModeSet(Mode.LOCKDOWN)))
    assert done[-1] == Hold(False)


def test_the_stronger_mode_prevails() -> None:
    """AC-12: every pair of wishes."""
    order = list(Mode)
    for one in order[1:]:
        for other in order[1:]:
            wishes = ModeWishes().asked(one, True).asked(other, True)
            assert wishes.effective is max(one, other, key=order.index)
            assert wishes.asked(other, False).effective is (Mode.NORMAL if one is other else one)
            assert wishes.asked(Mode.NORMAL, True).effective is Mode.NORMAL


class DoorsNeverStayReleased(RuleBasedStateMachine):
    """AC-11: whatever is seen and granted, a released door has a deadline or a mode that holds it."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.door = Door()
        self.limits = LIMITS

    def feed(self, what: Input) -> tuple[Effect, ...]:
        self.door, effects = step(self.door, what, self.now, self.limits)
        return effects

    @rule(reports=st.booleans(), relocks=st.booleans())
    def another_kind_of_door(self, reports: bool, relocks: bool) -> None:
        self.limits, self.door = Limits(5, 30, 60, relocks, reports), Door()

    @rule(seconds=st.floats(0, 100))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds
        self.feed(Tick())

    @rule(fact=st.sampled_from(Fact))
    def something_is_seen(self, fact: Fact) -> None:
        if self.limits.reports_lock or fact not in (Fact.RELEASED, Fact.LOCKED):
            self.feed(Seen(fact))

    @rule()
    def granted(self) -> None:
        self.feed(Granted(5))

    @rule(mode=st.sampled_from(Mode))
    def mode_changes(self, mode: Mode) -> None:
        if mode is not self.door.mode:
            assert self.feed(ModeSet(mode))[-1] == Hold(is_held(mode))

    @invariant()
    def never_released_without_a_deadline(self) -> None:
        if self.door.is_released and not is_held(self.door.mode):
            assert self.door.released_until is not None
            assert self.door.released_until <= self.now + max(self.limits.release_s, RELOCK_AGAIN_S)

    @invariant()
    def an_overdue_bolt_is_dealt_with_at_the_next_tick(self) -> None:
        late = self.now + 100
        door, effects = step(self.door, Tick(), late, self.limits)
        if self.door.is_released and not is_held(self.door.mode):
            assert not door.is_released or Hold(False) in effects

    @invariant()
    def forced_and_held_only_while_open(self) -> None:
        if self.door.opened_at is None:
            assert not self.door.is_forced
            assert self.door.state not in (DoorState.FORCED, DoorState.HELD_OPEN, DoorState.HELD_OPEN_WARNING)


DoorsNeverStayReleased.TestCase.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
TestDoorsNeverStayReleased = DoorsNeverStayReleased.TestCase
