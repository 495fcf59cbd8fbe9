"""How many parts an SMS is sent in: 3GPP TS 23.038 (GSM 7 bit default alphabet) and 23.040 (concatenation). Pure."""

from typing import Final

_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED: Final = frozenset("\f^{}\\[~]|€")
_PLAIN: Final = {"\u00a0": " ", "\u202f": " ", "–": "-", "—": "-", "“": '"', "”": '"', "’": "'", "×": "x", "…": "..."}
MOST_PARTS: Final = 3


def simplified(text: str) -> str:
    """The same in signs that cost less: typographic dashes, quotes and spaces as plain ones. Nothing else changes."""
    return "".join(_PLAIN.get(sign, sign) for sign in text)


def is_gsm(text: str) -> bool:
    """Whether every sign is of the GSM alphabet, so that 160 of them fit into one part instead of 70."""
    return all(sign in _BASIC or sign in _EXTENDED for sign in text)


def parts(text: str) -> int:
    """In how many parts a text goes, at least one."""
    if is_gsm(text):
        return _counted([2 if sign in _EXTENDED else 1 for sign in text], 160, 153)
    # UCS-2 counts 16 bits; a sign beyond them takes two that may not be parted.
    return _counted([len(sign.encode("utf-16-be")) // 2 for sign in text], 70, 67)


def _counted(widths: list[int], alone: int, joined: int) -> int:
    if sum(widths) <= alone:
        return 1
    count, room = 1, joined
    for width in widths:
        if width > room:
            count, room = count + 1, joined
        room -= width
    return count
