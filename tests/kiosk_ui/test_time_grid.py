"""KI-02: a person sees at most one screen of starts, each in the row of its hour."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from appliance.foundation.instants import Instant, day_bounds
from appliance.foundation.money import Money
from kiosk_ui.desk import TimeView
from kiosk_ui.time_grid import DAY_PARTS, MOST_COLUMNS, MOST_TILES, time_grid

ZONE = ZoneInfo("Europe/Stockholm")
QUARTER = 900


def start(instant: Instant) -> TimeView:
    return TimeView(instant, instant + 3600, 1, Money(24_000, "SEK"), False)


def quarters(day: date) -> list[TimeView]:
    bounds = day_bounds(day, ZONE)
    return [start(instant) for instant in range(bounds.start, bounds.end, QUARTER)]


def hours_of(row: tuple[TimeView | None, ...]) -> set[int]:
    return {datetime.fromtimestamp(time.start, ZONE).hour for time in row if time}


def test_a_day_of_quarters_is_shown_by_parts_of_six_rows() -> None:
    grid = time_grid(quarters(date(2026, 11, 25)), ZONE, "evening")
    assert [part.key for part in grid.parts] == [part.key for part in DAY_PARTS]
    assert grid.part is not None
    assert grid.part.key == "evening"
    assert [hours_of(row) for row in grid.rows] == [{hour} for hour in range(18, 24)]
    assert {len(row) for row in grid.rows} == {4}


def test_an_unknown_part_becomes_the_first_that_has_a_start() -> None:
    late = [time for time in quarters(date(2026, 11, 25)) if datetime.fromtimestamp(time.start, ZONE).hour >= 14]
    grid = time_grid(late, ZONE, "../../etc")
    assert grid.part is not None
    assert grid.part.key == "afternoon"


def test_the_night_that_is_an_hour_longer_has_a_row_more() -> None:
    grid = time_grid(quarters(date(2026, 10, 25)), ZONE, "night")
    assert len(grid.rows) == 7
    assert [hours_of(row) for row in grid.rows].count({2}) == 2


def test_a_start_that_is_taken_leaves_its_place_empty() -> None:
    times = quarters(date(2026, 11, 25))
    grid = time_grid([time for index, time in enumerate(times) if index != 5], ZONE, "night")
    assert grid.rows[1][1] is None
    assert grid.rows[1][0] == times[4]


def test_one_class_a_day_needs_no_grid() -> None:
    only = start(day_bounds(date(2026, 11, 25), ZONE).start + 18 * 3600)
    grid = time_grid([only], ZONE, "")
    assert (grid.parts, grid.part, grid.rows) == ((), None, ((only,),))


def test_a_full_day_has_no_rows() -> None:
    assert time_grid([], ZONE, "morning").rows == ()


@given(st.sets(st.integers(0, 287), max_size=120), st.sampled_from([part.key for part in DAY_PARTS] + [""]))
def test_nothing_is_lost_and_nothing_shown_twice(slots: set[int], part: str) -> None:
    midnight = day_bounds(date(2026, 11, 25), ZONE).start
    times = [start(midnight + slot * 300) for slot in sorted(slots)]
    keys = [one.key for one in time_grid(times, ZONE, part).parts] or [part]
    shown = [time for key in keys for row in time_grid(times, ZONE, key).rows for time in row if time]
    assert sorted(shown, key=lambda time: time.start) == times
    for row in time_grid(times, ZONE, part).rows:
        assert len(row) <= max(MOST_COLUMNS, 1)
    assert not time_grid(times, ZONE, part).parts or len(times) > MOST_TILES
