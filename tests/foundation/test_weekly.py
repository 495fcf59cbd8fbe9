"""Hours that come again every week, on the wall (AC-06, AC-12)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.foundation.documents import Section
from appliance.foundation.instants import DAY, HOUR, MINUTE
from appliance.foundation.weekly import WeeklyStretch, is_open, opens_at, parse_stretch, spelled, weekly_stretch

STOCKHOLM, LORD_HOWE = ZoneInfo("Europe/Stockholm"), ZoneInfo("Australia/Lord_Howe")
SUNDAY = frozenset({6})


def at(text: str, zone: ZoneInfo = STOCKHOLM, fold: int = 0) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).timestamp())


def is_on_the_wall(hours: Sequence[WeeklyStretch], moment: int, zone: ZoneInfo) -> bool:
    """The oracle: wall-clock minutes counted from each midnight, without any calendar of ours."""
    wall = datetime.fromtimestamp(moment, zone).replace(tzinfo=None)
    midnights = [datetime.combine(wall.date() - timedelta(days=back), datetime.min.time()) for back in range(3)]
    return any(
        midnight.weekday() in each.weekdays
        and midnight + timedelta(minutes=each.from_minute) <= wall < midnight + timedelta(minutes=each.to_minute)
        for each in hours
        for midnight in midnights
    )


def stretches() -> st.SearchStrategy[WeeklyStretch]:
    return st.builds(
        weekly_stretch, st.frozensets(st.integers(0, 6), min_size=1), st.integers(0, 1439), st.integers(0, 1440)
    )


# Around the four nights in which the clocks of two zones change, by one hour and by half an hour, and anywhere else.
NIGHTS = [at("2026-03-28T12:00"), at("2026-10-24T12:00"), at("2026-04-04T00:00"), at("2026-10-03T00:00")]
MOMENTS = st.one_of(
    st.integers(at("2026-01-01T00:00"), at("2027-01-01T00:00")),
    st.tuples(st.sampled_from(NIGHTS), st.integers(0, 30 * HOUR)).map(sum),
)


@given(
    hours=st.lists(stretches(), min_size=1, max_size=3), moment=MOMENTS, zone=st.sampled_from([STOCKHOLM, LORD_HOWE])
)
def test_open_is_what_the_wall_clock_says_and_the_next_opening_is_the_first(
    hours: list[WeeklyStretch], moment: int, zone: ZoneInfo
) -> None:
    """AC-06: against a brute-force oracle that looks at every minute until it is open."""
    assert is_open(hours, moment, zone) == is_on_the_wall(hours, moment, zone)
    opens = opens_at(hours, moment, zone)
    assert opens is not None
    assert opens >= moment
    assert is_on_the_wall(hours, opens, zone)
    # Stretches begin on whole minutes, and so do changes of the clock.
    before = range(moment - moment % MINUTE, opens - opens % MINUTE, MINUTE)
    assert not any(is_on_the_wall(hours, max(each, moment), zone) for each in before)


def test_what_the_clock_skips_comes_a_week_later_and_what_it_repeats_comes_twice() -> None:
    """AC-06: Sunday 02:15 to 02:45 in both nights; in autumn it opens, shuts, and opens again."""
    night = [WeeklyStretch(SUNDAY, 135, 165)]
    assert opens_at(night, at("2026-03-28T12:00"), STOCKHOLM) == at("2026-04-05T02:15")
    first, second = at("2026-10-25T02:15"), at("2026-10-25T02:15", fold=1)
    assert second - first == HOUR
    assert opens_at(night, at("2026-10-24T12:00"), STOCKHOLM) == first
    assert opens_at(night, first + 30 * MINUTE, STOCKHOLM) == second
    assert opens_at(night, second + 30 * MINUTE, STOCKHOLM) == at("2026-11-01T02:15")


def test_hours_that_begin_in_the_gap_begin_behind_it_and_those_around_the_fold_open_again_in_it() -> None:
    """AC-06: from 02:30 on a morning without it, and until 02:30 on one that has it twice."""
    assert opens_at([WeeklyStretch(SUNDAY, 150, 300)], at("2026-03-28T12:00"), STOCKHOLM) == at("2026-03-29T03:00")
    around = [WeeklyStretch(SUNDAY, 60, 150)]
    shut = at("2026-10-25T02:30")
    assert not is_open(around, shut, STOCKHOLM)
    assert opens_at(around, shut, STOCKHOLM) == at("2026-10-25T02:00", fold=1)


def test_no_hours_never_open() -> None:
    """AC-06"""
    assert opens_at([], at("2026-03-28T12:00"), STOCKHOLM) is None
    assert opens_at([WeeklyStretch(frozenset(), 0, 1440)], at("2026-03-28T12:00"), STOCKHOLM) is None


def test_round_the_clock_is_open_at_every_minute_of_the_year() -> None:
    """AC-06"""
    always = [WeeklyStretch(frozenset(range(7)), 0, 1440)]
    year = range(at("2026-01-01T00:00"), at("2026-01-01T00:00") + 365 * DAY, 7 * MINUTE)
    assert all(is_open(always, each, STOCKHOLM) for each in year)


@given(stretches())
def test_a_stretch_is_read_as_it_was_written(stretch: WeeklyStretch) -> None:
    """AC-06: what the journal carries to the door is what was set up."""
    section = Section("x", spelled(stretch))
    assert parse_stretch(section) == stretch
    assert section.errors == []


@pytest.mark.parametrize(
    ("written", "stretch"),
    [
        ({"days": ["mon", "sun"], "from": "08:00", "to": "22:00"}, WeeklyStretch(frozenset({0, 6}), 480, 1320)),
        ({"days": ["fri"], "from": "20:00", "to": "02:00"}, WeeklyStretch(frozenset({4}), 1200, 1560)),
        ({"days": ["fri"], "from": "00:00", "to": "24:00"}, WeeklyStretch(frozenset({4}), 0, 1440)),
        ({"days": ["fri"], "from": "07:00", "to": "07:00"}, WeeklyStretch(frozenset({4}), 420, 1860)),
    ],
)
def test_a_stretch_is_written_as_days_and_times(written: dict[str, object], stretch: WeeklyStretch) -> None:
    """AC-12: as a person would say it."""
    section = Section("x", written)
    assert parse_stretch(section) == stretch
    assert section.errors == []
    assert spelled(stretch) == written
