"""Customer categories and price rules as rows."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import select

from appliance.billing.categories import CustomerCategory
from appliance.billing.prices import Conditions, Effect, PriceRule
from appliance.billing.tables import customer_category, price_rule
from appliance.storage import versioned
from appliance.storage.statements import Row
from appliance.storage.unit_of_work import Transaction
from appliance.storage.versioned import Kind


def _category_row(category: CustomerCategory) -> Mapping[str, object]:
    return {"name": category.name, "position": category.position}


def _category(row: Row, _parts: object) -> CustomerCategory:
    return CustomerCategory(row.name, row.position)


def _rule_row(rule: PriceRule) -> Mapping[str, object]:
    when = rule.when
    return {
        "name": rule.name,
        "effect": str(rule.effect),
        "value": rule.value,
        "service_id": when.service_id,
        "duration": when.duration,
        "resource_id": when.resource_id,
        "category_id": when.category_id,
        "channel": when.channel,
        "date_from": when.date_from.isoformat() if when.date_from else None,
        "date_to": when.date_to.isoformat() if when.date_to else None,
        "weekdays": "".join(str(day) for day in sorted(when.weekdays)),
        "from_minute": when.from_minute,
        "to_minute": when.to_minute,
    }


def _rule(row: Row, _parts: object) -> PriceRule:
    when = Conditions(
        service_id=row.service_id,
        duration=row.duration,
        resource_id=row.resource_id,
        category_id=row.category_id,
        channel=row.channel,
        date_from=date.fromisoformat(row.date_from) if row.date_from else None,
        date_to=date.fromisoformat(row.date_to) if row.date_to else None,
        weekdays=frozenset(int(day) for day in row.weekdays),
        from_minute=row.from_minute,
        to_minute=row.to_minute,
    )
    return PriceRule(row.name, Effect(row.effect), row.value, when)


CATEGORIES = Kind("customer_category", customer_category, _category_row, _category, order=("position", "name", "id"))
PRICE_RULES = Kind("price_rule", price_rule, _rule_row, _rule, order=("name", "id"))


def price_rules(tx: Transaction) -> dict[str, PriceRule]:
    """Every price rule of the facility, by its id."""
    return {each.id: each.value for each in versioned.listed(tx, PRICE_RULES)}


def is_category_used(tx: Transaction, category_id: str) -> bool:
    """Whether a price rule is for this category."""
    query = select(price_rule.c.id).where(
        price_rule.c.facility_id == tx.scope.facility_id, price_rule.c.category_id == category_id
    )
    return tx.connection.execute(query).first() is not None
