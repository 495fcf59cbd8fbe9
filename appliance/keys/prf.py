"""The keyed functions behind everything that is derived from a secret: of a booking, or for one purpose."""

import hashlib
import hmac

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def booking_number(site_secret: bytes, purpose: bytes, booking_id: str, counter: int) -> int:
    """256 bits that only the holder of the site secret can tell: HMAC-SHA-256 (RFC 2104) of purpose, booking, counter.

    `purpose` keeps uses apart and must not hold a zero byte; `counter` has 32 bits. No two inputs share a message.
    """
    booking = booking_id.encode()
    message = purpose + b"\x00" + len(booking).to_bytes(2) + booking + counter.to_bytes(4)
    return int.from_bytes(mac(site_secret, message))


def mac(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA-256 (RFC 4231 has its test vectors), 32 bytes."""
    return hmac.digest(key, message, hashlib.sha256)


def hkdf(secret: bytes, purpose: bytes, length: int = 32, salt: bytes = b"") -> bytes:
    """`length` bytes for one purpose out of a secret: HKDF-SHA-256 (RFC 5869), at most 8160. More is a ValueError."""
    return HKDF(hashes.SHA256(), length, salt or None, purpose).derive(secret)
