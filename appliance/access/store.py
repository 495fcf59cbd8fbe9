"""Rows of `access.db` to values and back. Readers run on a connection of their own, writers inside a transaction."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from appliance.access.alarms import Alarm
from appliance.access.clock_trust import ClockMemory
from appliance.access.known_keys import KeyState, KnownKey
from appliance.access.modes import ModeWishes
from appliance.access.throttle import DoorThrottle, ReaderThrottle
from appliance.foundation.documents import Section
from appliance.foundation.instants import Instant, Interval
from appliance.foundation.weekly import WeeklyStretch, parse_stretch, spelled
from appliance.storage.chain import Head
from appliance.storage.door_writer import Transaction

_KEY: Final = (
    "SELECT id, booking_id, number, kind, lookup, doors, valid_from, valid_to, revision, state, first_used_at,"
    " retired_until, public_key, hours FROM known_key"
)
_BY_LOOKUP: Final = _KEY + " WHERE lookup = ?"
_BY_ID: Final = _KEY + " WHERE id = ?"
_BY_BOOKING: Final = _KEY + " WHERE booking_id = ?"
_PUT_KEY: Final = (
    "INSERT INTO known_key(id, booking_id, number, kind, lookup, doors, valid_from, valid_to, revision, state,"
    " public_key, hours) VALUES (?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT(id) DO UPDATE SET"
    " booking_id = excluded.booking_id, number = excluded.number, kind = excluded.kind, lookup = excluded.lookup,"
    " doors = excluded.doors, valid_from = excluded.valid_from, valid_to = excluded.valid_to,"
    " revision = excluded.revision, state = excluded.state, public_key = excluded.public_key,"
    " hours = excluded.hours"
)
_PUT_NEWER_KEY: Final = _PUT_KEY + " WHERE excluded.revision >= known_key.revision"

_PRESENTED: Final = (
    "SELECT verb, after, booking_id FROM journal LEFT JOIN subject USING (seq)"
    " WHERE entity = 'presentation' AND entity_id = ? AND verb IN ('granted', 'denied') ORDER BY seq LIMIT 1"
)
_ALARMS: Final = (
    "SELECT seq, entity_id, journal.at, booking_id FROM journal LEFT JOIN subject USING (seq)"
    " WHERE entity = 'duress' AND journal.at >= ? ORDER BY seq DESC LIMIT 100"
)


def keys_by_lookup(connection: sqlite3.Connection, lookup: bytes) -> tuple[KnownKey, ...]:
    """The keys that one PIN may be, at whatever door and time."""
    return tuple(_key(row) for row in connection.execute(_BY_LOOKUP, (lookup,)))


def key_by_id(connection: sqlite3.Connection, key_id: str) -> KnownKey | None:
    """One key, if it is known."""
    row = connection.execute(_BY_ID, (key_id,)).fetchone()
    return _key(row) if row else None


def keys_of_booking(tx: Transaction, booking_id: str) -> list[KnownKey]:
    """All keys of one booking."""
    return [_key(row) for row in tx.execute(_BY_BOOKING, (booking_id,))]


def all_keys(connection: sqlite3.Connection) -> Iterable[KnownKey]:
    """Every known key, one by one."""
    return (_key(row) for row in connection.execute(_KEY))


def keys_after(connection: sqlite3.Connection, key_id: str, limit: int) -> list[KnownKey]:
    """The next known keys by id, so that all can be gone through without one long read."""
    return [_key(row) for row in connection.execute(_KEY + " WHERE id > ? ORDER BY id LIMIT ?", (key_id, limit))]


def count_keys(connection: sqlite3.Connection) -> int:
    """How many keys are known."""
    return int(connection.execute("SELECT count(*) FROM known_key").fetchone()[0])


def put_key(tx: Transaction, key: KnownKey, *, even_older: bool = False) -> None:
    """Take over what the bookings say of a key. An older revision changes nothing unless `even_older`."""
    tx.execute(
        _PUT_KEY if even_older else _PUT_NEWER_KEY,
        (key.id, key.booking_id, key.number, key.kind, key.lookup, _written(key.doors), key.valid_from,
         key.valid_to, key.revision, key.state, key.public_key, _written_hours(key)),
    )  # fmt: skip


def drop_keys(tx: Transaction, key_ids: Iterable[str]) -> None:
    """Forget keys."""
    for key_id in key_ids:
        tx.execute("DELETE FROM known_key WHERE id = ?", (key_id,))


def forget_keys(tx: Transaction, ended_before: Instant) -> None:
    """Forget keys whose windows are long over."""
    tx.execute("DELETE FROM known_key WHERE valid_to < ?", (ended_before,))


def use_key(tx: Transaction, key_id: str, now: Instant) -> bool:
    """Note that a key was used; whether that was the first time."""
    used = tx.execute("UPDATE known_key SET first_used_at = ? WHERE id = ? AND first_used_at IS NULL", (now, key_id))
    return used.rowcount == 1


def spent(connection: sqlite3.Connection) -> dict[tuple[str, str], tuple[str, Instant]]:
    """What is good once and was used, by door and token: the presentation that used it, and when."""
    rows = connection.execute("SELECT door_id, token, presentation_id, at FROM spent")
    return {(door, token): (presentation, at) for door, token, presentation, at in rows}


def spend(tx: Transaction, door_id: str, token: str, presentation_id: str, now: Instant) -> None:
    """Note that a presentation used something up."""
    tx.execute("INSERT OR IGNORE INTO spent VALUES (?,?,?,?)", (door_id, token, presentation_id, now))


def forget_spent(tx: Transaction, before: Instant) -> None:
    """Forget what was used up before an instant."""
    tx.execute("DELETE FROM spent WHERE at < ?", (before,))


def put_revoked(tx: Transaction, claims: str, valid_to: Instant) -> None:
    """Note that a derived PIN was revoked; `valid_to` is when nobody could use it any more."""
    tx.execute("INSERT OR REPLACE INTO revoked_derived VALUES (?,?)", (claims, valid_to))


def is_revoked(connection: sqlite3.Connection, claims: str) -> bool:
    """Whether a derived PIN was revoked."""
    return connection.execute("SELECT 1 FROM revoked_derived WHERE claims = ?", (claims,)).fetchone() is not None


def forget_revoked(tx: Transaction, ended_before: Instant) -> None:
    """Forget revocations that outlived what they revoked."""
    tx.execute("DELETE FROM revoked_derived WHERE valid_to < ?", (ended_before,))


def alarms(connection: sqlite3.Connection, since: Instant) -> list[Alarm]:
    """The calls for help since an instant, newest first."""
    rows = connection.execute(_ALARMS, (since,))
    return [Alarm(int(seq), str(door), booking_id, int(at)) for seq, door, at, booking_id in rows]


def retire_keys(tx: Transaction, booking_id: str, until: Instant | None) -> None:
    """Shut the keys of a booking until an instant, or open them again."""
    tx.execute("UPDATE known_key SET retired_until = ? WHERE booking_id = ?", (until, booking_id))


def is_unchanged(tx: Transaction, key: KnownKey) -> bool:
    """Whether a key still stands as it was read."""
    row = tx.execute("SELECT revision, state, retired_until FROM known_key WHERE id = ?", (key.id,)).fetchone()
    return row is not None and tuple(row) == (key.revision, key.state, key.retired_until)


def made_at(connection: sqlite3.Connection) -> Instant:
    """When the file was begun."""
    return int(connection.execute("SELECT made_at FROM file").fetchone()[0])


def cursor(connection: sqlite3.Connection) -> Head | None:
    """How far booking.db has been followed; None before the first time."""
    row = connection.execute("SELECT file_id, seq, hash FROM cursor").fetchone()
    return Head(str(row[0]), int(row[1]), bytes(row[2])) if row else None


def put_cursor(tx: Transaction, head: Head) -> None:
    """Note how far booking.db has been followed."""
    tx.execute("INSERT OR REPLACE INTO cursor VALUES (1, ?, ?, ?)", (head.file_id, head.seq, head.hash))


def plan(connection: sqlite3.Connection, role: str) -> tuple[int, Mapping[str, object]] | None:
    """The desired, applied or rejected plan: its number and document."""
    row = connection.execute("SELECT number, document FROM site_plan WHERE role = ?", (role,)).fetchone()
    return (int(row[0]), json.loads(row[1])) if row else None


def put_plan(tx: Transaction, role: str, number: int, document: Mapping[str, object]) -> None:
    """Keep a plan in its role."""
    tx.execute("INSERT OR REPLACE INTO site_plan VALUES (?, ?, ?)", (role, number, json.dumps(document)))


def reader_throttles(connection: sqlite3.Connection) -> dict[tuple[str, str], ReaderThrottle]:
    """Every reader's throttle, by door id and reader."""
    rows = connection.execute("SELECT door_id, reader, wrong, locked_until, seen_at FROM reader_throttle")
    return {(door, reader): ReaderThrottle(wrong, until, seen) for door, reader, wrong, until, seen in rows}


