"""Signing the door's journal now and then, through the same writer (AC-20).

No presentation asks for it; one that shares its commit waits for a signature longer, some microseconds.
"""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from appliance.foundation.clock import Clock
from appliance.storage import checkpoints
from appliance.storage.checkpoints import Pace
from appliance.storage.door_writer import DoorWriter, Transaction


class JournalSigning:
    """Belongs to the thread that keeps the house. Without a `key` nothing is signed, and doors work all the same."""

    def __init__(self, writer: DoorWriter, clock: Clock, key: Ed25519PrivateKey | None) -> None:
        self._writer = writer
        self._clock = clock
        self._key = key
        self._pace = Pace(writer.head.seq, clock.monotonic())

    def sign_if_due(self) -> None:
        """Have the writer sign, if there is something new and it is time."""
        if self._pace.is_due(self._writer.head.seq, self._clock.monotonic()):
            self.sign()

    def sign(self) -> None:
        """Have the writer sign what is written by then, unless it is signed already. Does not wait for it."""
        self._pace.looked(self._writer.head.seq, self._clock.monotonic())
        if self._key is not None:
            self._writer.submit(self._checkpoint)

    def _checkpoint(self, tx: Transaction) -> None:
        last = tx.execute("SELECT entity FROM journal WHERE seq = ?", (tx.head.seq,)).fetchone()
        if self._key is not None and last is not None and last[0] != checkpoints.ENTITY:
            signed = checkpoints.sign(tx.head, self._clock.now(), self._key)
            tx.journal(checkpoints.change(signed, "door"))
