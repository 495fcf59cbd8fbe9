"""A QR pass is believed exactly as it was signed, in its one spelling (AC-03, BM-25)."""

import base64
import struct
import uuid

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from appliance.foundation.instants import Interval
from appliance.keys.passes import PassClaims, door_mask, facility_tag, parse, sign, verify

UNIT_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OLD_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64)))
KEYS = {1: OLD_KEY.public_key(), 2: UNIT_KEY.public_key()}
CLAIMS = PassClaims(
    key_id="01890a5d-ac96-774b-bcce-b302099a8057",
    facility_tag=facility_tag("01890a5d-0000-7000-8000-000000000001"),
    epoch=2,
    not_before=1_800_000_000,
    minutes=90,
    doors=0b1001,
)
TEXT = sign(CLAIMS, UNIT_KEY)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

claims = st.builds(
    PassClaims,
    key_id=st.uuids().map(str),
    facility_tag=st.binary(min_size=4, max_size=4),
    epoch=st.integers(0, 2**16 - 1),
    not_before=st.integers(0, 2**32 - 1),
    minutes=st.integers(1, 2**16 - 1),
    doors=st.integers(0, 2**32 - 1),
    rotating_only=st.booleans(),
)


def believed(text: str) -> PassClaims | None:
    """What a door does with the text of a pass."""
    parsed = parse(text)
    return None if parsed is None else verify(parsed, KEYS)


def spelled(token: bytes) -> str:
    """A pass made by somebody who knows the format but not our code."""
    return "PV1" + base64.b32encode(token).decode().rstrip("=")


TOKEN = base64.b32decode(TEXT[3:] + "===")


class TestRoundTrip:
    @given(claims)
    def test_a_pass_says_what_was_signed(self, made: PassClaims) -> None:
        """AC-03"""
        parsed = parse(sign(made, UNIT_KEY))
        assert parsed is not None
        assert verify(parsed, {made.epoch: UNIT_KEY.public_key()}) == made

    def test_the_same_claims_give_the_same_pass(self) -> None:
        """AC-03: the confirmation can be shown again without storing the pass."""
        assert sign(CLAIMS, UNIT_KEY) == TEXT

    def test_it_has_the_published_layout(self) -> None:
        """AC-03, BM-25: packed and signed here by hand."""
        packed = struct.pack(
            ">BH4s16sIHIB", 1, 2, CLAIMS.facility_tag, uuid.UUID(CLAIMS.key_id).bytes, 1_800_000_000, 90, 9, 0
        )
        assert spelled(packed + UNIT_KEY.sign(b"portvakt-pass-1\x00" + packed)) == TEXT
        assert len(TEXT) == 160

    def test_its_window_and_doors_can_be_read(self) -> None:
        """BM-25"""
        assert CLAIMS.window == Interval(1_800_000_000, 1_800_005_400)
        assert [number for number in range(-1, 40) if CLAIMS.opens(number)] == [0, 3]
        assert door_mask(frozenset({0, 3})) == CLAIMS.doors


