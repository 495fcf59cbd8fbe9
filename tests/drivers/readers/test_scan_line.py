"""Bytes of a scanner become codes or nothing (DR-09, DR-13)."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.readers.scan_line import EMPTY, LINE_S, LONGEST, SILENCE_S, ScanLine, take

PASS = "PV1" + "AB234567" * 19


def codes(*pieces: bytes, every_s: float = 0.1) -> list[str]:
    """The codes in pieces that come one after another."""
    line, found = EMPTY, list[str]()
    for number, piece in enumerate(pieces):
        line, texts = take(line, piece, 1.0 + number * every_s)
        found += texts
    return found


def test_a_line_is_a_code_however_it_is_cut_and_ended() -> None:
    """DR-09: CR, LF or both; in one piece or byte by byte."""
    for end in (b"\r", b"\n", b"\r\n"):
        whole = PASS.encode() + end
        assert codes(whole) == [PASS]
        assert codes(*(bytes([byte]) for byte in whole), every_s=0.001) == [PASS]
    assert codes(PASS.encode() + b"\r\nABCDEFGH\r\n") == [PASS, "ABCDEFGH"]


@pytest.mark.parametrize(
    "hostile",
    [
        b"https://example.org/ABCDEFGH",
        b"ABCDEFGH\x1b[24~ABCDEFGH",  # an escape sequence: F12 on a terminal
        b"\x00\x01\x02ABCDEFGHIJ",  # control keys, as a scanner in function-code mode sends them
        b"ABCDEFGH;rm -rf /",
        b"abcdefgh",
        "ÅÄÖABCDEFGH".encode(),
        b"\xff" * 40,
        b"A" * (LONGEST + 1),
        b"A" * 1_000_000,
        b"SHORT",
        b"",
    ],
)
def test_anything_else_is_dropped_whole(hostile: bytes) -> None:
    """DR-13: no part of it is handed over, and the next code is read."""
    assert codes(hostile + b"\r", PASS.encode() + b"\r") == [PASS]


def test_a_line_that_takes_too_long_is_dropped_and_noise_does_not_spoil_the_next_code() -> None:
    """DR-09: a length limit and a time limit."""
    slow = [bytes([byte]) for byte in b"ABCDEFGHIJ\r"]
    assert codes(*slow, every_s=LINE_S / 9) == []
    assert codes(*slow, every_s=LINE_S / 20) == ["ABCDEFGHIJ"]
    assert codes(b"\x80QQ", PASS.encode() + b"\r", every_s=SILENCE_S * 1.1) == [PASS]


def test_codes_are_shown_nowhere() -> None:
    """AC-09: a pass is a key."""
    assert "ABCDEFGH" not in repr(take(EMPTY, b"ABCDEFGH", 1.0)[0])


@given(st.lists(st.tuples(st.binary(max_size=300) | st.just(b"ABCDEFGH\r"), st.floats(0, 3)), max_size=20))
def test_whatever_comes_gives_codes_of_the_alphabet_and_stays_small(pieces: list[tuple[bytes, float]]) -> None:
    """DR-13: random bytes."""
    line, now = EMPTY, 0.0
    for piece, pause in pieces:
        now += pause
        line, texts = take(line, piece, now)
        assert all(text.isalnum() and text.isascii() and text.upper() == text and len(text) >= 8 for text in texts)
        assert len(line.content) <= LONGEST


@pytest.mark.parametrize("rounds", [20_000, pytest.param(1_000_000, marks=pytest.mark.long)])
@pytest.mark.timeout(900)
@pytest.mark.usefixtures("small_memory")
def test_a_flood_of_frames_changes_nothing(rounds: int) -> None:
    """DR-13: random, cut and swollen frames; the good one behind them is read."""
    dice, line, now = random.Random(9), ScanLine(), 0.0
    for _ in range(rounds):
        piece = dice.randbytes(dice.randrange(60)) if dice.random() < 0.5 else PASS.encode()[: dice.randrange(160)]
        line, _ = take(line, piece, now)
        now += dice.random() / 10
        assert len(line.content) <= LONGEST
    assert take(line, PASS.encode() + b"\r", now + 1)[1] == (PASS,)
