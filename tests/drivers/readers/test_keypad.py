"""Keys become entries (BM-24, DR-07)."""

from hypothesis import given
from hypothesis import strategies as st

from appliance.keys import backup_pins, derived_pins, pins
from drivers.readers.keypad import DIGITS_LIMIT, NOTHING, PAUSE_S, PIN_LENGTHS, Typed, interrupted, press, settle


def typed(keys: str, every_s: float = 0.5) -> tuple[Typed, list[str]]:
    """What a person's keys come to: what is still open, and the entries."""
    state, entries, now = NOTHING, list[str](), 0.0
    for key in keys:
        now += every_s
        state, entry = press(state, key, now)
        entries += [entry] if entry is not None else []
    return state, entries


def test_a_hash_ends_an_entry() -> None:
    """DR-07: two people, one after the other."""
    assert typed("271828#314159265#") == (NOTHING, ["271828", "314159265"])
    assert typed("#") == (NOTHING, [])


def test_a_star_clears() -> None:
    """DR-07: who mistyped begins anew."""
    assert typed("2718*271828#")[1] == ["271828"]
    assert typed("1234567890123*271828#")[1] == ["271828"]


def test_a_pause_ends_what_may_be_a_pin_and_forgets_the_rest() -> None:
    """BM-24: a PIN without # is presented; two digits of somebody who left are not part of the next PIN."""
    for digits, entry in (("271828", "271828"), ("314159265", "314159265"), ("27", None), ("2718281", None)):
        state, entries = typed(digits)
        assert entries == []
        assert state.due is not None
        assert settle(state, state.due - 0.01) == (state, None)
        assert settle(state, state.due) == (NOTHING, entry)
    assert typed("27", every_s=PAUSE_S)[0].digits == "7"
    state, _ = typed("271828")
    assert press(state, "#", 100.0) == (NOTHING, "271828")
    assert press(state, "5", 100.0) == (Typed("5", 100.0), "271828")


def test_what_is_too_long_is_dropped_whole() -> None:
    """DR-13: the thirteenth digit spoils an entry, and its end presents nothing."""
    assert typed("1" * 12 + "#")[1] == ["1" * 12]
    assert typed("1" * 13 + "#27#")[1] == ["27"]
    state, _ = typed("1" * 400)
    assert settle(state, 1e6) == (NOTHING, None)


def test_the_rest_of_an_entry_that_was_interrupted_is_dropped() -> None:
    """DR-13: 1828# after a break in 271828# is nobody's entry; who comes two seconds later loses nothing."""
    state = interrupted(100.0, 2.0)
    for at, key in enumerate("1828"):
        state, entry = press(state, key, 101.0 + at)
        assert entry is None
    assert press(state, "#", 106.0) == (NOTHING, None)
    state, _ = press(interrupted(100.0, 2.0), "2", 102.0)
    assert state == Typed("2", 102.0)


def test_the_lengths_are_those_of_the_pins() -> None:
    """BM-24: the driver's numbers are the keys' own."""
    assert {pins.DIGITS, backup_pins.DIGITS, derived_pins.DIGITS} == PIN_LENGTHS
    assert DIGITS_LIMIT == pins.KEYPAD_LIMIT


def test_digits_are_shown_nowhere() -> None:
    """AC-09: a state may stand in a log, a PIN may not."""
    assert "271828" not in repr(typed("271828")[0])


@given(st.lists(st.tuples(st.characters(codec="utf-8") | st.sampled_from("0123456789*#"), st.floats(0, 30))))
def test_whatever_is_pressed_gives_digits_of_bounded_length(keys: list[tuple[str, float]]) -> None:
    """DR-13: entries are 1 to 12 digits that were typed in one go, whatever comes."""
    state, now, since_end = NOTHING, 0.0, ""
    for key, pause in keys:
        now += pause
        state, entry = press(state, key, now)
        if entry is not None:
            assert 1 <= len(entry) <= DIGITS_LIMIT
            assert set(entry) <= set("0123456789")
            assert entry in since_end
        since_end = "" if key in ("#", "*") else since_end + key * (key in "0123456789")
        assert len(state.digits) <= DIGITS_LIMIT
