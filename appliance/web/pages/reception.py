"""Who is at a page, and how they sign in: the pages' view of sessions, and its form over the running unit."""

from dataclasses import dataclass
from typing import Protocol

from flask import Response

from appliance.foundation.refusals import Refusal
from appliance.identity.csrf import csrf_token
from appliance.web.callers import caller, session_token
from appliance.web.cookies import forget_session, remember_session
from appliance.web.unit import Unit


@dataclass(frozen=True, slots=True)
class Visitor:
    """A signed-in person. `actor` goes into the journal."""

    actor: str
    name: str


class Reception(Protocol):
    """What a page may ask about the person before it."""

    def visitor(self) -> Visitor | None:
        """Who is signed in; raises Forbidden when a signed-in request changes something without its CSRF token."""

    def csrf_token(self) -> str:
        """The token for this session's forms; empty without a session."""

    def sign_in(self, user: str, password: str, answer: Response) -> Refusal | None:
        """Begin a session and have `answer` carry it; else why not."""

    def sign_out(self, answer: Response) -> None:
        """End the session, here and in the browser."""


class UnitReception:
    """The reception of a running unit."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    def visitor(self) -> Visitor | None:
        member = caller(self._unit).staff
        return Visitor(f"staff:{member.id}", member.user) if member else None

    def csrf_token(self) -> str:
        token = session_token()
        return csrf_token(token) if token else ""

    def sign_in(self, user: str, password: str, answer: Response) -> Refusal | None:
        signed_in = self._unit.signing_in.sign_in(user, password)
        if isinstance(signed_in, Refusal):
            return signed_in
        remember_session(answer, signed_in.token, self._unit)
        return None

    def sign_out(self, answer: Response) -> None:
        token = session_token()
        if token:
            self._unit.signing_in.sign_out(token)
        forget_session(answer)
