"""One-time codes: HOTP of RFC 4226 and TOTP of RFC 6238, the arithmetic behind derived PINs and rotating passes.

A few lines of our own, because a door tries some hundred counters for one PIN: pyotp, which the tests hold beside it,
takes three times as long.
"""

import hmac
from collections.abc import Iterable, Iterator
from typing import Final, Literal, TypeAlias

from appliance.foundation.instants import Instant

Hash: TypeAlias = Literal["sha1", "sha256", "sha512"]

STEP_S: Final = 30


def hotp(secret: bytes, counter: int, digits: int, algorithm: Hash = "sha1") -> str:
    """The code of one counter (RFC 4226 section 5.3), 1 to 9 digits. A counter beyond 64 bits is an OverflowError."""
    return f"{truncated(secret, counter, algorithm) % 10**digits:0{digits}}"


def truncated(secret: bytes, counter: int, algorithm: Hash = "sha1") -> int:
    """The 31 bits that a code is reduced from: dynamic truncation (RFC 4226 section 5.3)."""
    return next(truncated_each(secret, (counter,), algorithm))


def truncated_each(secret: bytes, counters: Iterable[int], algorithm: Hash = "sha1") -> Iterator[int]:
    """The same for many counters, in their order."""
    digest_of, number_of = hmac.digest, int.from_bytes
    for counter in counters:
        digest = digest_of(secret, counter.to_bytes(8), algorithm)
        offset = digest[-1] & 15
        yield number_of(digest[offset : offset + 4]) & 0x7FFFFFFF


def step(now: Instant) -> int:
    """The number of the 30 seconds that an instant lies in (RFC 6238 section 4.2)."""
    return now // STEP_S
