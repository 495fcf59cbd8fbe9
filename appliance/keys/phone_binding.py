"""Binding a phone to a booking: its public key becomes a key of the booking (AC-05)."""

from dataclasses import dataclass, replace
from typing import Final

from appliance.foundation.errors import FieldError, Invalid
from appliance.foundation.refusals import Refusal
from appliance.foundation.scope import Scope
from appliance.keys import store
from appliance.keys.mobile_keys import is_public_key
from appliance.keys.store import IssuedKey
from appliance.storage.unit_of_work import Book, Refused, refusable

KIND: Final = "mobile"
PHONES: Final = 5


@dataclass(frozen=True, slots=True)
class BoundPhone:
    """A mobile key, and the journal entry that the doors must reach for it to be in force; None for none."""

    key: IssuedKey
    key_seq: int | None


class PhoneBinding:
    """Binds and revokes phones."""

    def __init__(self, book: Book, scope: Scope) -> None:
        self._book = book
        self._scope = scope

    @refusable
    def bind(self, booking_id: str, public_key: bytes, actor: str) -> BoundPhone:
        """Give a booking a key of one more phone. The same phone again is the same key.

        Refused as `no_live_keys` when the booking opens nothing, `too_many_phones` when it has five; Invalid for bytes
        that are no public key.
        """
        if not is_public_key(public_key):
            raise Invalid(FieldError("public_key", "malformed", "must be a raw P-256 or Ed25519 public key"))
        with self._book.write(self._scope, actor) as tx:
            live = [issued for issued in store.of_booking(tx, booking_id) if issued.is_live]
            phones = [issued for issued in live if issued.kind == KIND]
            known = next((issued for issued in phones if issued.public_key == public_key.hex()), None)
            if known is not None:
                return BoundPhone(known, None)
            like = next((issued for issued in live if issued.kind == "qr"), None)
            if like is None:
                raise Refused(Refusal("no_live_keys"))
            if len(phones) >= PHONES:
                raise Refused(Refusal("too_many_phones"))
            new = replace(like, id=tx.ids.new(), kind=KIND, revision=0, public_key=public_key.hex())
            return BoundPhone(new, store.issue(tx, new))

    @refusable
    def revoke(self, booking_id: str, key_id: str, actor: str) -> BoundPhone:
        """Let a lost phone open nothing any more; refused as `unknown_phone`. One that was revoked stays so."""
        with self._book.write(self._scope, actor) as tx:
            found = store.by_id(tx, key_id)
            if found is None or found.booking_id != booking_id or found.kind != KIND:
                raise Refused(Refusal("unknown_phone"))
            return BoundPhone(found, store.revise(tx, found, state="revoked") if found.is_live else None)

    def listed(self, booking_id: str) -> list[IssuedKey]:
        """The live mobile keys of a booking."""
        with self._book.read(self._scope) as tx:
            return [issued for issued in store.of_booking(tx, booking_id) if issued.is_live and issued.kind == KIND]
