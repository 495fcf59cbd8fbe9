"""What is believed of a lock, message by message (DR-03, DR-10)."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from drivers.contract import Fact
from drivers.mqtt_lock.messages import Bolt, Event, Happening, Leaf, State
from drivers.mqtt_lock.report import LockReport

FIRST = State("a", 1, Bolt.LOCKED, Leaf.CLOSED, False)
STATES = st.builds(State, st.just("a"), st.integers(1, 30), st.sampled_from(Bolt), st.sampled_from(Leaf), st.booleans())


def online() -> LockReport:
    report = LockReport()
    assert report.availability(True) == []
    assert report.reported(FIRST) == [Fact.ONLINE, Fact.LOCKED, Fact.CLOSED]
    return report


def test_a_lock_is_online_when_it_says_so_and_has_told_its_state() -> None:
    """DR-03: in whichever order the broker tells the two."""
    report = LockReport()
    assert report.reported(FIRST) == []
    assert not report.available
    assert report.availability(True) == [Fact.ONLINE, Fact.LOCKED, Fact.CLOSED]


def test_only_changes_are_facts() -> None:
    """DR-03: a heartbeat with the same state says nothing new."""
    report = online()
    assert report.reported(replace(FIRST, seq=2)) == []
    assert report.reported(replace(FIRST, seq=3, bolt=Bolt.RELEASED, leaf=Leaf.OPEN)) == [Fact.RELEASED, Fact.OPENED]
    assert report.reported(replace(FIRST, seq=4, tamper=True)) == [Fact.LOCKED, Fact.CLOSED, Fact.TAMPER]
    assert report.reported(replace(FIRST, seq=5)) == [Fact.TAMPER_OVER]
    assert report.reported(replace(FIRST, seq=6, bolt=Bolt.JAMMED, leaf=Leaf.NONE)) == []


def test_after_a_break_the_state_is_told_anew() -> None:
    """DR-10: what stands now is told even if it stood before."""
    report = online()
    assert report.broker_lost() == [Fact.OFFLINE]
    assert report.broker_lost() == []
    assert report.availability(True) == [Fact.ONLINE, Fact.LOCKED, Fact.CLOSED]


def test_a_lock_that_falls_silent_is_not_believed_until_it_speaks() -> None:
    """DR-10: a broker that lost power may tell of a lock that is long gone."""
    report = online()
    assert report.fell_silent() == [Fact.OFFLINE]
    assert not report.available
    assert report.reported(FIRST) == []
    assert report.reported(replace(FIRST, seq=2)) == [Fact.ONLINE, Fact.LOCKED, Fact.CLOSED]


def test_what_cannot_be_read_is_noted_and_changes_nothing() -> None:
    """DR-13: until something readable comes."""
    report = online()
    assert report.reported(None) == report.happened(None) == report.availability(None) == []
    assert report.unreadable
    assert report.available
    assert report.reported(replace(FIRST, seq=2)) == []
    assert not report.unreadable


def test_each_press_of_the_button_is_one_fact() -> None:
    """DR-03: an event that comes twice is one event; a lock that restarted counts from the start."""
    report = online()
    assert report.happened(Happening("a", 1, Event.REX)) == [Fact.REX]
    assert report.happened(Happening("a", 1, Event.REX)) == []
    assert report.happened(Happening("a", 2, Event.OPENED)) == []
    assert report.happened(Happening("b", 1, Event.REX)) == [Fact.REX]


@given(states=st.lists(STATES, max_size=40))
def test_an_older_state_never_undoes_a_newer_one(states: list[State]) -> None:
    """DR-03: duplicates and any reordering leave the state with the highest count."""
    report = online()
    for state in states:
        report.reported(state)
    highest = max([FIRST.seq, *(state.seq for state in states)])
    assert report.state is not None
    assert report.state.seq == highest
