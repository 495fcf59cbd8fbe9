"""What a page says once after a form was sent and the browser was led on (POST, redirect, GET).

It travels in a cookie that only the session it was left for can read out, so that nobody else puts words in our mouth.
Secrets do not travel this way: what is shown once is shown in the answer to its form.
"""

import base64
import binascii
import hmac
import json
from dataclasses import dataclass
from typing import Final

from flask import Response, request

COOKIE: Final = "portvakt_notice"
PATH: Final = "/admin"
LIFE_S: Final = 60
LIMIT: Final = 600
_PURPOSE: Final = b"portvakt-notice-1"


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence for the person, and whether it tells of something that did not work."""

    words: str
    is_trouble: bool = False


def leave(answer: Response, session: str, notice: Notice, *, secure: bool) -> None:
    """Have the next page of this session say it."""
    body = json.dumps([notice.words[:LIMIT], notice.is_trouble], ensure_ascii=False).encode()
    value = base64.urlsafe_b64encode(_seal(session, body) + body).decode()
    answer.set_cookie(COOKIE, value, LIFE_S, path=_path(), httponly=True, samesite="Strict", secure=secure)


def left(session: str) -> Notice | None:
    """What the last answer left for this session."""
    try:
        raw = base64.urlsafe_b64decode(request.cookies.get(COOKIE, "").encode("ascii"))
    except (UnicodeEncodeError, binascii.Error):
        return None
    seal, body = raw[:32], raw[32:]
    if not body or not hmac.compare_digest(seal, _seal(session, body)):
        return None
    words, is_trouble = json.loads(body)
    return Notice(words, is_trouble)


def forget(answer: Response) -> None:
    """It was said."""
    answer.delete_cookie(COOKIE, path=_path(), httponly=True, samesite="Strict")


def _path() -> str:
    return f"{request.script_root}{PATH}"


def _seal(session: str, body: bytes) -> bytes:
    return hmac.digest(session.encode(errors="surrogatepass"), _PURPOSE + body, "sha256")
