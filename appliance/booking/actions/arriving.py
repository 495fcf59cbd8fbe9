"""What the doors report about bookings: the first use of a key is the guest's arrival (AC-18).

Whoever held a key up and was turned away has not arrived, but has shown up.
"""

from collections.abc import Iterable, Mapping

from appliance.booking import store
from appliance.booking.actions.desk import change
from appliance.booking.actions.no_shows import DOORS_READ, stop_awaiting_all
from appliance.booking.bookings import Status
from appliance.foundation.scope import Scope
from appliance.storage.chain import Entry, Head
from appliance.storage.follower import FileReplaced, FileUnreadable, JournalReader
from appliance.storage.jobs import read_cursor, write_cursor
from appliance.storage.unit_of_work import Book, Transaction

# A key was used at a reader of ours, or at a vendor's controller.
ENTITIES = frozenset({"presentation", "passage"})
_BATCH = 200
_SUBJECTS = "SELECT seq, booking_id FROM subject WHERE seq > ? AND seq <= ?"


def follow_doors(book: Book, scope: Scope, reader: JournalReader) -> int:
    """Apply the next facts of the doors' journal, with the cursor in the same transaction; how many were read.

    A file that was replaced begins anew: its facts are applied again, which changes nothing that happened already.
    """
    try:
        with book.read(scope) as tx:
            cursor = read_cursor(tx, DOORS_READ)
        cursor = _checked(reader, cursor)
        entries = reader.after(cursor.seq, _BATCH)
        known = reader.query(_SUBJECTS, (cursor.seq, entries[-1].seq)) if entries else []
    except FileUnreadable:
        return 0
    if not entries:
        return 0
    subjects = {seq: booking_id for seq, booking_id in known}
    with book.write(scope, "doors") as tx:
        presented = [entry for entry in entries if entry.entity in ENTITIES]
        _arrive(tx, _bookings((entry for entry in presented if entry.verb == "granted"), subjects))
        stop_awaiting_all(tx, _bookings(presented, subjects))
        write_cursor(tx, DOORS_READ, Head(cursor.file_id, entries[-1].seq, entries[-1].hash))
    return len(entries)


def _checked(reader: JournalReader, cursor: Head | None) -> Head:
    if cursor is not None:
        try:
            reader.check(cursor)
        except FileReplaced:
            cursor = None
    return cursor if cursor is not None else Head(reader.file_id(), 0, b"")


def _bookings(entries: Iterable[Entry], subjects: Mapping[object, object]) -> set[str]:
    """The bookings whose keys were held up."""
    # Entries of older versions name their booking themselves.
    named = [subjects.get(entry.seq) or entry.body_after().get("booking_id") for entry in entries]
    return {each for each in named if isinstance(each, str)}


def _arrive(tx: Transaction, let_in: set[str]) -> None:
    for found in store.by_ids(tx, let_in):
        if found.status is Status.CONFIRMED:
            change(tx, "arrived", found, found.at_status(Status.ARRIVED))
