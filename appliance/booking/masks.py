"""Masks: what an answer must look like, sign by sign, in words that an owner can read and no text can stall (DY-61).

`9` is a digit, `A` a letter, `N` a letter or a digit; any other sign is itself, also one of these behind a `\\`. A `?`
says that the sign before it may be left out, a `+` that there may be more of it. `AAA 99N` is a Swedish number plate. A
text is matched by keeping the set of all places that it may have come to: in time in proportion to its length.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from appliance.foundation.errors import FieldError
from appliance.foundation.i18n import marked

MASK_LIMIT: Final = 60
_KINDS: Final[dict[str, Callable[[str], bool]]] = {
    "9": lambda sign: sign in "0123456789",
    "A": str.isalpha,
    "N": lambda sign: sign.isalpha() or sign in "0123456789",
}


@dataclass(frozen=True, slots=True)
class MaskSign:
    """One place of a mask: a literal sign or a kind of sign, whether it may be left out, and whether it may repeat."""

    sign: str
    is_literal: bool
    optional: bool
    repeats: bool

    def takes(self, sign: str) -> bool:
        return sign == self.sign if self.is_literal else _KINDS[self.sign](sign)


def parse_mask(mask: str) -> tuple[MaskSign, ...] | FieldError:
    """The places of a mask, or what is wrong with it."""
    if len(mask) > MASK_LIMIT:
        return FieldError("pattern", "too_long", marked("Write at most {max} characters."), {"max": MASK_LIMIT})
    places: list[MaskSign] = []
    rest = iter(mask)
    for sign in rest:
        if sign in "?+":
            if not places or places[-1].optional or places[-1].repeats:
                return FieldError("pattern", "invalid", marked("A ? or + stands behind the sign that it is about."))
            last = places.pop()
            places.append(MaskSign(last.sign, last.is_literal, sign == "?", sign == "+"))
        elif sign == "\\":
            literal = next(rest, "")
            if not literal:
                return FieldError("pattern", "invalid", marked("A \\ stands before the sign that is meant."))
            places.append(MaskSign(literal, True, False, False))
        else:
            places.append(MaskSign(sign, sign not in _KINDS, False, False))
    return tuple(places)


def matches(mask: tuple[MaskSign, ...], text: str) -> bool:
    """Whether the whole of `text` is what the mask wants."""
    at = _onward(mask, {0})
    for sign in text:
        taken = {place for place in at if place < len(mask) and mask[place].takes(sign)}
        at = _onward(mask, {place + 1 for place in taken} | {place for place in taken if mask[place].repeats})
        if not at:
            return False
    return len(mask) in at


def _onward(mask: tuple[MaskSign, ...], places: set[int]) -> set[int]:
    """The places, and those behind them that are reached by leaving out what may be left out."""
    for place in range(len(mask)):
        if place in places and mask[place].optional:
            places.add(place + 1)
    return places
