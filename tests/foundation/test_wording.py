"""KI-01, KI-07: times, days and money read right in each language."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.foundation import wording
from appliance.foundation.i18n import LANGUAGES
from appliance.foundation.instants import Interval
from appliance.foundation.money import Money

STOCKHOLM = ZoneInfo("Europe/Stockholm")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
SPACE = "\N{NO-BREAK SPACE}"


def at(year: int, month: int, day: int, hour: int, minute: int = 0, fold: int = 0) -> int:
    return int(datetime(year, month, day, hour, minute, tzinfo=STOCKHOLM, fold=fold).timestamp())


@pytest.mark.parametrize(("language", "shown"), [("sv", "14:50"), ("en", "14:50"), ("fr", f"14{SPACE}h{SPACE}50")])
def test_the_clock_has_24_hours_in_every_language(language: str, shown: str) -> None:
    assert wording.clock_text(language, at(2026, 11, 25, 14, 50), STOCKHOLM) == shown


def test_an_hour_that_comes_twice_carries_its_offset() -> None:
    first, second = (wording.clock_text("sv", at(2026, 10, 25, 2, 30, fold), STOCKHOLM) for fold in (0, 1))
    assert first == f"02:30{SPACE}(UTC+2)"
    assert second == f"02:30{SPACE}(UTC+1)"


def test_a_zone_that_shifts_by_half_an_hour_says_so() -> None:
    repeated = int(datetime(2026, 4, 5, 1, 45, tzinfo=LORD_HOWE, fold=1).timestamp())
    assert wording.clock_text("en", repeated, LORD_HOWE).endswith("(UTC+10:30)")


@pytest.mark.parametrize(
    ("language", "shown"),
    [("sv", "lördag 1 november"), ("en", "Saturday 1 November"), ("fr", "samedi 1er novembre")],
)
def test_a_date_is_written_as_it_is_said(language: str, shown: str) -> None:
    assert wording.date_text(language, date(2025, 11, 1)) == shown


def test_today_and_tomorrow_have_names() -> None:
    today = date(2026, 11, 25)
    assert wording.day_text("sv", today, today) == "I dag"
    assert wording.day_text("en", date(2026, 11, 26), today) == "Tomorrow"
    assert wording.day_text("fr", date(2026, 11, 27), today) == "vendredi 27 novembre"


def test_a_moment_on_another_day_names_the_day() -> None:
    now = at(2026, 11, 25, 22, 10)
    assert wording.moment_text("sv", at(2026, 11, 25, 23), now, STOCKHOLM) == "23:00"
    assert wording.moment_text("sv", at(2026, 11, 30, 7), now, STOCKHOLM) == "måndag 30 november 07:00"


@pytest.mark.parametrize(
    ("language", "shown"), [("sv", "i morgon 07:00"), ("en", "tomorrow 07:00"), ("fr", "demain 7 h 00")]
)
def test_a_day_inside_a_sentence_has_no_capital_of_its_own(language: str, shown: str) -> None:
    now = at(2026, 11, 25, 22, 10)
    assert wording.moment_text(language, at(2026, 11, 26, 7), now, STOCKHOLM).replace(SPACE, " ") == shown


@pytest.mark.parametrize(
    ("language", "money", "shown"),
    [
        ("sv", Money(8000, "SEK"), "80 kr"),
        ("sv", Money(1358, "SEK"), "13,58 kr"),
        ("en", Money(1358, "SEK"), "13.58 kr"),
        ("fr", Money(1250, "EUR"), "12,50 €"),
        ("sv", Money(123_456_700, "SEK"), "1 234 567 kr"),
        ("sv", Money(-8050, "SEK"), "-80,50 kr"),
        ("en", Money(500, "ISK"), "500 kr"),
        ("en", Money(500, "PLN"), "5 PLN"),
    ],
)
def test_money_shows_minor_units_only_where_there_are_some(language: str, money: Money, shown: str) -> None:
    assert wording.money_text(language, money) == shown.replace(" ", SPACE)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(-5, "0 s"), (50, "50 s"), (272, "4 min 32 s"), (300, "5 min"), (1380, "23 min"), (601, "11 min")],
)
def test_a_wait_is_said_as_short_as_it_is_useful(seconds: int, shown: str) -> None:
    assert wording.wait_text("sv", seconds) == shown


@pytest.mark.parametrize(("minutes", "shown"), [(60, "60 min"), (90, "90 min"), (120, "2 timmar"), (150, "150 min")])
def test_a_length_is_in_minutes_until_it_is_whole_hours(minutes: int, shown: str) -> None:
    assert wording.duration_text("sv", minutes) == shown


@given(st.sampled_from(LANGUAGES), st.integers(0, 4_000_000_000), st.integers(60, 86_400))
def test_every_instant_can_be_said_in_every_language(language: str, start: int, length: int) -> None:
    interval = Interval(start, start + length)
    for zone in (STOCKHOLM, LORD_HOWE):
        assert wording.span_text(language, interval, zone)
        assert wording.moment_text(language, interval.end, start, zone)
