"""Keeping the register: staff add, change, block and archive customers, a transaction each (BM-05, DY-27)."""

from dataclasses import dataclass

from appliance.customers import register_store
from appliance.customers.contacts import Contact
from appliance.customers.register_store import Customer, CustomerStatus
from appliance.foundation.scope import Scope
from appliance.storage.unit_of_work import Book
from appliance.storage.versioned import ChangedMeanwhile, Edited


@dataclass(frozen=True, slots=True)
class WishedCard:
    """A card as staff want it: whether each address is known to be the customer's."""

    contact: Contact
    status: CustomerStatus
    email_verified: bool
    phone_verified: bool


def listed(book: Book, scope: Scope, after: str) -> list[Customer]:
    """A page of the register."""
    with book.read(scope) as tx:
        return register_store.page(tx, after)


def found(book: Book, scope: Scope, customer_id: str) -> Customer | None:
    """One card."""
    with book.read(scope) as tx:
        return register_store.by_id(tx, customer_id)


def add(book: Book, scope: Scope, wished: WishedCard, actor: str) -> Customer:
    """A card for a new customer, or the one of a guest with the very same contact, as wished."""
    with book.write(scope, actor) as tx:
        known = register_store.enrolled(tx, wished.contact)
        return register_store.change(
            tx, known, wished.contact, wished.status, email=wished.email_verified, phone=wished.phone_verified
        )


def change(book: Book, scope: Scope, customer_id: str, wished: WishedCard, version: int, actor: str) -> Customer | None:
    """A card as wished, if it still stands at `version`; else ChangedMeanwhile. None when there is none."""
    with book.write(scope, actor) as tx:
        old = register_store.by_id(tx, customer_id)
        if old is None:
            return None
        if old.version != version:
            raise ChangedMeanwhile(Edited(old.id, old, old.version, old.changed_at, old.changed_by))
        return register_store.change(
            tx, old, wished.contact, wished.status, email=wished.email_verified, phone=wished.phone_verified
        )
