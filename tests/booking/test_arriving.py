"""What the doors' journal says of bookings is applied once, with its cursor in the same transaction (AC-18)."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from appliance.booking.actions.arriving import follow_doors
from appliance.booking.actions.no_shows import DOORS_READ
from appliance.booking.bookings import Status
from appliance.storage.chain import JOURNAL_DDL, Change, Entry, Head, follow, start
from appliance.storage.follower import JournalReader
from appliance.storage.jobs import read_cursor
from tests.builders import NOW, TEN, Site


@dataclass
class Doors:
    """An `access.db` made by hand: the journal alone."""

    path: Path
    file_id: str = "doors-1"
    head: Head = field(init=False)

    def __post_init__(self) -> None:
        self.head = start(self.file_id)
        with closing(sqlite3.connect(self.path)) as connection, connection:
            subject = "CREATE TABLE subject(seq INTEGER PRIMARY KEY, booking_id TEXT);"
            connection.executescript(f"PRAGMA journal_mode = WAL;{JOURNAL_DDL}{subject}")
            connection.execute("INSERT INTO file VALUES (?, ?)", (self.file_id, NOW))

    def say(self, verb: str, after: dict[str, object], entity: str = "presentation") -> None:
        entry = follow(self.head, Change("door", entity, "p", verb, after=after), NOW, "f")
        with closing(sqlite3.connect(self.path)) as connection, connection:
            values = [getattr(entry, name) for name in Entry.__slots__]
            connection.execute(f"INSERT INTO journal VALUES ({','.join('?' * len(values))})", values)
        self.head = Head(self.file_id, entry.seq, entry.hash)

    def granted(self, booking_id: object) -> None:
        """As versions wrote it that named the booking in the entry."""
        self.say("granted", {"booking_id": booking_id, "reason": "granted"})

    def let_in(self, booking_id: str) -> None:
        """As it is written now: the entry names nobody."""
        self.say("granted", {"reason": "granted"})
        with closing(sqlite3.connect(self.path)) as connection, connection:
            connection.execute("INSERT INTO subject VALUES (?, ?)", (self.head.seq, booking_id))


@pytest.fixture
def doors(tmp_path: Path) -> Doors:
    return Doors(tmp_path / "access.db")


@pytest.fixture
def reader(doors: Doors) -> Iterator[JournalReader]:
    made = JournalReader(doors.path)
    yield made
    made.close()


def cursor(site: Site) -> Head | None:
    with site.side.book.read(site.side.scope) as tx:
        return read_cursor(tx, DOORS_READ)


def arrivals(site: Site) -> int:
    return len(site.rows("SELECT seq FROM journal WHERE entity = 'booking' AND verb = 'arrived'"))


def test_the_first_use_of_a_key_is_the_arrival(site: Site, doors: Doors, reader: JournalReader) -> None:
    """AC-18: arrived once, however often the key is used, and however often the journal is read."""
    booked = site.book(TEN)
    doors.let_in(booked.id)
    doors.granted(booked.id)
    assert follow_doors(site.side.book, site.side.scope, reader) == 2
    assert follow_doors(site.side.book, site.side.scope, reader) == 0
    assert site.status(booked.id) is Status.ARRIVED
    assert arrivals(site) == 1
    assert cursor(site) == doors.head
    doors.granted(booked.id)
    assert follow_doors(site.side.book, site.side.scope, reader) == 1
    assert arrivals(site) == 1


def test_what_is_no_arrival_changes_nothing(site: Site, doors: Doors, reader: JournalReader) -> None:
    """AC-18: denials, staff releases, other facilities' bookings, cancelled ones; the cursor goes on."""
    booked, cancelled = site.book(TEN), site.book(TEN + 5 * 3600)
    site.cancel(cancelled.id)
    doors.say("denied", {"booking_id": booked.id, "reason": "too_early"})
    doors.say("granted", {"booking_id": booked.id}, entity="door")
    for stranger in (None, 7, "no such booking", cancelled.id, ["x"]):
        doors.granted(stranger)
    doors.say("granted", {})
    assert follow_doors(site.side.book, site.side.scope, reader) == 8
    assert site.status(booked.id) is Status.CONFIRMED
    assert site.status(cancelled.id) is Status.CANCELLED
    assert cursor(site) == doors.head


