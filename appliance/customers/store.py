"""The customer register as rows: who booked, each once per contact, personal values sealed in the journal.

A guest is the customer of an earlier booking only when e-mail, phone and name are all the same: whoever knows an
address alone must not be put into another person's card (BM-19).
"""

from sqlalchemy import insert, select

from appliance.customers.contacts import Contact
from appliance.customers.sealing import fresh_key, seal
from appliance.customers.tables import customer, person_key
from appliance.storage.unit_of_work import Transaction


def enrol(tx: Transaction, contact: Contact) -> str:
    """The id of the customer with this very contact, who is put in the register when new."""
    known = _known(tx, contact)
    if known is not None:
        return known
    customer_id, key = tx.ids.new(), fresh_key()
    row = {
        "id": customer_id,
        "facility_id": tx.scope.facility_id,
        "name": contact.name,
        "email": contact.email,
        "email_match": contact.email_match,
        "phone": contact.phone,
        "created_at": tx.now,
    }
    tx.connection.execute(insert(customer), row)
    tx.connection.execute(
        insert(person_key), {"customer_id": customer_id, "facility_id": tx.scope.facility_id, "key": key}
    )
    sealed = seal(key, customer_id, {"name": contact.name, "email": contact.email, "phone": contact.phone})
    tx.record("customer", customer_id, "enrolled", after={"id": customer_id, "sealed": sealed})
    return customer_id


def _known(tx: Transaction, contact: Contact) -> str | None:
    query = select(customer.c.id).where(
        customer.c.facility_id == tx.scope.facility_id,
        customer.c.email_match.is_not_distinct_from(contact.email_match),
        customer.c.phone.is_not_distinct_from(contact.phone),
        customer.c.name == contact.name,
    )
    found: str | None = tx.connection.execute(query.limit(1)).scalar()
    return found
