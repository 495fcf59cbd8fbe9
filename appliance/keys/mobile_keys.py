"""Mobile keys: a key pair made on the phone signs a fresh challenge of the door (AC-05).

    answer     "PM1" "." challenge "." key id "." signature; challenge and signature in base64url without padding
    signature  64 bytes over "portvakt-mobile-1", a zero byte, challenge, door id and key id, 16 bytes each
    public key ECDSA on P-256 with SHA-256 (65 bytes, SEC 1 uncompressed, signature r and s), or Ed25519 (32 bytes,
               RFC 8032): what a browser's WebCrypto makes and exports as `raw`

An answer is good at one door, for one key, once. It proves that the phone answered in time, not that it stood there.
"""

import base64
import binascii
import re
import uuid
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from appliance.foundation.ids import is_id
from appliance.foundation.signatures import signature_holds

CHALLENGE_BYTES: Final = 16
CHALLENGE_S: Final = 45
P256_BYTES: Final = 65
ED25519_BYTES: Final = 32
_SIGNATURE_BYTES: Final = 64
_DOMAIN: Final = b"portvakt-mobile-1\x00"
_ANSWER: Final = re.compile(r"PM1\.([A-Za-z0-9_-]{22})\.([0-9a-f-]{36})\.([A-Za-z0-9_-]{86})")


@dataclass(frozen=True, slots=True)
class ChallengeAnswer:
    """What a phone answered. Nothing in it may be believed before `answer_holds`."""

    challenge: bytes
    key_id: str
    signature: bytes


def spelled(part: bytes) -> str:
    """Bytes in base64url without padding (RFC 4648 section 5)."""
    return base64.urlsafe_b64encode(part).decode().rstrip("=")


def parse_answer(text: str) -> ChallengeAnswer | None:
    """Read an answer; None for anything but its one spelling."""
    match = _ANSWER.fullmatch(text)
    if match is None or not is_id(match[2]):
        return None
    challenge, signature = _read(match[1]), _read(match[3])
    if challenge is None or signature is None:
        return None
    return ChallengeAnswer(challenge, match[2], signature)


def signed_message(challenge: bytes, door_id: str, key_id: str) -> bytes:
    """What a phone signs for one challenge of one door with one key."""
    return _DOMAIN + challenge + uuid.UUID(door_id).bytes + uuid.UUID(key_id).bytes


def answer_holds(public_key: bytes, answer: ChallengeAnswer, door_id: str) -> bool:
    """Whether the holder of a public key gave this answer for this door. False for a key that is none."""
    message = signed_message(answer.challenge, door_id, answer.key_id)
    if len(public_key) == ED25519_BYTES:
        return signature_holds(Ed25519PublicKey.from_public_bytes(public_key), message, answer.signature)
    return p256_holds(public_key, message, answer.signature)


def is_public_key(public_key: bytes) -> bool:
    """Whether some bytes are a public key that `answer_holds` can check with: for P-256, a point on the curve."""
    return len(public_key) == ED25519_BYTES or _point(public_key) is not None


def p256_holds(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether an ECDSA signature on P-256 with SHA-256 holds (FIPS 186-5), as r and s of 32 bytes each."""
    point = _point(public_key)
    if point is None or len(signature) != _SIGNATURE_BYTES:
        return False
    r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
    try:
        point.verify(encode_dss_signature(r, s), message, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def _point(public_key: bytes) -> ec.EllipticCurvePublicKey | None:
    if len(public_key) != P256_BYTES:
        return None
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public_key)
    except ValueError:
        return None


def _read(text: str) -> bytes | None:
    try:
        part = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return None
    return part if spelled(part) == text else None
