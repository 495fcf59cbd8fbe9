"""OSDP frames as they lie on the wire, from the reader's side. Pure.

    0x53, address (0x80 set in replies), length (2, little-endian, whole frame), control, [security block], id, data,
    [MAC 4], CRC-16 (2, little-endian; polynomial 0x1021, start 0x1D0F)
    control: sequence in bits 0 and 1, 0x04 CRC, 0x08 security block; security block: its length, type, data

Public facts: SIA OSDP v2.2 as libosdp documents its packets, and the examples of Annex E (their CRCs are vectors in
tests/drivers/emulators/test_osdp_device.py). Checksums instead of CRCs are not spoken.
"""

from dataclasses import dataclass, field
from typing import Final

SOM: Final = 0x53
REPLY: Final = 0x80
EVERYBODY: Final = 0x7F
HEADER: Final = 5
LONGEST: Final = 1024
_CRC: Final = 0x04
_SECURED: Final = 0x08


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame whose CRC holds. `security` is the security block without its length byte; empty where there is none.

    signed: the bytes that a MAC is made over. mac: empty unless the block's type says that there is one.
    """

    address: int
    sequence: int
    security: bytes
    id: int
    data: bytes = field(repr=False)
    signed: bytes = field(default=b"", repr=False)
    mac: bytes = b""


def crc16(data: bytes) -> int:
    """CRC-16 with polynomial 0x1021, start 0x1D0F, not reflected (Annex E)."""
    crc = 0x1D0F
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc


def has_mac(security: bytes) -> bool:
    """Types 0x15 to 0x18 are those of an established channel."""
    return len(security) > 0 and 0x15 <= security[0] <= 0x18


def head(address: int, sequence: int, security: bytes, body: int) -> bytes:
    """A reply's first bytes up to the end of its security block; `body` is the length of all that follows."""
    block = bytes([len(security) + 1]) + security if security else b""
    length = HEADER + len(block) + body
    control = sequence | _CRC | (_SECURED if security else 0)
    return bytes([SOM, address | REPLY, length & 0xFF, length >> 8, control]) + block


def closed(frame: bytes) -> bytes:
    """The frame with its CRC."""
    return frame + crc16(frame).to_bytes(2, "little")


def split(buffer: bytes) -> tuple[list[Frame], bytes]:
    """The whole frames in what came, and the bytes to be kept until more come. What is no frame is skipped."""
    frames: list[Frame] = []
    while (start := buffer.find(SOM)) >= 0:
        buffer = buffer[start:]
        if len(buffer) < HEADER:
            return frames, buffer
        length = int.from_bytes(buffer[2:4], "little")
        if not HEADER + 3 <= length <= LONGEST:
            buffer = buffer[1:]
            continue
        if len(buffer) < length:
            return frames, buffer
        frame = _parsed(buffer[:length])
        if frame is not None:
            frames.append(frame)
        buffer = buffer[length if frame is not None else 1 :]
    return frames, b""


def _parsed(whole: bytes) -> Frame | None:
    content, control = whole[:-2], whole[4]
    if not control & _CRC or crc16(content) != int.from_bytes(whole[-2:], "little"):
        return None
    security, body = b"", content[HEADER:]
    if control & _SECURED:
        if not 2 <= body[0] <= len(body):
            return None
        security, body = body[1 : body[0]], body[body[0] :]
    # Some panels put the block of an established channel into their first poll, without a MAC: the answer is no.
    mac = body[-4:] if has_mac(security) and len(body) > 4 else b""
    body = body[: len(body) - len(mac)]
    if not body:
        return None
    signed = content[: len(content) - len(mac)]
    return Frame(whole[1], control & 0x03, security, body[0], body[1:], signed, mac)
