"""KI-01, KI-13: the board of the day shows what is taken and what is free, on every kind of day."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.foundation.instants import HOUR, Interval, day_bounds
from kiosk_ui.board import WIDTH, drawn_board, free_times
from kiosk_ui.desk import BoardRow

ZONE = ZoneInfo("Europe/Stockholm")
DAY = date(2026, 11, 25)
BOUNDS = day_bounds(DAY, ZONE)
ALL_DAY = (BOUNDS,)


def hours(first: float, last: float) -> Interval:
    return Interval(BOUNDS.start + int(first * HOUR), BOUNDS.start + int(last * HOUR))


@pytest.mark.parametrize(
    ("busy", "now", "sentence"),
    [
        ((hours(15, 16),), 14, "Free until 15:00"),
        ((hours(13, 15),), 14, "Free from 15:00"),
        ((hours(13, 15), hours(17, 24)), 14, "Free 15:00\N{EN DASH}17:00"),
        ((), 14, "Free now"),
        ((hours(0, 24),), 14, "Full"),
        ((hours(14.25, 24),), 14, "Full"),
    ],
)
def test_a_row_says_when_the_place_is_free(busy: tuple[Interval, ...], now: int, sentence: str) -> None:
    board = drawn_board([BoardRow("Bana 1", ALL_DAY, busy)], DAY, ZONE, BOUNDS.start + now * HOUR, "en")
    assert board.rows[0].sentence == sentence
    assert board.rows[0].is_free_now == (sentence.startswith(("Free until", "Free now")))


def test_another_day_has_no_now() -> None:
    board = drawn_board([BoardRow("Bana 1", ALL_DAY, ())], DAY, ZONE, BOUNDS.start - HOUR, "sv")
    assert board.now_x is None
    assert board.rows[0].sentence == "Ledig hela dagen"


def test_the_chosen_time_is_marked_only_where_it_can_be_had() -> None:
    rows = [BoardRow("Bana 1", ALL_DAY, ()), BoardRow("Bana 2", ALL_DAY, (hours(15, 17),))]
    board = drawn_board(rows, DAY, ZONE, BOUNDS.start + 14 * HOUR, "sv", hours(16, 17))
    assert [row.has_chosen for row in board.rows] == [True, False]
    assert board.chosen is not None
    assert (board.chosen.x, board.chosen.width) == (960, 60)


def test_a_time_that_is_running_can_be_chosen() -> None:
    row = BoardRow("Bana 1", ALL_DAY, ())
    board = drawn_board([row], DAY, ZONE, BOUNDS.start + 14 * HOUR + 600, "sv", hours(14, 15))
    assert board.rows[0].has_chosen


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25)])
def test_the_days_of_23_and_25_hours_fill_the_same_width(day: date) -> None:
    bounds = day_bounds(day, ZONE)
    board = drawn_board([BoardRow("Bana 1", (bounds,), ())], day, ZONE, bounds.start, "sv")
    assert board.rows[0].free[0].width == WIDTH
    assert [tick.label for tick in board.ticks] == ["00", "03", "06", "09", "12", "15", "18", "21", "24"]
    assert [tick.x for tick in board.ticks] == sorted({tick.x for tick in board.ticks})


intervals = st.tuples(st.integers(-6, 28), st.integers(1, 12)).map(lambda pair: hours(pair[0], pair[0] + pair[1]))


@given(st.lists(intervals, max_size=6), st.lists(intervals, max_size=3), st.integers(-2, 26))
def test_free_is_open_and_not_taken_from_now_on(busy: list[Interval], opened: list[Interval], hour: int) -> None:
    now = BOUNDS.start + hour * HOUR
    free = free_times(BoardRow("Bana 1", tuple(opened), tuple(busy)), BOUNDS, now)
    for minute in range(BOUNDS.start, BOUNDS.end, 1800):
        expected = (
            minute >= now
            and any(one.contains(minute) for one in opened)
            and not any(one.contains(minute) for one in busy)
        )
        assert any(one.contains(minute) for one in free) == expected