def door_throttles(connection: sqlite3.Connection) -> dict[str, DoorThrottle]:
    """Every door's throttle, by door id."""
    rows = connection.execute("SELECT door_id, day, wrong, tried_at FROM door_throttle")
    return {door: DoorThrottle(date.fromisoformat(day), wrong, tried) for door, day, wrong, tried in rows}


def put_throttle(tx: Transaction, door_id: str, reader: str, reader_value: ReaderThrottle, door: DoorThrottle) -> None:
    """Keep a reader's and its door's throttle."""
    values = (door_id, reader, reader_value.wrong, reader_value.locked_until, reader_value.seen_at)
    tx.execute("INSERT OR REPLACE INTO reader_throttle VALUES (?,?,?,?,?)", values)
    day = (door_id, door.day.isoformat(), door.wrong, door.tried_at)
    tx.execute("INSERT OR REPLACE INTO door_throttle VALUES (?,?,?,?)", day)


def mode_wishes(connection: sqlite3.Connection) -> dict[str, ModeWishes]:
    """What is asked of every door, by door id."""
    rows = connection.execute("SELECT door_id, free_access, lockdown, emergency, stretch, skipped FROM door_mode")
    return {row[0]: ModeWishes(bool(row[1]), bool(row[2]), bool(row[3]), row[4], row[5]) for row in rows}


