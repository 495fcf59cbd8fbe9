"""CSRF tokens: bound to the session by a keyed digest, so that they need no storage and die with it."""

import hashlib
import hmac
from typing import Final

_PURPOSE: Final = b"portvakt-csrf-1"


def csrf_token(session_token: str) -> str:
    """The CSRF token of a session: 64 hexadecimal digits from which the session token cannot be found."""
    return hmac.digest(session_token.encode(errors="surrogatepass"), _PURPOSE, hashlib.sha256).hex()


def csrf_holds(session_token: str, presented: str) -> bool:
    """Whether `presented` is the session's CSRF token, in constant time."""
    return hmac.compare_digest(csrf_token(session_token).encode(), presented.encode(errors="surrogatepass"))