def test_the_facts_and_the_cursor_are_one_transaction(site: Site, doors: Doors, reader: JournalReader) -> None:
    """AC-18: when the booking file cannot take the cursor, it has not taken the arrival either."""
    booked = site.book(TEN)
    doors.granted(booked.id)
    with closing(sqlite3.connect(site.settings.booking_file)) as connection, connection:
        connection.execute("CREATE TRIGGER no_cursor BEFORE INSERT ON cursor BEGIN SELECT RAISE(ABORT, 'full'); END")
    with pytest.raises(Exception, match="full"):
        follow_doors(site.side.book, site.side.scope, reader)
    assert site.status(booked.id) is Status.CONFIRMED
    with closing(sqlite3.connect(site.settings.booking_file)) as connection, connection:
        connection.execute("DROP TRIGGER no_cursor")
    assert follow_doors(site.side.book, site.side.scope, reader) == 1
    assert site.status(booked.id) is Status.ARRIVED


def test_a_long_journal_is_read_in_pieces(site: Site, doors: Doors, reader: JournalReader) -> None:
    """AC-18: a web process that was away for long does not hold the booking file for long."""
    booked = site.book(TEN)
    for _ in range(250):
        doors.say("denied", {})
    doors.granted(booked.id)
    assert follow_doors(site.side.book, site.side.scope, reader) == 200
    assert site.status(booked.id) is Status.CONFIRMED
    assert follow_doors(site.side.book, site.side.scope, reader) == 51
    assert site.status(booked.id) is Status.ARRIVED


def test_a_door_file_that_was_replaced_begins_anew(site: Site, doors: Doors, reader: JournalReader) -> None:
    """AC-18: a rebuilt access.db has another identity; its facts are taken from the first one on."""
    first, second = site.book(TEN), site.book(TEN)
    doors.granted(first.id)
    follow_doors(site.side.book, site.side.scope, reader)
    for path in doors.path.parent.glob("access.db*"):
        path.unlink()
    fresh = Doors(doors.path, "doors-2")
    assert follow_doors(site.side.book, site.side.scope, reader) == 0
    fresh.granted(first.id)
    fresh.granted(second.id)
    assert follow_doors(site.side.book, site.side.scope, reader) == 2
    assert (site.status(first.id), site.status(second.id)) == (Status.ARRIVED, Status.ARRIVED)
    assert arrivals(site) == 2
    assert cursor(site) == fresh.head


def test_a_door_file_that_is_not_there_yet_is_waited_for(site: Site, tmp_path: Path) -> None:
    """AC-18: the web process may be the first to start."""
    nothing = JournalReader(tmp_path / "later.db")
    assert follow_doors(site.side.book, site.side.scope, nothing) == 0
    (tmp_path / "later.db").write_bytes(b"this is no database at all" * 100)
    assert follow_doors(site.side.book, site.side.scope, nothing) == 0
    nothing.close()


def test_who_comes_back_after_checking_out_has_not_arrived_again(
    site: Site, doors: Doors, reader: JournalReader
) -> None:
    """AC-18: the forgotten bag is fetched within the grace; the booking stays completed."""
    booked = site.book(TEN)
    site.clock.set(TEN)
    site.check_out(booked.id)
    doors.granted(booked.id)
    assert follow_doors(site.side.book, site.side.scope, reader) == 1
    assert site.status(booked.id) is Status.COMPLETED


def test_an_arrival_ends_the_grace(site: Site, doors: Doors, reader: JournalReader) -> None:
    """BRP-21: who has been let in cannot cancel for nothing any more."""
    booked = site.book(TEN)
    doors.granted(booked.id)
    follow_doors(site.side.book, site.side.scope, reader)
    answer = site.cancel(booked.id)
    assert getattr(answer, "reason", None) == "too_late_to_cancel"