def put_mode_wishes(tx: Transaction, door_id: str, wishes: ModeWishes) -> None:
    """Keep what is asked of a door."""
    asked = (int(wishes.free_access), int(wishes.lockdown), int(wishes.emergency))
    values = (door_id, *asked, wishes.stretch, wishes.skipped)
    tx.execute("INSERT OR REPLACE INTO door_mode VALUES (?,?,?,?,?,?)", values)


def clock_memory(connection: sqlite3.Connection) -> ClockMemory:
    """What is remembered of the clock."""
    mark, boot_id = connection.execute("SELECT clock_mark, boot_id FROM memory").fetchone()
    return ClockMemory(int(mark), str(boot_id))


def put_clock_memory(tx: Transaction, memory: ClockMemory) -> None:
    """Keep the high-water mark."""
    tx.execute("UPDATE memory SET clock_mark = ?, boot_id = ?", (memory.mark, memory.boot_id))


def pins_shut_until(connection: sqlite3.Connection) -> Instant:
    """Until when no PIN is tried anywhere, because the past of the throttles is lost."""
    return int(connection.execute("SELECT pins_shut_until FROM memory").fetchone()[0])


def put_pins_shut_until(tx: Transaction, until: Instant) -> None:
    """Shut all PINs until an instant."""
    tx.execute("UPDATE memory SET pins_shut_until = ?", (until,))


def presented(connection: sqlite3.Connection, presentation_id: str) -> tuple[str, dict[str, object]] | None:
    """What a presentation came to before, and the body of its entry in the journal, with its booking if still known."""
    row = connection.execute(_PRESENTED, (presentation_id,)).fetchone()
    return (str(row[0]), {"booking_id": row[2], **json.loads(row[1])}) if row else None


def _written(doors: Mapping[str, Interval]) -> str:
    return json.dumps({door: [window.start, window.end] for door, window in sorted(doors.items())})


def _written_hours(key: KnownKey) -> str | None:
    return json.dumps([spelled(stretch) for stretch in key.hours]) if key.hours else None


def _hours(written: str | None) -> tuple[WeeklyStretch, ...]:
    return tuple(parse_stretch(Section("hours", one)) for one in json.loads(written)) if written else ()


def _read(doors: str) -> dict[str, Interval]:
    return {door: Interval(start, end) for door, (start, end) in json.loads(doors).items()}


def _key(row: tuple[Any, ...]) -> KnownKey:
    (
        id_,
        booking_id,
        number,
        kind,
        lookup,
        doors,
        valid_from,
        valid_to,
        revision,
        state,
        used,
        retired,
        public,
        hours,
    ) = row
    return KnownKey(
        id_, booking_id, number, kind, lookup, _read(doors), valid_from, valid_to, revision,
        KeyState(state), used, retired, public, _hours(hours),
    )  # fmt: skip
