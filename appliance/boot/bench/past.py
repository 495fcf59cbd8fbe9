"""Search in a file with a long past: the same busy month, by itself and behind a million bookings that are over.

The past is written by the database itself, past the journal but through the guard, and keeps its claims: whatever looks
them up must find its way around all of them.
"""

import sqlite3
import time
from contextlib import closing
from typing import Final

from appliance.booking.actions.desk import Desk
from appliance.booking.actions.searching import current_catalogue, search
from appliance.booking.booking_window import Channel
from appliance.boot.bench.figures import Figure, over_rounds
from appliance.boot.bench.listing import DAYS
from appliance.boot.bench.plan import Rounds
from appliance.boot.bench.worlds import SERVICE, World
from appliance.boot.booking_side import open_booking_side
from appliance.foundation.errors import NeedsAttention
from appliance.foundation.instants import DAY, MINUTE, Interval

_MOST_RATIO: Final = 1.5
_BOOKINGS: Final = """
INSERT INTO booking (id, facility_id, number, service_id, status, channel, starts, ends, quantity, amount, currency,
    vat_percent, revision, moves, created_at, committed_at)
WITH RECURSIVE turn(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM turn WHERE n + 1 < :count)
SELECT 'past-' || :court || '-' || n, :facility, 'P' || :court || '-' || n, :service, 'confirmed', 'public',
    :first - (n / :a_day) * :day + (n % :a_day) * :each, :first - (n / :a_day) * :day + (n % :a_day) * :each + :visit,
    1, 20000, 'SEK', 6, 1, 0, :first - 2 * :day, :first - 2 * :day FROM turn
"""
_CLAIMS: Final = """
INSERT INTO claim (facility_id, resource_id, booking_id, starts, ends, quantity, active)
SELECT facility_id, :resource, id, starts, ends + :cleaning, 1, 1 FROM booking
WHERE id >= 'past-' || :court || '-' AND id < 'past-' || :court || '.'
"""


def measure(few: World, many: World, size: Rounds) -> list[Figure]:
    """The search of a month in `many`, to which so many bookings are added, against the same in `few`."""
    lengthen(many, size.past)
    here, there = open_booking_side(many.settings), open_booking_side(few.settings)
    try:
        rounds, floors = [], []
        for _ in range(size.rounds):
            floors.append([_ms(there.desk, few) for _ in range(size.listings)])
            rounds.append([_ms(here.desk, many) for _ in range(size.listings)])
    finally:
        here.book.close()
        there.book.close()
    about = f"search of {many.house.courts} courts, {DAYS} days, {size.past:,} past bookings in the file; in process"
    value, floor = over_rounds(rounds), over_rounds(floors)
    return [Figure("search.million.p50", about, value, "ms", floor, ratio_bar=_MOST_RATIO)]


def lengthen(world: World, bookings: int) -> None:
    """Give a world so many bookings more, back to back on every court on the days before its first."""
    house, courts = world.house, world.ids.courts
    per_day = len(house.starts(world.first_day, 0))
    with closing(sqlite3.connect(world.settings.booking_file, isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        for number, resource in enumerate(courts):
            values = {
                "count": bookings // len(courts), "court": number, "resource": resource, "facility": world.ids.facility,
                "service": world.ids.service, "first": world.first_day - DAY + house.opens * MINUTE, "day": DAY,
                "a_day": per_day, "each": (house.visit + house.cleaning) * MINUTE, "visit": house.visit * MINUTE,
                "cleaning": house.cleaning * MINUTE,
            }  # fmt: skip
            connection.execute("BEGIN IMMEDIATE")
            for sql in (_BOOKINGS, _CLAIMS):
                connection.execute(sql, {name: value for name, value in values.items() if f":{name}" in sql})
            connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _ms(desk: Desk, world: World) -> float:
    service = current_catalogue(desk).service(SERVICE)
    if service is None:
        raise NeedsAttention("the pretend facility does not have its service")
    within = Interval(world.first_day, world.first_day + DAYS * DAY)
    began = time.perf_counter()
    found = search(desk, service, within, Channel.PUBLIC, duration=world.house.visit)
    took = (time.perf_counter() - began) * 1000
    if not found.starts:
        raise NeedsAttention("nothing is free in a month: the search has nothing to find")
    return took
