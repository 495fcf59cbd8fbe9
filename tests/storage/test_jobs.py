"""Work that is due at an instant: rows that survive restarts, faults and clocks that are put back."""

import pytest

from appliance.booking.actions.holding import EXPIRE_HOLD
from appliance.booking.bookings import Status
from appliance.boot.web import JOBS
from appliance.foundation.instants import MINUTE
from appliance.storage import jobs
from appliance.storage.chain import Head
from appliance.storage.jobs import hold_lease, run_due
from appliance.storage.unit_of_work import Transaction
from tests.builders import NOW, TEN, Site, second_facility


def plan(site: Site, kind: str, entity: str, at: int) -> None:
    with site.side.book.write(site.side.scope, "test") as tx:
        jobs.schedule(tx, kind, entity, at)


def due(site: Site) -> list[tuple[object, ...]]:
    """Kind, instant, tries and fault of the test's own pieces."""
    return site.rows("SELECT kind, due_at, tries, fault FROM due WHERE kind LIKE 'test-%' ORDER BY kind")


class Doing:
    """A job that notes what it was called for, and answers `again`."""

    def __init__(self, again: int | None = None) -> None:
        self.done: list[str] = []
        self.again = again

    def __call__(self, _tx: Transaction, entity_id: str) -> int | None:
        self.done.append(entity_id)
        return self.again


def failing(tx: Transaction, entity_id: str) -> None:
    jobs.schedule(tx, "test-left-behind", entity_id, NOW)
    raise RuntimeError("out of paper")


def test_work_is_done_at_its_instant_and_not_before(site: Site) -> None:
    """DY-15: to the second."""
    job = Doing()
    plan(site, "test-a", "x", NOW + 60)
    site.clock.advance(59)
    assert run_due(site.side.book, site.side.scope, {"test-a": job}) == 0
    site.clock.advance(1)
    assert run_due(site.side.book, site.side.scope, {"test-a": job}) == 1
    assert run_due(site.side.book, site.side.scope, {"test-a": job}) == 0
    assert job.done == ["x"]


def test_work_survives_a_restart(site: Site) -> None:
    """DY-15: a hold that ran out while nothing was running is let go by the next process."""
    held = site.hold(TEN)
    site.clock.advance(6 * MINUTE)
    again = site.reopened()
    run_due(again.side.book, again.side.scope, JOBS)
    assert site.status(held.id) is Status.EXPIRED
    assert site.rows("SELECT count(*) FROM due WHERE kind = ?", EXPIRE_HOLD) == [(0,)]
    assert site.rows("SELECT active FROM claim WHERE booking_id = ?", held.id) == [(0,)]
    again.close()


def test_planning_the_same_again_replaces_the_first(site: Site) -> None:
    plan(site, "test-a", "x", NOW + 60)
    plan(site, "test-a", "x", NOW + 90)
    assert due(site) == [("test-a", NOW + 90, 0, "")]


def test_work_that_answers_an_instant_comes_again_then(site: Site) -> None:
    plan(site, "test-a", "x", NOW)
    run_due(site.side.book, site.side.scope, {"test-a": Doing(NOW + 600)})
    assert due(site) == [("test-a", NOW + 600, 0, "")]


def test_a_failing_job_is_postponed_and_the_others_go_on(site: Site) -> None:
    """A poisoned piece leaves nothing behind, waits longer each time, at most an hour, and says why."""
    good = Doing()
    plan(site, "test-bad", "x", NOW)
    plan(site, "test-good", "y", NOW + 1)
    site.clock.advance(1)
    assert run_due(site.side.book, site.side.scope, {"test-bad": failing, "test-good": good}) == 1
    assert good.done == ["y"]
    assert due(site) == [("test-bad", NOW + 61, 1, "RuntimeError: out of paper")]
    waits = []
    for _ in range(8):
        site.clock.advance(3600)
        run_due(site.side.book, site.side.scope, {"test-bad": failing})
        waits.append(int(str(due(site)[0][1])) - site.clock.now())
    assert waits == [120, 240, 480, 960, 1920, 3600, 3600, 3600]


def test_work_that_nobody_knows_is_postponed_too(site: Site) -> None:
    """A file from a newer version may hold such."""
    plan(site, "test-new", "x", NOW)
    assert run_due(site.side.book, site.side.scope, {}) == 0
    assert due(site) == [("test-new", NOW + 60, 1, "no such work: test-new")]


def test_only_one_of_two_holds_the_lease(site: Site) -> None:
    """Two web processes: a single one does the timed work."""
    book, scope = site.side.book, site.side.scope
    assert hold_lease(book, scope, "timekeeper", "web:1")
    assert not hold_lease(book, scope, "timekeeper", "web:2")
    site.clock.advance(jobs.LEASE_S - 1)
    assert not hold_lease(book, scope, "timekeeper", "web:2")
    site.clock.advance(1)
    assert hold_lease(book, scope, "timekeeper", "web:2")
    assert not hold_lease(book, scope, "timekeeper", "web:1")


def test_a_lease_is_renewed_while_its_holder_lives(site: Site) -> None:
    book, scope = site.side.book, site.side.scope
    for _ in range(20):
        assert hold_lease(book, scope, "timekeeper", "web:1")
        assert not hold_lease(book, scope, "timekeeper", "web:2")
        site.clock.advance(jobs.LEASE_S // 2)


@pytest.mark.parametrize("back", [3600, 86_400 * 365])
def test_a_lease_from_a_clock_that_was_put_back_keeps_nobody_out(site: Site, back: int) -> None:
    book, scope = site.side.book, site.side.scope
    assert hold_lease(book, scope, "timekeeper", "web:1")
    site.clock.set(NOW - back)
    assert hold_lease(book, scope, "timekeeper", "web:2")
    assert not hold_lease(book, scope, "timekeeper", "web:1")


def test_leases_work_and_cursors_belong_to_one_facility(site: Site) -> None:
    """FL-07: two facilities in one file do not take each other's lease, work or place."""
    with second_facility(site) as other:
        assert hold_lease(site.side.book, site.side.scope, "timekeeper", "web:1")
        assert hold_lease(other.side.book, other.side.scope, "timekeeper", "web:2")
        mine, theirs = Doing(), Doing()
        plan(site, "test-a", "same", NOW)
        plan(other, "test-a", "same", NOW)
        assert run_due(other.side.book, other.side.scope, {"test-a": theirs}) >= 1
        assert run_due(site.side.book, site.side.scope, {"test-a": mine}) >= 1
        assert (mine.done, theirs.done) == (["same"], ["same"])
        with site.side.book.write(site.side.scope, "test") as tx:
            jobs.write_cursor(tx, "access", Head("file", 7, b"hash"))
        with other.side.book.read(other.side.scope) as tx:
            assert jobs.read_cursor(tx, "access") is None
        with site.side.book.read(site.side.scope) as tx:
            assert jobs.read_cursor(tx, "access") == Head("file", 7, b"hash")


def test_a_dropped_piece_is_not_done(site: Site) -> None:
    job = Doing()
    plan(site, "test-a", "x", NOW)
    with site.side.book.write(site.side.scope, "test") as tx:
        jobs.cancel(tx, "test-a", "x")
        jobs.cancel(tx, "test-a", "never planned")
    run_due(site.side.book, site.side.scope, {"test-a": job})
    assert job.done == []
