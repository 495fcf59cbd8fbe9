"""Every no as `application/problem+json` (RFC 9457): one table from refusals and faults to status and sentence.

Titles and the messages of fields are in the caller's language; `code` is what a program goes by.
"""

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
from appliance.foundation.i18n import marked, text
from appliance.foundation.instants import MINUTE, format_instant
from appliance.foundation.refusals import Refusal
from appliance.identity.signing_in import SENTENCES as SIGN_IN_SENTENCES
from appliance.web.speaking import language

PROBLEM = "application/problem+json"
_log = logging.getLogger(__name__)

_OWN_SENTENCES = {
    "hold_gone": marked("The time is no longer held for you. Choose a time again."),
    "unknown_booking": marked("There is no such booking."),
    "unknown_session": marked("There is no such class meeting any more."),
    "no_conflict": marked("This booking fits as it is."),
    "unknown_service": marked("There is no such service."),
    "not_cancellable": marked("This booking cannot be cancelled any more."),
    "not_extendable": marked("This booking cannot be made longer any more."),
    "not_restorable": marked("Only a cancelled booking whose time is still to come can be restored."),
    "not_movable": marked("This booking cannot be moved any more."),
    "not_begun": marked("You can check out once your time has begun."),
    "already_ended": marked("This booking is over."),
    "series_not_whole": marked("Not every date of this series can be booked, so none was."),
    "unknown_customer": marked("There is no such customer."),
    "entitlement_not_held": marked("You hold no such card or subscription."),
    "entitlement_not_for_this": marked("Your card or subscription is not for this service."),
    "entitlement_not_begun": marked("Your card or subscription is not good for this time yet."),
    "entitlement_ended": marked("Your card or subscription is not good for this time any more."),
    "entitlement_week_full": marked("Your subscription is used up for this week."),
    "entitlement_month_full": marked("Your subscription is used up for this month."),
    "no_clips_left": marked("There are not enough clips left on the card."),
    "not_clips": marked("This is a subscription: it has no clips."),
    "unknown_entitlement": marked("There is no such card or subscription."),
    "invoice_not_allowed": marked("This customer may not be sent an invoice."),
    "credit_used_up": marked("This customer has too much to pay already."),
    "nothing_owed": marked("So much is not owed for this booking."),
    "not_payable": marked("This booking cannot be paid any more."),
    "unknown_purchase": marked("There is no such purchase."),
    "purchase_paid": marked("This is paid already."),
    "purchase_closed": marked("This purchase was cancelled or refunded."),
    "purchase_not_paid": marked("Only what was paid can be refunded."),
    "purchase_used": marked("It has paid for bookings already."),
    "unknown_card": marked("There is no such card."),
    "card_taken": marked("This card is somebody else's. Block it there first."),
    "unknown_phone": marked("There is no such phone on this booking."),
    "too_many_phones": marked("Five phones open for this booking already. Remove one first."),
    "no_live_keys": marked("This booking opens no door."),
    "unknown_door": marked("There is no such door."),
    "no_waiting_list": marked("Nobody can wait for this: no waiting list is kept."),
    "not_full": marked("There is a place: book it."),
    "waits_already": marked("You wait for this already."),
    "not_waiting": marked("This does not wait any more."),
    "clock_unknown": marked("The unit does not know what time it is, so nothing can be booked just now."),
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
    "unknown_session": 404,
    "no_conflict": 409,
    "not_cancellable": 409,
    "not_movable": 409,
    "not_restorable": 409,
    "not_extendable": 409,
    "not_begun": 409,
    "series_not_whole": 409,
    "series_not_offered": 422,
    "chain_not_offered": 422,
    "visit_too_long": 422,
    "so_many_in_a_row_not_offered": 422,
    "already_ended": 409,
    "unknown_customer": 422,
    "no_clips_left": 409,
    "not_clips": 409,
    "unknown_entitlement": 404,
    "nothing_owed": 409,
    "not_payable": 409,
    "unknown_purchase": 404,
    "purchase_paid": 409,
    "purchase_closed": 409,
    "purchase_not_paid": 409,
    "purchase_used": 409,
    "unknown_card": 404,
    "card_taken": 409,
    "unknown_phone": 404,
    "too_many_phones": 409,
    "no_live_keys": 409,
    "unknown_door": 404,
    "not_full": 409,
    "waits_already": 409,
    "not_waiting": 409,
    "clock_unknown": 503,
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
    "unknown_customer": "customer",
    "password_too_short": "new",
    "password_too_long": "new",
    "password_unchanged": "new",
    "duration_not_offered": "duration",
    "quantity_not_offered": "quantity",
    "resource_not_offered": "resource",
    "off_grid": "start",
    "in_the_past": "start",
    "series_not_offered": "service",
    "chain_not_offered": "legs",
    "visit_too_long": "legs",
    "so_many_in_a_row_not_offered": "count",
}


NOT_ACCEPTED = marked("Some of this cannot be accepted as it is.")
_NOTHING_HERE = marked("There is nothing here.")
_UNREADABLE = marked("This request cannot be read.")
_WENT_WRONG = marked("Something went wrong here. It was noted; please try again.")
_HTTP_SENTENCES = {
    400: _UNREADABLE,
    404: _NOTHING_HERE,
    405: marked("This address does not take this method."),
    413: marked("This is too large."),
    415: marked("Send the body as JSON, with the header Content-Type: application/json."),
}
# What the door process says in English, by its code.
_DOOR_SENTENCES = {
    "no_such_door": marked("There is no such door."),
    "no_such_output": marked("There is no such output."),
    "not_offered": marked("This door has no mobile keys yet."),
    "malformed": marked("This does not fit here."),
    "taken": marked("Another presentation had the same id."),
}


