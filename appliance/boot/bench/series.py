"""Series in process: how long a year of weekly dates takes to preview and to book, on a file with many bookings."""

import time
from collections.abc import Callable, Iterator
from typing import Final

from appliance.booking.actions import series
from appliance.booking.actions.desk import Desk, Wish
from appliance.booking.actions.series import Accepted, SeriesWish
from appliance.booking.booking_window import Channel
from appliance.booking.recurrence import Cadence, Recurrence
from appliance.boot.bench.figures import Figure, at_most, over_rounds, p99
from appliance.boot.bench.plan import Rounds
from appliance.boot.bench.worlds import SERVICE, World, free_slots
from appliance.boot.booking_side import open_booking_side
from appliance.customers.contacts import Contact
from appliance.foundation.errors import NeedsAttention
from appliance.foundation.refusals import Refusal

DATES: Final = 52
_PREVIEW_MS: Final = 50.0
_COMMIT_MS: Final = 100.0
_EACH: Final = 5
_BUSY_DAYS: Final = 30
_GUEST: Final = Contact("Guest", "guest@example.org", None, "guest@example.org")


def measure(world: World, size: Rounds) -> list[Figure]:
    """Previews of a named court and of any, the first weeks of which are busy; then series booked in free hours."""
    side = open_booking_side(world.settings)
    try:
        busy, free = _wishes(world, 0), _wishes(world, _BUSY_DAYS + 1)
        named, picked, booked = [], [], []
        _preview(side.desk, next(busy), court=True)
        for _ in range(size.rounds):
            named.append(_timed(lambda: _preview(side.desk, next(busy), court=True)))
            picked.append(_timed(lambda: _preview(side.desk, next(busy), court=False)))
            booked.append(_timed(lambda: _book(side.desk, next(free))))
    finally:
        side.book.close()
    about = f"series of {DATES} dates"
    return [
        Figure("series.preview.p50", f"{about}, previewed", over_rounds(named), "ms", bar=at_most(_PREVIEW_MS)),
        Figure(
            "series.any_court.preview.p50",
            "the same, on any court",
            over_rounds(picked),
            "ms",
            bar=at_most(_PREVIEW_MS),
        ),
        Figure("series.commit.p50", f"{about}, booked", over_rounds(booked), "ms", bar=at_most(_COMMIT_MS)),
        Figure("series.commit.p99", "the same, p99", over_rounds(booked, p99), "ms"),
    ]


def _wishes(world: World, after_days: int) -> Iterator[Wish]:
    for court, start in free_slots(world, after_days, 7):
        yield Wish(SERVICE, start, Channel.PUBLIC, resource=court)


def _series(wish: Wish) -> SeriesWish:
    return SeriesWish(wish, Recurrence(Cadence.WEEKLY, times=DATES))


def _preview(desk: Desk, wish: Wish, *, court: bool) -> None:
    asked = wish if court else Wish(wish.service, wish.start, wish.channel)
    found = series.preview(desk, _series(asked))
    if isinstance(found, Refusal) or any(each.start is None for each in found.occurrences):
        raise NeedsAttention("a date of the series cannot be had: the pretend facility is too full")


def _book(desk: Desk, wish: Wish) -> None:
    made = series.book_series(desk, _series(wish), Accepted(), _GUEST, "bench")
    if isinstance(made, Refusal) or len(made.bookings) != DATES:
        raise NeedsAttention("a series was not booked whole: the pretend facility is too full")


def _timed(run: Callable[[], None]) -> list[float]:
    """Milliseconds of each of a few runs."""
    took = []
    for _ in range(_EACH):
        began = time.perf_counter()
        run()
        took.append((time.perf_counter() - began) * 1000)
    return took
