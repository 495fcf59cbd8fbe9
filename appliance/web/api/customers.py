"""The register, for staff (BM-05, DY-27), and what the doors know of one customer: told, or forgotten (AC-21)."""

from collections.abc import Mapping
from typing import Any

import marshmallow as ma
from flask import Response, jsonify

from appliance.booking import answer_store
from appliance.customers import register_store, registering
from appliance.customers.register_store import Customer, CustomerStatus
from appliance.customers.registering import WishedCard
from appliance.customers.store import is_enrolled
from appliance.foundation.instants import format_instant
from appliance.identity.store import StaffMember
from appliance.keys.people import reasons_to_enter
from appliance.storage.unit_of_work import Transaction
from appliance.storage.versioned import ChangedMeanwhile
from appliance.web.api.access import STAFF
from appliance.web.api.beside import told_answers
from appliance.web.api.complaints import Asked, one_of
from appliance.web.api.editing import changed_meanwhile
from appliance.web.api.fields import TrueOrFalse, counted
from appliance.web.api.schemas import CustomerSchema
from appliance.web.api.shapes import created
from appliance.web.api.specification import Blueprint
from appliance.web.problems import NotFound
from appliance.web.revoking import in_force
from appliance.web.unit import Unit


class CursorSchema(Asked):
    """Where the page before ended."""

    cursor = ma.fields.String(load_default="", validate=ma.validate.Length(max=60))


class RegisterCardSchema(Asked):
    """A customer, where they stand, and which of the addresses are known to be theirs."""

    customer = ma.fields.Nested(CustomerSchema, required=True)
    status = ma.fields.String(validate=one_of(*(str(status) for status in CustomerStatus)))
    email_verified = TrueOrFalse()
    phone_verified = TrueOrFalse()


class ChangedRegisterCardSchema(RegisterCardSchema):
    """The same, and the version that was looked at."""

    version = counted(1, 2**31, required=True)


def blueprint(unit: Unit) -> Blueprint:
    """`/customers`."""
    pages = Blueprint("customers", __name__, description="What is known of people who book")
    zone = unit.desk.scope.zone

    @pages.get("/customers/<customer>/records")
    @pages.open_to(STAFF, unit)
    @pages.alt_response(200, description="Door records, oldest first")
    def records(customer: str, who: StaffMember) -> Response:
        """Every door record that is still known to be of a customer, oldest first."""
        found = unit.doors.records(_recorded(unit, customer))
        shown = [
            {
                "at": format_instant(each.at, zone),
                "door": each.door_id,
                "verdict": each.verb,
                "reason": each.reason,
                "kind": each.kind,
                "booking": each.booking_id,
            }
            for each in found
        ]
        return jsonify(customer=customer, records=shown)

    @pages.delete("/customers/<customer>/records")
    @pages.open_to(STAFF, unit)
    @pages.alt_response(200, description="How many records were forgotten")
    def forget(customer: str, who: StaffMember) -> Response:
        """Forget that door records are of a customer; refused during a legal hold. Bookings and keys stay."""
        forgotten = unit.doors.forget_records(_recorded(unit, customer), f"staff:{who.id}")
        return jsonify(customer=customer, forgotten=forgotten)

    _add_register(pages, unit)
    _add_answers(pages, unit)
    return pages


