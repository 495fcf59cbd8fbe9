"""The register as staff keep it: who is in it by a verified address, and who was blocked or archived (BM-05, DY-27)."""

from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy import ColumnElement, bindparam, select, update

from appliance.customers.contacts import Contact
from appliance.customers.store import enrol, sealed_for
from appliance.customers.tables import customer
from appliance.foundation.errors import Bug
from appliance.foundation.instants import Instant
from appliance.storage.statements import Statement
from appliance.storage.unit_of_work import Transaction

PAGE = 100


class CustomerStatus(StrEnum):
    """Whether a customer is in the register: `blocked` and `archived` ones are not."""

    ACTIVE = "active"
    BLOCKED = "blocked"
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True)
class Customer:
    """One card of the register. An address is verified when somebody saw that it is the customer's."""

    id: str
    contact: Contact
    status: CustomerStatus
    email_verified_at: Instant | None
    phone_verified_at: Instant | None
    created_at: Instant
    version: int
    changed_at: Instant
    changed_by: str


_HERE = customer.c.facility_id == bindparam("facility_id")
_COLUMNS = (customer.c.id, customer.c.status)
_BY_EMAIL = Statement(
    select(*_COLUMNS)
    .where(_HERE, customer.c.email_match == bindparam("email_match"), customer.c.email_verified_at.is_not(None))
    .order_by(customer.c.id)
)
_BY_PHONE = Statement(
    select(*_COLUMNS)
    .where(_HERE, customer.c.phone == bindparam("phone"), customer.c.phone_verified_at.is_not(None))
    .order_by(customer.c.id)
)


def registered(tx: Transaction, contact: Contact) -> str | None:
    """The customer with a verified address of `contact`; None when there is none, or a blocked one has it too.

    Two questions, whatever the contact holds and whoever is found.
    """
    found = [*tx.rows(_BY_EMAIL, email_match=contact.email_match or ""), *tx.rows(_BY_PHONE, phone=contact.phone or "")]
    if any(row.status == CustomerStatus.BLOCKED for row in found):
        return None
    return next((str(row.id) for row in found if row.status == CustomerStatus.ACTIVE), None)


def is_registered(tx: Transaction, customer_id: str) -> bool:
    """Whether `registered` would still let in the customer with that id, by what is verified of them."""
    card = by_id(tx, customer_id)
    if card is None or card.status is not CustomerStatus.ACTIVE:
        return False
    email = card.contact.email_match if card.email_verified_at is not None else None
    phone = card.contact.phone if card.phone_verified_at is not None else None
    return registered(tx, replace(card.contact, email_match=email, phone=phone)) is not None


def by_id(tx: Transaction, customer_id: str) -> Customer | None:
    """The customer of this facility with that id."""
    found = _where(tx, customer.c.id == customer_id)
    return found[0] if found else None


def page(tx: Transaction, after: str = "") -> list[Customer]:
    """The register in the order of enrolment, `PAGE` at a time, behind the id `after`."""
    return _where(tx, customer.c.id > after)


def enrolled(tx: Transaction, contact: Contact) -> Customer:
    """The card with this very contact, made when there is none."""
    known = by_id(tx, enrol(tx, contact))
    if known is None:
        raise Bug("who was enrolled a moment ago is in the register")
    return known


def change(
    tx: Transaction, old: Customer, contact: Contact, status: CustomerStatus, *, email: bool, phone: bool
) -> Customer:
    """The card as staff have edited it. `email` and `phone` say whether each is known to be the customer's."""
    new = replace(
        old,
        contact=contact,
        status=status,
        email_verified_at=(old.email_verified_at or tx.now) if email and contact.email else None,
        phone_verified_at=(old.phone_verified_at or tx.now) if phone and contact.phone else None,
        version=old.version + 1,
        changed_at=tx.now,
        changed_by=tx.actor,
    )
    row = {
        "name": contact.name,
        "email": contact.email,
        "email_match": contact.email_match,
        "phone": contact.phone,
        "birth_year": contact.birth_year,
        "status": str(status),
        "email_verified_at": new.email_verified_at,
        "phone_verified_at": new.phone_verified_at,
        "version": new.version,
        "changed_at": tx.now,
        "changed_by": tx.actor,
    }
    here = (customer.c.facility_id == tx.scope.facility_id, customer.c.id == old.id)
    tx.connection.execute(update(customer).where(*here).values(row))
    tx.record("customer", old.id, "changed", before=_body(tx, old), after=_body(tx, new))
    return new


def _where(tx: Transaction, condition: ColumnElement[bool]) -> list[Customer]:
    here = customer.c.facility_id == tx.scope.facility_id
    query = select(customer).where(here, condition).order_by(customer.c.id).limit(PAGE)
    return [
        Customer(
            id=row.id,
            contact=Contact(row.name, row.email, row.phone, row.email_match, row.birth_year),
            status=CustomerStatus(row.status),
            email_verified_at=row.email_verified_at,
            phone_verified_at=row.phone_verified_at,
            created_at=row.created_at,
            version=row.version,
            changed_at=row.changed_at,
            changed_by=row.changed_by,
        )
        for row in tx.connection.execute(query)
    ]


def _body(tx: Transaction, kept: Customer) -> dict[str, object]:
    contact = kept.contact
    born = None if contact.birth_year is None else str(contact.birth_year)
    told = {"name": contact.name, "email": contact.email, "phone": contact.phone, "birth_year": born}
    return {
        "id": kept.id,
        "sealed": sealed_for(tx, kept.id, told),
        "status": str(kept.status),
        "email_verified_at": kept.email_verified_at,
        "phone_verified_at": kept.phone_verified_at,
        "version": kept.version,
    }
