"""What readers say, seen from the side (DR-07, DR-13)."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.osdp.replies import LONGEST, UNHEARD, hear, split

# As they came over the wire from the emulated reader at address 1.
PDCAP = bytes.fromhex("53811a0005460301000404010502010801000901010a0001c9ef")
CCRYPT = bytes.fromhex("53812b000e0312017650564b54454d5531472af4481995ea9310328f4398ee67c5dc451c70f4cda9124670")
NAK = bytes.fromhex("53850900044106c197")


def test_replies_are_found_however_they_are_cut_and_whatever_lies_between() -> None:
    """DR-07: a bus carries commands and noise too; only replies count."""
    command = bytes.fromhex("ff530109000461006023")
    stream = b"\x00\x53" + PDCAP + command + CCRYPT + b"\xff\xff" + NAK
    whole, rest = split(stream)
    assert [(reply.address, reply.id, reply.security) for reply in whole] == [
        (1, 0x46, b""), (1, 0x76, b"\x12\x01"), (5, 0x41, b""),
    ]  # fmt: skip
    assert rest == b""
    found, rest = [], b""
    for byte in stream:
        replies, rest = split(rest + bytes([byte]))
        found += replies
    assert found == whole


def test_what_a_person_must_know_is_told_from_replies() -> None:
    """DR-07: whether it knows a secure channel, answered a challenge, and with which key."""
    (capable,), _ = split(PDCAP)
    (plain,), _ = split(PDCAP.replace(bytes([9, 1, 1]), bytes([9, 0, 0])))
    (answer,), _ = split(CCRYPT)
    (default,), _ = split(CCRYPT.replace(b"\x03\x12\x01", b"\x03\x12\x00"))
    assert hear(UNHEARD, capable, 1.0).knows_security is True
    assert hear(UNHEARD, plain, 1.0).knows_security is False
    heard = hear(UNHEARD, answer, 2.0)
    assert (heard.at, heard.was_challenged, heard.used_default_key) == (2.0, True, False)
    assert hear(heard, default, 3.0).used_default_key is True
    assert hear(hear(heard, default, 3.0), answer, 4.0).used_default_key is False


@given(st.binary(max_size=3000))
def test_whatever_comes_is_survived(data: bytes) -> None:
    """DR-13: random bytes."""
    _, rest = split(data)
    assert len(rest) < LONGEST


@pytest.mark.parametrize("rounds", [20_000, pytest.param(1_000_000, marks=pytest.mark.long)])
@pytest.mark.timeout(900)
@pytest.mark.usefixtures("small_memory")
def test_a_flood_of_frames_is_survived_and_small(rounds: int) -> None:
    """DR-13: random, cut, damaged and swollen frames; what is kept stays below one frame."""
    dice, rest, heard = random.Random(11), b"", UNHEARD
    for _ in range(rounds):
        whole = dice.choice((PDCAP, CCRYPT, NAK))
        place = dice.randrange(len(whole))
        piece = dice.choice((
            dice.randbytes(dice.randrange(40)),
            whole[:place],
            whole[:place] + bytes([whole[place] ^ 1 << dice.randrange(8)]) + whole[place + 1 :],
            b"\x53\x81\xff\xff",
        ))  # fmt: skip
        replies, rest = split(rest + piece)
        assert len(rest) < LONGEST
        for reply in replies:
            heard = hear(heard, reply, 1.0)
    _, rest = split(rest + bytes(LONGEST))
    assert len(split(rest + NAK)[0]) >= 1
