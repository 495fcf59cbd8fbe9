"""The customer register as rows: who booked, each once per contact, personal values sealed in the journal.

A guest is the customer of an earlier booking only when e-mail, phone, name and birth year are all the same: whoever
knows an address alone must not be put into another person's card (BM-19), nor add to it what opens their doors (BM-26).
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, CompoundSelect, ScalarSelect, and_, bindparam, func, or_, select, union, update

from appliance.customers.contacts import NAME_LIMIT, Contact, match_key
from appliance.customers.sealing import fresh_key, seal, unseal
from appliance.customers.tables import customer, person_key
from appliance.foundation.errors import NeedsAttention
from appliance.storage.statements import Statement, adding
from appliance.storage.unit_of_work import Transaction

LEAST_TYPED: Final = 3


@dataclass(frozen=True, slots=True)
class Person:
    """A customer as the register has them."""

    id: str
    name: str
    email: str | None
    phone: str | None
    birth_year: int | None

    @property
    def contact(self) -> Contact:
        """The contact that is this very customer's."""
        match = match_key(self.email) if self.email else None
        return Contact(self.name, self.email, self.phone, match, self.birth_year)

    @property
    def called(self) -> str:
        """What people call them, or how they are reached."""
        return self.name or self.phone or self.email or ""


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
    select(customer.c.id, customer.c.phone, customer.c.birth_year).where(
        _HERE, customer.c.email_match == bindparam("email_match")
    )
)
_BY_PHONE = Statement(
    select(customer.c.id, customer.c.birth_year).where(
        _HERE, customer.c.phone == bindparam("phone"), customer.c.email_match.is_(None)
    )
)

_PARDON = Statement(
    update(customer).where(
        customer.c.facility_id == bindparam("facility_id"), customer.c.id == bindparam("customer_id")
    ),
    ["pardoned_at"],
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


def same_person() -> CompoundSelect[tuple[str]]:
    """The ids of all customers who share address or number with `customer_id`, for a condition of another statement."""
    here = customer.c.facility_id == bindparam("facility_id")
    this = and_(here, customer.c.id == bindparam("customer_id"))
    return union(
        select(customer.c.id).where(this),
        select(customer.c.id).where(here, customer.c.email_match == _own("email_match")),
        select(customer.c.id).where(here, customer.c.phone == _own("phone")),
    )


def pardoned_at() -> ScalarSelect[int]:
    """Until when not having shown up was forgiven to `customer_id`, for the columns of another statement."""
    query = select(func.max(customer.c.pardoned_at)).where(customer.c.id.in_(same_person()))
    return query.scalar_subquery()


def pardon(tx: Transaction, customer_id: str, reason: str) -> bool:
    """Forgive a customer every booking that was missed so far; False when there is no such customer."""
    if tx.run(_PARDON, customer_id=customer_id, pardoned_at=tx.now) == 0:
        return False
    tx.record("customer", customer_id, "pardoned", after={"pardoned_at": tx.now, "reason": reason})
    return True


def _own(column: str) -> ScalarSelect[str]:
    this = customer.alias("this")
    query = select(this.c[column]).where(
        this.c.facility_id == bindparam("facility_id"), this.c.id == bindparam("customer_id")
    )
    return query.scalar_subquery()


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
        "birth_year": contact.birth_year,
        "created_at": tx.now,
        "pardoned_at": None,
    }
    tx.run(_ADD, **row, **_UNMARKED)
    tx.run(_ADD_KEY, customer_id=customer_id, key=key)
    born = None if contact.birth_year is None else str(contact.birth_year)
    told = {"name": contact.name, "email": contact.email, "phone": contact.phone, "birth_year": born}
    sealed = seal(key, customer_id, told)
    tx.record("customer", customer_id, "enrolled", after={"id": customer_id, "sealed": sealed})
    return customer_id


def people(tx: Transaction, customer_ids: Collection[str]) -> list[Person]:
    """Those customers of this facility."""
    return _people(tx, customer.c.id.in_(customer_ids))


def people_at(tx: Transaction, contact: Contact) -> list[Person]:
    """Every customer of this facility who is reached there, by whatever name."""
    if contact.email_match is not None:
        return _people(tx, customer.c.email_match == contact.email_match)
    return _people(tx, customer.c.phone == contact.phone)


