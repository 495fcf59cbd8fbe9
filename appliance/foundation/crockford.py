"""Codes that people read aloud and type: Crockford's base 32 in groups of four, such as `K7QF-29ZM-4TXR`.

The alphabet leaves out I, L, O and U; what people type instead of a look-alike is read as what was meant.
"""

from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
BITS_PER_CHARACTER: Final = 5
_GROUP: Final = 4
_MEANT: Final = str.maketrans("ILO", "110", " -")


def encoded(number: int, characters: int) -> str:
    """The lowest `5 * characters` bits of `number`, most significant first, in groups of four joined by dashes."""
    symbols = "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(characters)))
    return _grouped(symbols)


def normalised(text: str, characters: int) -> str | None:
    """The one spelling of a typed code of `characters` symbols; None when it is none.

    Spaces, dashes and case do not matter; I and L are read as 1, O as 0.
    """
    if len(text) > 4 * characters or not text.isascii():
        return None
    symbols = text.upper().translate(_MEANT)
    if len(symbols) != characters or any(symbol not in ALPHABET for symbol in symbols):
        return None
    return _grouped(symbols)


def _grouped(symbols: str) -> str:
    return "-".join(symbols[start : start + _GROUP] for start in range(0, len(symbols), _GROUP))
