"""A pass as a picture: the only module that knows a QR library (AC-03).

Alphanumeric mode, error correction level M, black on white with the quiet zone of four modules that ISO/IEC 18004 asks
for. A pass of 160 characters becomes version 7, 45 modules wide.
"""

import io
from itertools import groupby
from typing import Final

import pyqrcode

QUIET_ZONE: Final = 4
_SYMBOLS: Final = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")
_LONGEST_LINK: Final = 600
_CAPACITY: Final = 3391  # ISO/IEC 18004, version 40, level M, alphanumeric


def svg(text: str) -> str:
    """An `<svg>` element that scales without blur and needs no style, so that the strictest CSP lets it through.

    It has no name of its own: who shows it adds the label. A text that has no alphanumeric QR code is a ValueError.
    """
    return _drawn(_code(text).code)


def svg_of_link(address: str) -> str:
    """The same of an address of ours, whose small letters need more modules. An empty or long one is a ValueError."""
    if not address or len(address) > _LONGEST_LINK or not address.isascii():
        raise ValueError(f"a link is of 1 to {_LONGEST_LINK} plain characters")
    return _drawn(pyqrcode.create(address, error="M", mode="binary").code)


def _drawn(rows: list[list[int]]) -> str:
    side = len(rows) + 2 * QUIET_ZONE
    dark = "".join(_runs(row, y) for y, row in enumerate(rows, start=QUIET_ZONE))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path fill="#000" d="{dark}"/></svg>'
    )


def png(text: str, scale: int) -> bytes:
    """A PNG file with `scale` pixels a module, 1 to 40."""
    if not 1 <= scale <= 40:
        raise ValueError("a module is 1 to 40 pixels wide")
    picture = io.BytesIO()
    _code(text).png(picture, scale=scale, quiet_zone=QUIET_ZONE)
    return picture.getvalue()


def _runs(row: list[int], y: int) -> str:
    """SVG path commands for the dark modules of one row, a rectangle for each run of them."""
    commands = []
    x = QUIET_ZONE
    for is_dark, run in groupby(row):
        width = len(list(run))
        if is_dark:
            commands.append(f"M{x} {y}h{width}v1h-{width}z")
        x += width
    return "".join(commands)


def _code(text: str) -> pyqrcode.QRCode:
    if not text or len(text) > _CAPACITY or not _SYMBOLS.issuperset(text):
        raise ValueError("only capitals, digits and a few signs have an alphanumeric QR code")
    return pyqrcode.create(text, error="M", mode="alphanumeric")
