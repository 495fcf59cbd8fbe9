"""KI-07: a sound says the same as the screen, and no two say the same."""

import io
import wave

import pytest

from kiosk_ui import sounds


@pytest.mark.parametrize("name", sorted(sounds.SOUNDS))
def test_a_sound_is_short_mono_and_never_clips(name: str) -> None:
    with wave.open(io.BytesIO(sounds.wave_file(name))) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, sounds.RATE)
        assert file.getnframes() / sounds.RATE == pytest.approx(sum(n.seconds for n in sounds.SOUNDS[name]), abs=0.01)
        frames = file.readframes(file.getnframes())
    levels = [abs(int.from_bytes(frames[at : at + 2], "little", signed=True)) for at in range(0, len(frames), 2)]
    assert 3000 < max(levels) < 32_000
    assert levels[0] == levels[-1] == 0


def test_yes_and_no_cannot_be_taken_for_each_other() -> None:
    granted, denied = sounds.SOUNDS["granted"], sounds.SOUNDS["denied"]
    assert [note.hertz for note in granted] == sorted(note.hertz for note in granted)
    assert max(note.hertz for note in denied) < min(note.hertz for note in granted)
