"""Pulses on two wires to cards and keys (DR-08, AC-06). Pure.

A pulse on D0 is a nought, one on D1 a one, a millisecond or two apart; a silence ends a frame. What a frame is follows
from its length alone:

    26, 34    parity even over the first half with its bit, odd over the second half with its own (H10301; 34 bits)
    37        the same over the first and the last 19 bits, which share the middle one (H10302, H10304)
    4         one key: 0 to 9, 10 for `*`, 11 for `#`
    8         the same, its complement in the upper four bits
    others    bits that nobody checks: a card of a format of its own, shown as it is when a site is commissioned

A reader that gathers a whole PIN sends its digits as one frame, four bits each; only a setting can tell that from a
card, so `buffered` must be given. A frame of a known length whose parity is wrong is dropped.

Sources: HID Global, "Understanding Card Data Formats"; OpenOptions, "37 Bit Card Format"; vectors in the tests.
"""

from dataclasses import dataclass, field
from typing import Final, TypeAlias

from appliance.foundation.cards import BITS_LIMIT, CardBits
from drivers.readers.keypad import CLEAR, DIGITS_LIMIT, END

SILENCE_S: Final = 0.05
SHORTEST_CARD: Final = 16
_HALF: Final = {26: 13, 34: 17, 37: 19}
_KEYS: Final = {**{number: str(number) for number in range(10)}, 10: CLEAR, 11: END}


@dataclass(frozen=True, slots=True)
class Train:
    """The pulses of one frame so far. `is_spoiled`: more of them than any card has."""

    length: int = 0
    value: int = field(default=0, repr=False)
    at: float = 0.0
    is_spoiled: bool = False


@dataclass(frozen=True, slots=True)
class Pressed:
    """One key, or all keys of an entry with its end."""

    keys: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Held:
    """A card. `is_checked`: its format has parity bits, and they are right."""

    card: CardBits
    is_checked: bool


Frame: TypeAlias = Pressed | Held
SILENT: Final = Train()


def pulse(train: Train, bit: int, at: float) -> tuple[Train, CardBits | None]:
    """The train after a pulse (0 or 1) at a moment in seconds, and the frame that the silence before it ended."""
    train, ended = settle(train, at)
    if train.is_spoiled or train.length == BITS_LIMIT:
        return Train(at=at, is_spoiled=True), ended
    return Train(train.length + 1, train.value << 1 | bit, at), ended


def settle(train: Train, now: float) -> tuple[Train, CardBits | None]:
    """The train at a moment, and the frame that a silence has ended."""
    if now - train.at < SILENCE_S or train == SILENT:
        return train, None
    return SILENT, None if train.is_spoiled or not train.length else CardBits(train.length, train.value)


def decode(frame: CardBits, *, buffered: bool = False) -> Frame | None:
    """What a frame is; None for one that was damaged on its way, or is too short to be anything."""
    if frame.length == 4:
        return _pressed(frame.value)
    if frame.length == 8:
        key = frame.value & 0xF
        return _pressed(key) if frame.value >> 4 == key ^ 0xF else None
    if buffered and (entry := _entry(frame)) is not None:
        return entry
    if frame.length in _HALF:
        return Held(frame, is_checked=True) if parity_holds(frame) else None
    return Held(frame, is_checked=False) if frame.length >= SHORTEST_CARD else None


def parity_holds(card: CardBits) -> bool:
    """Whether both parity bits of a card of 26, 34 or 37 bits are right."""
    half = _HALF[card.length]
    first, last = card.value >> card.length - half, card.value & (1 << half) - 1
    return first.bit_count() % 2 == 0 and last.bit_count() % 2 == 1


def _pressed(key: int) -> Pressed | None:
    return Pressed(_KEYS[key]) if key in _KEYS else None


def _entry(frame: CardBits) -> Pressed | None:
    digits = f"{frame.value:0{frame.length // 4}x}".removesuffix("b")
    if frame.length % 4 or not digits.isdecimal() or len(digits) > DIGITS_LIMIT or frame.length == 4:
        return None
    return Pressed(digits + END)
