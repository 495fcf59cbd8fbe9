"""From what libosdp hands over to keys and cards. Pure.

Keys come as the standard writes them: digits in ASCII, 0x7F for `*`, 0x0D for `#`. Card bits come left-aligned.
"""

from typing import Final

from appliance.foundation.cards import BITS_LIMIT, CardBits
from drivers.readers.keypad import CLEAR, END

_KEYS: Final = {0x7F: CLEAR, ord("*"): CLEAR, 0x0D: END, ord("#"): END, **{ord(key): key for key in "0123456789"}}


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
