"""Frames on a serial line: found whatever is around them, believed only with the key (DR-04, DR-13)."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.emulators.gateway_firmware import _crc
from drivers.gateway.frames import (
    LARGEST_PAYLOAD,
    Direction,
    Frame,
    FrameReader,
    FrameType,
    crc16,
    is_genuine,
    sealed_frame,
    session_key,
)

KEY, OTHER = bytes(range(32)), bytes(32)
TYPES = st.sampled_from(FrameType)
PAYLOADS = st.binary(max_size=LARGEST_PAYLOAD)
COUNTERS = st.integers(0, (1 << 64) - 1)


def sealed(payload: bytes = b"hello", counter: int = 7) -> bytes:
    return sealed_frame(FrameType.REQUEST, counter, payload, KEY, Direction.TO_GATEWAY)


def read(*pieces: bytes) -> list[Frame]:
    reader = FrameReader()
    return [frame for piece in pieces for frame in reader.feed(piece)]


def test_the_crc_is_the_published_one() -> None:
    """DR-04: CRC-16/CCITT-FALSE over its check text, by the driver and by the emulator's own code."""
    assert crc16(b"123456789") == _crc(b"123456789") == 0x29B1


@given(TYPES, COUNTERS, PAYLOADS, st.binary(max_size=40), st.integers(1, 50))
def test_a_frame_is_found_in_pieces_and_behind_noise(
    kind: FrameType, counter: int, payload: bytes, noise: bytes, size: int
) -> None:
    """DR-04: a line gives bytes, not frames."""
    sent = noise.replace(b"\xa5", b"\xa4") + sealed_frame(kind, counter, payload, KEY, Direction.TO_UNIT)
    (frame,) = read(*(sent[at : at + size] for at in range(0, len(sent), size)))
    assert (frame.type, frame.counter, frame.payload) == (kind, counter, payload)
    assert is_genuine(frame, KEY, Direction.TO_UNIT)
    assert not is_genuine(frame, OTHER, Direction.TO_UNIT)
    assert not is_genuine(frame, KEY, Direction.TO_GATEWAY), "an echo of our own words is no answer"


@given(st.integers(0, 10_000), st.integers(0, 7))
def test_no_single_bit_can_be_flipped(at: int, bit: int) -> None:
    """DR-13: what was damaged is not understood, and what was forged has no MAC."""
    sent = bytearray(sealed())
    sent[at % len(sent)] ^= 1 << bit
    assert not any(is_genuine(frame, KEY, Direction.TO_GATEWAY) for frame in read(bytes(sent)))


@given(st.lists(st.binary(max_size=3000), max_size=8))
def test_noise_is_survived_and_never_understood(pieces: list[bytes]) -> None:
    """DR-13: random bytes make no genuine frame and fill no memory."""
    reader = FrameReader()
    for piece in pieces:
        assert not any(is_genuine(frame, KEY, Direction.TO_GATEWAY) for frame in reader.feed(piece))
        assert len(reader._buffer) <= 2 * 1048
    assert [frame.payload for frame in reader.feed(bytes(1100) + sealed())][-1:] == [b"hello"]


def test_a_beginning_that_lies_about_its_length_costs_nothing_but_itself() -> None:
    """DR-13: half a frame before a whole one."""
    assert [frame.payload for frame in read(sealed()[:20], sealed(b"whole" * 40), sealed(b"x"))][-1] == b"x"


@pytest.mark.parametrize("rounds", [20_000, pytest.param(1_000_000, marks=pytest.mark.long)])
@pytest.mark.timeout(1800)
@pytest.mark.usefixtures("small_memory")
def test_a_flood_of_frames_is_survived_and_small(rounds: int) -> None:
    """DR-13: random, cut, damaged and swollen frames, one after the other; a whole one behind them is read."""
    dice, reader, whole = random.Random(1), FrameReader(), sealed(b"x" * 100)
    for number in range(rounds):
        damaged = bytearray(whole[: dice.randrange(len(whole) + 1)])
        for _ in range(dice.randrange(3)):
            if damaged:
                damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        if number % 1_000 == 0:
            damaged += dice.randbytes(20_000)
        for frame in reader.feed(bytes(damaged)):
            assert not is_genuine(frame, KEY, Direction.TO_GATEWAY) or frame.payload == b"x" * 100
        assert len(reader._buffer) <= 2 * 1048
    assert [frame.payload for frame in reader.feed(bytes(1100) + sealed())][-1:] == [b"hello"]


def test_a_payload_that_is_too_large_is_not_sent() -> None:
    """DR-04."""
    with pytest.raises(ValueError, match="at most 1024"):
        sealed(bytes(1025))


def test_a_session_has_a_key_of_its_own() -> None:
    """DR-04: what was recorded in one session is worth nothing in the next."""
    assert len({session_key(KEY, bytes([one]) * 16, bytes([two]) * 16) for one in range(4) for two in range(4)}) == 16
