"""The kiosk's sounds, computed: each says the same as the words on the screen and is never the only sign (KI-07).

16-bit mono at 44.1 kHz. A short rise and fall around every note keeps the loudspeaker from clicking.
"""

import io
import math
import wave
from array import array
from dataclasses import dataclass
from functools import cache
from typing import Final

RATE: Final = 44_100
_RAMP_S = 0.008


@dataclass(frozen=True, slots=True)
class Note:
    """A tone of `hertz` for `seconds`; 0 hertz is silence."""

    hertz: float
    seconds: float
    loudness: float = 0.5


_PAUSE: Final = Note(0, 0.08)

SOUNDS: Final[dict[str, tuple[Note, ...]]] = {
    "granted": (Note(660, 0.12), Note(990, 0.18)),
    "denied": (Note(220, 0.16, 0.7), _PAUSE, Note(220, 0.16, 0.7)),
    "wait": (Note(440, 0.12),),
    "key": (Note(1200, 0.02, 0.2),),
    "idle": (Note(523, 0.12, 0.3), _PAUSE, Note(523, 0.12, 0.3), _PAUSE, Note(523, 0.12, 0.3)),
}


@cache
def wave_file(name: str) -> bytes:
    """One of `SOUNDS` as a WAV file."""
    samples = array("h")
    for note in SOUNDS[name]:
        samples.extend(_samples(note))
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(RATE)
        writer.writeframes(samples.tobytes())
    return file.getvalue()


def _samples(note: Note) -> list[int]:
    count = round(note.seconds * RATE)
    ramp = round(_RAMP_S * RATE)
    return [
        round(
            32_767
            * note.loudness
            * min(1.0, index / ramp, (count - 1 - index) / ramp)
            * math.sin(2 * math.pi * note.hertz * index / RATE)
        )
        for index in range(count)
    ]
