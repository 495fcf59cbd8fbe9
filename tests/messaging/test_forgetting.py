"""Messages do not pile up: old ones go by a timed job, in chunks; what was given up is seen for longer."""

import time
from dataclasses import replace

from appliance.boot.booking_side import prepare
from appliance.boot.web import JOBS
from appliance.foundation.instants import DAY
from appliance.messaging.actions.forgetting import AT_ONCE, FORGET_MESSAGES, GIVEN_UP_KEPT_S, KEPT_S
from appliance.storage import jobs
from tests.builders import BO, NOW, TEN, Site
from tests.messaging.mail_sink import MailSink, post

LONG_AGO = NOW - KEPT_S - DAY


def add(site: Site, count: int, state: str, done_at: int | None, first: int = 0) -> None:
    """Messages that are through with, and what was written down of them, as they stood when they were made."""
    with site.side.book.write(site.side.scope, "test") as tx:
        facility_id = site.side.scope.facility_id
        at = LONG_AGO if done_at is None else done_at
        numbers = range(first, first + count)
        tx.connection.exec_driver_sql(
            "INSERT INTO message (id, facility_id, event, subject, subject_id, occasion, at, seq, audience, channel,"
            " state, due_at, tries, leased_until, done_at, parts, fault)"
            f" VALUES (?, ?, 'payment', 'booking', ?, 0, ?, 0, 'client', 'email', '{state}', ?, 0, 0, ?, 0, '')",
            [(f"{number:08}", facility_id, f"b{number}", at, at, done_at) for number in numbers],
        )
        tx.connection.exec_driver_sql(
            "INSERT INTO outbox (id, facility_id, event, subject, subject_id, occasion, at, seq, done_in, spread)"
            " VALUES (?, ?, 'payment', 'booking', ?, 0, ?, 0, 0, 1)",
            [(f"{number:08}", facility_id, f"b{number}", at) for number in numbers],
        )


def left(site: Site) -> tuple[list[object], list[object]]:
    """The numbers of the messages and of what was written down that are still there."""
    some, others = (site.rows(f"SELECT subject_id FROM {table} ORDER BY id") for table in ("message", "outbox"))
    return [row[0] for row in some], [row[0] for row in others]


def forget(site: Site) -> int:
    """Run what is due; how many pieces were done."""
    return jobs.run_due(site.side.book, site.side.scope, {FORGET_MESSAGES: JOBS[FORGET_MESSAGES]})


def test_what_was_sent_goes_after_half_a_year_and_what_was_given_up_after_a_whole(site: Site) -> None:
    """DY-63: sent, left out and off are forgotten together with what was written down; a letter that failed stays."""
    for number, state in enumerate(("sent", "dropped", "off", "dead")):
        add(site, 1, state, LONG_AGO, number)
    add(site, 1, "sent", NOW - KEPT_S + 1, 4)
    add(site, 1, "due", None, 5)
    forget(site)
    assert left(site) == (["b3", "b4", "b5"], ["b3", "b4", "b5"])
    site.clock.set(LONG_AGO + GIVEN_UP_KEPT_S)
    forget(site)
    assert left(site)[0] == ["b5"]


def test_many_go_in_chunks_that_keep_nobody_waiting(site: Site) -> None:
    """DY-63: one chunk a turn, at once again while there is more, then in a day; no write takes 50 ms."""
    add(site, 3 * AT_ONCE - 10, "sent", LONG_AGO)
    took = []
    for _ in range(3):
        began = time.perf_counter()
        forget(site)
        took.append(time.perf_counter() - began)
    assert left(site) == ([], [])
    due = site.rows("SELECT due_at FROM due WHERE kind = ?", FORGET_MESSAGES)
    assert due == [(NOW + DAY,)]
    assert min(took) < 0.05


def test_a_unit_from_before_learns_to_forget_when_it_starts(site: Site) -> None:
    """DY-63: the job is ensured at each start, and once."""
    with site.side.book.write(site.side.scope, "test") as tx:
        jobs.cancel(tx, FORGET_MESSAGES, site.side.scope.facility_id)
    for _ in range(2):
        prepare(site.settings, clock=site.clock)
    assert site.rows("SELECT count(*) FROM due WHERE kind = ?", FORGET_MESSAGES) == [(1,)]


def test_nothing_that_was_forgotten_is_told_again(site: Site, mail: MailSink) -> None:
    """DY-63: a booking made half a year ahead is reminded of once, and its confirmation is told no second time."""
    booked = site.book(TEN, BO)
    sender = post(site, mail)
    assert sender.deliver() == 1
    site.clock.set(NOW + KEPT_S)
    forget(site)
    assert left(site) == ([], [])
    with site.side.book.write(site.side.scope, "test") as tx:
        later = replace(booked.interval, start=NOW + KEPT_S + DAY, end=NOW + KEPT_S + DAY + 3600)
        tx.connection.exec_driver_sql("UPDATE booking SET starts = ?, ends = ?", (later.start, later.end))
    assert (sender.deliver(), sender.deliver()) == (1, 0)
    assert site.rows("SELECT event FROM message") == [("reminder",)]
