"""kill -9 while booking: whatever was told as booked is in the file, the journal verifies and the guard holds."""

import random
from multiprocessing.connection import Connection

import pytest

from appliance.booking.bookings import from_body
from appliance.storage import journal
from appliance.storage.chain import Head
from appliance.storage.migrating import require_newest
from tests.builders import Site
from tests.storage import racing
from tests.storage.sweep import overlaps

HOURS_A_ROUND = 12


def told(line: Connection) -> list[tuple[str, int]]:
    """Everything that a dead process had said."""
    heard = []
    try:
        while line.poll(0):
            heard.append(line.recv())
    except EOFError:
        pass
    return heard


def killed_in_the_middle(site: Site, round_: int, dice: random.Random) -> list[tuple[str, int]]:
    """Let a process book for a while and kill it; the bookings that it had told."""
    with racing.started(racing.without_end, site.settings.data, round_, round_ * HOURS_A_ROUND) as (process, line):
        heard = []
        for _ in range(dice.randint(1, 8)):
            assert line.poll(racing.PATIENCE_S)
            heard.append(line.recv())
        # Some kills strike right after a commit was told, some anywhere in the next booking.
        line.poll(dice.choice((0, 0.001, 0.003, 0.006, 0.01)))
        process.kill()
        process.join()
        return heard + told(line)


def confirmed(site: Site) -> set[tuple[str, int]]:
    rows = site.rows("SELECT id, starts FROM booking WHERE status = 'confirmed'")
    return {(str(booking_id), int(str(start))) for booking_id, start in rows}


def check_file(site: Site, expected: set[tuple[str, int]]) -> None:
    found = confirmed(site)
    assert expected <= found
    assert len(found) <= len(expected) + 1, "at most the booking that was under way may have come in unheard"
    assert overlaps(site.settings.booking_file) == []
    require_newest(site.side.engine)
    with site.side.book.read(site.side.scope) as tx:
        assert isinstance(journal.check(tx.connection), Head)
        last = {entry.entity_id: entry for entry in journal.entries(tx.connection) if entry.entity == "booking"}
    assert {(each.id, each.interval.start) for each in (from_body(e.body_after()) for e in last.values())} == found
    keys = site.rows("SELECT booking_id FROM key WHERE kind = 'pin' AND state = 'live'")
    assert {booking_id for (booking_id,) in keys} == {booking_id for booking_id, _ in found}


def kill_often(site: Site, rounds: int) -> None:
    dice, expected = random.Random(rounds), set[tuple[str, int]]()
    for round_ in range(rounds):
        expected |= set(killed_in_the_middle(site, round_, dice))
        check_file(site, expected)
        expected = confirmed(site)


@pytest.mark.slow
def test_a_booking_that_was_told_survives_ten_kills(site: Site) -> None:
    """SH-16: nothing confirmed is lost."""
    kill_often(site, 10)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_a_booking_that_was_told_survives_fifty_kills(site: Site) -> None:
    """SH-16: nothing confirmed is lost."""
    kill_often(site, 50)


@pytest.mark.slow
def test_a_booking_that_was_told_before_its_commit_would_be_missed(site: Site) -> None:
    """SH-16: negative control; the check sees a booking that was promised and never written."""
    with pytest.raises(AssertionError):
        check_file(site, {("00000000-0000-7000-8000-000000000000", 1)})
