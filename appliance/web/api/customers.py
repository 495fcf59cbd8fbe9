"""What the doors know of one customer, for staff: told on request, or forgotten (AC-21)."""

from flask import Response, jsonify

from appliance.booking import store
from appliance.customers.store import is_enrolled
from appliance.foundation.instants import format_instant
from appliance.identity.store import StaffMember
from appliance.web.api.access import STAFF
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

    return pages


def _bookings(unit: Unit, customer: str) -> list[str]:
    with unit.desk.book.read(unit.desk.scope) as tx:
        if not is_enrolled(tx, customer):
            raise NotFound
        return store.ids_of_customer(tx, customer)
