"""Which cards have which entitlements behind them, and the live standing keys of both, as rows (AC-06)."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, and_, bindparam, func, select

from appliance.billing.tables import entitlement
from appliance.customers.register_store import CustomerStatus
from appliance.customers.tables import customer
from appliance.foundation.instants import Instant
from appliance.keys import cards_store
from appliance.keys.store import IssuedKey, key_of
from appliance.keys.tables import card, key
from appliance.storage.statements import Row, Statement
from appliance.storage.unit_of_work import Transaction

KIND: Final = "standing"
_OF_CUSTOMER = entitlement.c.customer_id == bindparam("customer_id")
_OF_PRODUCT = entitlement.c.product_id == bindparam("product_id")


@dataclass(frozen=True, slots=True)
class Member:
    """A live card (its lookup, hex) of an active customer who holds or held an entitlement, good in [starts, until).

    Days of grace do not count: they are for a use that came back, not for the door. None is without end.
    """

    entitlement_id: str
    product_id: str
    starts: Instant
    until: Instant | None
    lookup: str


def _members(whose: ColumnElement[bool]) -> Statement:
    columns = entitlement.c
    until = func.coalesce(columns.ended_at, columns.sold_until).label("until")
    theirs = and_(card.c.customer_id == columns.customer_id, card.c.facility_id == bindparam("facility_id"))
    they = and_(customer.c.id == columns.customer_id, customer.c.facility_id == bindparam("facility_id"))
    return Statement(
        select(columns.id, columns.product_id, columns.starts, until, card.c.lookup)
        .join_from(entitlement, card, theirs)
        .join(customer, they)
        .where(
            whose,
            columns.facility_id == bindparam("facility_id"),
            card.c.state == cards_store.LIVE,
            customer.c.status == CustomerStatus.ACTIVE.value,
        )
        .order_by(columns.id, card.c.id)
    )


def _keys(whose: ColumnElement[bool]) -> Statement:
    return Statement(
        select(key)
        .join(entitlement, entitlement.c.id == key.c.booking_id)
        .where(
            whose,
            entitlement.c.facility_id == bindparam("facility_id"),
            key.c.facility_id == bindparam("facility_id"),
            key.c.kind == KIND,
            key.c.state == "live",
        )
        .order_by(key.c.id)
    )


_MEMBERS_OF_CUSTOMER, _MEMBERS_OF_PRODUCT = _members(_OF_CUSTOMER), _members(_OF_PRODUCT)
_KEYS_OF_CUSTOMER, _KEYS_OF_PRODUCT = _keys(_OF_CUSTOMER), _keys(_OF_PRODUCT)


def members_of_customer(tx: Transaction, customer_id: str) -> list[Member]:
    """Every entitlement of a customer with every card of theirs."""
    return [_member(row) for row in tx.rows(_MEMBERS_OF_CUSTOMER, customer_id=customer_id)]


def members_of_product(tx: Transaction, product_id: str) -> list[Member]:
    """The same of everybody who holds or held a product."""
    return [_member(row) for row in tx.rows(_MEMBERS_OF_PRODUCT, product_id=product_id)]


def keys_of_customer(tx: Transaction, customer_id: str) -> list[IssuedKey]:
    """The live standing keys of a customer."""
    return [key_of(row) for row in tx.rows(_KEYS_OF_CUSTOMER, customer_id=customer_id)]


def keys_of_product(tx: Transaction, product_id: str) -> list[IssuedKey]:
    """The live standing keys of everybody who holds or held a product."""
    return [key_of(row) for row in tx.rows(_KEYS_OF_PRODUCT, product_id=product_id)]


def _member(row: Row) -> Member:
    return Member(row.id, row.product_id, row.starts, row.until, row.lookup)
