"""Binding a card to a customer: it opens whatever their bookings and entitlements open, now and from now on (AC-06)."""

from dataclasses import dataclass, replace

from appliance.booking import store as booking_store
from appliance.customers.store import is_known
from appliance.foundation.cards import CardBits
from appliance.foundation.errors import FieldError, Invalid
from appliance.foundation.refusals import Refusal
from appliance.foundation.scope import Scope
from appliance.keys import cards_store, store
from appliance.keys.cards import card_lookup, is_sound
from appliance.keys.cards_store import MemberCard
from appliance.keys.standing_keys import settle_customer
from appliance.storage.unit_of_work import Book, Refused, Transaction, refusable


@dataclass(frozen=True, slots=True)
class Bound:
    """A card, and the journal entry that the doors must reach for what was done to be in force; None for none."""

    card: MemberCard
    key_seq: int | None


class CardBinding:
    """Binds and blocks cards. `lookup_key` is what they are found by."""

    def __init__(self, book: Book, scope: Scope, lookup_key: bytes) -> None:
        self._book = book
        self._scope = scope
        self._lookup_key = lookup_key

    @refusable
    def bind(self, bits: CardBits, customer_id: str, actor: str) -> Bound:
        """Bind a card; keys of it are issued for the customer's live bookings and entitlements at once.

        Refused as `card_taken` when it is another's, `unknown_customer`; Invalid when its parity is wrong. A card that
        is theirs already stays so.
        """
        if not is_sound(bits):
            raise Invalid(FieldError("bits", "parity", "the parity bits are wrong: read the card again"))
        lookup = card_lookup(self._lookup_key, bits)
        with self._book.write(self._scope, actor) as tx:
            if not is_known(tx, customer_id):
                raise Refused(Refusal("unknown_customer"))
            known = cards_store.live_by_lookup(tx, lookup)
            if known is not None and known.customer_id != customer_id:
                raise Refused(Refusal("card_taken"))
            if known is not None:
                return Bound(known, None)
            new = cards_store.add(tx, customer_id, lookup, bits)
            seqs = _issue_for_live_bookings(tx, new), settle_customer(tx, customer_id)
            return Bound(new, max((seq for seq in seqs if seq is not None), default=None))

    @refusable
    def block(self, card_id: str, actor: str) -> Bound:
        """Block a card and revoke every key of it; refused as `unknown_card`. One that is blocked stays so."""
        with self._book.write(self._scope, actor) as tx:
            found = cards_store.by_id(tx, card_id)
            if found is None:
                raise Refused(Refusal("unknown_card"))
            if found.state == cards_store.BLOCKED:
                return Bound(found, None)
            seq = None
            for issued in store.of_lookup(tx, found.lookup):
                if issued.is_live:
                    seq = store.revise(tx, issued, state="revoked")
            return Bound(cards_store.block(tx, found), seq)

    def listed(self, customer_id: str | None) -> list[MemberCard]:
        """The cards of one customer, or of everybody."""
        with self._book.read(self._scope) as tx:
            return [each for each in cards_store.listed(tx) if customer_id in (None, each.customer_id)]

    def customer_of(self, booking_id: str) -> str | None:
        """Whose booking it is; None for one that nobody knows."""
        with self._book.read(self._scope) as tx:
            found = booking_store.by_id(tx, booking_id)
            return found.customer_id if found else None


def _issue_for_live_bookings(tx: Transaction, card: MemberCard) -> int | None:
    """A key of the card for each live booking of its customer: it opens what the booking's other keys open."""
    seq = None
    for booking_id in cards_store.booking_ids(tx, card.customer_id):
        for issued in store.of_booking(tx, booking_id):
            if issued.is_live and issued.kind == "qr" and issued.window.end > tx.now:
                by_card = replace(issued, id=tx.ids.new(), kind=cards_store.KIND, lookup=card.lookup, revision=0)
                seq = store.issue(tx, by_card)
    return seq
