"""Signing in and out over the API: an HttpOnly cookie and the CSRF token that goes with it."""

from typing import NotRequired, TypedDict

from flask import Response, jsonify
from flask_smorest import Blueprint

from appliance.foundation.refusals import Refusal
from appliance.identity.csrf import csrf_token
from appliance.web.api import schemas
from appliance.web.callers import session_token, staff
from appliance.web.cookies import forget_session, remember_session
from appliance.web.problems import refusal
from appliance.web.unit import Unit


class SignInBody(TypedDict):
    """A sign-in, as its schema hands it over."""

    user: str
    password: str
    code: NotRequired[str]


def blueprint(unit: Unit) -> Blueprint:
    """`/session`."""
    pages = Blueprint("session", __name__, description="Staff sessions")

    @pages.post("/session")
    @pages.arguments(schemas.SignInSchema())
    @pages.response(200, schemas.SessionSchema)
    def sign_in(body: SignInBody) -> Response:
        """Sign in; the session lasts twelve hours, two of them idle."""
        signed_in = unit.signing_in.sign_in(body["user"], body["password"])
        if isinstance(signed_in, Refusal):
            return refusal(signed_in, unit.desk.scope.zone)
        answer = jsonify(
            user=signed_in.member.user,
            role=signed_in.member.role,
            csrf_token=csrf_token(signed_in.token),
            must_change_password=signed_in.member.one_time,
        )
        remember_session(answer, signed_in.token, unit)
        return answer

    @pages.delete("/session")
    @pages.response(204)
    def sign_out() -> Response:
        """Sign out."""
        staff(unit)
        unit.signing_in.sign_out(session_token())
        answer = Response(status=204)
        forget_session(answer)
        return answer

    return pages
