"""Signing the journal of `booking.db` now and then, in a transaction of its own beside everybody's work (AC-20)."""

import logging

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from appliance.foundation.clock import Clock
from appliance.foundation.scope import Scope
from appliance.storage import checkpoints, journal
from appliance.storage.chain import Head
from appliance.storage.checkpoints import Pace
from appliance.storage.unit_of_work import Book, Transaction

_log = logging.getLogger(__name__)


class BookSigning:
    """Belongs to one thread. Remembers where the journal ended last time, and signs nothing that does not follow."""

    def __init__(self, book: Book, scope: Scope, clock: Clock, key: Ed25519PrivateKey) -> None:
        self._book = book
        self._scope = scope
        self._clock = clock
        self._key = key
        self._known: Head | None = None
        self._pace = Pace(self._end(), clock.monotonic())

    def sign_if_due(self) -> None:
        """Sign, if there is something new and it is time."""
        if self._pace.is_due(self._end(), self._clock.monotonic()):
            self.sign()

    def sign(self) -> None:
        """Sign where the journal ends, unless that is signed already."""
        with self._book.write(self._scope, "timekeeper") as tx:
            follows = self._known is None or journal.holds(tx.connection, self._known)
            if follows:
                self._checkpoint(tx)
            end = tx.head
        self._pace.looked(end.seq, self._clock.monotonic())
        if follows:
            self._known = end
        else:
            _log.error("booking.db is not signed: its past is not what it was; run portvakt verify-journal")

    def _checkpoint(self, tx: Transaction) -> None:
        head = tx.head
        if head.seq > 0 and journal.entity_at(tx.connection, head.seq) != checkpoints.ENTITY:
            done = checkpoints.change(checkpoints.sign(head, tx.now, self._key), tx.actor)
            tx.record(done.entity, done.entity_id, done.verb, after=done.after)

    def _end(self) -> int:
        with self._book.read(self._scope) as tx:
            return tx.head.seq