class Unauthorised(Exception):
    """No credential, or one that is not good for this; `scheme` says what to bring."""

    def __init__(self, scheme: str) -> None:
        super().__init__(scheme)
        self.scheme = scheme


class Forbidden(Exception):
    """The credential is good, but not for this; `code` says why, and the marked `sentence` to people."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


class MustChangePassword(Forbidden):
    """The session is good, but its password was for one time and has to be changed first."""

    def __init__(self) -> None:
        super().__init__(
            "must_change_password",
            marked(
                "This password was for one time. Change it first, at /password or with POST /api/v1/session/password."
            ),
        )


class NotFound(Exception):
    """There is nothing here for this caller."""


def problem(status: int, code: str, title: str, *, errors: Iterable[FieldError] = (), **members: object) -> Response:
    """A problem document with a marked `title`; `members` are further members of it."""
    return _document(status, code, text(language(), title), errors, members)


def refusal(refused: Refusal, zone: ZoneInfo, *others: Refusal) -> Response:
    """A refusal as a problem: its reason, a sentence, and when it would pass.

    `others` stand against the same wish; they are listed among the errors.
    """
    spoken = language()
    errors = [
        FieldError(_FIELD[each.reason], each.reason, sentence(each, spoken, zone))
        for each in (refused, *others)
        if each.reason in _FIELD
    ]
    passes_at = None if refused.passes_at is None else format_instant(refused.passes_at, zone)
    status, title = _STATUS.get(refused.reason, 403), sentence(refused, spoken, zone)
    answer = _document(status, refused.reason, title, errors, {"reason": refused.reason, "passes_at": passes_at})
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
    return problem(500, "bug", _WENT_WRONG)


def _document(
    status: int, code: str, title: str, errors: Iterable[FieldError], members: Mapping[str, object]
) -> Response:
    spoken = language()
    body: dict[str, object] = {"type": "about:blank", "title": title, "status": status, "code": code, **members}
    body["errors"] = [{"field": error.field, "code": error.code, "message": error.told(spoken)} for error in errors]
    answer = Response(json.dumps(body, ensure_ascii=False), status, content_type=PROBLEM)
    answer.content_language.add(spoken)
    return answer


def _shown(refused: Refusal, zone: ZoneInfo) -> str:
    if refused.passes_at is None:
        return ""
    # Up to the next whole minute: who comes back at the time that stands there must not be refused again.
    return datetime.fromtimestamp(-(-refused.passes_at // MINUTE) * MINUTE, zone).strftime("%H:%M")


def _invalid(fault: Exception) -> Response:
    errors = fault.errors if isinstance(fault, Invalid) else ()
    return problem(422, "invalid", NOT_ACCEPTED, errors=errors)


def _http(fault: Exception) -> Response:
    status = (fault.code if isinstance(fault, HTTPException) else None) or 500
    name = fault.name if isinstance(fault, HTTPException) else "error"
    title = _HTTP_SENTENCES.get(status, _WENT_WRONG if status >= 500 else _UNREADABLE)
    answer = problem(status, name.lower().replace(" ", "_"), title)
    if isinstance(fault, HTTPException):
        for name, value in fault.get_headers():
            if name.lower() in ("allow", "retry-after", "location"):
                answer.headers[name] = value
    return answer


def _unauthorised(fault: Exception) -> Response:
    answer = problem(401, "unauthorised", marked("This needs a credential that is good here."))
    answer.headers["WWW-Authenticate"] = fault.scheme if isinstance(fault, Unauthorised) else "Bearer"
    return answer


def _forbidden(fault: Exception) -> Response:
    known = fault if isinstance(fault, Forbidden) else Forbidden("forbidden", _NOTHING_HERE)
    return problem(403, known.code, known.sentence)


def _door_refused(fault: Exception) -> Response:
    wrong = fault if isinstance(fault, DoorRefused) else DoorRefused("", str(fault))
    if wrong.code == "not_offered":
        return problem(409, wrong.code, _DOOR_SENTENCES[wrong.code])
    if wrong.code in ("no_such_door", "no_such_output"):
        return problem(404, "not_found", _DOOR_SENTENCES[wrong.code])
    errors = [FieldError(wrong.field, wrong.code, _DOOR_SENTENCES.get(wrong.code, wrong.message))]
    return problem(422, "invalid", NOT_ACCEPTED, errors=errors)


def _busy(_fault: Exception) -> Response:
    answer = problem(503, "busy", marked("The unit is busy. Try again in a moment."))
    answer.headers["Retry-After"] = "1"
    return answer


_FAULTS = {
    Invalid: _invalid,
    IdempotencyConflict: lambda _fault: problem(
        409, "idempotency_conflict", marked("This Idempotency-Key was used with another body. Make a new one.")
    ),
    Unauthorised: _unauthorised,
    Forbidden: _forbidden,
    NotFound: lambda _fault: problem(404, "not_found", _NOTHING_HERE),
    DoorUnreachable: lambda _fault: problem(
        503, "door_process_away", marked("The doors do not answer. Ask for help on site.")
    ),
    DoorRefused: _door_refused,
    Retryable: _busy,
    # What a person must do stands in the fault's own words, which are for whoever runs the unit.
    NeedsAttention: lambda fault: problem(
        503, "needs_attention", marked("This cannot go on until somebody has seen to the unit."), detail=str(fault)
    ),
    # Only JSON that nests deeper than Python's stack goes so deep: bad input like any other.
    RecursionError: lambda _fault: problem(400, "bad_request", marked("This is nested too deep.")),
    HTTPException: _http,
}
