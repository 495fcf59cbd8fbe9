"""What somebody does who can write a journal's file, and has no key: hash all of it afresh."""

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from appliance.storage.chain import Entry
from appliance.storage.checkpoints import ENTITY
from appliance.storage.follower import JournalReader

Mutation = Callable[[list[Entry]], list[Entry]]


def rehashed(file_id: str, entries: Iterable[Entry]) -> list[Entry]:
    """The same contents as a chain without a flaw; written after the format, not with the product's own function."""
    before, chain = hashlib.sha256(b"portvakt-journal-1\0" + file_id.encode()).digest(), []
    for seq, entry in enumerate(entries, 1):
        fields = (seq, *(getattr(entry, name) for name in Entry.__slots__[1:-2]))
        text = json.dumps(fields, separators=(",", ":"), ensure_ascii=False)
        chain.append(replace(entry, seq=seq, prev_hash=before, hash=hashlib.sha256(before + text.encode()).digest()))
        before = chain[-1].hash
    return chain


def without_checkpoints(entries: Iterable[Entry]) -> list[Entry]:
    """What was said, and nothing of who vouches for it."""
    return [entry for entry in entries if entry.entity != ENTITY]


def read_journal(path: Path) -> tuple[str, list[Entry]]:
    """The file's id and all of its entries."""
    reader = JournalReader(path)
    try:
        return reader.file_id(), list(reader.all())
    finally:
        reader.close()


def forge(path: Path, mutation: Mutation) -> None:
    """Put what `mutation` makes of the journal in its place, with fresh hashes."""
    file_id, entries = read_journal(path)
    write_journal(path, rehashed(file_id, mutation(entries)))


def write_journal(path: Path, entries: Sequence[Entry]) -> None:
    """Put entries in the place of the journal, as they are."""
    rows = [tuple(getattr(entry, name) for name in Entry.__slots__) for entry in entries]
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM journal")
        connection.executemany("INSERT INTO journal VALUES (?,?,?,?,?,?,?,?,?,?,?)", rows)
