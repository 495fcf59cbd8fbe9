"""Eight processes race for the same slots in one file; an independent sweep finds no overlap (SH-16)."""

import sqlite3
from collections import Counter
from contextlib import closing

import pytest

from appliance.boot.booking_side import open_booking_side
from appliance.storage import guard, journal
from appliance.storage.chain import Head
from appliance.storage.guard import GuardMissing
from tests.builders import Site
from tests.storage import racing
from tests.storage.sweep import overlaps

PROCESSES = 8


def drop_the_guard(site: Site) -> None:
    with closing(sqlite3.connect(site.settings.booking_file)) as connection:
        for trigger in guard.TRIGGERS:
            connection.execute(f"DROP TRIGGER {trigger}")


def check_standing(site: Site, tallies: list[racing.Tally]) -> None:
    """Everything that a racer was told stands is in the file as told, and nothing else is."""
    told = {booking_id: start for tally in tallies for booking_id, start in tally.standing.items()}
    found = site.rows("SELECT id, starts FROM booking WHERE status = 'confirmed'")
    assert set(found) == set(told.items())
    claimed = site.rows(
        "SELECT b.id, c.starts FROM claim c JOIN booking b ON b.id = c.booking_id"
        " WHERE c.active = 1 AND b.status <> 'held'"
    )
    assert sorted(claimed) == sorted(found)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.feature("SH-16", "BM-24")
def test_eight_processes_race_for_the_same_slots_without_an_overlap(site: Site) -> None:
    """SH-16: bookings, holds, moves and cancels, any court or a wished one, and the last places of a class."""
    tallies = racing.raced(racing.at_the_desk, site.settings.data, PROCESSES, 200)
    assert overlaps(site.settings.booking_file) == []
    check_standing(site, tallies)
    total = Counter[str]()
    for tally in tallies:
        total += Counter(confirmed=tally.confirmed, refused=tally.refused, moved=tally.moved, cancelled=tally.cancelled)
    assert total["confirmed"] > PROCESSES, total
    assert set(total) == {"confirmed", "refused", "moved", "cancelled"}, total
    with site.side.book.read(site.side.scope) as tx:
        assert isinstance(journal.check(tx.connection), Head)
    pins = site.rows("SELECT lookup FROM key WHERE kind = 'pin' AND state = 'live'")
    assert len(set(pins)) == len(pins)


@pytest.mark.slow
def test_naive_racers_are_stopped_by_the_guard_alone(site: Site) -> None:
    """SH-16: who looks first and inserts later is refused by the database."""
    tallies = racing.raced(racing.by_hand, site.settings.data, PROCESSES, 60)
    assert overlaps(site.settings.booking_file) == []
    assert 4 <= sum(tally.confirmed for tally in tallies) <= 4 * len(racing.STARTS)


@pytest.mark.slow
def test_without_the_guard_the_same_race_overbooks_and_start_up_refuses(site: Site) -> None:
    """SH-16: negative control; the sweep can find an overlap, and no program would run on such a file."""
    drop_the_guard(site)
    racing.raced(racing.by_hand, site.settings.data, PROCESSES, 60)
    assert overlaps(site.settings.booking_file) != []
    with pytest.raises(GuardMissing, match="portvakt migrate"):
        open_booking_side(site.settings)
