"""Pulse trains become cards and keys, by published examples (DR-08, AC-06)."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.foundation.cards import BITS_LIMIT, CardBits
from drivers.readers.wiegand import SILENCE_S, SILENT, Held, Pressed, Train, decode, parity_holds, pulse, settle

MS = 0.001

# length, bits, where it is published
PUBLISHED = [
    pytest.param(26, 0x2006EC0C86 & 2**26 - 1, id="H10301-118-1603-proxmark3"),
    pytest.param(26, 1 << 25 | 0xD41B81 << 1 | 0, id="26-civintec-cn56-manual-6.4.2"),
    pytest.param(34, 1 << 33 | 0x89D41B81 << 1 | 1, id="34-civintec-cn56-manual-6.4.5"),
    pytest.param(34, 1 << 33 | 1234567890 << 1 | 0, id="34-hikvision-wiegand-camera-manual-p9"),
]


def frames(*trains: str, every_s: float = 2 * MS) -> list[CardBits]:
    """The frames in trains of bits, each behind a silence."""
    state, now, found = SILENT, 1.0, list[CardBits | None]()
    for train in trains:
        now += 2 * SILENCE_S
        for bit in train:
            state, ended = pulse(state, int(bit), now)
            found.append(ended)
            now += every_s
    found.append(settle(state, now + SILENCE_S)[1])
    return [frame for frame in found if frame is not None]


def bits(length: int, value: int) -> str:
    return f"{value:0{length}b}"


def with_parity(data: int, length: int) -> CardBits:
    """By the masks that OpenOptions publishes: even over the first bits, odd over the last ones, itself included."""
    span = {26: 13, 34: 17, 37: 19}[length]
    inner = bits(length - 2, data)
    even = inner[: span - 1].count("1") % 2
    odd = 1 - inner[-(span - 1) :].count("1") % 2
    return CardBits(length, int(f"{even}{inner}{odd}", 2))


@pytest.mark.parametrize(("length", "value"), PUBLISHED)
def test_published_cards_are_read_from_their_pulses(length: int, value: int) -> None:
    (frame,) = frames(bits(length, value))
    assert decode(frame) == Held(CardBits(length, value), is_checked=True)


@pytest.mark.parametrize(("length", "value"), PUBLISHED)
def test_any_bit_that_is_wrong_is_found(length: int, value: int) -> None:
    """DR-08: every single flipped bit."""
    for place in range(length):
        assert decode(CardBits(length, value ^ 1 << place)) is None


@given(length=st.sampled_from([26, 34, 37]), data=st.integers(0, 2**35 - 1))
def test_parity_is_as_the_masks_say(length: int, data: int) -> None:
    """AC-06: 26, 34 and 37 bits; H10302 and H10304 lay out the same 37 differently."""
    card = with_parity(data & (1 << length - 2) - 1, length)
    assert parity_holds(card)
    assert decode(card) == Held(card, is_checked=True)
    assert frames(bits(length, card.value)) == [card]
    assert decode(CardBits(length, card.value ^ 1)) is None
    assert decode(CardBits(length, card.value ^ 1 << length - 1)) is None


def test_keys_come_alone_by_four_bits_or_by_eight() -> None:
    """DR-08: 10 is a star, 11 a hash; the upper four bits of eight are the complement."""
    typed = [decode(frame) for frame in frames("0010", "0111", "1010", "1011")]
    assert typed == [Pressed("2"), Pressed("7"), Pressed("*"), Pressed("#")]
    assert [decode(frame) for frame in frames("11010010", "10000111", "01001011")] == [
        Pressed("2"), Pressed("7"), Pressed("#"),
    ]  # fmt: skip
    assert [decode(frame) for frame in frames("1100", "11010011", "00000000")] == [None, None, None]


def test_a_whole_pin_is_one_frame_where_the_reader_gathers_it() -> None:
    """DR-08: four bits a digit, with or without its hash; without the setting it is a card of 24 or 28 bits."""
    pin, ended = CardBits(24, 0x271828), CardBits(28, 0x271828B)
    assert [decode(frame, buffered=True) for frame in (pin, ended)] == [Pressed("271828#")] * 2
    assert decode(CardBits(24, 0x001828), buffered=True) == Pressed("001828#")
    assert decode(pin) == Held(pin, is_checked=False)
    assert decode(CardBits(24, 0x27182A), buffered=True) == Held(CardBits(24, 0x27182A), is_checked=False)
    assert decode(CardBits(52, 0x2718281828459), buffered=True) == Held(CardBits(52, 0x2718281828459), is_checked=False)


def test_a_silence_ends_a_frame_and_nothing_else_does() -> None:
    """DR-08: slow readers and fast ones; two cards one after another."""
    card = bits(26, 0x2EC0C86)
    assert frames(card, card) == [CardBits(26, 0x2EC0C86)] * 2
    assert frames(card, every_s=0.2 * MS) == frames(card, every_s=20 * MS) == [CardBits(26, 0x2EC0C86)]
    assert len(frames(card, every_s=1.1 * SILENCE_S)) == 26


def test_an_unknown_length_is_shown_as_it_is_and_noise_is_nothing() -> None:
    """DR-08: 35 bits for the installer to see; three stray pulses for nobody."""
    assert decode(CardBits(35, 5)) == Held(CardBits(35, 5), is_checked=False)
    assert [decode(CardBits(length, 1)) for length in (1, 2, 3, 5, 7, 9, 15)] == [None] * 7
    assert frames("1" * BITS_LIMIT) != []
    assert frames("1" * (BITS_LIMIT + 1)) == []


def test_keys_and_cards_are_shown_nowhere() -> None:
    """AC-09: neither in a train nor in a frame."""
    assert "48" not in repr(Train(26, 0x30, 1.0))
    assert "271828" not in repr(Pressed("271828#"))
    assert str(0x2EC0C86) not in repr(Held(CardBits(26, 0x2EC0C86), is_checked=True))


@pytest.mark.parametrize("rounds", [50_000, pytest.param(5_000_000, marks=pytest.mark.long)])
@pytest.mark.timeout(1800)
@pytest.mark.usefixtures("small_memory")
def test_a_flood_of_pulses_is_survived_and_small(rounds: int) -> None:
    """DR-13: random pulses and silences; the good card behind them is read."""
    dice, state, now = random.Random(14), SILENT, 1.0
    for _ in range(rounds):
        state, ended = pulse(state, dice.randrange(2), now)
        now += dice.choice((0.0, MS, 2 * MS, 2 * SILENCE_S * dice.random()))
        assert state.length <= BITS_LIMIT
        if ended is not None:
            decode(ended, buffered=dice.random() < 0.5)
    assert frames(bits(26, 0x2EC0C86)) == [CardBits(26, 0x2EC0C86)]
