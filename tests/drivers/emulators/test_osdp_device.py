"""The emulated reader by the standard's own examples (DR-07).

Vectors: SIA OSDP specification, Annex E (CRC and secure channel with SCBK-D), as published with libosdp's unit tests
(test-sc-sia-vectors.c, Apache-2.0). Nobody here wrote them.
"""

import random

import pytest

from drivers.emulators.osdp_device import OsdpDevice
from drivers.emulators.osdp_frames import LONGEST, crc16, split
from drivers.emulators.osdp_session import DEFAULT_KEY, Session, padded

POLL = bytes.fromhex("530109000461006023")  # osdp_ID to address 1, as libosdp sends it


def silent(_what: str, _data: bytes) -> None:
    return None


@pytest.mark.parametrize(
    ("message", "crc"), [("537f0d00046e00802500 00", "6e38"), ("53000900046100", "c066")], ids=["comset", "id"]
)
def test_crcs_of_annex_e(message: str, crc: str) -> None:
    assert crc16(bytes.fromhex(message)).to_bytes(2, "little").hex() == crc


def test_the_secure_channel_of_annex_e() -> None:
    session = Session(DEFAULT_KEY, bytes.fromhex("b0b1b2b3b4b5b6b7"), bytes.fromhex("a0a1a2a3a4a5a6a7"))
    assert session.s_mac1.hex() == "5e86c676603bdee2d8beafe178637332"
    assert session.s_mac2.hex() == "6fda86e857777e81132035758239172e"
    assert session.s_enc.hex() == "bf8dc2a8329acb8c67c6d0cd9a451682"
    assert session.panel_cryptogram.hex() == "26d3356e07762d262801fc8e6665a891"
    assert session.reader_cryptogram.hex() == "fde5d2f428ec16312471ea3c02bd7796"
    assert not session.begin(bytes(16))
    assert session.begin(session.panel_cryptogram)
    assert session.r_mac.hex() == "b2a30057eb98ba2229ec1f875662b524"


def test_padding_fills_a_block_and_never_nothing() -> None:
    assert [len(padded(bytes(length))) for length in (0, 1, 15, 16, 31)] == [16, 16, 16, 32, 32]


def test_a_reader_answers_for_itself_alone_and_the_same_question_the_same_way() -> None:
    """DR-07: another's frame is not answered; a repeated one is, without being done twice."""
    device = OsdpDevice(1, None, silent, random.Random(1).randbytes, plain=True)
    device.typed("27")
    (identity,) = device.heard(POLL)
    assert identity[1] == 0x81
    assert OsdpDevice(2, None, silent, random.Random(1).randbytes).heard(POLL) == []
    ask = bytes.fromhex("530108000560")
    ask += crc16(ask).to_bytes(2, "little")
    (first,), (again,) = device.heard(ask), device.heard(ask)
    assert first == again
    assert first[6:9] == b"\x00\x01" + b"2"


@pytest.mark.parametrize("rounds", [20_000, pytest.param(1_000_000, marks=pytest.mark.long)])
@pytest.mark.timeout(1800)
@pytest.mark.usefixtures("small_memory")
def test_no_damaged_command_does_anything(rounds: int) -> None:
    """DR-13: random, cut, damaged and swollen frames; no lamp, no key, no crash, and the good one is answered."""
    dice, happened = random.Random(13), list[str]()
    device = OsdpDevice(1, bytes(16), lambda what, _data: happened.append(what), dice.randbytes)
    for _ in range(rounds):
        place = dice.randrange(len(POLL))
        piece = dice.choice((
            dice.randbytes(dice.randrange(40)),
            POLL[:place],
            POLL[:place] + bytes([POLL[place] ^ 1 << dice.randrange(8)]) + POLL[place + 1 :],
            b"\x53\x01\xff\x03",
        ))  # fmt: skip
        device.heard(piece)
        assert len(device._buffer) < LONGEST
    assert happened == []
    device.heard(bytes(LONGEST))
    assert device.heard(POLL)[-1][5] == 0x45
    assert split(b"") == ([], b"")
