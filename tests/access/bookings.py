"""A stand-in for the web process: a `booking.db` with just the tables that the door reads, written by raw sqlite3."""

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from appliance.foundation.clock import Clock
from appliance.keys.pins import pin_lookup
from appliance.storage.chain import JOURNAL_DDL, Change, Head, follow, start

FACILITY = "0190a000-0000-7000-8000-000000000001"
_DDL = """
CREATE TABLE key(id TEXT PRIMARY KEY, facility_id TEXT, booking_id TEXT, number TEXT, kind TEXT, lookup TEXT,
    doors TEXT, valid_from INTEGER, valid_to INTEGER, revision INTEGER, state TEXT,
    public_key TEXT, hours TEXT) STRICT;
CREATE TABLE revoked_derived(facility_id TEXT, claims TEXT, valid_to INTEGER) STRICT;
CREATE TABLE site_plan(facility_id TEXT, number INTEGER, document TEXT) STRICT;
CREATE TABLE booking(id TEXT PRIMARY KEY, facility_id TEXT, status TEXT, starts INTEGER, ends INTEGER) STRICT;
CREATE TABLE claim(facility_id TEXT, resource_id TEXT, booking_id TEXT, starts INTEGER, ends INTEGER, active INTEGER)
    STRICT;
"""


def uuid(number: int) -> str:
    """A UUID that is easy to recognise."""
    return f"0190a000-0000-7000-8000-{number:012x}"


def door(number: int, slug: str, **settings: object) -> dict[str, object]:
    """A simulated door of a site plan."""
    base = {"id": uuid(100 + number), "slug": slug, "name": slug.title(), "number": number, "driver": "simulated"}
    return {**base, "settings": {}, **settings}


def document(*doors: dict[str, object]) -> dict[str, object]:
    """A site plan of some doors."""
    facility = {"id": FACILITY, "slug": "sodra", "name": "Södra Padel", "time_zone": "Europe/Stockholm"}
    return {"facility": facility, "doors": list(doors) or [door(0, "entrance"), door(1, "court-1")]}


def key(number: int, **changes: object) -> dict[str, object]:
    """The body of a key entry; by default a PIN key of both doors, each open in the whole window."""
    base: dict[str, object] = {
        "id": uuid(1000 + number), "booking_id": uuid(5000 + number), "number": f"B{number}", "kind": "pin",
        "lookup": None, "valid_from": 0, "valid_to": 4_000_000_000, "revision": 1, "state": "live",
        "public_key": None, "hours": None, **changes,
    }  # fmt: skip
    window = [base["valid_from"], base["valid_to"]]
    return {"doors": {uuid(100): window, uuid(101): window}, **base}


_PUT_KEY = (
    "INSERT OR REPLACE INTO key VALUES (:id,:facility,:booking_id,:number,:kind,:lookup,:doors,:valid_from,:valid_to,"
    ":revision,:state,:public_key,:hours)"
)


def _row(body: dict[str, object]) -> dict[str, object]:
    hours = json.dumps(body["hours"]) if body["hours"] else None
    return {**body, "doors": json.dumps(body["doors"]), "hours": hours, "facility": FACILITY}


class Bookings:
    """The file, and what the web process does to it."""

    def __init__(self, path: Path, clock: Clock, lookup_key: bytes, file_id: str = uuid(9)) -> None:
        self._clock = clock
        self._lookup_key = lookup_key
        self.path = path
        self.connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.connection.executescript(f"PRAGMA journal_mode=WAL;PRAGMA synchronous=OFF;{JOURNAL_DDL}{_DDL}")
        self.connection.execute("INSERT INTO file VALUES (?, ?)", (file_id, clock.now()))
        self.head: Head = start(file_id)

    def pin_key(self, number: int, pin: str, **changes: object) -> dict[str, object]:
        """The body of a key found by a PIN."""
        return key(number, lookup=pin_lookup(self._lookup_key, pin).hex(), **changes)

    def put(self, *keys: dict[str, object], verb: str = "issued") -> int:
        """Write keys and their entries in one transaction; the seq of the last."""
        return self.write([("key", str(body["id"]), verb, body) for body in keys])

    def put_rows(self, keys: Iterable[dict[str, object]]) -> None:
        """Write keys without their entries, for a long past that nobody reads."""
        self.connection.execute("BEGIN")
        self.connection.executemany(_PUT_KEY, (_row(body) for body in keys))
        self.connection.execute("COMMIT")

    def plan(self, number: int, plan: dict[str, object]) -> int:
        """Ask for a site plan."""
        self.connection.execute("INSERT INTO site_plan VALUES (?,?,?)", (FACILITY, number, json.dumps(plan)))
        return self.write([("site_plan", FACILITY, "desired", {"number": number, "document": plan})])

    def revoke_derived(self, claims: str, valid_to: int) -> int:
        """Revoke a derived PIN by what it stands for."""
        self.connection.execute("INSERT INTO revoked_derived VALUES (?,?,?)", (FACILITY, claims, valid_to))
        return self.write([("revoked_derived", claims, "revoked", {"claims": claims, "valid_to": valid_to})])

    def write(self, entries: Iterable[tuple[str, str, str, dict[str, object]]]) -> int:
        """Append entries, with the rows of those that are keys."""
        with closing(self.connection.cursor()) as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            for entity, entity_id, verb, body in entries:
                entry = follow(
                    self.head, Change("web", entity, entity_id, verb, after=body), self._clock.now(), FACILITY
                )
                values = [getattr(entry, name) for name in entry.__slots__]
                cursor.execute("INSERT INTO journal VALUES (?,?,?,?,?,?,?,?,?,?,?)", values)
                if entity == "key" and "doors" in body:
                    cursor.execute(_PUT_KEY, _row(body))
                self.head = Head(self.head.file_id, entry.seq, entry.hash)
            cursor.execute("COMMIT")
        return self.head.seq

    def book(self, number: int, resource_id: str, starts: int, ends: int, status: str = "confirmed") -> int:
        """A booking with its claim, as the booking side would write them; the seq of its entry."""
        booking_id = uuid(6000 + number)
        self.connection.execute("INSERT INTO booking VALUES (?,?,?,?,?)", (booking_id, FACILITY, status, starts, ends))
        values = (FACILITY, resource_id, booking_id, starts, ends)
        self.connection.execute("INSERT INTO claim VALUES (?,?,?,?,?,1)", values)
        return self.write([("booking", booking_id, "confirmed", {"id": booking_id})])

    def close(self) -> None:
        self.connection.close()
