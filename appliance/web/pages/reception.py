"""Who is at a page, and how they sign in and change their password: sessions as pages see them, over a unit."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from zoneinfo import ZoneInfo

from flask import Response

from appliance.foundation.refusals import Refusal
from appliance.identity.csrf import csrf_token
from appliance.identity.signing_in import SignedIn
from appliance.identity.store import StaffMember
from appliance.web.callers import caller, owned_session, session_owner, session_token
from appliance.web.cookies import forget_session, remember_session
from appliance.web.unit import Unit


@dataclass(frozen=True, slots=True)
class Visitor:
    """A signed-in person. `actor` goes into the journal; `must_change`: the password was for one time."""

    actor: str
    name: str
    must_change: bool = False


class Reception(Protocol):
    """What a page may ask about the person before it."""

    @property
    def zone(self) -> ZoneInfo:
        """The facility's own, in which times are told."""

    def visitor(self) -> Visitor | None:
        """Who is signed in; raises Forbidden when a signed-in request changes something without its CSRF token.

        Raises MustChangePassword for somebody who has to do that first.
        """

    def owner(self) -> Visitor | None:
        """The same, also for somebody who must change the password: only to do that, and to sign out."""

    def names(self) -> Mapping[str, str]:
        """What each member of staff is called, by the actor that stands in journals."""

    def csrf_token(self) -> str:
        """The token for this session's forms; empty without a session."""

    def sign_in(self, user: str, password: str, answer: Response) -> Refusal | None:
        """Begin a session and have `answer` carry it; else why not."""

    def change_password(self, old: str, new: str, repeated: str, answer: Response) -> tuple[Refusal, ...]:
        """Replace the password, end every session and have `answer` carry a new one; else all that is wrong."""

    def sign_out(self, answer: Response) -> None:
        """End the session, here and in the browser."""


class UnitReception:
    """The reception of a running unit."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    @property
    def zone(self) -> ZoneInfo:
        return self._unit.desk.scope.zone

    def visitor(self) -> Visitor | None:
        return _visitor(caller(self._unit).staff)

    def owner(self) -> Visitor | None:
        return _visitor(session_owner(self._unit))

    def names(self) -> Mapping[str, str]:
        return self._unit.signing_in.names()

    def csrf_token(self) -> str:
        token = session_token()
        return csrf_token(token) if token else ""

    def sign_in(self, user: str, password: str, answer: Response) -> Refusal | None:
        signed_in = self._unit.signing_in.sign_in(user, password)
        if isinstance(signed_in, Refusal):
            return signed_in
        remember_session(answer, signed_in.token, self._unit)
        return None

    def change_password(self, old: str, new: str, repeated: str, answer: Response) -> tuple[Refusal, ...]:
        changed = self._unit.signing_in.change_password(owned_session(self._unit), old, new, repeated)
        if not isinstance(changed, SignedIn):
            return changed
        remember_session(answer, changed.token, self._unit)
        return ()

    def sign_out(self, answer: Response) -> None:
        token = session_token()
        if token:
            self._unit.signing_in.sign_out(token)
        forget_session(answer)


def _visitor(member: StaffMember | None) -> Visitor | None:
    return Visitor(f"staff:{member.id}", member.user, member.one_time) if member else None
