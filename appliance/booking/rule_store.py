"""Booking rules as set-up data that several people edit."""

import json

from sqlalchemy import select

from appliance.booking.rule_document import rule_of, terms
from appliance.booking.rules import BookingRule
from appliance.booking.tables import booking, booking_rule, facility, service
from appliance.storage.statements import Row
from appliance.storage.unit_of_work import Transaction
from appliance.storage.versioned import Kind, Parts

_NO_PARTS: tuple[Parts[BookingRule], ...] = ()


def _row(rule: BookingRule) -> dict[str, object]:
    return {"name": rule.name, "terms": json.dumps(terms(rule), sort_keys=True)}


def _rule(row: Row, _parts: object) -> BookingRule:
    return rule_of(row.id, row.name, json.loads(row.terms))


RULES = Kind("booking_rule", booking_rule, _row, _rule, _NO_PARTS, order=("name", "id"))


def is_rule_used(tx: Transaction, rule_id: str) -> bool:
    """Whether a service, the facility or a booking goes by this rule."""
    here = tx.scope.facility_id
    asked = (
        select(service.c.id).where(service.c.facility_id == here, service.c.rule_id == rule_id),
        select(facility.c.id).where(facility.c.id == here, facility.c.rule_id == rule_id),
        select(booking.c.id).where(booking.c.facility_id == here, booking.c.rule_id == rule_id),
    )
    return any(tx.connection.execute(query.limit(1)).first() is not None for query in asked)
