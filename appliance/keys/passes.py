"""QR passes: compact claims under an Ed25519 signature, as text that a scanner cannot mangle (AC-03, BM-25).

    text      "PV1" + base 32 (RFC 4648 section 6, upper case, no padding) of claims + signature: 160 characters
    claims    34 bytes, big-endian: version 1, epoch 2, facility tag 4, key id 16, not before 4, minutes 2, doors 4,
              flags 1
    signature 64 bytes, RFC 8032, over "portvakt-pass-1", a zero byte and the claims

Every pass has exactly one spelling: what does not come out the same when written again is no pass.
"""

import base64
import hashlib
import struct
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from appliance.foundation.ids import is_id
from appliance.foundation.instants import MINUTE, Instant, Interval
from appliance.foundation.signatures import signature_holds

PREFIX: Final = "PV1"
DOORS: Final = 32
MAX_CHARACTERS: Final = 256
_VERSION: Final = 1
_DOMAIN: Final = b"portvakt-pass-1\x00"
_LAYOUT: Final = struct.Struct(">BH4s16sIHIB")
_SIGNATURE_BYTES: Final = 64
_TOKEN_BYTES: Final = _LAYOUT.size + _SIGNATURE_BYTES
_BODY_CHARACTERS: Final = -(-_TOKEN_BYTES * 8 // 5)
_ROTATING_ONLY: Final = 1
_ALPHABET: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_AS_DIGITS: Final = bytes.maketrans(_ALPHABET, b"0123456789abcdefghijklmnopqrstuv")


@dataclass(frozen=True, slots=True)
class PassClaims:
    """What a pass says. Whatever does not fit its field is a ValueError.

    key_id: the key's UUID.
    facility_tag: the first 4 bytes of SHA-256 of the facility's id, see `facility_tag`.
    epoch: number of the signing key, 0 to 65,535.
    not_before: start of the window in UTC seconds, 32 bits. minutes: its length, 1 to 65,535.
    doors: a bit mask; bit n is door number n of the site plan. None at all where its doors have no number: such a pass
    opens only where its key is known.
    rotating_only: the pass is good only together with a rotating code, so that a screenshot opens nothing.
    """

    key_id: str
    facility_tag: bytes
    epoch: int
    not_before: Instant
    minutes: int
    doors: int
    rotating_only: bool = False

    def __post_init__(self) -> None:
        if not is_id(self.key_id):
            raise ValueError("a pass names its key by a UUID in canonical form")
        if len(self.facility_tag) != 4:
            raise ValueError("a facility tag is 4 bytes")
        if not (0 <= self.epoch < 1 << 16 and 0 <= self.not_before < 1 << 32):
            raise ValueError("an epoch has 16 bits and a start 32")
        if not (0 < self.minutes < 1 << 16 and 0 <= self.doors < 1 << DOORS):
            raise ValueError(f"a pass lasts 1 to 65,535 minutes and has {DOORS} bits for doors")

    @property
    def window(self) -> Interval:
        """The real time in which the pass is good."""
        return Interval(self.not_before, self.not_before + self.minutes * MINUTE)

    def opens(self, door_number: int) -> bool:
        """Whether door number `door_number` of the site plan is among its doors."""
        return 0 <= door_number < DOORS and bool(self.doors >> door_number & 1)


@dataclass(frozen=True, slots=True)
class ParsedPass:
    """A pass that is well formed; nothing in it may be believed before `verify`."""

    claims: PassClaims
    signature: bytes


def facility_tag(facility_id: str) -> bytes:
    """The 4 bytes by which a pass names its facility: enough to say "wrong facility", no proof of anything."""
    return hashlib.sha256(facility_id.encode()).digest()[:4]


def door_mask(door_numbers: frozenset[int]) -> int:
    """The bit mask of some door numbers, each 0 to 31; any other is a ValueError."""
    if any(not 0 <= number < DOORS for number in door_numbers):
        raise ValueError(f"door numbers of passes run from 0 to {DOORS - 1}")
    return sum(1 << number for number in door_numbers)


def sign(claims: PassClaims, private_key: Ed25519PrivateKey) -> str:
    """The text of a pass. The same claims and key always give the same text."""
    packed = _packed(claims)
    return _spelled(packed + private_key.sign(_DOMAIN + packed))


def parse(text: str) -> ParsedPass | None:
    """Read the text of a pass; None for anything but the one spelling of well-formed claims and some signature."""
    if len(text) != len(PREFIX) + _BODY_CHARACTERS or not text.startswith(PREFIX) or not text.isascii():
        return None
    token = _token(text.removeprefix(PREFIX).encode())
    claims = None if token is None else _unpacked(token[: _LAYOUT.size])
    return None if token is None or claims is None else ParsedPass(claims, token[_LAYOUT.size :])


def verify(parsed: ParsedPass, public_keys: Mapping[int, Ed25519PublicKey]) -> PassClaims | None:
    """The claims of a pass signed with the key of its epoch; None for an unknown epoch or a wrong signature."""
    public_key = public_keys.get(parsed.claims.epoch)
    if public_key is None or not signature_holds(public_key, _DOMAIN + _packed(parsed.claims), parsed.signature):
        return None
    return parsed.claims


def _packed(claims: PassClaims) -> bytes:
    return _LAYOUT.pack(
        _VERSION,
        claims.epoch,
        claims.facility_tag,
        uuid.UUID(claims.key_id).bytes,
        claims.not_before,
        claims.minutes,
        claims.doors,
        _ROTATING_ONLY if claims.rotating_only else 0,
    )


def _unpacked(packed: bytes) -> PassClaims | None:
    version, epoch, tag, key, not_before, minutes, doors, flags = _LAYOUT.unpack(packed)
    # A flag of a later version may be a restriction: a door that does not know it must not open.
    if version != _VERSION or flags not in (0, _ROTATING_ONLY):
        return None
    try:
        return PassClaims(str(uuid.UUID(bytes=key)), tag, epoch, not_before, minutes, doors, flags == _ROTATING_ONLY)
    except ValueError:
        return None


def _token(body: bytes) -> bytes | None:
    """The bytes that `_spelled` wrote as `body`; None for any other spelling.

    As one number in base 32, which takes a twentieth of the time of the base64 module, and a guest waits for it.
    """
    if body.translate(None, _ALPHABET):
        return None
    number = int(body.translate(_AS_DIGITS), 32)
    # The last character has bits to spare, and each other value of them would be one more spelling.
    spare = 5 * _BODY_CHARACTERS - 8 * _TOKEN_BYTES
    return None if number & (1 << spare) - 1 else (number >> spare).to_bytes(_TOKEN_BYTES)


def _spelled(token: bytes) -> str:
    return PREFIX + base64.b32encode(token).decode().rstrip("=")
