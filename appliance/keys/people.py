"""Whose key it is, for a controller that knows people by card or address (BM-27)."""

from appliance.billing import entitlement_store
from appliance.booking import store as booking_store
from appliance.customers.store import email_of
from appliance.keys import cards_store, store
from appliance.storage.unit_of_work import Transaction


def card_of(tx: Transaction, key_id: str) -> str | None:
    """The bits of the card that a key stands for, as text; None when it is blocked, or its person was erased."""
    issued = store.by_id(tx, key_id)
    if issued is None or issued.lookup is None:
        return None
    card = cards_store.live_by_lookup(tx, bytes.fromhex(issued.lookup))
    bits = cards_store.bits_of(tx, card) if card is not None else None
    return str(bits) if bits is not None else None


def address_of(tx: Transaction, booking_id: str) -> str | None:
    """The e-mail address of a booking's customer; None where there is none."""
    found = booking_store.by_id(tx, booking_id)
    return email_of(tx, found.customer_id) if found is not None and found.customer_id is not None else None


def reasons_to_enter(tx: Transaction, customer_id: str) -> list[str]:
    """What keys of a customer are for, and door records are theirs by: bookings and entitlements, by id."""
    return [*booking_store.ids_of_customer(tx, customer_id), *entitlement_store.ids_of_customer(tx, customer_id)]