def people_like(tx: Transaction, typed: str, most: int) -> list[Person]:
    """Customers with a word of whose name `typed` begins, in any case, or in whose number its digits stand (DY-26).

    Nobody for fewer than three letters or digits. A number may begin with a 0 for its country.
    """
    letters, digits = typed.strip()[:NAME_LIMIT], re.sub(r"[^0-9]", "", typed).lstrip("0")
    if letters and not any(each.isalpha() for each in letters):
        patterns = [(customer.c.phone, f"*{digits}*")] if len(digits) >= LEAST_TYPED else []
    else:
        begins = "".join(_either_case(letter) for letter in letters)
        patterns = [(customer.c.name, f"{before}{begins}*") for before in ("", "* ")]
    if not patterns or len(letters) < LEAST_TYPED:
        return []
    alike = or_(*(value.op("GLOB")(pattern) for value, pattern in patterns))
    query = select(customer).where(customer.c.facility_id == tx.scope.facility_id, customer.c.archived == 0, alike)
    rows = tx.connection.execute(query.order_by(customer.c.name, customer.c.id).limit(most))
    return [Person(row.id, row.name, row.email, row.phone, row.birth_year) for row in rows]


def _either_case(letter: str) -> str:
    """One place of a GLOB pattern of SQLite, whose own comparison without case knows ASCII alone."""
    if not letter.isalpha():
        return f"[{letter}]" if letter in "*?[" else letter
    return f"[{letter}{letter.upper()[:1]}{letter.lower()[:1]}]"


def email_of(tx: Transaction, customer_id: str) -> str | None:
    """The e-mail address of a customer, if there is one."""
    row = tx.row(_EMAIL_OF, customer_id=customer_id)
    return None if row is None else row.email


def is_known(tx: Transaction, customer_id: str) -> bool:
    """Whether there is such a customer at this facility."""
    return tx.row(_BY_ID, customer_id=customer_id) is not None


def sealed_for(tx: Transaction, customer_id: str, values: Mapping[str, str | None]) -> str:
    """`values` sealed under the key of a customer; NeedsAttention for one who was erased."""
    return sealed_all(tx, customer_id, [values])[0]


def sealed_all(tx: Transaction, customer_id: str, each: Sequence[Mapping[str, str | None]]) -> list[str]:
    """The same for several, each by itself: one query."""
    row = tx.row(_KEY_OF, customer_id=customer_id)
    if row is None:
        raise NeedsAttention(f"customer {customer_id} was erased: nothing more can be kept of them")
    return [seal(row.key, customer_id, values) for values in each]


def unsealed(tx: Transaction, customer_id: str, sealed: str) -> dict[str, str | None] | None:
    """What `sealed_for` sealed; None once the customer was erased."""
    values = unsealed_all(tx, customer_id, [sealed])
    return None if values is None else values[0]


def unsealed_all(tx: Transaction, customer_id: str, each: Sequence[str]) -> list[dict[str, str | None]] | None:
    """The same for several: one query."""
    row = tx.row(_KEY_OF, customer_id=customer_id)
    return None if row is None else [unseal(row.key, customer_id, sealed) for sealed in each]


def unsealed_of_each(tx: Transaction, sealed: Sequence[tuple[str, str]]) -> list[dict[str, str | None] | None]:
    """The same for texts of many customers, each with whose it is: one query; None for those who were erased."""
    if not sealed:
        return []
    ids = {customer_id for customer_id, _ in sealed}
    query = select(person_key.c.customer_id, person_key.c.key).where(person_key.c.facility_id == tx.scope.facility_id)
    keys = {row.customer_id: row.key for row in tx.connection.execute(query.where(person_key.c.customer_id.in_(ids)))}
    return [unseal(keys[owner], owner, each) if owner in keys else None for owner, each in sealed]


def is_enrolled(tx: Transaction, customer_id: str) -> bool:
    """Whether the register of this facility has such a customer."""
    query = select(customer.c.id).where(customer.c.facility_id == tx.scope.facility_id, customer.c.id == customer_id)
    return tx.connection.execute(query).first() is not None


def _people(tx: Transaction, which: ColumnElement[bool]) -> list[Person]:
    query = select(customer).where(customer.c.facility_id == tx.scope.facility_id, which).order_by(customer.c.id)
    return [Person(row.id, row.name, row.email, row.phone, row.birth_year) for row in tx.connection.execute(query)]


def _known(tx: Transaction, contact: Contact) -> str | None:
    if contact.email_match is None:
        alike = tx.rows(_BY_PHONE, name=contact.name, phone=contact.phone)
    else:
        found = tx.rows(_BY_EMAIL, name=contact.name, email_match=contact.email_match)
        alike = [row for row in found if row.phone == contact.phone]
    return next((str(row.id) for row in alike if row.birth_year == contact.birth_year), None)
