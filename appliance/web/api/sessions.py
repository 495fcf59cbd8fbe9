"""Staff sessions over the API: an HttpOnly cookie, the CSRF token that goes with it, and the password behind it."""

from typing import NotRequired, TypedDict

from flask import Response, jsonify

from appliance.foundation.refusals import Refusal
from appliance.identity.csrf import csrf_token
from appliance.identity.signing_in import SignedIn
from appliance.identity.store import StaffMember
from appliance.web.api import session_schemas
from appliance.web.api.access import SESSION_OWNER
from appliance.web.api.specification import Blueprint
from appliance.web.callers import session_token
from appliance.web.cookies import forget_session, remember_session
from appliance.web.problems import refusal
from appliance.web.unit import Unit


class SignInBody(TypedDict):
    """A sign-in, as its schema hands it over."""

    user: str
    password: str
    code: NotRequired[str]


class PasswordBody(TypedDict):
    """A change of password, as its schema hands it over."""

    old: str
    new: str


def blueprint(unit: Unit) -> Blueprint:
    """`/session`."""
    pages = Blueprint("session", __name__, description="Staff sessions")

    @pages.post("/session")
    @pages.arguments(session_schemas.SignInSchema())
    @pages.response(200, session_schemas.SessionSchema)
    def sign_in(body: SignInBody) -> Response:
        """Sign in; the session lasts twelve hours, two of them idle.

        With `must_change_password` it can do nothing but change the password and end.
        """
        signed_in = unit.signing_in.sign_in(body["user"], body["password"])
        if isinstance(signed_in, Refusal):
            return refusal(signed_in, unit.desk.scope.zone)
        return _begun(unit, signed_in)

    @pages.post("/session/password")
    @pages.open_to(SESSION_OWNER, unit)
    @pages.arguments(session_schemas.PasswordSchema())
    @pages.response(200, session_schemas.SessionSchema)
    def change_password(body: PasswordBody, who: StaffMember) -> Response:
        """Change one's own password: every session of the member ends, and a new one begins with the answer."""
        changed = unit.signing_in.change_password(who, body["old"], body["new"])
        if isinstance(changed, SignedIn):
            return _begun(unit, changed)
        return refusal(changed[0], unit.desk.scope.zone, *changed[1:])

    @pages.delete("/session")
    @pages.open_to(SESSION_OWNER, unit)
    @pages.response(204)
    def sign_out(who: StaffMember) -> Response:
        """Sign out."""
        unit.signing_in.sign_out(session_token())
        answer = Response(status=204)
        forget_session(answer)
        return answer

    return pages


def _begun(unit: Unit, signed_in: SignedIn) -> Response:
    """The answer that hands a new session over."""
    answer = jsonify(
        user=signed_in.member.user,
        role=signed_in.member.role,
        csrf_token=csrf_token(signed_in.token),
        must_change_password=signed_in.member.one_time,
    )
    remember_session(answer, signed_in.token, unit)
    return answer
