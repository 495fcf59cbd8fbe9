"""Baselines: what the parts cost by themselves on this machine, measured in the same run as the product."""

import hmac
import json
import sqlite3
import time
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from appliance.boot.bench.ground import require_durable

_MESSAGE: Final = b"portvakt-pass-1\x00" + b"\x5a" * 34  # as long as what a pass signs
_HOUR: Final = 3600
_LOG_BYTES: Final = 6 * 1024 * 1024
_TABLES: Final = """
CREATE TABLE known(lookup BLOB PRIMARY KEY, valid_from INTEGER, valid_to INTEGER) STRICT;
CREATE TABLE event(id INTEGER PRIMARY KEY, at INTEGER, what TEXT) STRICT;
CREATE TABLE booked(id INTEGER PRIMARY KEY, resource INTEGER, starts INTEGER, ends INTEGER) STRICT;
CREATE INDEX booked_load ON booked(resource, starts, ends);
CREATE TABLE issued(id INTEGER PRIMARY KEY, booking INTEGER, lookup BLOB) STRICT;
CREATE TABLE outbox(id INTEGER PRIMARY KEY, what TEXT) STRICT;
"""


class RawFile:
    """A SQLite file as bare as can be, written to like ours: WAL, FULL. One thread at a time."""

    def __init__(self, path: Path, keys: int = 5000) -> None:
        is_new = not path.exists()
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "busy_timeout = 5000"):
            self._connection.execute(f"PRAGMA {pragma}")
        mode = self._connection.execute("PRAGMA journal_mode").fetchone()[0]
        require_durable(path.name, mode, self._connection.execute("PRAGMA synchronous").fetchone()[0])
        if is_new:
            self._connection.executescript(_TABLES)
            rows = ((number.to_bytes(32, "big"), 0, 1 << 40) for number in range(keys))
            self._connection.execute("BEGIN")
            self._connection.executemany("INSERT INTO known VALUES (?,?,?)", rows)
            self._connection.execute("COMMIT")
            self._age()
        self._keys = keys
        self._turn = 0

    def _age(self) -> None:
        """Let the log grow to the size it keeps: a commit that also makes its file longer costs several times as much.

        The product's files have it from their first thousand keys.
        """
        self._connection.execute("INSERT INTO outbox(what) VALUES (?)", ("x" * _LOG_BYTES,))
        self._connection.execute("PRAGMA wal_checkpoint(RESTART)")

    def decide(self) -> None:
        """The least that a durable decision is: one row looked up, one event committed."""
        self._turn += 1
        lookup = (self._turn * 7919 % self._keys).to_bytes(32, "big")
        found = self._connection.execute("SELECT valid_to FROM known WHERE lookup = ?", (lookup,)).fetchone()
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.execute("INSERT INTO event(at, what) VALUES (?, ?)", (found[0], "granted" * 40))
        self._connection.execute("COMMIT")

    def book(self) -> None:
        """The least that a durable booking is: look for an overlap, then booking, two keys and a message."""
        run = self._connection.execute
        run("BEGIN IMMEDIATE")
        turn = int(run("SELECT coalesce(max(id), 0) FROM booked").fetchone()[0])
        resource, starts = turn % 50, turn // 50 * _HOUR
        run("SELECT 1 FROM booked WHERE resource = ? AND starts < ? AND ends > ?", (resource, starts + _HOUR, starts))
        run("INSERT INTO booked(resource, starts, ends) VALUES (?,?,?)", (resource, starts, starts + _HOUR))
        for _ in range(2):
            run("INSERT INTO issued(booking, lookup) VALUES (?, ?)", (turn, turn.to_bytes(32, "big")))
        run("INSERT INTO outbox(what) VALUES (?)", ("confirmed" * 40,))
        run("COMMIT")

    def close(self) -> None:
        self._connection.close()


class RawSignature:
    """One Ed25519 signature, verified with a public key object that is kept."""

    def __init__(self) -> None:
        key = Ed25519PrivateKey.generate()
        self._public, self._signature = key.public_key(), key.sign(_MESSAGE)

    def verify(self) -> None:
        self._public.verify(self._signature, _MESSAGE)


class RawCandidates:
    """So many one-time codes worked out with the standard library, each by one HMAC-SHA-1 as RFC 4226 has it."""

    def __init__(self, count: int) -> None:
        self._secret, self._counters = b"\x5a" * 32, [number.to_bytes(8, "big") for number in range(count)]

    def verify(self) -> None:
        for counter in self._counters:
            hmac.digest(self._secret, counter, "sha1")


def decision_round(file: RawFile, check: RawSignature | RawCandidates | None, count: int) -> list[float]:
    """Milliseconds of `count` times verify (a PIN has nothing to verify: None) and commit."""
    took = []
    for _ in range(count):
        began = time.perf_counter()
        if check is not None:
            check.verify()
        file.decide()
        took.append((time.perf_counter() - began) * 1000)
    return took


def listing_ms(booking_file: Path, answer: object) -> float:
    """Milliseconds to read the active claims with sqlite3 and to write `answer` with json: no arithmetic, no HTTP."""
    connection = sqlite3.connect(f"file:{booking_file}?mode=ro", uri=True)
    try:
        began = time.perf_counter()
        connection.execute("SELECT resource_id, starts, ends, quantity FROM claim WHERE active = 1").fetchall()
        json.dumps(answer)
        return (time.perf_counter() - began) * 1000
    finally:
        connection.close()
