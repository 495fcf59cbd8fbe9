"""Staff passwords: argon2id (RFC 9106), and readable random ones for whoever has none of their own yet.

A hash costs 19 MiB and about a twentieth of a second on a desktop; a unit of 1 GiB can afford eight at once.
"""

import secrets
import unicodedata
from functools import cache
from typing import Final

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from appliance.foundation import crockford

PASSWORD_LIMIT: Final = 1024
RANDOM_CHARACTERS: Final = 16
# A turn more than the least that OWASP's password storage sheet asks for at this memory.
_HASHER: Final = PasswordHasher(time_cost=3, memory_cost=19_456, parallelism=1, hash_len=32, salt_len=16, type=Type.ID)


def hash_password(password: str) -> str:
    """The PHC string of a password, with salt and cost inside. Longer than 1024 characters is a ValueError."""
    if len(password) > PASSWORD_LIMIT:
        raise ValueError(f"a password has at most {PASSWORD_LIMIT} characters")
    return _HASHER.hash(_octets(password))


def verify_password(stored: str | None, password: str) -> bool:
    """Whether a password belongs to a stored hash.

    `stored` is None for a user who does not exist: the answer is no, after the same work as for one who does, so that
    the time of an answer tells nobody which users there are.
    """
    candidate = _octets(password[:PASSWORD_LIMIT])
    try:
        _HASHER.verify(_nobodys_hash() if stored is None else stored, candidate)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None and len(password) <= PASSWORD_LIMIT


def needs_rehash(stored: str) -> bool:
    """Whether a hash was made at another cost than today's, and should be made again at the next sign-in."""
    return _HASHER.check_needs_rehash(stored)


def same_password(one: str, other: str) -> bool:
    """Whether two typed passwords are one and the same, however their letters are spelt."""
    return _octets(one) == _octets(other)


def random_password() -> str:
    """A fresh random password of 80 bits, such as `K7QF-29ZM-4TXR-8BCD`."""
    return crockford.encoded(secrets.randbits(crockford.BITS_PER_CHARACTER * RANDOM_CHARACTERS), RANDOM_CHARACTERS)


def _octets(password: str) -> bytes:
    """One spelling for a password typed on two machines: å comes as one sign from some, as two from others."""
    return unicodedata.normalize("NFC", password).encode(errors="surrogatepass")


@cache
def _nobodys_hash() -> str:
    return _HASHER.hash(secrets.token_urlsafe(16))
