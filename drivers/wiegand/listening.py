"""From pulses to what was typed and held up, and when the wires are too noisy to believe (DR-08, DR-13). Pure.

    hear(ear, bit, at, now, buffered) -> (ear, what came of it)
    rest(ear, now, buffered)          -> (ear, what came of it), once no pulse has come for a while

`at` is when the pulse came, on the scale of the pins; `now` is monotonic seconds. They need not be the same scale.
"""

from dataclasses import dataclass, replace
from typing import Final

from appliance.foundation.cards import CardBits
from drivers.reader_contract import EntryKind
from drivers.readers import keypad, wiegand
from drivers.readers.keypad import END, NOTHING, Typed, press
from drivers.readers.wiegand import SILENCE_S, SILENT, Held, Train, decode, pulse

NOISE_FRAMES: Final = 8
NOISE_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Ear:
    """What was heard so far. `broken`: when the latest broken frames ended, oldest first."""

    train: Train = SILENT
    typed: Typed = NOTHING
    broken: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Heard:
    """Something whole. `value` is None for what somebody typed and we dropped, because a key of it was lost."""

    kind: EntryKind
    value: str | None


def is_noisy(ear: Ear, now: float) -> bool:
    """Whether so many frames were broken of late that nothing is believed."""
    return len(ear.broken) == NOISE_FRAMES and now - ear.broken[0] < NOISE_S


def hear(ear: Ear, bit: int, at: float, now: float, *, buffered: bool) -> tuple[Ear, tuple[Heard, ...]]:
    """One pulse; it may have been the first behind a whole frame."""
    train, frame = pulse(ear.train, bit, at)
    was_broken = ear.train.is_spoiled and not train.is_spoiled
    return _understood(replace(ear, train=train), frame, was_broken, now, buffered=buffered)


def rest(ear: Ear, now: float, *, buffered: bool) -> tuple[Ear, tuple[Heard, ...]]:
    """No pulse has come for a while: the frame is over, and so may be the entry."""
    _, frame = wiegand.settle(ear.train, ear.train.at + 2 * SILENCE_S)
    was_broken = ear.train.is_spoiled
    ear, heard = _understood(replace(ear, train=SILENT), frame, was_broken, now, buffered=buffered)
    typed, entry = keypad.settle(ear.typed, now)
    return replace(ear, typed=typed), heard + _entries(entry)


def _understood(
    ear: Ear, frame: CardBits | None, was_broken: bool, now: float, *, buffered: bool
) -> tuple[Ear, tuple[Heard, ...]]:
    meant = decode(frame, buffered=buffered) if frame is not None else None
    if was_broken or (frame is not None and meant is None):
        # It may have been a key: what is typed now lacks it, and is dropped up to its end.
        broken = (*ear.broken, now)[-NOISE_FRAMES:]
        return replace(ear, typed=Typed(at=now, is_spoiled=True), broken=broken), ()
    if meant is None or is_noisy(ear, now):
        return ear, ()
    if isinstance(meant, Held):
        return ear, (Heard(EntryKind.CARD, str(meant.card)),)
    heard: tuple[Heard, ...] = ()
    for key in meant.keys:
        if ear.typed.is_spoiled and key == END:
            heard += (Heard(EntryKind.PIN, None),)
        typed, entry = press(ear.typed, key, now)
        ear, heard = replace(ear, typed=typed), heard + _entries(entry)
    return ear, heard


def _entries(entry: str | None) -> tuple[Heard, ...]:
    return (Heard(EntryKind.PIN, entry),) if entry else ()
