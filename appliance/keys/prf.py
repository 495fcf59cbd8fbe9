"""The one keyed function behind everything that is derived from a booking and the site secret."""

import hashlib
import hmac


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
