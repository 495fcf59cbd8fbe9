"""Asking the doors about a guest who has not come, before anything is written (AC-18)."""

from collections.abc import Callable

from appliance.booking.actions import no_shows
from appliance.booking.actions.desk import Desk
from appliance.booking.actions.no_shows import DoorRecords
from appliance.door_socket.client import DoorClient, DoorRefused, DoorUnreachable
from appliance.foundation.instants import Instant
from appliance.storage.chain import Head
from appliance.storage.jobs import Job
from appliance.storage.unit_of_work import Transaction


class NoShows:
    """Prepares the release of one booking. follow: reads on in the doors' journal; how many entries it read."""

    def __init__(self, desk: Desk, doors: DoorClient, follow: Callable[[], int]) -> None:
        self._desk = desk
        self._doors = doors
        self._follow = follow

    def prepare(self, booking_id: str) -> Job:
        """What is to be done inside the transaction, with what the doors have answered outside of it."""
        desk, records = self._desk, self._records()
        while records is not None and self._follow():
            pass
        with desk.book.read(desk.scope) as tx:
            ripe = no_shows.ripe_at(desk, tx, booking_id, records)
            is_ripe = ripe is not None and ripe <= tx.now and no_shows.is_awaited(tx, booking_id)
        # Keys are shut for a moment by asking, so that nobody is asked about without need.
        shut_until = self._shut(booking_id) if is_ripe else None

        def act(tx: Transaction, booking_id: str) -> Instant | None:
            return no_shows.release(desk, tx, booking_id, records, shut_until)

        return act

    def _records(self) -> DoorRecords | None:
        try:
            told = self._doors.journal_head()
        except (DoorUnreachable, DoorRefused):
            return None
        head = Head(told.file_id, told.seq, bytes.fromhex(told.hash))
        return DoorRecords(head, told.kept_since, told.served_since)

    def _shut(self, booking_id: str) -> Instant | None:
        try:
            return self._doors.retire_if_unused(booking_id).expires_at
        except (DoorUnreachable, DoorRefused):
            return None
