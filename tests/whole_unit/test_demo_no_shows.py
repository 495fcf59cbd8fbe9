"""Guests who come and guests who do not, as the API of the demo tells of them (AC-18)."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.waiting import until
from tests.whole_unit.demo_api import Booked
from tests.whole_unit.demo_unit import Demo, running_demo

pytestmark = [pytest.mark.whole_unit, pytest.mark.slow]
MINUTE = 60


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A demo whose rules wait for guests for a quarter of an hour."""
    folder = tmp_path_factory.mktemp("waiting") / "data"
    with running_demo(folder) as first:
        assert first.end() == 0
    with closing(sqlite3.connect(folder / "booking.db")) as connection, connection:
        connection.execute("UPDATE booking_rule SET terms = json_set(terms, '$.no_shows.wait_minutes', 15)")
    with running_demo(folder) as demo:
        yield demo


def status(demo: Demo, booking: Booked) -> str:
    answer = demo.api.ask("GET", f"/bookings/{booking.id}?cancel_code={booking.cancel_code}")
    assert answer.status == 200, answer
    return str(answer.body["status"])


@pytest.mark.feature("AC-18")
def test_who_comes_has_arrived_and_who_does_not_come_makes_room(waiting: Demo) -> None:
    """AC-18: arrived at the first use of the key; after fifteen minutes the other time is sold again, its key dead."""
    demo = waiting
    comes, stays_away = demo.book("court-3", 3600), demo.book("court-4", 3600)
    start = max(comes.start, stays_away.start)
    demo.clock.set(start)
    assert demo.reason("court-3", "pin", comes.pin) == "granted"
    assert until(lambda: status(demo, comes) == "arrived")
    demo.clock.set(stays_away.start + 15 * MINUTE - 30)
    assert status(demo, stays_away) == "confirmed"
    demo.clock.set(start + 15 * MINUTE)
    assert until(lambda: status(demo, stays_away) == "no_show", 20)
    assert status(demo, comes) == "arrived"
    assert until(demo.door_has_heard)
    assert demo.reason("court-4", "pin", stays_away.pin) == "revoked"
    assert demo.book("court-4").start < stays_away.start + 3600
