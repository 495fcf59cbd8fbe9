"""The customer register as rows: who booked, each once per contact, personal values sealed in the journal.

A guest is the customer of an earlier booking only when e-mail, phone and name are all the same: whoever knows an
address alone must not be put into another person's card (BM-19).
"""

from collections.abc import Mapping

from sqlalchemy import and_, bindparam, select

from appliance.customers.contacts import Contact
from appliance.customers.sealing import fresh_key, seal, unseal
from appliance.customers.tables import customer, person_key
from appliance.foundation.errors import NeedsAttention
from appliance.storage.statements import Statement, adding
from appliance.storage.unit_of_work import Transaction

_ADD, _ADD_KEY = adding(customer), adding(person_key)
# A guest: nobody has seen yet whether the address is theirs.
_UNMARKED = {
    "status": "active",
    "email_verified_at": None,
    "phone_verified_at": None,
    "version": 1,
    "changed_at": 0,
    "changed_by": "",
    "archived": 0,
}
_HERE = and_(customer.c.facility_id == bindparam("facility_id"), customer.c.name == bindparam("name"))
# One for each index: the other column is empty in most rows, and SQLite would take that for a way to find a few.
_BY_EMAIL = Statement(
    select(customer.c.id, customer.c.phone).where(_HERE, customer.c.email_match == bindparam("email_match"))
)
_BY_PHONE = Statement(
    select(customer.c.id).where(_HERE, customer.c.phone == bindparam("phone"), customer.c.email_match.is_(None))
)

_BY_ID = Statement(
    select(customer.c.id).where(
        customer.c.facility_id == bindparam("facility_id"), customer.c.id == bindparam("customer_id")
    )
)
_EMAIL_OF = Statement(
    select(customer.c.email).where(
        customer.c.facility_id == bindparam("facility_id"), customer.c.id == bindparam("customer_id")
    )
)
_KEY_OF = Statement(
    select(person_key.c.key).where(
        person_key.c.facility_id == bindparam("facility_id"), person_key.c.customer_id == bindparam("customer_id")
    )
)


def enrol(tx: Transaction, contact: Contact) -> str:
    """The id of the customer with this very contact, who is put in the register when new."""
    known = _known(tx, contact)
    if known is not None:
        return known
    customer_id, key = tx.ids.new(), fresh_key()
    row = {
        "id": customer_id,
        "name": contact.name,
        "email": contact.email,
        "email_match": contact.email_match,
        "phone": contact.phone,
        "created_at": tx.now,
    }
    tx.run(_ADD, **row, **_UNMARKED)
    tx.run(_ADD_KEY, customer_id=customer_id, key=key)
    sealed = seal(key, customer_id, {"name": contact.name, "email": contact.email, "phone": contact.phone})
    tx.record("customer", customer_id, "enrolled", after={"id": customer_id, "sealed": sealed})
    return customer_id


def email_of(tx: Transaction, customer_id: str) -> str | None:
    """The e-mail address of a customer, if there is one."""
    row = tx.row(_EMAIL_OF, customer_id=customer_id)
    return None if row is None else row.email


def is_known(tx: Transaction, customer_id: str) -> bool:
    """Whether there is such a customer at this facility."""
    return tx.row(_BY_ID, customer_id=customer_id) is not None


def sealed_for(tx: Transaction, customer_id: str, values: Mapping[str, str | None]) -> str:
    """`values` sealed under the key of a customer; NeedsAttention for one who was erased."""
    row = tx.row(_KEY_OF, customer_id=customer_id)
    if row is None:
        raise NeedsAttention(f"customer {customer_id} was erased: nothing more can be kept of them")
    return seal(row.key, customer_id, values)


def unsealed(tx: Transaction, customer_id: str, sealed: str) -> dict[str, str | None] | None:
    """What `sealed_for` sealed; None once the customer was erased."""
    row = tx.row(_KEY_OF, customer_id=customer_id)
    return None if row is None else unseal(row.key, customer_id, sealed)


def is_enrolled(tx: Transaction, customer_id: str) -> bool:
    """Whether the register of this facility has such a customer."""
    query = select(customer.c.id).where(customer.c.facility_id == tx.scope.facility_id, customer.c.id == customer_id)
    return tx.connection.execute(query).first() is not None


def _known(tx: Transaction, contact: Contact) -> str | None:
    if contact.email_match is None:
        row = tx.row(_BY_PHONE, name=contact.name, phone=contact.phone)
        return None if row is None else str(row.id)
    alike = tx.rows(_BY_EMAIL, name=contact.name, email_match=contact.email_match)
    return next((str(row.id) for row in alike if row.phone == contact.phone), None)
