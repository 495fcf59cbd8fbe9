"""The journal's form, shared by both files: one append-only chain of entries, each sealed by the hash of all before it.

An entry says who did what to which thing, with the thing before and after as JSON objects. Deleting, altering or
reordering any entry breaks every hash after it (AC-20).
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from appliance.foundation.instants import Instant

Body: TypeAlias = Mapping[str, object]

_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
_COMPACT = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)

JOURNAL_DDL = """
CREATE TABLE journal(
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    facility_id TEXT NOT NULL,
    actor TEXT NOT NULL,
    entity TEXT NOT NULL,
    entity_id TEXT NOT NULL,
    verb TEXT NOT NULL,
    before TEXT,
    after TEXT,
    prev_hash BLOB NOT NULL UNIQUE,
    hash BLOB NOT NULL
) STRICT;
CREATE TABLE file(id TEXT PRIMARY KEY, made_at INTEGER NOT NULL) STRICT;
"""


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody did, before it has a place in the chain. `before` and `after` hold plain JSON values only."""

    actor: str
    entity: str
    entity_id: str
    verb: str
    before: Body | None = None
    after: Body | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A change in its place. `before` and `after` are kept as the exact text that was hashed."""

    seq: int
    at: Instant
    facility_id: str
    actor: str
    entity: str
    entity_id: str
    verb: str
    before: str | None
    after: str | None
    prev_hash: bytes
    hash: bytes

    def body_after(self) -> dict[str, object]:
        """The thing after the change; an empty object when it is gone."""
        return _object(self.after)

    def body_before(self) -> dict[str, object]:
        """The thing before the change; an empty object when it is new."""
        return _object(self.before)


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain ends, or how far a reader has come: the file, the last entry and its hash."""

    file_id: str
    seq: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Break:
    """The first place at which a chain does not hold."""

    seq: int
    message: str


def start(file_id: str) -> Head:
    """The head of a journal that has no entries yet; it binds the chain to its file."""
    return Head(file_id, 0, hashlib.sha256(b"portvakt-journal-1\0" + file_id.encode()).digest())


def follow(head: Head, change: Change, at: Instant, facility_id: str) -> Entry:
    """The entry that puts `change` after `head`."""
    fields = (
        head.seq + 1, at, facility_id, change.actor, change.entity, change.entity_id, change.verb,
        canonical(change.before), canonical(change.after),
    )  # fmt: skip
    return Entry(*fields, prev_hash=head.hash, hash=_digest(head.hash, fields))


def verify(head: Head, entries: Iterable[Entry]) -> Head | Break:
    """Walk `entries` from `head`; the new head, or the first entry that does not follow from the one before it."""
    for entry in entries:
        if entry.seq != head.seq + 1:
            return Break(head.seq + 1, f"entry {head.seq + 1} is missing: entry {entry.seq} comes after {head.seq}")
        if entry.prev_hash != head.hash:
            return Break(entry.seq, f"entry {entry.seq} does not name the entry before it")
        fields = (
            entry.seq, entry.at, entry.facility_id, entry.actor, entry.entity, entry.entity_id, entry.verb,
            entry.before, entry.after,
        )  # fmt: skip
        if entry.hash != _digest(head.hash, fields):
            return Break(entry.seq, f"entry {entry.seq} was altered")
        head = Head(head.file_id, entry.seq, entry.hash)
    return head


def canonical(body: Body | None) -> str | None:
    """One text for one object: sorted keys, no spaces, UTF-8 as it is."""
    if body is None:
        return None
    return _CANONICAL.encode(body)


def _digest(prev_hash: bytes, fields: tuple[object, ...]) -> bytes:
    return hashlib.sha256(prev_hash + _COMPACT.encode(fields).encode()).digest()


def _object(text: str | None) -> dict[str, object]:
    loaded = json.loads(text) if text is not None else {}
    if not isinstance(loaded, dict):
        raise TypeError("a journal body is a JSON object")
    return loaded
