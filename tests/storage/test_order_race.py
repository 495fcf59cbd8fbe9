"""Orders of several bookings under racing and under kill -9: whole or not at all, and never an overlap (DY-49)."""

import random
from dataclasses import replace

import pytest

from appliance.booking.actions import series
from appliance.booking.actions.series import Accepted, SeriesWish
from appliance.booking.bookings import Booking
from appliance.booking.recurrence import Cadence, Recurrence
from appliance.booking.services import Several
from appliance.storage import journal
from appliance.storage.chain import Head
from appliance.storage.unit_of_work import Transaction
from tests.builders import ANNA, TEN, Site
from tests.several import allow, open_ahead
from tests.storage import order_racing, racing
from tests.storage.order_racing import DATES, OrderTally
from tests.storage.sweep import overlaps

PROCESSES = 8


@pytest.fixture(autouse=True)
def several_allowed(site: Site) -> None:
    allow(site, "padel", Several(series=True, most_in_a_row=3))
    open_ahead(site)


def sizes(site: Site) -> dict[str, int]:
    """How many bookings each order in the file has."""
    rows = site.rows(
        "SELECT o.id, count(b.id) FROM booking_order o LEFT JOIN booking b ON b.order_id = o.id GROUP BY 1"
    )
    return {str(order_id): int(str(size)) for order_id, size in rows}


def check_journal(site: Site) -> None:
    assert overlaps(site.settings.booking_file) == []
    with site.side.book.read(site.side.scope) as tx:
        assert isinstance(journal.check(tx.connection), Head)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.feature("DY-49", "DY-56")
def test_eight_processes_race_with_series_and_rows_without_an_overlap(site: Site) -> None:
    """DY-49, DY-56: every order that a racer was told stands whole, and nothing else stands."""
    tallies: list[OrderTally] = racing.raced(order_racing.at_the_counter, site.settings.data, PROCESSES, 40)
    check_journal(site)
    told = {each for tally in tallies for bookings in tally.standing.values() for each in bookings}
    assert {row[0] for row in site.rows("SELECT id FROM booking WHERE status = 'confirmed'")} == told
    orders = {order_id: len(bookings) for tally in tallies for order_id, bookings in tally.standing.items()}
    assert orders.items() <= sizes(site).items()
    assert all(sum(getattr(tally, name) for tally in tallies) for name in ("refused", "cancelled", "left_out"))


@pytest.mark.slow
@pytest.mark.feature("DY-49")
def test_a_process_that_is_killed_leaves_whole_series_or_none(site: Site) -> None:
    """DY-49: kill -9 anywhere in the middle of a series, ten times."""
    dice, told = random.Random(10), set[str]()
    for round_ in range(10):
        with racing.started(order_racing.series_without_end, site.settings.data, round_, round_ * 4) as (process, line):
            for _ in range(dice.randint(1, 3)):
                assert line.poll(racing.PATIENCE_S)
                told.add(line.recv())
            line.poll(dice.choice((0.002, 0.005, 0.01, 0.02, 0.03)))
            process.kill()
            process.join()
    found = sizes(site)
    assert told <= found.keys()
    assert set(found.values()) == {DATES}
    assert site.rows("SELECT count(*) FROM booking") == [(DATES * len(found),)]
    check_journal(site)


@pytest.mark.feature("DY-49")
def test_a_fault_at_the_fourth_date_leaves_none(site: Site) -> None:
    """DY-49: neither order nor booking, claim, key or customer."""

    class Broken(Exception):
        pass

    seen: list[str] = []

    def failing(tx: Transaction, booked: Booking) -> None:
        seen.append(booked.id)
        if len(seen) == 4:
            raise Broken
        site.side.desk.consequences.confirmed(tx, booked)

    desk = replace(site.side.desk, consequences=replace(site.side.desk.consequences, confirmed=failing))
    asked = SeriesWish(site.wish(TEN), Recurrence(Cadence.WEEKLY, times=6))
    with pytest.raises(Broken):
        series.book_series(desk, asked, Accepted(), ANNA, "public")
    for table in ("booking_order", "booking", "key", "customer"):
        assert site.rows(f"SELECT count(*) FROM {table}") == [(0,)], table
    assert site.rows("SELECT count(*) FROM claim WHERE booking_id IS NOT NULL") == [(0,)]
