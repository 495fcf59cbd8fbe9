"""Eight processes race for the last places of a class, for what a limit leaves, and for freed time with its list."""

import pytest

from appliance.booking.limits import Limit, Per
from appliance.foundation.instants import DAY
from appliance.storage import journal
from appliance.storage.chain import Head
from tests.booking.test_waiting import keep_list, let
from tests.builders import NOW, Site
from tests.oracle.file_oracle import Facts
from tests.storage import racing
from tests.storage.sweep import overlaps

PROCESSES, PLACES, DAYS = 8, 12, 4


def check(site: Site) -> Facts:
    """The file after a race, found sound by a model that shares nothing with the product."""
    facts = Facts(site.settings.booking_file, site.clock.now())
    assert overlaps(site.settings.booking_file) == []
    assert facts.wrongs() == []
    assert facts.waits_in_vain() == []
    with site.side.book.read(site.side.scope) as tx:
        assert isinstance(journal.check(tx.connection), Head)
    return facts


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.feature("DY-33")
def test_eight_processes_race_for_the_last_places_of_a_class(site: Site) -> None:
    """DY-33: twelve places are sold, and all twelve."""
    tallies = racing.raced(racing.for_last_places, site.settings.data, PROCESSES, 6)
    facts = check(site)
    sold = sum(row["quantity"] for row in facts.rows["booking"] if row["status"] == "confirmed")
    assert (sold, sum(tally.confirmed for tally in tallies)) == (PLACES, PLACES)
    assert sum(tally.refused for tally in tallies) > 0


def days_of_anna(site: Site) -> list[int]:
    """How many bookings each day has."""
    rows = site.rows(f"SELECT count(*) FROM booking WHERE status = 'confirmed' GROUP BY (starts - {NOW}) / {DAY}")
    return [int(str(row[0])) for row in rows]


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.feature("BRP-06")
def test_eight_processes_race_for_the_one_booking_a_day_that_a_limit_leaves(site: Site) -> None:
    """BRP-06: one a day for one customer, at eight different hours, half of them from holds; never two, never none."""
    let(site, limits=(Limit(1, Per.DAY),))
    racing.raced(racing.within_a_limit, site.settings.data, PROCESSES, DAYS)
    check(site)
    assert days_of_anna(site) == [1] * DAYS


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_without_the_limit_the_same_race_books_more(site: Site) -> None:
    """BRP-06: negative control; what is counted can be more than one."""
    racing.raced(racing.within_a_limit, site.settings.data, PROCESSES, DAYS)
    assert max(days_of_anna(site)) > 1


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.feature("DY-19")
def test_nobody_waits_beside_time_that_eight_processes_free_and_take(site: Site) -> None:
    """DY-19: bookings, cancels, joining and leaving on four starts; who waits at the end has no free place."""
    keep_list(site, "auto_book")
    tallies = racing.raced(racing.for_freed_time, site.settings.data, PROCESSES, 25)
    facts = check(site)
    states = {row["state"] for row in facts.rows["waiting"]}
    assert {"booked", "waiting"} <= states
    assert sum(tally.cancelled for tally in tallies) > 0
