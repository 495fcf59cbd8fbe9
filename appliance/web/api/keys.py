"""Keys that are bound to something people hold: members' cards and phones (AC-05, AC-06)."""

import base64
import binascii
from typing import NotRequired, TypedDict

from flask import Response, jsonify

from appliance.foundation import cards
from appliance.foundation.cards import CardBits
from appliance.foundation.errors import FieldError, Invalid
from appliance.foundation.i18n import marked
from appliance.foundation.instants import format_instant
from appliance.foundation.refusals import Refusal
from appliance.identity.store import StaffMember
from appliance.keys import rotating
from appliance.keys.cards import CardFormat, CardNumber, card_bits
from appliance.keys.cards_store import MemberCard
from appliance.keys.mobile_keys import spelled
from appliance.keys.one_time_codes import STEP_S
from appliance.keys.store import IssuedKey
from appliance.web.api import key_schemas, schemas, shapes
from appliance.web.api.access import ANYBODY, STAFF
from appliance.web.api.specification import Blueprint
from appliance.web.callers import Caller
from appliance.web.ownership import own_booking
from appliance.web.problems import Forbidden, refusal
from appliance.web.revoking import revocation
from appliance.web.unit import Unit


class CardBody(TypedDict):
    """A card and whose it is, as its schema hands it over."""

    customer: NotRequired[str]
    booking: NotRequired[str]
    bits: NotRequired[str]
    format: NotRequired[str]
    facility_code: NotRequired[int]
    number: NotRequired[int]


class PhoneBody(TypedDict):
    """The public key of a phone, as its schema hands it over."""

    public_key: str


def blueprint(unit: Unit) -> Blueprint:
    """`/cards` and `/bookings/{id}/mobile-keys`."""
    pages = Blueprint("keys", __name__, description="Members' cards and mobile keys")
    _add_cards(pages, unit)
    _add_phones(pages, unit)
    _add_rotating(pages, unit)
    return pages


def _add_cards(pages: Blueprint, unit: Unit) -> None:
    zone = unit.desk.scope.zone

    @pages.post("/cards")
    @pages.open_to(STAFF, unit)
    @pages.arguments(key_schemas.CardRequestSchema())
    @pages.response(201, key_schemas.CardSchema)
    def bind(body: CardBody, who: StaffMember) -> Response:
        """Bind a card to a customer: it opens what their bookings open, from now on and for those they have."""
        bits, customer = _bits(body), body.get("customer") or unit.cards.customer_of(body.get("booking", ""))
        bound = unit.cards.bind(bits, customer or "", f"staff:{who.id}")
        if isinstance(bound, Refusal):
            return refusal(bound, zone)
        return shapes.created(_card(unit, bound.card) | {"in_force": revocation(unit, bound.key_seq)})

    @pages.get("/cards")
    @pages.open_to(STAFF, unit)
    @pages.arguments(key_schemas.CardsQuerySchema(), location="query", as_kwargs=True)
    @pages.response(200, key_schemas.CardsSchema)
    def listed(who: StaffMember, customer: str) -> Response:
        """The cards of one customer or of all. Their numbers are not told: they are kept sealed."""
        return jsonify(cards=[_card(unit, each) for each in unit.cards.listed(customer or None)])

    @pages.post("/cards/<card_id>/block")
    @pages.open_to(STAFF, unit)
    @pages.response(200, key_schemas.CardSchema)
    def block(card_id: str, who: StaffMember) -> Response:
        """Block a card; it opens nothing any more when the answer says `"in_force": "done"`."""
        blocked = unit.cards.block(card_id, f"staff:{who.id}")
        if isinstance(blocked, Refusal):
            return refusal(blocked, zone)
        return jsonify(_card(unit, blocked.card) | {"in_force": revocation(unit, blocked.key_seq)})


