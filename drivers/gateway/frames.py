"""Frames of the gateway protocol over a serial line: to bytes and from bytes, no I/O (PROTOCOL.md, DR-13)."""

import binascii
import hashlib
import hmac
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

START: Final = b"\xa5\x5a"
LARGEST_PAYLOAD: Final = 1024
MAC_BYTES: Final = 8
KEY_BYTES: Final = 32
NONCE_BYTES: Final = 16
_HEAD: Final = 10  # type, sequence, counter
_LEAST, _MOST = _HEAD + MAC_BYTES, _HEAD + LARGEST_PAYLOAD + MAC_BYTES
_SESSION: Final = b"portvakt gateway session 1"


class FrameType(IntEnum):
    """What a frame is."""

    HELLO = 1
    WELCOME = 2
    REQUEST = 3
    REPLY = 4
    NAK = 5


class Direction(IntEnum):
    """Who sent it, as the MAC sees it."""

    TO_GATEWAY = ord("M")
    TO_UNIT = ord("S")


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame whose CRC is right; whether its MAC is, is for `is_genuine`."""

    type: FrameType
    sequence: int
    counter: int
    payload: bytes = field(repr=False)
    mac: bytes = bytes(MAC_BYTES)


def sealed_frame(
    kind: FrameType, counter: int, payload: bytes, key: bytes, direction: Direction, also: bytes = b""
) -> bytes:
    """The bytes of a frame. also: what its MAC covers besides. ValueError when the payload is too large."""
    if len(payload) > LARGEST_PAYLOAD:
        raise ValueError(f"a frame carries at most {LARGEST_PAYLOAD} bytes, not {len(payload)}")
    head = bytes([kind, counter % 256]) + counter.to_bytes(8, "big")
    body = head + payload + _mac(key, direction, head + payload + also)
    counted = len(body).to_bytes(2, "big") + body
    return START + counted + crc16(counted).to_bytes(2, "big")


def is_genuine(frame: Frame, key: bytes, direction: Direction, also: bytes = b"") -> bool:
    """Whether the holder of the key made it, in this direction."""
    head = bytes([frame.type, frame.sequence]) + frame.counter.to_bytes(8, "big")
    return hmac.compare_digest(frame.mac, _mac(key, direction, head + frame.payload + also))


def session_key(link_key: bytes, ours: bytes, theirs: bytes) -> bytes:
    """The key of the session between these two random values, the unit's first."""
    return hmac.digest(link_key, _SESSION + ours + theirs, hashlib.sha256)


def crc16(data: bytes) -> int:
    """CRC-16/CCITT-FALSE: polynomial 0x1021, from 0xFFFF."""
    return binascii.crc_hqx(data, 0xFFFF)


class FrameReader:
    """Finds frames in a stream of bytes, whatever else is in it; holds at most one frame's bytes.

    damaged: how many beginnings of frames were none.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self.damaged = 0

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that these bytes complete."""
        found: list[Frame] = []
        for at in range(0, len(data), _MOST):
            self._buffer += data[at : at + _MOST]
            while (frame := self._next()) is not None:
                found.append(frame)
        return found

    def reset(self) -> None:
        """Forget a beginning whose end will not come."""
        self._buffer.clear()

    def _next(self) -> Frame | None:
        while True:
            start = self._buffer.find(START)
            if start < 0:
                del self._buffer[: max(0, len(self._buffer) - 1)]
                return None
            del self._buffer[:start]
            if len(self._buffer) < 4:
                return None
            length = int.from_bytes(self._buffer[2:4], "big")
            whole = length + 6
            if _LEAST <= length <= _MOST:
                if len(self._buffer) < whole:
                    return None
                frame = _frame(bytes(self._buffer[2:whole]))
                if frame is not None:
                    del self._buffer[:whole]
                    return frame
            # What looked like a start was none, and what follows it may hold a true one.
            self.damaged += 1
            del self._buffer[:2]


def _frame(counted: bytes) -> Frame | None:
    if crc16(counted[:-2]) != int.from_bytes(counted[-2:], "big"):
        return None
    body = counted[2:-2]
    if body[0] not in set(FrameType):
        return None
    counter = int.from_bytes(body[2:_HEAD], "big")
    return Frame(FrameType(body[0]), body[1], counter, body[_HEAD:-MAC_BYTES], body[-MAC_BYTES:])


def _mac(key: bytes, direction: Direction, covered: bytes) -> bytes:
    return hmac.digest(key, bytes([direction]) + covered, hashlib.sha256)[:MAC_BYTES]
