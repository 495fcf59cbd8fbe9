"""Door records are forgotten in time, and the journal goes on holding (AC-21)."""

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from appliance.access.clock_trust import TimeSource
from appliance.config import RecordSettings
from appliance.door_socket.client import DoorRefused
from appliance.foundation.clock import FakeClock
from appliance.foundation.instants import DAY, HOUR
from appliance.keys.secrets_store import load_journal_keys
from appliance.storage.chain import Break, Change, Head, start
from appliance.storage.checkpoints import ENTITY
from appliance.storage.door_writer import Transaction
from appliance.storage.verifying import SHORTENED, Verified, verify_signed
from tests.access.bookings import uuid
from tests.access.rig import Rig, eventually
from tests.storage.forging import read_journal
from tests.waiting import until

ROOT = Path(__file__).parents[2]


def pass_days(rig: Rig, days: int) -> None:
    """Let days pass one by one, with a signature on each, as a unit that runs would have it."""
    assert isinstance(rig.clock, FakeClock)
    for _ in range(days):
        rig.clock.advance(DAY)


def verified(rig: Rig) -> Verified | Break:
    file_id, entries = read_journal(rig.settings.access_file)
    return verify_signed(start(file_id), entries, load_journal_keys(rig.settings.secrets, "door"))


def subjects(rig: Rig) -> list[tuple[object, ...]]:
    return rig.rows("SELECT booking_id FROM subject ORDER BY seq")


def used(rig: Rig) -> None:
    """A unit whose door was opened by a key, and shut to one that nobody has."""
    rig.bookings.put(rig.bookings.pin_key(1, "271828"))
    rig.start_with_plan()
    eventually(lambda: rig.pin("271828").verdict == "granted")
    rig.pin("000001")
    rig.door.housekeeping.stop()


@pytest.mark.feature("AC-21")
def test_who_it_was_is_forgotten_after_thirty_days_and_the_journal_holds(rig: Rig) -> None:
    """AC-21: not a day sooner; the entry stays with all else that it says."""
    used(rig)
    before = rig.entries()
    assert subjects(rig)[-1] == (uuid(5001),)
    retention = rig.door.retention
    pass_days(rig, 30)
    retention.go_round()
    assert subjects(rig)[-1] == (uuid(5001),)
    assert rig.rows("SELECT count(*) FROM known_key WHERE first_used_at IS NOT NULL") == [(1,)]
    pass_days(rig, 1)
    retention.go_round()
    assert subjects(rig) == []
    assert rig.entries() == before
    (told,) = rig.entries("records")
    assert told.verb == "pseudonymised"
    rig.stop()
    assert isinstance(verified(rig), Verified)
    content = b"".join(path.read_bytes() for path in rig.settings.data.glob("access.db"))
    assert all(uuid(5001) not in (entry.after or "") for entry in before)
    assert content


@pytest.mark.feature("AC-21")
def test_statistics_name_nobody_and_stay_for_a_year(rig: Rig) -> None:
    """AC-21: each door by hour and reason."""
    used(rig)
    rows = rig.rows("SELECT door_id, hour, reason, times FROM door_count ORDER BY reason")
    hour = rig.clock.now() - rig.clock.now() % HOUR
    assert rows == [(uuid(100), hour, "granted", 1), (uuid(100), hour, "unknown", rows[-1][3])]
    pass_days(rig, 365)
    rig.door.retention.go_round()
    assert rig.rows("SELECT count(*) FROM door_count") == [(2,)]
    pass_days(rig, 1)
    rig.door.retention.go_round()
    assert rig.rows("SELECT count(*) FROM door_count") == [(0,)]


@pytest.mark.feature("AC-21")
@pytest.mark.parametrize("why", ["legal hold", "clock"])
def test_nothing_is_forgotten_on_hold_or_by_a_clock_that_is_not_trusted(rig: Rig, why: str) -> None:
    """AC-21: a clock that jumped eight years ahead costs nothing."""
    if why == "legal hold":
        rig.settings = replace(rig.settings, records=RecordSettings(legal_hold=True))
    else:
        rig.probe = Jumping()
    used(rig)
    pass_days(rig, 8 * 365)
    rig.door.retention.go_round()
    assert subjects(rig)[-1] == (uuid(5001),)


class Jumping:
    """A machine that nobody sets the clock of."""

    def look(self) -> TimeSource:
        return TimeSource()


def fill(rig: Rig, entries: int) -> None:
    """Some hundred entries more, and a signature behind them."""

    def write(tx: Transaction) -> None:
        for number in range(entries):
            tx.journal(Change("door", "door", uuid(100), "locked", after={"number": number}))

    rig.door.writer.submit(write).wait(10)
    rig.door.housekeeping._signing.sign()
    rig.door.writer.submit(lambda tx: None).wait(10)


@pytest.mark.feature("AC-21")
def test_after_a_year_the_beginning_goes_behind_a_signature_piece_by_piece(rig: Rig) -> None:
    """AC-21: it verifies after each piece, and all the time what is younger stays."""
    used(rig)
    fill(rig, 1_200)
    pass_days(rig, 300)
    fill(rig, 10)
    pass_days(rig, 66)
    (young,) = rig.rows("SELECT min(seq) FROM journal WHERE at > ?", rig.clock.now() - 200 * DAY)[0]
    pieces = 0
    for _ in range(10):
        before = rig.rows("SELECT min(seq) FROM journal")
        rig.door.retention.go_round()
        pieces += before != rig.rows("SELECT min(seq) FROM journal")
        assert isinstance(verified(rig), Verified)
    assert pieces == 3
    found = verified(rig)
    assert isinstance(found, Verified)
    first = rig.rows("SELECT seq, entity FROM journal ORDER BY seq LIMIT 1")
    assert first == [(found.first, ENTITY)]
    assert isinstance(young, int)
    assert 1_200 < found.first < young
    assert [entry.body_after() for entry in rig.entries("journal") if entry.verb == SHORTENED] == [
        {"first": found.first}
    ]
    rig.stop()
    assert isinstance(verified(rig), Verified)


