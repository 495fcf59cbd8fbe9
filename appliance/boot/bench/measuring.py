"""All measurements in their order: first what runs inside this process, then the unit's own processes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from appliance.boot.bench import (
    booking,
    crowding,
    deciding,
    deriving,
    enduring,
    engine,
    listing,
    past,
    planning,
    presenting,
    series,
    starting,
    telling,
)
from appliance.boot.bench.figures import Figure
from appliance.boot.bench.plan import Bench
from appliance.boot.bench.unit_processes import start, stop, unit
from appliance.boot.bench.worlds import CLUB, CROWD, DOORS, House, World, build
from drivers.local_broker import free_port

_MANY_DAYS: Final = 43  # the longest for which a pass is good already
_MANY_DOORS: Final = 200
_FEW_BOOKINGS: Final = 50


def measure(bench: Bench) -> list[Figure]:
    """Every figure, in the order of the tables."""
    size = bench.size
    bench.on_step("making facilities")
    keys = _world(bench, "keys", size.key_bookings, listing.DAYS)
    many = _world(bench, "many-keys", size.many_bookings, _MANY_DAYS, _MANY_DOORS)
    empty = _world(bench, "empty", _FEW_BOOKINGS, listing.DAYS, doors=1)
    full = _world(bench, "full", size.bookings, listing.DAYS)
    bench.on_step("decisions in process")
    figures = deciding.measure(keys, many, size, bench.folder)
    figures += crowding.measure(empty, many, size)
    figures += deriving.measure(keys, size, bench.folder)
    bench.on_step("series in process")
    figures += series.measure(_world(bench, "series", size.bookings, listing.DAYS), size)
    figures += engine.measure(size)
    if size.past:
        bench.on_step("search behind a long past")
        short, long = (_world(bench, name, size.bookings, listing.DAYS) for name in ("short-past", "long-past"))
        figures += past.measure(short, long, size)
    with _bare(bench) as bare_port, unit(full) as (door, _):
        bench.on_step("decisions over HTTP")
        figures += presenting.measure(full, size, bare_port)
        bench.on_step("bookings and slots over HTTP")
        figures += listing.measure(full, size)
        figures += planning.measure(full, size)
        figures += booking.measure(full, size, bare_port)
        figures.append(starting.memory(door.rss_mib))
    crowd = _world(bench, "crowd", listing.CROWD_BOOKINGS, listing.CROWD_DAYS, house=CROWD)
    with unit(crowd):
        figures += listing.measure_crowd(crowd, size)
    bench.on_step("keys that a controller is told of")
    figures += telling.measure(_world(bench, "told", _FEW_BOOKINGS, listing.DAYS, told=True), size)
    bench.on_step("memory over many decisions")
    figures.append(enduring.measure(keys, size.endured))
    bench.on_step("starts of the door process")
    figures += starting.measure_start(full, size)
    bench.on_step("decisions on a slower disk")
    return figures + deciding.measure_slow(keys, size, bench.folder)


def _world(
    bench: Bench,
    name: str,
    bookings: int,
    days: int,
    doors: int = DOORS,
    *,
    told: bool = False,
    house: House = CLUB,
) -> World:
    run = bench.run / name
    run.mkdir()
    return build(bench.folder / name, run, free_port(), bookings, days, doors, told=told, house=house)


@contextmanager
def _bare(bench: Bench) -> Iterator[int]:
    """The port of a bare waitress."""
    bare = start(["appliance.boot.bench.bare_web", str(bench.folder / "bare.db")], bench.folder / "bare.log")
    try:
        yield int(bare.line)
    finally:
        stop(bare)
