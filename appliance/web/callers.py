"""Who is calling, told from the credential and nothing else; the channel follows from it (DESIGN: rules)."""

from dataclasses import dataclass

from flask import g, has_request_context, request

from appliance.booking.booking_window import Channel
from appliance.foundation.i18n import marked
from appliance.identity.csrf import csrf_holds
from appliance.identity.store import DeviceToken, StaffMember
from appliance.messaging.outbox_store import Voice
from appliance.web.problems import Forbidden, MustChangePassword, Unauthorised
from appliance.web.speaking import language
from appliance.web.unit import Unit

SESSION_COOKIE = "portvakt_session"
CSRF_HEADER = "X-CSRF-Token"
_NO_CSRF = marked("A signed-in request that changes something needs the header X-CSRF-Token.")
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Caller:
    """Where a request comes from. `actor` goes into the journal; `staff` is set for a staff session only."""

    channel: Channel
    actor: str
    staff: StaffMember | None = None


@dataclass(frozen=True, slots=True)
class Presenter:
    """Who presents keys: a reader by its name, at one door or, with None, at all; `kinds` is empty for all kinds."""

    name: str
    door_id: str | None
    kinds: frozenset[str]


def caller(unit: Unit) -> Caller:
    """The caller of this request. Forbidden for a session that writes without its CSRF token.

    MustChangePassword for staff whose password was for one time: whoever asks who calls here cannot forget that.
    """
    found = _known(unit)
    if found.staff is not None and found.staff.one_time:
        raise MustChangePassword
    return found


def staff(unit: Unit) -> StaffMember:
    """The member of staff who calls; Unauthorised for anybody else."""
    return _required(caller(unit).staff)


def session_owner(unit: Unit) -> StaffMember | None:
    """Who is signed in, if anybody, also with a password for one time: only to change it, and to sign out."""
    return _known(unit).staff


def owned_session(unit: Unit) -> StaffMember:
    """The same, Unauthorised when nobody is."""
    return _required(session_owner(unit))


def device(unit: Unit, kind: str) -> DeviceToken:
    """The reader or kiosk whose bearer token came along; Unauthorised without a good one of that kind."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    found = unit.signing_in.device(token.strip()) if scheme.lower() == "bearer" else None
    if found is None or found.kind != kind:
        raise Unauthorised("Bearer")
    return found


def presenter(unit: Unit) -> Presenter:
    """The reader whose bearer token came along, or the phone of whoever holds the signed link of a booking.

    Unauthorised for anybody else.
    """
    if "Authorization" in request.headers:
        token = device(unit, "reader")
        return Presenter(token.name, token.door_id, frozenset())
    booking_id, sig = request.args.get("booking", ""), request.args.get("sig", "")
    if booking_id and sig and unit.links.token_holds(booking_id, sig):
        return Presenter("phone", None, frozenset({"mobile"}))
    raise Unauthorised("Bearer")


def voice() -> Voice:
    """How whoever calls wants to be written to; unknown outside of a request, and of staff, who call for others."""
    if not has_request_context() or session_token():
        return Voice()
    return Voice(language(), g.get("time_zone"))


def session_token() -> str:
    """The session token that came along; empty when there is none."""
    return request.cookies.get(SESSION_COOKIE, "")


def _known(unit: Unit) -> Caller:
    """The caller, worked out once a request."""
    found = g.get("caller")
    if not isinstance(found, Caller):
        found = g.caller = _identified(unit)
    return found


def _required(member: StaffMember | None) -> StaffMember:
    if member is None:
        raise Unauthorised("Session")
    return member


def _identified(unit: Unit) -> Caller:
    token = session_token()
    member = unit.signing_in.member(token) if token else None
    if member is not None:
        if request.method not in SAFE and not csrf_holds(token, _presented_csrf()):
            raise Forbidden("csrf", _NO_CSRF)
        return Caller(Channel.STAFF, f"staff:{member.id}", member)
    if request.headers.get("Authorization", "").lower().startswith("bearer "):
        found = unit.signing_in.device(request.headers["Authorization"][7:].strip())
        if found is not None and found.kind == "kiosk":
            return Caller(Channel.KIOSK, f"kiosk:{found.name}")
    return Caller(Channel.PUBLIC, "public")


def _presented_csrf() -> str:
    return request.headers.get(CSRF_HEADER) or request.form.get("csrf_token", "")
