"""What a scanner sends, byte by byte, to the texts of codes (DR-09). Pure.

A line ends with CR or LF. It is a code if it holds 8 to 256 capital letters and digits, which is what a pass is written
with, and came within two seconds; anything else is dropped whole. A silence of half a second begins a new line, so that
noise does not spoil the next code. Nothing in a code is ever obeyed: control bytes drop the line they stand in.

    take(line, data, now) -> (line, texts)

`now` is monotonic seconds.
"""

from dataclasses import dataclass, field
from typing import Final

SHORTEST: Final = 8
LONGEST: Final = 256
LINE_S: Final = 2.0
SILENCE_S: Final = 0.5
_ENDS: Final = b"\r\n"
_ALPHABET: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")


@dataclass(frozen=True, slots=True)
class ScanLine:
    """The line so far. `is_spoiled`: it can be no code any more, and is dropped up to its end."""

    content: bytes = field(default=b"", repr=False)
    began: float = 0.0
    at: float = 0.0
    is_spoiled: bool = False


EMPTY: Final = ScanLine()


def take(line: ScanLine, data: bytes, now: float) -> tuple[ScanLine, tuple[str, ...]]:
    """The line after some more bytes, and the codes that ended among them."""
    if now - line.at > SILENCE_S:
        line = EMPTY
    content, began = bytearray(line.content), line.began if line.content or line.is_spoiled else now
    is_spoiled = line.is_spoiled or now - began > LINE_S
    texts = []
    for byte in data:
        if byte in _ENDS:
            if not is_spoiled and len(content) >= SHORTEST:
                texts.append(content.decode())
            content.clear()
            began, is_spoiled = now, False
        elif is_spoiled or byte not in _ALPHABET or len(content) == LONGEST:
            content.clear()
            is_spoiled = True
        else:
            content.append(byte)
    return ScanLine(bytes(content), began, now, is_spoiled), tuple(texts)
