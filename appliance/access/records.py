"""Door records: whom an entry of the door's journal is about, and how often each door was used (AC-21).

Neither stands in the journal, so that both can be forgotten while the hash chain stays whole.
"""

import sqlite3
from collections.abc import Collection
from typing import Any, Final

from appliance.foundation.instants import HOUR, Instant
from appliance.storage.chain import Entry
from appliance.storage.checkpoints import ENTITY
from appliance.storage.door_writer import Transaction

CHUNK: Final = 500
_COUNT: Final = (
    "INSERT INTO door_count VALUES (?,?,?,1) ON CONFLICT(door_id, hour, reason) DO UPDATE SET times = times + 1"
)
_OF_BOOKING: Final = (
    "SELECT seq, journal.at, entity, entity_id, verb, after, booking_id FROM subject JOIN journal USING (seq)"
    " WHERE booking_id = ?"
)
_OLD: Final = "DELETE FROM subject WHERE seq IN (SELECT seq FROM subject WHERE at < ? ORDER BY at LIMIT ?)"
_CUT: Final = "DELETE FROM journal WHERE seq IN (SELECT seq FROM journal WHERE seq < ? ORDER BY seq LIMIT ?)"


def note_subject(tx: Transaction, entry: Entry, booking_id: str | None, key_id: str | None) -> None:
    """Remember whom an entry is about, for as long as that may be known."""
    if booking_id is not None or key_id is not None:
        tx.execute("INSERT INTO subject VALUES (?,?,?,?)", (entry.seq, entry.at, booking_id, key_id))


def count(tx: Transaction, door_id: str, at: Instant, reason: str) -> None:
    """Count one presentation at a door."""
    tx.execute(_COUNT, (door_id, at - at % HOUR, reason))


def forget_subjects(tx: Transaction, before: Instant) -> int:
    """Forget some of whom entries before an instant are about, and when their keys were first used; how many."""
    tx.execute("UPDATE known_key SET first_used_at = NULL WHERE valid_to < ? AND first_used_at IS NOT NULL", (before,))
    return tx.execute(_OLD, (before, CHUNK)).rowcount


def forget_bookings(tx: Transaction, booking_ids: Collection[str]) -> int:
    """Forget which entries are about some bookings; how many entries that were."""
    return sum(tx.execute("DELETE FROM subject WHERE booking_id = ?", (each,)).rowcount for each in booking_ids)


def of_bookings(connection: sqlite3.Connection, booking_ids: Collection[str]) -> list[tuple[Any, ...]]:
    """At, entity, its id, verb, body and booking of every entry about some bookings, in order."""
    found = [row for each in booking_ids for row in connection.execute(_OF_BOOKING, (each,))]
    return [row[1:] for row in sorted(found)]


def forget_counts(tx: Transaction, before: Instant) -> None:
    """Forget how often doors were used before an instant."""
    tx.execute("DELETE FROM door_count WHERE hour < ?", (before,))


def cut_journal(tx: Transaction, first: int) -> int:
    """Delete some of the entries before `first`; how many."""
    return tx.execute(_CUT, (first, CHUNK)).rowcount


def last_checkpoint_before(connection: sqlite3.Connection, before: Instant) -> int | None:
    """The last signature of the stretch at the journal's beginning that is older than an instant, if there is one."""
    found: int | None = None
    for seq, at, entity in connection.execute("SELECT seq, at, entity FROM journal ORDER BY seq"):
        if at >= before:
            break
        if entity == ENTITY:
            found = int(seq)
    return found


def first_seq(connection: sqlite3.Connection) -> int:
    """The first entry that is left; 0 in an empty journal."""
    return int(connection.execute("SELECT coalesce(min(seq), 0) FROM journal").fetchone()[0])
