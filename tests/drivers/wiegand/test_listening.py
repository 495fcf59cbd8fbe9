"""What becomes of pulses: entries, dropped entries, and wires that are too noisy to believe (DR-08, DR-13)."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.foundation.cards import CardBits
from drivers.reader_contract import EntryKind
from drivers.readers.signals import DARK, SIGNALS, is_over, lit
from drivers.wiegand.listening import NOISE_FRAMES, NOISE_S, Ear, Heard, hear, is_noisy, rest

CARD = CardBits(26, 0x2EC0C86)
KEYS = {**{str(digit): digit for digit in range(10)}, "*": 10, "#": 11}
DROPPED = Heard(EntryKind.PIN, None)


class Listener:
    """An ear and its time; the pins count from another hour than we do."""

    def __init__(self, *, buffered: bool = False) -> None:
        self.ear = Ear()
        self.now = 100.0
        self.heard: list[Heard] = []
        self._buffered = buffered

    def frame(self, bits: str) -> None:
        for bit in bits:
            self.ear, heard = hear(self.ear, int(bit), self.now + 5_000, self.now, buffered=self._buffered)
            self.heard += heard
            self.now += 0.002
        self.wait(0.1)

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.ear, heard = rest(self.ear, self.now, buffered=self._buffered)
        self.heard += heard

    def type(self, keys: str, width: int = 4) -> None:
        for key in keys:
            code = KEYS[key]
            self.frame(f"{code:04b}" if width == 4 else f"{code ^ 15:04b}{code:04b}")

    def hold(self, card: CardBits = CARD) -> None:
        self.frame(f"{card.value:0{card.length}b}")


def pin(value: str) -> Heard:
    return Heard(EntryKind.PIN, value)


@given(digits=st.text("0123456789", min_size=1, max_size=12), width=st.sampled_from([4, 8]))
def test_what_is_typed_is_heard_whole_key_by_key_or_gathered(digits: str, width: int) -> None:
    """DR-08"""
    keypad, gathering = Listener(), Listener(buffered=True)
    keypad.type(digits + "#", width)
    assert keypad.heard == [pin(digits)]
    if len(digits) > 2:
        gathering.frame("".join(f"{KEYS[key]:04b}" for key in digits))
        assert gathering.heard == [pin(digits)]


def test_an_entry_without_its_end_is_heard_after_a_pause() -> None:
    """BM-24"""
    keypad = Listener()
    keypad.type("271828")
    assert keypad.heard == []
    keypad.wait(10)
    assert keypad.heard == [pin("271828")]


@pytest.mark.parametrize("broken", ["1100", "00000000", "111", "01" * 200])
def test_a_broken_key_drops_the_entry_that_it_stands_in(broken: str) -> None:
    """DR-08: a PIN that lacks a digit is never asked for; the next one is read."""
    keypad = Listener()
    keypad.type("27")
    keypad.frame(broken)
    keypad.type("828#271828#")
    assert keypad.heard == [DROPPED, pin("271828")]


def test_a_frame_ends_with_the_next_one_too() -> None:
    """DR-08: a program that was busy finds two frames in one go, and tells them apart by when they came."""
    ear, heard = Ear(), list[Heard]()
    for number, bit in enumerate("0010" + "1011"):
        ear, more = hear(ear, int(bit), 7.0 + number * 0.002 + (number > 3) * 0.15, 1.0, buffered=False)
        heard += more
    ear, more = rest(ear, 1.2, buffered=False)
    assert heard + list(more) == [pin("2")]


def test_noisy_wires_are_not_believed_until_they_are_quiet_again() -> None:
    """DR-13: a card between broken frames may be anybody's."""
    reader = Listener()
    reader.hold()
    for count in range(NOISE_FRAMES):
        assert is_noisy(reader.ear, reader.now) is False, count
        reader.frame("0" * 26)
    assert is_noisy(reader.ear, reader.now)
    reader.hold()
    reader.type("*271828#")
    assert [one for one in reader.heard if one.value] == [Heard(EntryKind.CARD, str(CARD))]
    reader.wait(NOISE_S)
    assert not is_noisy(reader.ear, reader.now)
    reader.hold()
    assert [one.value for one in reader.heard if one.value] == [str(CARD)] * 2


@pytest.mark.parametrize("rounds", [10_000, pytest.param(1_000_000, marks=pytest.mark.long)])
@pytest.mark.timeout(3600)
@pytest.mark.usefixtures("small_memory")
def test_a_flood_of_frames_is_survived_and_small(rounds: int) -> None:
    """DR-13: random, cut, swollen and damaged frames; none of them is the one card that may come in, nor the PIN."""
    dice, reader = random.Random(19), Listener()
    whole = f"{CARD.value:026b}"
    for _ in range(rounds):
        place = dice.randrange(26)
        reader.frame(
            dice.choice((
                f"{dice.getrandbits(12):012b}"[: dice.randrange(13)],
                whole[:place],
                whole[:place] + str(1 - int(whole[place])) + whole[place + 1 :],
                whole + whole[:place] + "1",
            ))
        )  # fmt: skip
        if dice.random() < 0.05:
            reader.wait(NOISE_S)
        assert len(reader.ear.broken) <= NOISE_FRAMES
        assert reader.ear.train.length == 0
    assert str(CARD) not in {one.value for one in reader.heard}
    assert "271828" not in {one.value for one in reader.heard}
    reader.wait(NOISE_S)
    reader.type("*")
    reader.hold()
    reader.type("271828#")
    assert [one.value for one in reader.heard][-2:] == [str(CARD), "271828"], "the control"


@pytest.mark.parametrize("feedback", SIGNALS)
def test_a_signal_begins_at_once_changes_only_while_it_lasts_and_ends(feedback: str) -> None:
    """DR-08: each has light and sound of its own."""
    signal = next(signal for name, signal in SIGNALS.items() if name == feedback)
    course = [lit(signal, tenths) for tenths in range(100)]
    assert course[0].buzzer
    assert course[0].green or course[0].red
    end = next(tenths for tenths in range(100) if is_over(signal, tenths))
    assert all(each == DARK for each in course[end:])
    assert course[end - 1] != DARK or signal.dark
    beeps = sum(one.buzzer and not before.buzzer for before, one in zip([DARK, *course], course, strict=False))
    assert beeps == signal.times
    courses = [[lit(other, tenths) for tenths in range(100)] for other in SIGNALS.values()]
    assert courses.count(course) == 1