def _add_register(pages: Blueprint, unit: Unit) -> None:
    @pages.get("/customers")
    @pages.open_to(STAFF, unit)
    @pages.arguments(CursorSchema(), location="query", as_kwargs=True)
    @pages.alt_response(200, description="The register, a hundred cards a page")
    def register(who: StaffMember, cursor: str) -> Response:
        """The register in the order of enrolment; `cursor` of the answer asks for the next page."""
        found = registering.listed(unit.desk.book, unit.desk.scope, cursor)
        return jsonify(
            customers=[_card(unit, each) for each in found],
            cursor=found[-1].id if len(found) == register_store.PAGE else None,
        )

    @pages.get("/customers/<customer>")
    @pages.open_to(STAFF, unit)
    @pages.alt_response(200, description="A card of the register")
    def card(customer: str, who: StaffMember) -> Response:
        """One customer."""
        found = registering.found(unit.desk.book, unit.desk.scope, customer)
        if found is None:
            raise NotFound
        return jsonify(_card(unit, found))

    @pages.post("/customers")
    @pages.open_to(STAFF, unit)
    @pages.arguments(RegisterCardSchema())
    @pages.alt_response(201, description="The card")
    def add(body: Mapping[str, Any], who: StaffMember) -> Response:
        """Put somebody in the register; a verified address is one that staff know to be theirs (BM-05, DY-27)."""
        entitled = unit.desk.consequences.entitled
        made = registering.add(unit.desk.book, unit.desk.scope, _wished(body), who.actor, entitled)
        return created(_card(unit, made))

    @pages.put("/customers/<customer>")
    @pages.open_to(STAFF, unit)
    @pages.arguments(ChangedRegisterCardSchema())
    @pages.alt_response(200, description="The card")
    def change(body: Mapping[str, Any], customer: str, who: StaffMember) -> Response:
        """Change a card, block or archive a customer; `changed_meanwhile` if somebody was faster.

        Whoever is blocked or archived has no standing keys any more when the answer says `"in_force": "done"`.
        """
        wished, entitled, desk = _wished(body), unit.desk.consequences.entitled, unit.desk
        try:
            made = registering.change(desk.book, desk.scope, customer, wished, body["version"], who.actor, entitled)
        except ChangedMeanwhile as meanwhile:
            return changed_meanwhile(unit, meanwhile)
        if made is None:
            raise NotFound
        return jsonify(_card(unit, made) | {"in_force": in_force(unit)})


def _add_answers(pages: Blueprint, unit: Unit) -> None:
    @pages.get("/customers/<customer>/answers")
    @pages.open_to(STAFF, unit)
    @pages.alt_response(200, description="Answers by booking")
    def answers(customer: str, who: StaffMember) -> Response:
        """Everything that a customer answered to custom fields and that is still kept, booking by booking."""
        with unit.desk.book.read(unit.desk.scope) as tx:
            _require(tx, customer)
            found = answer_store.answers_of_customer(tx, customer)
        shown = [{"booking": booking_id, **told} for booking_id, answer in found for told in told_answers([answer])]
        return jsonify(customer=customer, answers=shown)

    @pages.delete("/customers/<customer>/answers")
    @pages.open_to(STAFF, unit)
    @pages.alt_response(200, description="How many answers were forgotten")
    def forget_answers(customer: str, who: StaffMember) -> Response:
        """Forget everything that a customer answered. The bookings stay."""
        with unit.desk.book.write(unit.desk.scope, f"staff:{who.id}") as tx:
            _require(tx, customer)
            forgotten = answer_store.forget_answers_of(tx, customer)
        return jsonify(customer=customer, forgotten=forgotten)


def _wished(body: Mapping[str, Any]) -> WishedCard:
    verified = body.get("email_verified", False), body.get("phone_verified", False)
    return WishedCard(body["customer"], CustomerStatus(body.get("status", "active")), *verified)


def _card(unit: Unit, card: Customer) -> dict[str, object]:
    contact, zone = card.contact, unit.desk.scope.zone
    return {
        "id": card.id,
        "name": contact.name,
        "email": contact.email,
        "phone": contact.phone,
        "birth_year": contact.birth_year,
        "status": str(card.status),
        "email_verified": card.email_verified_at is not None,
        "phone_verified": card.phone_verified_at is not None,
        "enrolled_at": format_instant(card.created_at, zone),
        "version": card.version,
    }


def _recorded(unit: Unit, customer: str) -> list[str]:
    with unit.desk.book.read(unit.desk.scope) as tx:
        _require(tx, customer)
        return reasons_to_enter(tx, customer)


def _require(tx: Transaction, customer: str) -> None:
    if not is_enrolled(tx, customer):
        raise NotFound
