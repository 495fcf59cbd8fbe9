"""Keys of a scanner that plays a keyboard become bytes, whatever the layout (DR-09, DR-13)."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.readers.scan_keys import DOWN, REPEATED, UP, HeldKeys, key
from drivers.readers.scan_line import EMPTY, LONGEST, take
from tests.drivers.readers.typing import CTRL, F4, L_ALT, PASS, Press, chord, typed


def codes(presses: list[Press]) -> list[str]:
    """The codes that key events come to, one a millisecond."""
    held, line, found = HeldKeys(), EMPTY, list[str]()
    for at, (code, value) in enumerate(presses):
        held, byte = key(held, code, value)
        if byte is not None:
            line, texts = take(line, bytes([byte]), 1 + at / 1000)
            found += texts
    return found


def test_a_pass_is_read_by_the_places_of_its_keys() -> None:
    """DR-09: the same events under every layout; both enters end it."""
    assert codes(typed(PASS)) == [PASS]
    assert codes(typed(PASS, enter=96) + typed("ABCDEFGH")) == [PASS, "ABCDEFGH"]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    assert codes(typed(alphabet)) == [alphabet]


@pytest.mark.parametrize("strange", [CTRL, L_ALT, F4, 1, 14, 15, 57, 58, 103, 111, 125, 0, 700])
def test_a_chord_or_a_strange_key_drops_its_line(strange: int) -> None:
    """DR-09: Ctrl, Alt, F4, Escape, Backspace, Tab, Space, Caps Lock, arrows, Delete, Windows, and what is unknown."""
    for hostile in (
        chord(strange, "W") + typed("ABCDEFGH"),
        [*typed("ABCDEFGH", enter=0)[:-2], (strange, DOWN), (strange, UP), *typed("ABCD")],
        [(strange, DOWN), *typed("ABCDEFGH"), (strange, UP)],
    ):
        assert codes(hostile) == [], hostile
        assert codes([*hostile, (28, DOWN), (28, UP), *typed(PASS)]) == [PASS]


def test_small_letters_signs_and_repeats_are_no_code() -> None:
    """DR-13: a letter without shift, a digit with one; a key that is held does not repeat."""
    small = [(code, value) for code, value in typed("ABCDEFGH") if code not in (42, 54)]
    assert codes(small) == []
    assert codes(chord(42, "12345678") + typed("")) == []
    held = [(30, DOWN), *[(30, REPEATED)] * 50, (30, UP)]
    assert codes([(42, DOWN), *held * 8, (42, UP), *typed("")]) == ["A" * 8]


@given(st.lists(st.tuples(st.integers(0, 767), st.integers(0, 2)), max_size=300))
def test_whatever_is_pressed_gives_bytes_of_the_alphabet_or_spoils(presses: list[Press]) -> None:
    """DR-13: random keys."""
    assert all(code.isalnum() and code.isupper() | code.isdigit() for code in codes(presses))


@pytest.mark.parametrize("rounds", [20_000, pytest.param(1_000_000, marks=pytest.mark.long)])
@pytest.mark.timeout(900)
@pytest.mark.usefixtures("small_memory")
def test_a_flood_of_keys_changes_nothing(rounds: int) -> None:
    """DR-13: memory stays bounded; once all keys are up the good code is read."""
    dice, held, line = random.Random(10), HeldKeys(), EMPTY
    for at in range(rounds):
        held, byte = key(held, dice.randrange(768), dice.randrange(3))
        if byte is not None:
            line, _ = take(line, bytes([byte]), at / 1000)
        assert len(line.content) <= LONGEST
        assert len(held.strange) <= 768
    for code in range(768):
        held, _ = key(held, code, UP)
    assert held == HeldKeys()
    assert codes([(28, DOWN), (28, UP), *typed(PASS)]) == [PASS]
