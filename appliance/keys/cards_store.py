"""Members' cards as rows: found by a keyed digest, their numbers sealed under the key of the person (AC-06)."""

from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import and_, bindparam, or_, select, update

from appliance.booking.tables import booking
from appliance.customers.store import sealed_for, unsealed
from appliance.foundation.cards import CardBits, parse
from appliance.foundation.instants import Instant
from appliance.keys.tables import card
from appliance.storage.statements import Row, Statement, adding
from appliance.storage.unit_of_work import Transaction

KIND: Final = "card"
LIVE, BLOCKED = "live", "blocked"
_HERE = card.c.facility_id == bindparam("facility_id")
_ADD = adding(card)
_SET_STATE = Statement(update(card).where(_HERE, card.c.id == bindparam("card_id")), ["state"])
_LOOKUPS = Statement(
    select(card.c.lookup)
    .where(_HERE, card.c.customer_id == bindparam("customer_id"), card.c.state == LIVE)
    .order_by(card.c.id)
)
_BY_ID = Statement(select(card).where(_HERE, card.c.id == bindparam("card_id")))
_BY_LOOKUP = Statement(select(card).where(_HERE, card.c.lookup == bindparam("lookup"), card.c.state == LIVE))
_ALL = Statement(select(card).where(_HERE).order_by(card.c.id))
_BOOKINGS = Statement(
    select(booking.c.id).where(
        and_(
            booking.c.facility_id == bindparam("facility_id"),
            booking.c.customer_id == bindparam("customer_id"),
            or_(booking.c.status == "confirmed", booking.c.status == "arrived"),
        )
    )
)


@dataclass(frozen=True, slots=True)
class MemberCard:
    """A card of a customer. `lookup` (hex) finds it; `sealed` holds its bits, which only the person's key opens."""

    id: str
    customer_id: str
    lookup: str
    sealed: str
    state: str
    bound_at: Instant


def add(tx: Transaction, customer_id: str, lookup: bytes, bits: CardBits) -> MemberCard:
    """Bind a card to a customer, and put it on record."""
    sealed = sealed_for(tx, customer_id, {"card": str(bits)})
    new = MemberCard(tx.ids.new(), customer_id, lookup.hex(), sealed, LIVE, tx.now)
    tx.run(_ADD, **_body(new))
    tx.record("card", new.id, "bound", after=_body(new))
    return new


def block(tx: Transaction, old: MemberCard) -> MemberCard:
    """Let a card be good for nothing from now on."""
    new = replace(old, state=BLOCKED)
    tx.run(_SET_STATE, card_id=old.id, state=BLOCKED)
    tx.record("card", old.id, "blocked", before=_body(old), after=_body(new))
    return new


def by_id(tx: Transaction, card_id: str) -> MemberCard | None:
    """One card of this facility."""
    row = tx.row(_BY_ID, card_id=card_id)
    return None if row is None else _card(row)


def live_by_lookup(tx: Transaction, lookup: bytes) -> MemberCard | None:
    """The card with this lookup that is bound to somebody now."""
    row = tx.row(_BY_LOOKUP, lookup=lookup.hex())
    return None if row is None else _card(row)


def live_lookups(tx: Transaction, customer_id: str | None) -> list[str]:
    """The lookups of a customer's cards that are good."""
    return [] if customer_id is None else [row.lookup for row in tx.rows(_LOOKUPS, customer_id=customer_id)]


def listed(tx: Transaction) -> list[MemberCard]:
    """Every card of this facility, oldest first."""
    return [_card(row) for row in tx.rows(_ALL)]


def bits_of(tx: Transaction, kept: MemberCard) -> CardBits | None:
    """The bits of a card, for a controller that must be told them; None once the person was erased."""
    values = unsealed(tx, kept.customer_id, kept.sealed)
    written = values.get("card") if values else None
    return parse(written) if written else None


def booking_ids(tx: Transaction, customer_id: str) -> list[str]:
    """The bookings of a customer that are not over by their status."""
    return [row.id for row in tx.rows(_BOOKINGS, customer_id=customer_id)]


def _body(kept: MemberCard) -> dict[str, object]:
    return {
        "id": kept.id,
        "customer_id": kept.customer_id,
        "lookup": kept.lookup,
        "sealed": kept.sealed,
        "state": kept.state,
        "bound_at": kept.bound_at,
    }


def _card(row: Row) -> MemberCard:
    return MemberCard(row.id, row.customer_id, row.lookup, row.sealed, row.state, row.bound_at)