def harm(rig: Rig, sql: str) -> Verified | Break:
    with closing(sqlite3.connect(rig.settings.access_file)) as connection, connection:
        connection.executescript(sql)
    return verified(rig)


@pytest.mark.feature("AC-21", "AC-20")
def test_a_beginning_that_somebody_else_took_out_is_found(rig: Rig) -> None:
    """AC-20: without the entry that says so, and further than it says."""
    used(rig)
    fill(rig, 20)
    rig.stop()
    found = harm(rig, "DELETE FROM journal WHERE seq < (SELECT min(seq) FROM journal WHERE entity = 'checkpoint')")
    assert isinstance(found, Break)
    assert "none were deleted by rule" in found.message


@pytest.mark.feature("AC-21", "AC-20")
def test_more_than_what_was_deleted_by_rule_is_found(rig: Rig) -> None:
    """AC-20: up to the next checkpoint, for example."""
    used(rig)
    fill(rig, 20)
    pass_days(rig, 366)
    rig.door.retention.go_round()
    fill(rig, 20)
    rig.stop()
    good = verified(rig)
    assert isinstance(good, Verified)
    assert good.first > 1
    found = harm(
        rig,
        f"DELETE FROM journal WHERE seq < (SELECT min(seq) FROM journal WHERE entity = 'checkpoint'"
        f" AND seq > {good.first})",
    )
    assert isinstance(found, Break)
    assert "are missing" in found.message


def test_an_anchor_older_than_what_is_left_is_told(rig: Rig) -> None:
    """AC-20: nothing is called good that could not be compared."""
    used(rig)
    fill(rig, 20)
    file_id, entries = read_journal(rig.settings.access_file)
    keys = load_journal_keys(rig.settings.secrets, "door")
    whole = verify_signed(start(file_id), entries, keys)
    assert isinstance(whole, Verified)
    assert whole.newest is not None
    pass_days(rig, 366)
    fill(rig, 20)
    pass_days(rig, 366)
    rig.door.retention.go_round()
    rig.stop()
    file_id, entries = read_journal(rig.settings.access_file)
    found = verify_signed(start(file_id), entries, keys, whole.newest)
    assert isinstance(found, Break)
    assert "keep a newer one" in found.message
    forged = replace(whole.newest, head=Head(file_id, entries[0].seq - 1, b"x" * 32))
    assert isinstance(verify_signed(start(file_id), entries, keys, forged), Break)


@pytest.mark.feature("AC-21")
def test_the_records_of_one_person_are_told_and_forgotten_before_their_time(rig: Rig) -> None:
    """AC-21: through the door's own socket, by bookings; the journal holds, and says only how many there were."""
    used(rig)
    rig.bookings.put(rig.bookings.pin_key(2, "314159"))
    eventually(lambda: rig.pin("314159").verdict == "granted")
    many = [uuid(5001), *(uuid(7000 + number) for number in range(250))]
    told = rig.client.records(many)
    assert {(each.booking_id, each.door_id, each.kind) for each in told} == {(uuid(5001), uuid(100), "pin")}
    assert rig.client.forget_records(many, "staff:1") == len(told) > 0
    assert rig.client.records(many) == []
    assert {row[0] for row in subjects(rig)} == {uuid(5002)}
    (entry,) = rig.entries("records")
    assert (entry.actor, entry.verb, entry.body_after()) == ("staff:1", "erased", {"entries": len(told)})
    rig.stop()
    assert isinstance(verified(rig), Verified)


@pytest.mark.feature("AC-21")
def test_a_legal_hold_keeps_also_what_a_person_wants_forgotten(rig: Rig) -> None:
    """AC-21: it is refused in words."""
    rig.settings = replace(rig.settings, records=RecordSettings(legal_hold=True))
    used(rig)
    with pytest.raises(DoorRefused, match="legal hold"):
        rig.client.forget_records([uuid(5001)], "staff:1")
    assert subjects(rig)[-1] == (uuid(5001),)


def begins(rig: Rig) -> int:
    """The first entry that is left."""
    return int(str(rig.rows("SELECT min(seq) FROM journal")[0][0]))


def has_moved(rig: Rig, first: int) -> bool:
    return begins(rig) > first


@pytest.mark.slow
@pytest.mark.feature("AC-21")
def test_kill_9_in_the_middle_of_forgetting_leaves_a_journal_that_holds(rig: Rig) -> None:
    """AC-21: a process of its own cuts piece by piece and is killed at some of them."""
    used(rig)
    fill(rig, 4_000)
    pass_days(rig, 366)
    rig.stop()
    now, program = rig.clock.now(), "tests.access.forgetting_program"
    first = 1
    for _ in range(3):
        process = subprocess.Popen(
            [sys.executable, "-m", program, str(rig.settings.access_file), str(now)],
            cwd=ROOT,
        )
        assert until(partial(has_moved, rig, first), 20)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        first = begins(rig)
        found = verified(rig)
        assert isinstance(found, Verified), found
        assert found.first == first
    assert first > 1
