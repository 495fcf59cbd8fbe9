"""What a scanner types as a keyboard, key by key, to the bytes of its lines (DR-09). Pure.

Codes are those of the kernel (linux/input-event-codes.h), so that no keyboard layout changes what is read: letters and
digits have the same codes in a Swedish and an American one. Capital letters come with shift. Every other key, alone or
held in a chord, becomes a zero byte, which spoils the line that it stands in: a code cannot press Ctrl, Alt or F4 here.
"""

from dataclasses import dataclass
from typing import Final

UP, DOWN, REPEATED = 0, 1, 2
STRANGE: Final = 0
END: Final = 0x0D
_SHIFTS: Final = frozenset({42, 54})
_ENDS: Final = frozenset({28, 96})
_ROWS: Final = ((2, "1234567890"), (16, "QWERTYUIOP"), (30, "ASDFGHJKL"), (44, "ZXCVBNM"))
_KEYS: Final = {first + at: ord(key) for first, row in _ROWS for at, key in enumerate(row)}


@dataclass(frozen=True, slots=True)
class HeldKeys:
    """The shifts and strange keys that are down; a strange one makes a chord of everything."""

    shifts: frozenset[int] = frozenset()
    strange: frozenset[int] = frozenset()


def key(held: HeldKeys, code: int, value: int) -> tuple[HeldKeys, int | None]:
    """The keys held after one event of a key, and the byte that it typed, if any."""
    if code in _SHIFTS:
        shifts = held.shifts - {code} if value == UP else held.shifts | {code}
        return HeldKeys(shifts, held.strange), None
    if code not in _KEYS and code not in _ENDS:
        strange = held.strange - {code} if value == UP else held.strange | {code}
        return HeldKeys(held.shifts, strange), None if value == UP else STRANGE
    if value != DOWN:
        return held, None
    return held, _typed(held, code)


def _typed(held: HeldKeys, code: int) -> int:
    if held.strange:
        return STRANGE
    if code in _ENDS:
        return STRANGE if held.shifts else END
    typed = _KEYS[code]
    is_digit = typed <= ord("9")
    # A digit with shift is a sign, and a letter without one is small: neither stands in a pass.
    return typed if is_digit is not bool(held.shifts) else STRANGE
