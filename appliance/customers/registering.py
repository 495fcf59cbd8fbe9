"""Keeping the register: staff add, change, block and archive customers, a transaction each (BM-05, DY-27)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from appliance.customers import register_store
from appliance.customers.contacts import Contact
from appliance.customers.register_store import Customer, CustomerStatus
from appliance.foundation.scope import Scope
from appliance.storage.unit_of_work import Book, Transaction
from appliance.storage.versioned import ChangedMeanwhile, Edited

Then: TypeAlias = Callable[[Transaction, str], object]
"""What follows a change of the customer with that id."""


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


def add(book: Book, scope: Scope, wished: WishedCard, actor: str, then: Then) -> Customer:
    """A card for a new customer, or the one of a guest with the very same contact, as wished.

    then: what follows in the same transaction.
    """
    with book.write(scope, actor) as tx:
        return _changed(tx, register_store.enrolled(tx, wished.contact), wished, then)


def change(
    book: Book, scope: Scope, customer_id: str, wished: WishedCard, version: int, actor: str, then: Then
) -> Customer | None:
    """A card as wished, if it still stands at `version`; else ChangedMeanwhile. None when there is none."""
    with book.write(scope, actor) as tx:
        old = register_store.by_id(tx, customer_id)
        if old is None:
            return None
        if old.version != version:
            raise ChangedMeanwhile(Edited(old.id, old, old.version, old.changed_at, old.changed_by))
        return _changed(tx, old, wished, then)


def _changed(tx: Transaction, old: Customer, wished: WishedCard, then: Then) -> Customer:
    verified = {"email": wished.email_verified, "phone": wished.phone_verified}
    new = register_store.change(tx, old, wished.contact, wished.status, **verified)
    then(tx, new.id)
    return new
