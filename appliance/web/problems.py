"""Every no as `application/problem+json` (RFC 9457): one table from refusals and faults to status and sentence."""

import json
import logging
from collections.abc import Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Response, request
from werkzeug.exceptions import HTTPException

from appliance.booking.idempotency_store import IdempotencyConflict
from appliance.booking.reasons import SENTENCES as BOOKING_SENTENCES
from appliance.door_socket.client import DoorRefused, DoorUnreachable
from appliance.foundation.errors import FieldError, Invalid, NeedsAttention, Retryable
from appliance.foundation.i18n import best_language, marked, text
from appliance.foundation.instants import MINUTE, format_instant
from appliance.foundation.refusals import Refusal
from appliance.identity.signing_in import SENTENCES as SIGN_IN_SENTENCES

_log = logging.getLogger(__name__)

_OWN_SENTENCES = {
    "hold_gone": marked("The time is no longer held for you. Choose a time again."),
    "unknown_booking": marked("There is no such booking."),
    "unknown_service": marked("There is no such service."),
    "not_cancellable": marked("This booking cannot be cancelled any more."),
    "not_extendable": marked("This booking cannot be made longer any more."),
    "not_movable": marked("This booking cannot be moved any more."),
    "not_begun": marked("You can check out once your time has begun. Until then, cancel it."),
    "already_ended": marked("This booking is over."),
}
SENTENCES: Mapping[str, str] = {
    **{str(reason): sentence for reason, sentence in BOOKING_SENTENCES.items()},
    **SIGN_IN_SENTENCES,
    **_OWN_SENTENCES,
}

_STATUS = {
    "slot_taken": 409,
    "hold_gone": 409,
    "unknown_booking": 404,
    "unknown_service": 404,
    "not_cancellable": 409,
    "not_movable": 409,
    "not_extendable": 409,
    "not_begun": 409,
    "already_ended": 409,
    "wrong_sign_in": 401,
    "sign_in_locked": 429,
    "password_too_short": 422,
    "password_too_long": 422,
    "password_unchanged": 422,
    "duration_not_offered": 422,
    "quantity_not_offered": 422,
    "resource_not_offered": 422,
    "off_grid": 422,
    "in_the_past": 422,
}
_FIELD = {
    "password_too_short": "new",
    "password_too_long": "new",
    "password_unchanged": "new",
    "duration_not_offered": "duration",
    "quantity_not_offered": "quantity",
    "resource_not_offered": "resource",
    "off_grid": "start",
    "in_the_past": "start",
}


class Unauthorised(Exception):
    """No credential, or one that is not good for this; `scheme` says what to bring."""

    def __init__(self, scheme: str) -> None:
        super().__init__(scheme)
        self.scheme = scheme


class Forbidden(Exception):
    """The credential is good, but not for this; `code` says why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class MustChangePassword(Forbidden):
    """The session is good, but its password was for one time and has to be changed first."""

    def __init__(self) -> None:
        super().__init__(
            "must_change_password",
            "This password was for one time. Change it first, at /password or with POST /api/v1/session/password.",
        )


class NotFound(Exception):
    """There is nothing here for this caller."""


def problem(status: int, code: str, title: str, *, errors: Iterable[FieldError] = (), **members: object) -> Response:
    """A problem document; `members` are further members of it."""
    body: dict[str, object] = {"type": "about:blank", "title": title, "status": status, "code": code, **members}
    body["errors"] = [{"field": error.field, "code": error.code, "message": error.message} for error in errors]
    return Response(json.dumps(body, ensure_ascii=False), status, content_type="application/problem+json")


def refusal(refused: Refusal, zone: ZoneInfo, *others: Refusal) -> Response:
    """A refusal as a problem: its reason, a sentence in the caller's language, and when it would pass.

    `others` stand against the same wish; they are listed among the errors.
    """
    language = best_language(request.headers.get("Accept-Language"))
    errors = [
        FieldError(_FIELD[each.reason], each.reason, sentence(each, language, zone))
        for each in (refused, *others)
        if each.reason in _FIELD
    ]
    passes_at = None if refused.passes_at is None else format_instant(refused.passes_at, zone)
    status, title = _STATUS.get(refused.reason, 403), sentence(refused, language, zone)
    answer = problem(status, refused.reason, title, errors=errors, reason=refused.reason, passes_at=passes_at)
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Session"
    return answer


def sentence(refused: Refusal, language: str, zone: ZoneInfo) -> str:
    """A refusal as a person reads it, with the time of day in `zone` from which it passes, where waiting helps."""
    return text(language, SENTENCES[refused.reason], time=_shown(refused, zone))


def of_fault(fault: Exception) -> Response:
    """The problem that a fault becomes; anything that nobody foresaw is logged with its trace and told as 500."""
    for kind, answer in _FAULTS.items():
        if isinstance(fault, kind):
            return answer(fault)
    _log.error("unforeseen fault in %s %s", request.method, request.path, exc_info=fault)
    return problem(500, "bug", "Something went wrong here. It was noted; please try again.")


def _shown(refused: Refusal, zone: ZoneInfo) -> str:
    if refused.passes_at is None:
        return ""
    # Up to the next whole minute: who comes back at the time that stands there must not be refused again.
    return datetime.fromtimestamp(-(-refused.passes_at // MINUTE) * MINUTE, zone).strftime("%H:%M")


def _invalid(fault: Exception) -> Response:
    errors = fault.errors if isinstance(fault, Invalid) else ()
    return problem(422, "invalid", "Some of this cannot be accepted as it is.", errors=errors)


def _http(fault: Exception) -> Response:
    status = (fault.code if isinstance(fault, HTTPException) else None) or 500
    title = fault.name if isinstance(fault, HTTPException) else "Error"
    answer = problem(status, title.lower().replace(" ", "_"), title)
    if isinstance(fault, HTTPException):
        for name, value in fault.get_headers():
            if name.lower() in ("allow", "retry-after", "location"):
                answer.headers[name] = value
    return answer


def _unauthorised(fault: Exception) -> Response:
    answer = problem(401, "unauthorised", "This needs a credential that is good here.")
    answer.headers["WWW-Authenticate"] = fault.scheme if isinstance(fault, Unauthorised) else "Bearer"
    return answer


def _door_refused(fault: Exception) -> Response:
    wrong = fault if isinstance(fault, DoorRefused) else DoorRefused("", str(fault))
    if wrong.code == "no_such_door":
        return problem(404, "not_found", "There is no such door.")
    errors = [FieldError(wrong.field, wrong.code, wrong.message)]
    return problem(422, "invalid", "Some of this cannot be accepted as it is.", errors=errors)


def _busy(_fault: Exception) -> Response:
    answer = problem(503, "busy", "The unit is busy. Try again in a moment.")
    answer.headers["Retry-After"] = "1"
    return answer


_FAULTS = {
    Invalid: _invalid,
    IdempotencyConflict: lambda fault: problem(409, "idempotency_conflict", str(fault)),
    Unauthorised: _unauthorised,
    Forbidden: lambda fault: problem(403, getattr(fault, "code", "forbidden"), str(fault)),
    NotFound: lambda _fault: problem(404, "not_found", "There is nothing here."),
    DoorUnreachable: lambda _fault: problem(503, "door_process_away", "The doors do not answer. Ask for help on site."),
    DoorRefused: _door_refused,
    Retryable: _busy,
    NeedsAttention: lambda fault: problem(503, "needs_attention", str(fault)),
    # Only JSON that nests deeper than Python's stack goes so deep: bad input like any other.
    RecursionError: lambda _fault: problem(400, "bad_request", "This is nested too deep."),
    HTTPException: _http,
}
