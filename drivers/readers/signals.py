"""What a verdict looks and sounds like at a reader: lamp and buzzer (DR-07, DR-08). Pure.

Colours are numbered as osdp_LED numbers them; times are in tenths of a second.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from drivers.reader_contract import Feedback

RED, GREEN, AMBER = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Signal:
    """One lamp and one buzzer: colour, tenths lit and dark, tenths in all; tenths of sound and silence, how often."""

    colour: int
    lit: int
    dark: int
    lasts: int
    sound: int
    silence: int
    times: int


SIGNALS: Final[Mapping[Feedback, Signal]] = {
    Feedback.GRANTED: Signal(GREEN, 30, 0, 30, 2, 0, 1),
    Feedback.DENIED: Signal(RED, 20, 0, 20, 1, 1, 3),
    Feedback.LOCKED_OUT: Signal(RED, 5, 5, 50, 10, 0, 1),
    Feedback.FAULT: Signal(AMBER, 3, 3, 40, 5, 3, 2),
}
"""A pressed key is not among them: readers click by themselves."""


@dataclass(frozen=True, slots=True)
class Lit:
    """What of a reader is on: its green lamp, its red one (both make amber), its buzzer."""

    green: bool = False
    red: bool = False
    buzzer: bool = False


DARK: Final = Lit()


def lit(signal: Signal, tenths: int) -> Lit:
    """What is on so many tenths of a second after a signal began; `DARK` once it is over."""
    is_lit = tenths < signal.lasts and tenths % (signal.lit + signal.dark) < signal.lit
    beat = signal.sound + signal.silence
    sounds = tenths < beat * signal.times and tenths % beat < signal.sound
    return Lit(is_lit and signal.colour in (GREEN, AMBER), is_lit and signal.colour in (RED, AMBER), sounds)


def is_over(signal: Signal, tenths: int) -> bool:
    """Whether nothing more comes of a signal."""
    return tenths >= max(signal.lasts, (signal.sound + signal.silence) * signal.times)
