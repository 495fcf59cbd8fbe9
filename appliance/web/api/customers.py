"""What the doors know of one customer, for staff: told on request, or forgotten (AC-21)."""

from flask import Response, jsonify

from appliance.booking import answer_store, store
from appliance.customers.store import is_enrolled
from appliance.foundation.instants import format_instant
from appliance.identity.store import StaffMember
from appliance.storage.unit_of_work import Transaction
from appliance.web.api.access import STAFF
from appliance.web.api.beside import told_answers
from appliance.web.api.specification import Blueprint
from appliance.web.problems import NotFound
from appliance.web.unit import Unit


def blueprint(unit: Unit) -> Blueprint:
    """`/customers`."""
    pages = Blueprint("customers", __name__, description="What is known of people who book")
    zone = unit.desk.scope.zone

    @pages.get("/customers/<customer>/records")
    @pages.open_to(STAFF, unit)
    @pages.alt_response(200, description="Door records, oldest first")
    def records(customer: str, who: StaffMember) -> Response:
        """Every door record that is still known to be of a customer, oldest first."""
        found = unit.doors.records(_bookings(unit, customer))
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
        forgotten = unit.doors.forget_records(_bookings(unit, customer), f"staff:{who.id}")
        return jsonify(customer=customer, forgotten=forgotten)

    _add_answers(pages, unit)
    return pages


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


def _bookings(unit: Unit, customer: str) -> list[str]:
    with unit.desk.book.read(unit.desk.scope) as tx:
        _require(tx, customer)
        return store.ids_of_customer(tx, customer)


def _require(tx: Transaction, customer: str) -> None:
    if not is_enrolled(tx, customer):
        raise NotFound
