"""A waiting list that keeps nothing: all who wait are told that a place is free, and who books first has it."""

from functools import partial

import pytest

from appliance.booking import waiting_store
from appliance.booking.actions import telling
from appliance.booking.actions.desk import expire_stale_holds
from appliance.booking.actions.holding import hold
from appliance.booking.actions.promoting import TELL_WAITING
from appliance.booking.bookings import Booking
from appliance.booking.limits import Limit, Per
from appliance.booking.waiting_list import State
from appliance.foundation.instants import HOUR
from appliance.foundation.refusals import Refusal
from appliance.storage import jobs
from tests.booking.test_waiting import beside_a_place, fill, guest, join, keep_list, let, state, waits
from tests.builders import ANNA, BO, TEN, Site


@pytest.fixture
def full(site: Site) -> Site:
    """Ten o'clock is taken on all courts, and padel tells all who wait."""
    keep_list(site, "notify_all")
    fill(site)
    return site


def tell(site: Site) -> None:
    """A second passes, and the job runs as often as it is due."""
    site.clock.advance(1)
    work = {TELL_WAITING: partial(telling.tell, site.side.desk)}
    while jobs.run_due(site.side.book, site.side.scope, work):
        pass


def told(site: Site) -> list[object]:
    """Whom the outbox has told, oldest first."""
    query = "SELECT subject_id FROM outbox WHERE event = 'waiting_free' ORDER BY seq"
    return [row[0] for row in site.rows(query)]


def cancel_one(site: Site, start: int = TEN) -> None:
    [(booking_id,)] = site.rows("SELECT id FROM booking WHERE status = 'confirmed' AND starts = ? LIMIT 1", start)
    site.cancel(str(booking_id), by_staff=True)


def test_all_who_wait_are_told_and_nothing_is_kept(full: Site) -> None:
    """DY-19: each is told once, in the order in which they came, and anybody may book it."""
    entries = [waits(full, guest(number)) for number in range(3)]
    cancel_one(full)
    tell(full)
    assert told(full) == entries
    assert [state(full, entry)[0] for entry in entries] == [State.WAITING] * 3
    assert full.rows("SELECT count(*) FROM booking WHERE status = 'held'") == [(0,)]
    assert isinstance(full.try_book(full.wish(TEN), guest(9)), Booking)


def test_each_is_told_once_of_a_place_until_it_was_taken(full: Site) -> None:
    """DY-19: other changes and holds that are given back tell nothing again; a place that was taken and freed does."""
    first = waits(full, ANNA)
    cancel_one(full)
    tell(full)
    full.book(TEN + 3 * HOUR, BO)
    cancel_one(full, TEN + 3 * HOUR)
    tell(full)
    held = hold(full.side.desk, full.wish(TEN), "public")
    assert isinstance(held, Booking)
    full.clock.advance(HOUR // 4)
    with full.side.book.write(full.side.scope, "job") as tx:
        expire_stale_holds(tx)
    tell(full)
    assert told(full) == [first]
    full.book(TEN, guest(9))
    cancel_one(full)
    tell(full)
    assert told(full) == [first, first]


def test_who_has_booked_waits_no_longer(full: Site) -> None:
    """DY-19: the fastest has it; the entry says so, and the others go on waiting."""
    first, second = waits(full, ANNA), waits(full, BO)
    cancel_one(full)
    tell(full)
    booked = full.book(TEN, BO)
    tell(full)
    assert (state(full, first)[0], state(full, second)[0]) == (State.WAITING, State.BOOKED)
    assert full.rows("SELECT booking_id FROM waiting WHERE id = ?", second) == [(booked.id,)]


def test_who_may_not_book_is_not_told(full: Site) -> None:
    """DY-19, BRP-20: whom a limit stops is told nothing, and stays on the list."""
    first, second = waits(full, ANNA), waits(full, BO)
    let(full, limits=(Limit(1, Per.DAY),))
    full.book(TEN + 5 * HOUR, ANNA)
    cancel_one(full)
    tell(full)
    assert told(full) == [second]
    assert state(full, first)[0] is State.WAITING


def test_a_range_is_told_of_the_first_start_that_is_free(full: Site) -> None:
    """DY-18, DY-19: and of another one when that is gone."""
    for hour in (1, 2):
        fill(full, TEN + hour * HOUR)
    entry = waits(full, ANNA, TEN, TEN + 2 * HOUR + 1)
    cancel_one(full, TEN + HOUR)
    tell(full)
    full.book(TEN + HOUR, guest(9))
    cancel_one(full, TEN + 2 * HOUR)
    tell(full)
    assert told(full) == [entry, entry]
    with full.side.book.read(full.side.scope) as tx:
        [kept] = waiting_store.who_waits(tx)
    assert kept.told_start == TEN + 2 * HOUR


def test_many_are_told_in_short_transactions(full: Site) -> None:
    """DY-19: twenty in one, at once again while there are more; whoever gives the place back waits for none of it."""
    count = 2 * telling.AT_ONCE + 3
    for number in range(count):
        waits(full, guest(100 + number))
    cancel_one(full)
    assert told(full) == []
    tell(full)
    assert len(set(told(full))) == count
    query = "SELECT max(n) FROM (SELECT count(*) n FROM outbox WHERE event = 'waiting_free' GROUP BY done_in)"
    assert full.rows(query) == [(telling.AT_ONCE,)]


def test_nobody_joins_beside_a_free_place_and_the_invariant_leaves_this_mode_out(full: Site) -> None:
    """DY-18, DY-20: who comes later books; that people wait beside a place is no fault here, and is one elsewhere."""
    waits(full, ANNA)
    cancel_one(full)
    tell(full)
    refused = join(full, BO)
    assert isinstance(refused, Refusal)
    assert refused.reason == "not_full"
    assert beside_a_place(full) == []
    keep_list(full, "auto_book")
    assert full.rows("SELECT state FROM waiting") == [("booked",)]


def test_where_nobody_is_told_no_job_is_made(site: Site) -> None:
    """DY-19: the other modes pay nothing for this one."""
    keep_list(site, "auto_book")
    site.cancel(fill(site)[0].id)
    assert site.rows("SELECT count(*) FROM due WHERE kind = ?", TELL_WAITING) == [(0,)]
