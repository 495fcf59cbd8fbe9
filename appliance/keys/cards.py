"""Card formats: which bits a facility code and a number make (AC-06), and the digest by which a card is found.

The bits, first sent first, P is a parity bit:

    H10301   26 bits   P  facility code 8   number 16  P    even over the first 12 data bits, odd over the last 12
    34       34 bits   P  facility code 16  number 16  P    even over the first 16 data bits, odd over the last 16
    H10302   37 bits   P  number 35                    P    even over the first 18 data bits, odd over the last 18
    H10304   37 bits   P  facility code 16  number 19  P    as H10302: of 35 data bits the middle one counts twice

Source: HID Global, "Understanding Card Data Formats" (H10301, H10302, H10304); 34 bits as sold under the names H10306
and N10002. A card's bits do not say its format, so that two formats of one length read the same card differently.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from appliance.foundation.cards import CardBits
from appliance.foundation.errors import FieldError, Invalid
from appliance.keys.prf import mac


class CardFormat(StrEnum):
    """A way to lay out facility code and number."""

    H10301 = "h10301"
    H10306 = "h10306"
    H10302 = "h10302"
    H10304 = "h10304"


@dataclass(frozen=True, slots=True)
class _Layout:
    """Widths in bits. `half` is how many data bits each parity bit looks at."""

    code: int
    number: int
    half: int

    @property
    def length(self) -> int:
        return self.code + self.number + 2


_LAYOUTS: Final = {
    CardFormat.H10301: _Layout(8, 16, 12),
    CardFormat.H10306: _Layout(16, 16, 16),
    CardFormat.H10302: _Layout(0, 35, 18),
    CardFormat.H10304: _Layout(16, 19, 18),
}


@dataclass(frozen=True, slots=True)
class CardNumber:
    """What is printed on a card: its format, facility code (0 where the format has none) and number."""

    format: CardFormat
    facility_code: int
    number: int


def card_bits(card: CardNumber) -> CardBits:
    """All bits that such a card sends, parity included; Invalid with every mistake when it does not fit."""
    layout = _LAYOUTS[card.format]
    errors = [
        FieldError(name, "out_of_range", f"must be from 0 to {(1 << bits) - 1} in this format")
        for name, value, bits in (
            ("facility_code", card.facility_code, layout.code),
            ("number", card.number, layout.number),
        )
        if not 0 <= value < 1 << bits
    ]
    if errors:
        raise Invalid(*errors)
    data = card.facility_code << layout.number | card.number
    return CardBits(layout.length, _with_parity(data, layout))


def card_number(bits: CardBits, format_: CardFormat) -> CardNumber | None:
    """Facility code and number of a card, read in one format; None for another length or a wrong parity."""
    layout = _LAYOUTS[format_]
    data = bits.value >> 1 & (1 << layout.length - 2) - 1
    if bits.length != layout.length or bits.value != _with_parity(data, layout):
        return None
    return CardNumber(format_, data >> layout.number, data & (1 << layout.number) - 1)


def is_sound(bits: CardBits) -> bool:
    """Whether the parity holds in some format of this length; a length that no format has cannot be judged."""
    formats = [format_ for format_, layout in _LAYOUTS.items() if layout.length == bits.length]
    return not formats or any(card_number(bits, format_) is not None for format_ in formats)


def card_lookup(lookup_key: bytes, bits: CardBits) -> bytes:
    """The 32 bytes under which a card is stored and found."""
    return mac(lookup_key, b"portvakt-card-lookup-1\x00" + str(bits).encode())


def _with_parity(data: int, layout: _Layout) -> int:
    width = layout.length - 2
    first, last = data >> width - layout.half, data & (1 << layout.half) - 1
    even, odd = first.bit_count() & 1, ~last.bit_count() & 1
    return even << width + 1 | data << 1 | odd