class TestTampering:
    def test_no_single_bit_of_a_pass_can_be_flipped(self) -> None:
        """AC-03: all 784 of them."""
        for bit in range(len(TOKEN) * 8):
            flipped = bytearray(TOKEN)
            flipped[bit // 8] ^= 1 << bit % 8
            assert believed(spelled(bytes(flipped))) is None, f"bit {bit}"

    def test_no_character_can_be_changed(self) -> None:
        """AC-03: every place, every other letter of the alphabet and some beyond it; the padding bit included."""
        for place, right in enumerate(TEXT):
            for wrong in ALPHABET + "a01= -Ö":
                if wrong != right:
                    assert believed(TEXT[:place] + wrong + TEXT[place + 1 :]) is None, f"{wrong!r} at {place}"

    @pytest.mark.parametrize(
        "text",
        [
            TEXT.lower(),
            TEXT[:3].lower() + TEXT[3:],
            TEXT + "=",
            TEXT + "===",
            TEXT + "A",
            TEXT + "\n",
            " " + TEXT,
            TEXT + " ",
            TEXT[:-1],
            TEXT[1:],
            TEXT[3:],
            "PV2" + TEXT[3:],
            TEXT[:80] + " " + TEXT[80:],
            TEXT[:80] + "\n" + TEXT[81:],
            spelled(TOKEN + b"\x00"),
            spelled(TOKEN[:-1]),
            "PV1" + base64.b32hexencode(TOKEN).decode().rstrip("="),
            "PV1" + base64.urlsafe_b64encode(TOKEN).decode().rstrip("="),
            "PV1" + base64.b16encode(TOKEN).decode(),
            TEXT.replace("P", "\uff30"),  # a full-width P
            "",
            "PV1",
            "A" * 160,
            TEXT * 1_000,
        ],
        ids=lambda text: f"{len(text)} {text[:8]!a}",
    )
    def test_no_other_spelling_is_a_pass(self, text: str) -> None:
        """AC-03: lower case, padding, blanks, trailing bytes, other encodings."""
        assert believed(text) is None

    def test_the_padding_bit_of_the_last_letter_must_be_nought(self) -> None:
        """AC-03: 157 letters carry one bit more than 98 bytes; setting it spells the same bytes otherwise."""
        other = TEXT[:-1] + ALPHABET[ALPHABET.index(TEXT[-1]) | 1]
        assert other != TEXT
        assert base64.b32decode(other[3:] + "===") == TOKEN
        assert parse(other) is None

    @given(st.text(max_size=300) | st.text(alphabet=ALPHABET, min_size=157, max_size=157).map("PV1".__add__))
    def test_no_text_that_was_not_signed_is_believed(self, text: str) -> None:
        """AC-03: and none of them is an error."""
        assert believed(text) is None

    @given(claims, st.binary(min_size=64, max_size=64))
    def test_well_formed_claims_need_a_signature(self, made: PassClaims, signature: bytes) -> None:
        """AC-03"""
        parsed = parse(sign(made, OLD_KEY))
        assert parsed is not None
        assert verify(type(parsed)(parsed.claims, signature), {made.epoch: UNIT_KEY.public_key()}) is None


class TestSigners:
    def test_only_the_key_of_its_epoch_counts(self) -> None:
        """AC-03: a closed epoch, or a pass signed with another epoch's key, opens nothing."""
        parsed = parse(TEXT)
        assert parsed is not None
        assert verify(parsed, {2: OLD_KEY.public_key()}) is None
        assert verify(parsed, {1: UNIT_KEY.public_key()}) is None
        assert verify(parsed, {}) is None

    def test_two_epochs_are_good_side_by_side_while_keys_rotate(self) -> None:
        """AC-03"""
        older = PassClaims(CLAIMS.key_id, CLAIMS.facility_tag, 1, CLAIMS.not_before, CLAIMS.minutes, CLAIMS.doors)
        assert believed(sign(older, OLD_KEY)) == older
        assert believed(TEXT) == CLAIMS

    def test_a_signature_made_for_another_purpose_is_none(self) -> None:
        """AC-03: what the same key signs elsewhere never is a pass."""
        packed = TOKEN[:34]
        for purpose in (b"", b"portvakt-pass-2\x00", b"portvakt-command-1\x00"):
            assert believed(spelled(packed + UNIT_KEY.sign(purpose + packed))) is None


class TestStrictClaims:
    @pytest.mark.parametrize(
        ("offset", "octets"),
        [(0, b"\x00"), (0, b"\x02"), (27, b"\x00\x00"), (33, b"\x02"), (33, b"\x80")],
        ids=["version 0", "version 2", "no minutes", "flag 2", "flag 128"],
    )
    def test_claims_that_we_do_not_understand_are_no_pass_even_when_signed(self, offset: int, octets: bytes) -> None:
        """AC-03: an unknown flag may be a restriction."""
        packed = bytearray(TOKEN[:34])
        packed[offset : offset + len(octets)] = octets
        signed = bytes(packed) + UNIT_KEY.sign(b"portvakt-pass-1\x00" + bytes(packed))
        assert parse(spelled(signed)) is None

    @pytest.mark.parametrize(
        "wrong",
        [
            {"key_id": "x"},
            {"key_id": CLAIMS.key_id.upper()},
            {"facility_tag": b"abc"},
            {"epoch": 2**16},
            {"epoch": -1},
            {"not_before": 2**32},
            {"not_before": -1},
            {"minutes": 0},
            {"minutes": 2**16},
            {"doors": -1},
            {"doors": 2**32},
        ],
        ids=str,
    )
    def test_claims_that_do_not_fit_cannot_be_made(self, wrong: dict[str, object]) -> None:
        """AC-03"""
        fields = {name: getattr(CLAIMS, name) for name in PassClaims.__slots__} | wrong
        with pytest.raises(ValueError, match=r"pass|tag|epoch"):
            PassClaims(**fields)

    def test_a_thirty_third_door_has_no_number(self) -> None:
        with pytest.raises(ValueError, match="0 to 31"):
            door_mask(frozenset({32}))
