"""Checking Ed25519 signatures, in the one way that passes and journals share."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def signature_holds(public_key: Ed25519PublicKey, message: bytes, signature: bytes) -> bool:
    """Whether `signature` is the Ed25519 signature of `message` (RFC 8032 section 5.1.7, no malleable forms)."""
    try:
        public_key.verify(signature, message)
    except InvalidSignature:
        return False
    return True
