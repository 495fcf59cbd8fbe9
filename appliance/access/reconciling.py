"""Comparing the door's keys with `booking.db`, and taking over what it says: at the first start, after a rebuild, and
when a person has confirmed that another file is the right one.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Final

from appliance.access import store
from appliance.access.known_keys import KnownKey, parse_known_key
from appliance.foundation.errors import Invalid
from appliance.foundation.instants import DAY, Instant
from appliance.storage.chain import Head
from appliance.storage.door_writer import DoorWriter, Transaction
from appliance.storage.follower import JournalReader

CHUNK: Final = 1000
WRITE_S: Final = 10.0
_COLUMNS: Final = (
    "id",
    "booking_id",
    "number",
    "kind",
    "lookup",
    "doors",
    "valid_from",
    "valid_to",
    "revision",
    "state",
    "public_key",
    "hours",
)
_KEYS: Final = (
    "SELECT id, booking_id, number, kind, lookup, doors, valid_from, valid_to, revision, state, public_key, hours"
    " FROM key"
    " WHERE facility_id = ? AND valid_to > ?"
)
_REVOKED: Final = "SELECT claims, valid_to FROM revoked_derived WHERE facility_id = ? AND valid_to > ?"
_PLAN: Final = "SELECT number, document FROM site_plan WHERE facility_id = ? ORDER BY number DESC LIMIT 1"


@dataclass(frozen=True, slots=True)
class Difference:
    """How many keys booking.db has and the door lacks, the other way round, and how many are not the same."""

    missing: int
    surplus: int
    differing: int


@dataclass(slots=True)
class _Count:
    seen: set[str] = field(default_factory=set)
    missing: int = 0
    differing: int = 0


def compare(reader: JournalReader, ours: sqlite3.Connection, facility_id: str, now: Instant) -> Difference:
    """The difference, without changing anything."""
    count = _Count()
    with reader.at_one_moment():
        for chunk in _chunks(_booked(reader, facility_id, now)):
            _changed(chunk, ours, count)
    return Difference(count.missing, len(_surplus(ours, count.seen, now)), count.differing)


def adopt(
    reader: JournalReader, ours: sqlite3.Connection, writer: DoorWriter, facility_id: str, now: Instant
) -> tuple[Difference, Head]:
    """Take over what booking.db says and follow it from there; the difference there was, and where it was read.

    Keys are written in chunks, so that presentations get their turn between them; the cursor comes last.
    """
    count = _Count()
    with reader.at_one_moment():
        head, plan = reader.head(), _newest_plan(reader, facility_id)
        revoked = [(str(row[0]), int(str(row[1]))) for row in reader.query(_REVOKED, (facility_id, now - DAY))]
        for chunk in _chunks(_booked(reader, facility_id, now)):
            changed = _changed(chunk, ours, count)
            if changed:
                writer.submit(_putting(changed)).wait(WRITE_S)
    surplus = _surplus(ours, count.seen, now)
    writer.submit(_closing(surplus, revoked, head, plan)).wait(WRITE_S)
    return Difference(count.missing, len(surplus), count.differing), head


def _booked(reader: JournalReader, facility_id: str, now: Instant) -> Iterator[KnownKey]:
    for row in reader.rows(_KEYS, (facility_id, now - DAY)):
        body = dict(zip(_COLUMNS, row, strict=True))
        body["doors"] = json.loads(str(body["doors"]))
        body["hours"] = json.loads(str(body["hours"] or "null"))
        try:
            yield parse_known_key(body)
        except Invalid:
            # What cannot be understood opens nothing; the journal's entry for it was reported when it was followed.
            continue


def _newest_plan(reader: JournalReader, facility_id: str) -> tuple[int, Mapping[str, object]] | None:
    rows = reader.query(_PLAN, (facility_id,))
    return (int(str(rows[0][0])), json.loads(str(rows[0][1]))) if rows else None


def _chunks(keys: Iterator[KnownKey]) -> Iterator[list[KnownKey]]:
    while chunk := list(islice(keys, CHUNK)):
        yield chunk


def _changed(chunk: list[KnownKey], ours: sqlite3.Connection, count: _Count) -> list[KnownKey]:
    changed = []
    for key in chunk:
        count.seen.add(key.id)
        known = store.key_by_id(ours, key.id)
        if known is None:
            count.missing += 1
        elif replace(known, first_used_at=None, retired_until=None) != key:
            count.differing += 1
        else:
            continue
        changed.append(key)
    return changed


def _surplus(ours: sqlite3.Connection, seen: set[str], now: Instant) -> list[str]:
    return [key.id for key in store.all_keys(ours) if key.valid_to > now - DAY and key.id not in seen]


def _putting(keys: list[KnownKey]) -> Callable[[Transaction], None]:
    def write(tx: Transaction) -> None:
        for key in keys:
            store.put_key(tx, key, even_older=True)

    return write


def _closing(
    surplus: list[str], revoked: list[tuple[str, Instant]], head: Head, plan: tuple[int, Mapping[str, object]] | None
) -> Callable[[Transaction], None]:
    def write(tx: Transaction) -> None:
        store.drop_keys(tx, surplus)
        for claims, valid_to in revoked:
            store.put_revoked(tx, claims, valid_to)
        if plan is not None:
            store.put_plan(tx, "desired", *plan)
        store.put_cursor(tx, head)

    return write
