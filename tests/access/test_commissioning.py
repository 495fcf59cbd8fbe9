"""The walk over the doors, by itself: steps, times and what ends a step."""

from hypothesis import given
from hypothesis import strategies as st

from appliance.access.commissioning import (
    LISTEN_S,
    NOT_SEEN_S,
    UNIT,
    Kind,
    Result,
    Said,
    TriedDoor,
    Walk,
    answered,
    begin,
    ended,
    passed,
    pulsed,
    read,
    seen,
    step,
    words,
)
from drivers.contract import Capability, Fact

FULL = TriedDoor("a", 5, frozenset(Capability), ("keypad",))
BARE = TriedDoor("b", 3, frozenset())
AT = 1_800_000_000


def results(walk: Walk) -> list[tuple[str, str]]:
    return [(finding.step.id, finding.result) for finding in walk.findings]


def released(walk: Walk, from_s: float, to_s: float, door: str = "a") -> Walk:
    """A pulse whose strike is seen to move."""
    walk = seen(pulsed(walk, from_s), door, Fact.RELEASED, from_s + 0.1, AT)
    return seen(walk, door, Fact.LOCKED, to_s, AT)


def at_scan() -> Walk:
    walk = begin([FULL], AT)
    while (current := step(walk)) is not None and current.kind is not Kind.SCAN:
        walk = answered(walk, Said.SKIP, "cli", 10.0, AT)
    return walk


def test_a_door_has_the_steps_that_its_driver_can_answer() -> None:
    """DR-12."""
    assert [one.id for one in begin([FULL, BARE], AT).steps] == [
        "a:pulse", "a:relock", "a:open", "a:close", "a:rex", "a:scan:keypad", "b:pulse", "b:relock",
    ]  # fmt: skip


def test_a_whole_door_is_walked_over_by_what_is_seen_and_said() -> None:
    """DR-12."""
    walk = released(begin([FULL], AT), 1.0, 6.1)
    assert results(walk) == []
    walk = answered(walk, Said.YES, "staff:1", 8.0, AT + 8)
    for fact in (Fact.OPENED, Fact.CLOSED, Fact.REX):
        walk = seen(walk, "a", fact, 9.0, AT + 9)
    after = read(walk, "a", "keypad", "card", "26:2468ACE", 10.0, AT + 10)
    assert after is not None
    assert step(after) is None
    assert {result for _, result in results(after)} == {"passed"}
    assert after.shown == "26:2468ACE"
    by = [(finding.by, finding.took_ms, finding.size) for finding in after.findings]
    assert by == [("staff:1", None, None), (UNIT, 5000, None), *[(UNIT, None, None)] * 3, (UNIT, None, 26)]


def test_a_strike_that_nobody_pulsed_cannot_be_said_to_move() -> None:
    """DR-12, control."""
    assert Said.YES not in words(begin([FULL], AT))
    assert Said.YES in words(pulsed(begin([FULL], AT), 1.0))


def test_a_bolt_that_comes_back_late_or_never_fails() -> None:
    """DR-12."""
    late = answered(released(begin([BARE], AT), 1.0, 6.2, "b"), Said.YES, "cli", 7.0, AT)
    assert results(late)[1] == ("b:relock", "failed")
    assert late.findings[1].took_ms == 5100
    never = answered(pulsed(begin([BARE], AT), 1.0), Said.YES, "cli", 2.0, AT)
    assert passed(never, 1.0 + 3 + NOT_SEEN_S - 0.1, AT) == never
    assert results(passed(never, 1.0 + 3 + NOT_SEEN_S, AT))[1] == ("b:relock", "failed")


def test_what_was_not_released_is_not_expected_to_lock() -> None:
    assert results(answered(begin([BARE], AT), Said.NO, "cli", 2.0, AT)) == [
        ("b:pulse", "failed"),
        ("b:relock", "skipped"),
    ]


def test_a_reader_tells_the_walk_for_two_minutes_and_then_the_door_again() -> None:
    """DR-12: nobody stays locked out."""
    walk = at_scan()
    assert read(walk, "a", "keypad", "pin", "048271", 10.0 + LISTEN_S, AT) is None
    assert read(walk, "a", "other", "pin", "048271", 11.0, AT) is None
    assert read(walk, "b", "keypad", "pin", "048271", 11.0, AT) is None
    assert read(begin([FULL], AT), "a", "keypad", "pin", "048271", 11.0, AT) is None
    again = answered(walk, Said.AGAIN, "cli", 500.0, AT)
    taken = read(again, "a", "keypad", "pin", "048271", 501.0, AT)
    assert taken is not None
    assert (taken.findings[-1].entry, taken.findings[-1].size, taken.shown) == ("pin", 6, "")
    assert "048271" not in repr(taken)


def test_what_was_not_tried_is_written_down() -> None:
    assert {finding.result for finding in ended(begin([FULL, BARE], AT), "cli", 1.0, AT).findings} == {Result.NOT_DONE}


MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("fact"), st.sampled_from(["a", "b", "c"]), st.sampled_from(Fact)),
        st.tuples(st.just("read"), st.sampled_from(["a", "b"]), st.sampled_from(["keypad", "other"])),
        st.tuples(st.just("word"), st.integers(0, 3), st.just("")),
        st.tuples(st.just("pulse"), st.just(""), st.just("")),
        st.tuples(st.just("wait"), st.sampled_from([0.1, 2.0, 60.0]), st.just("")),
    ),
    max_size=60,
)


@given(MOVES)
def test_whatever_happens_steps_are_done_once_and_in_their_order(moves: list[tuple[str, object, object]]) -> None:
    """DR-12: no step passes by what another door does, and a strike passes only after a pulse."""
    walk, now, has_pulsed = begin([FULL, BARE], AT), 0.0, False
    for kind, first, second in moves:
        before = walk
        current = step(walk)
        if kind == "fact":
            walk = seen(walk, str(first), Fact(str(second)), now, AT)
            assert walk == before or (current is not None and current.door_id == first)
        elif kind == "read":
            walk = read(walk, str(first), str(second), "pin", "1234", now, AT) or walk
        elif kind == "word" and words(walk):
            allowed = words(walk)
            walk = answered(walk, allowed[int(str(first)) % len(allowed)], "cli", now, AT)
        elif kind == "pulse" and current is not None:
            walk, has_pulsed = pulsed(walk, now), True
        elif kind == "wait":
            now += float(str(first))
            walk = passed(walk, now, AT)
        assert walk.findings[: len(before.findings)] == before.findings
        assert tuple(finding.step for finding in walk.findings) == walk.steps[: len(walk.findings)]
        assert all(finding.took_ms is None or finding.took_ms >= 0 for finding in walk.findings)
    if not has_pulsed:
        strikes = [finding.result for finding in walk.findings if finding.step.kind in (Kind.PULSE, Kind.RELOCK)]
        assert Result.PASSED not in strikes
