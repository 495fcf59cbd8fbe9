"""What readers on a bus answer, seen from the side: enough to tell why a reader is not online. Pure.

libosdp speaks the protocol and says online or not; these few facts say what a person must do about it. Nothing here
decides anything: whoever forges a frame forges a sentence in health.

A reply: 0x53, address + 0x80, length (2, little-endian), control, [security block], id, data, CRC-16 or checksum.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

NEVER: Final = float("-inf")
SHORTEST: Final = 7
LONGEST: Final = 1024
_SOM: Final = 0x53
_SECURED: Final = 0x08
_PDCAP: Final = 0x46
_CCRYPT: Final = 0x76
_SCS_12: Final = 0x12
_SECURITY: Final = 9  # function code of communication security (osdp_PDCAP)


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply, as far as it lies open. security: type and data of its security block; empty where there is none."""

    address: int
    id: int
    security: bytes
    data: bytes


@dataclass(frozen=True, slots=True)
class Heard:
    """What a reader was last heard to say.

    at: monotonic seconds. was_challenged: it answered a challenge. used_default_key: with the key that everybody knows.
    knows_security: what it says of itself; None before it was asked.
    """

    at: float = NEVER
    was_challenged: bool = False
    used_default_key: bool = False
    knows_security: bool | None = None


UNHEARD: Final = Heard()


def split(buffer: bytes) -> tuple[list[Reply], bytes]:
    """The replies in what came, and the bytes to be kept until more come; never more than one frame of them."""
    replies: list[Reply] = []
    while (start := buffer.find(_SOM)) >= 0:
        buffer = buffer[start:]
        if len(buffer) < 5:
            return replies, buffer
        length = int.from_bytes(buffer[2:4], "little")
        if not buffer[1] & 0x80 or not SHORTEST <= length <= LONGEST:
            buffer = buffer[1:]
            continue
        if len(buffer) < length:
            return replies, buffer
        reply = _parsed(buffer[:length])
        replies += [reply] if reply else []
        buffer = buffer[length:]
    return replies, b""


def hear(heard: Heard, reply: Reply, now: float) -> Heard:
    """What is known after one more reply."""
    heard = replace(heard, at=now)
    if reply.id == _CCRYPT and reply.security[:1] == bytes([_SCS_12]):
        return replace(heard, was_challenged=True, used_default_key=reply.security[1:2] == b"\x00")
    if reply.id == _PDCAP and not reply.security:
        return replace(
            heard, knows_security=any(code == _SECURITY and level & 1 for code, level in _levels(reply.data))
        )
    return heard


def _parsed(whole: bytes) -> Reply | None:
    body, security = whole[5:-2], b""
    if whole[4] & _SECURED:
        if not 2 <= body[0] < len(body):
            return None
        security, body = body[1 : body[0]], body[body[0] :]
    return Reply(whole[1] & 0x7F, body[0], security, body[1:]) if body else None


def _levels(data: bytes) -> Iterator[tuple[int, int]]:
    for at in range(0, len(data) - 2, 3):
        yield data[at], data[at + 1]
