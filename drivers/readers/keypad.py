"""Keys of a keypad to entries (BM-24, DR-07). Pure.

Digits are gathered; `*` clears, `#` ends an entry. So does a pause of ten seconds, if what was typed is as long as a
PIN is; anything shorter is forgotten then. An entry that grew too long is dropped whole, up to its end.

    press(typed, key, now) -> (typed, entry or None)
    settle(typed, now) -> (typed, entry or None)

`now` is monotonic seconds. A key that bounces is the reader's business.
"""

from dataclasses import dataclass, field, replace
from typing import Final

PAUSE_S: Final = 10.0
DIGITS_LIMIT: Final = 12
PIN_LENGTHS: Final = frozenset({6, 8, 9})
"""Those of a PIN, a backup PIN and a derived PIN (`appliance.keys`, which a driver may not import; a test compares)."""
CLEAR: Final = "*"
END: Final = "#"
_DIGITS: Final = frozenset("0123456789")


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed so far. `at` is when the last key came; `is_spoiled` says that it is too long to be anything."""

    digits: str = field(default="", repr=False)
    at: float = 0.0
    is_spoiled: bool = False

    @property
    def due(self) -> float | None:
        """When the pause is over, in monotonic seconds; None while nothing was typed."""
        return self.at + PAUSE_S if self.digits or self.is_spoiled else None


NOTHING: Final = Typed()


def interrupted(now: float, seconds: float) -> Typed:
    """What is typed after a break in which keys may have been lost: if more come within `seconds`, they are the rest of
    an entry that nobody knows the beginning of, and are dropped up to its end."""
    return Typed(at=now - PAUSE_S + seconds, is_spoiled=True)


def press(typed: Typed, key: str, now: float) -> tuple[Typed, str | None]:
    """What is typed after one key, and the entry that ended with it or in the pause before it."""
    typed, ended = settle(typed, now)
    if key == CLEAR:
        return NOTHING, ended
    if key == END:
        return NOTHING, typed.digits or ended
    if key not in _DIGITS:
        return typed, ended
    if typed.is_spoiled or len(typed.digits) == DIGITS_LIMIT:
        return Typed(at=now, is_spoiled=True), ended
    return replace(typed, digits=typed.digits + key, at=now), ended


def settle(typed: Typed, now: float) -> tuple[Typed, str | None]:
    """What is typed at `now`, and the entry that a pause has ended."""
    if typed.due is None or now < typed.due:
        return typed, None
    return NOTHING, typed.digits if len(typed.digits) in PIN_LENGTHS else None
