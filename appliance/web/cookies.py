"""The cookies of sessions and kiosks: HttpOnly, SameSite, and Secure wherever the public address is."""

from flask import Response

from appliance.identity.store import SESSION_LIFE_S
from appliance.web.callers import SESSION_COOKIE
from appliance.web.unit import Unit


def remember_session(answer: Response, token: str, unit: Unit) -> None:
    """Hand a session token to the browser, out of reach of its scripts."""
    answer.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=SESSION_LIFE_S,
        httponly=True,
        samesite="Strict",
        secure=unit.public_url.startswith("https:"),
    )


def forget_session(answer: Response) -> None:
    """Have the browser forget its session token."""
    answer.delete_cookie(SESSION_COOKIE, httponly=True, samesite="Strict")
