"""How the bits of a card are written: `26:2468ACE`, the number of bits and all of them in hexadecimal (AC-06).

Readers hand over what the wire said, parity included, so that no two cards look alike. What facility code and number
lie in those bits depends on the card's format.
"""

import re
from dataclasses import dataclass, field
from typing import Final

BITS_LIMIT: Final = 256
_WRITTEN: Final = re.compile(r"([1-9][0-9]{0,2}):(0|[1-9A-F][0-9A-F]{0,63})")


@dataclass(frozen=True, slots=True)
class CardBits:
    """What a card sent: `length` bits, the first of them the most significant of `value`."""

    length: int
    value: int = field(repr=False)

    def __str__(self) -> str:
        return f"{self.length}:{self.value:X}"


def parse(written: str) -> CardBits | None:
    """The bits that a text stands for; None when it is not the one way to write a card."""
    match = _WRITTEN.fullmatch(written)
    if match is None:
        return None
    length, value = int(match[1]), int(match[2], 16)
    return CardBits(length, value) if length <= BITS_LIMIT and value >> length == 0 else None
