"""From what libosdp hands over to keys and cards, and from a verdict to lamp and buzzer. Pure.

Keys come as the standard writes them: digits in ASCII, 0x7F for `*`, 0x0D for `#`. Card bits come left-aligned.
Colours and codes are those of osdp_LED and osdp_BUZ; times are in tenths of a second.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from appliance.foundation.cards import BITS_LIMIT, CardBits
from drivers.reader_contract import Feedback
from drivers.readers.keypad import CLEAR, END

RED, GREEN, AMBER = 1, 2, 3
_KEYS: Final = {0x7F: CLEAR, ord("*"): CLEAR, 0x0D: END, ord("#"): END, **{ord(key): key for key in "0123456789"}}


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


def keys_of(data: object) -> str:
    """The keys in a keypad event; strange ones are left out."""
    return "".join(_KEYS.get(byte, "") for byte in data) if isinstance(data, bytes) else ""


def card_of(length: object, data: object) -> CardBits | None:
    """The bits in a card event; None when length and data do not fit."""
    if not isinstance(length, int) or not isinstance(data, bytes) or not 1 <= length <= BITS_LIMIT:
        return None
    if len(data) != (length + 7) // 8:
        return None
    return CardBits(length, int.from_bytes(data, "big") >> 8 * len(data) - length)


def key_of(text: str) -> bytes | None:
    """The secure channel base key in a secret file: 32 hexadecimal digits; None for anything else."""
    try:
        key = bytes.fromhex(text)
    except ValueError:
        return None
    return key if len(key) == 16 and len(text) == 32 else None
