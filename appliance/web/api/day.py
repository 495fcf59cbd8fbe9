"""The calendar of staff: what is booked, with its extras (DY-70)."""

from datetime import date

import marshmallow as ma
from flask import Response, jsonify

from appliance.booking import store
from appliance.booking.bookings import Booking
from appliance.foundation.instants import day_bounds, format_instant, local_date
from appliance.identity.store import StaffMember
from appliance.web.api import beside, shapes
from appliance.web.api.access import STAFF
from appliance.web.api.complaints import Asked
from appliance.web.api.fields import DateField, MoneySchema
from appliance.web.api.specification import Blueprint
from appliance.web.unit import Unit


class DayQuerySchema(Asked):
    """Which local day; today when left out."""

    day = DateField()


class DayBookingSchema(ma.Schema):
    """A booking as the calendar shows it."""

    id = ma.fields.String(required=True)
    number = ma.fields.String(required=True)
    status = ma.fields.String(required=True)
    service = ma.fields.String(required=True)
    customer = ma.fields.String(required=True, allow_none=True)
    start = ma.fields.String(required=True)
    end = ma.fields.String(required=True)
    resources = ma.fields.List(ma.fields.String(), required=True)
    quantity = ma.fields.Integer(required=True)
    price = ma.fields.Nested(MoneySchema, required=True)
    extras = ma.fields.List(ma.fields.Nested(beside.BookedExtraSchema), required=True)


class DaySchema(ma.Schema):
    """Everything that is booked to begin on one day, in order."""

    day = ma.fields.String(required=True)
    bookings = ma.fields.List(ma.fields.Nested(DayBookingSchema), required=True)


def blueprint(unit: Unit) -> Blueprint:
    """`/calendar`."""
    pages = Blueprint("day", __name__, description="What is booked, day by day")
    zone = unit.desk.scope.zone

    @pages.get("/calendar")
    @pages.open_to(STAFF, unit)
    @pages.arguments(DayQuerySchema(), location="query", as_kwargs=True)
    @pages.response(200, DaySchema)
    def calendar(who: StaffMember, day: date | None = None) -> Response:
        """The bookings that begin on one local day, with their extras; those that were cancelled too."""
        wanted = day or local_date(unit.clock.now(), zone)
        with unit.desk.book.read(unit.desk.scope) as tx:
            found = store.within(tx, day_bounds(wanted, zone))
        return jsonify(day=wanted.isoformat(), bookings=[_shown(unit, each) for each in found])

    return pages


def _shown(unit: Unit, booked: Booking) -> dict[str, object]:
    zone = unit.desk.scope.zone
    return {
        "id": booked.id,
        "number": booked.number,
        "status": str(booked.status),
        "service": booked.service_id,
        "customer": booked.customer_id,
        "start": format_instant(booked.interval.start, zone),
        "end": format_instant(booked.interval.end, zone),
        "resources": list(booked.resource_ids),
        "quantity": booked.quantity,
        "price": shapes.money(booked.price),
        "extras": beside.told_extras(booked.extras),
    }
