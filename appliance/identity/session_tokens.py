"""Bearer tokens of sessions and devices: 256 random bits, known in full only to their holder, stored as a digest.

A plain digest is enough: nobody can try 2**256 tokens, so that there is nothing a salt or a slow hash would add.
"""

import hashlib
import re
import secrets
from typing import Final

TOKEN_BYTES: Final = 32
_SHAPE: Final = re.compile(r"[A-Za-z0-9_-]{43}")


def new_token() -> str:
    """A fresh token: 43 characters that may stand in a cookie, a header and an address."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def is_token(text: str) -> bool:
    """Whether `text` has the shape of a token; anything else need not be looked up."""
    return _SHAPE.fullmatch(text) is not None


def token_digest(token: str) -> bytes:
    """The 32 bytes of SHA-256 under which a token is stored and found."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()
