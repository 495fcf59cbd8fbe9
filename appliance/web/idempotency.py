"""Requests that name themselves: a POST with an `Idempotency-Key` is carried out once, however often it is sent."""

from flask import request

from appliance.booking import idempotency_store
from appliance.booking.idempotency_store import Request
from appliance.foundation.errors import FieldError, Invalid
from appliance.foundation.i18n import marked
from appliance.identity.store import StaffMember
from appliance.web.callers import Caller

HEADER = "Idempotency-Key"
_KEY_LIMIT = 200
_KEY_LENGTH = marked("Write a key of 1 to {most} characters.")


# OpenAPI 3.1, parameter object.
PARAMETER = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "Names the request: sent again under the same key, it is carried out once and answered the same.",
    "schema": {"type": "string", "minLength": 1, "maxLength": _KEY_LIMIT},
}


def request_of(who: Caller | StaffMember) -> Request | None:
    """The request that is being answered, told by its key, its address and its body; None without a key."""
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not 1 <= len(key) <= _KEY_LIMIT:
        raise Invalid(FieldError(HEADER, "out_of_range", _KEY_LENGTH, {"most": _KEY_LIMIT}))
    # Its schema has read the body; without one there is nothing to read.
    return idempotency_store.request(who.actor, key, request.get_json(silent=True) or {}, request.path)