def _add_phones(pages: Blueprint, unit: Unit) -> None:
    zone = unit.desk.scope.zone

    @pages.post("/bookings/<booking_id>/mobile-keys")
    @pages.open_to(ANYBODY, unit)
    @pages.arguments(key_schemas.MobileKeyRequestSchema())
    @pages.arguments(schemas.OwnershipSchema(), location="query", as_kwargs=True)
    @pages.response(201, key_schemas.MobileKeySchema)
    def bind(body: PhoneBody, booking_id: str, who: Caller, cancel_code: str, sig: str) -> Response:
        """Bind a phone to a booking by the public key that it made; its private key never leaves it."""
        found = own_booking(unit, who, booking_id, code=cancel_code, sig=sig)
        bound = unit.phones.bind(found.id, _public_key(body["public_key"]), who.actor)
        if isinstance(bound, Refusal):
            return refusal(bound, zone)
        return shapes.created(_phone(unit, bound.key) | {"in_force": revocation(unit, bound.key_seq)})

    @pages.get("/bookings/<booking_id>/mobile-keys")
    @pages.open_to(ANYBODY, unit)
    @pages.arguments(schemas.OwnershipSchema(), location="query", as_kwargs=True)
    @pages.response(200, key_schemas.MobileKeysSchema)
    def listed(booking_id: str, who: Caller, cancel_code: str, sig: str) -> Response:
        """The phones that open for a booking."""
        found = own_booking(unit, who, booking_id, code=cancel_code, sig=sig)
        return jsonify(mobile_keys=[_phone(unit, each) for each in unit.phones.listed(found.id)])

    @pages.delete("/bookings/<booking_id>/mobile-keys/<key_id>")
    @pages.open_to(ANYBODY, unit)
    @pages.arguments(schemas.OwnershipSchema(), location="query", as_kwargs=True)
    @pages.response(200, key_schemas.MobileKeySchema)
    def revoke(booking_id: str, key_id: str, who: Caller, cancel_code: str, sig: str) -> Response:
        """Revoke a phone that was lost; it opens nothing any more when the answer says `"in_force": "done"`."""
        found = own_booking(unit, who, booking_id, code=cancel_code, sig=sig)
        revoked = unit.phones.revoke(found.id, key_id, who.actor)
        if isinstance(revoked, Refusal):
            return refusal(revoked, zone)
        return jsonify(_phone(unit, revoked.key) | {"in_force": revocation(unit, revoked.key_seq)})


def _add_rotating(pages: Blueprint, unit: Unit) -> None:
    zone = unit.desk.scope.zone

    @pages.get("/bookings/<booking_id>/rotating-pass")
    @pages.open_to(ANYBODY, unit)
    @pages.arguments(schemas.OwnershipSchema(), location="query", as_kwargs=True)
    @pages.response(200, key_schemas.RotatingPassSchema)
    def rotating_pass(booking_id: str, who: Caller, cancel_code: str, sig: str) -> Response:
        """The pass whose code changes, for the phone of its owner: staff does not get it."""
        if who.staff is not None:
            raise Forbidden("owner_only", marked("Only the phone of the guest shows this pass."))
        found = own_booking(unit, who, booking_id, code=cancel_code, sig=sig)
        with unit.desk.book.read(unit.desk.scope) as tx:
            shown = unit.issuing.show_rotating(tx, found.id)
        if shown is None or shown.seed is None:
            return refusal(Refusal("no_live_keys"), zone)
        code = {"seed": spelled(shown.seed), "step_s": STEP_S, "digits": rotating.DIGITS}
        return jsonify(shapes.key(shown, zone) | code)


def _bits(body: CardBody) -> CardBits:
    written = body.get("bits")
    if written is not None:
        bits = cards.parse(written)
        if bits is None:
            raise Invalid(FieldError("bits", "malformed", "must be written like 26:2468ACE"))
        return bits
    return card_bits(CardNumber(CardFormat(body["format"]), body.get("facility_code", 0), body["number"]))


def _public_key(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise Invalid(FieldError("public_key", "malformed", "must be base64url")) from None


def _card(unit: Unit, card: MemberCard) -> dict[str, object]:
    bound_at = format_instant(card.bound_at, unit.desk.scope.zone)
    return {"id": card.id, "customer": card.customer_id, "state": card.state, "bound_at": bound_at}


def _phone(unit: Unit, key: IssuedKey) -> dict[str, object]:
    zone = unit.desk.scope.zone
    return {
        "id": key.id,
        "valid_from": format_instant(key.window.start, zone),
        "valid_to": format_instant(key.window.end, zone),
        "doors": list(key.doors),
    }
