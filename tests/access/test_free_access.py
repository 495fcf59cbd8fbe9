"""A door stands free by its schedule, in wall-clock time (AC-12)."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from appliance.access.free_access import stretch_at
from appliance.foundation.instants import HOUR, MINUTE
from appliance.foundation.weekly import WeeklyStretch
from tests.access.bookings import document, door
from tests.access.test_site_plan import mistakes

STOCKHOLM = ZoneInfo("Europe/Stockholm")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
EVENING = WeeklyStretch(frozenset({4}), 20 * 60, 26 * 60)  # Friday 20:00 to Saturday 02:00


def at(text: str, zone: ZoneInfo = STOCKHOLM) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp())


def test_a_stretch_past_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    """AC-12: from Friday 20:00 to Saturday 02:00, to the second."""
    name = "20261127-1200"
    assert stretch_at([EVENING], at("2026-11-27T19:59:59"), STOCKHOLM) == ""
    assert stretch_at([EVENING], at("2026-11-27T20:00:00"), STOCKHOLM) == name
    assert stretch_at([EVENING], at("2026-11-28T01:59:59"), STOCKHOLM) == name
    assert stretch_at([EVENING], at("2026-11-28T02:00:00"), STOCKHOLM) == ""


def test_in_the_two_nights_of_the_year_the_wall_clock_counts() -> None:
    """AC-12: 02:30 does not exist in spring; in autumn it comes twice and the door is free twice."""
    night = [WeeklyStretch(frozenset({6}), 2 * 60, 3 * 60)]
    spring, autumn = at("2026-03-29T00:00"), at("2026-10-25T00:00")
    assert not any(stretch_at(night, spring + at_s, STOCKHOLM) for at_s in range(0, 6 * HOUR, MINUTE))
    assert sum(bool(stretch_at(night, autumn + at_s, STOCKHOLM)) for at_s in range(0, 6 * HOUR, MINUTE)) == 120


@given(
    days=st.sets(st.integers(0, 6), min_size=1),
    start=st.integers(0, 1439),
    length=st.integers(1, 1440),
    moment=st.integers(at("2026-01-01T00:00"), at("2027-01-01T00:00")),
    zone=st.sampled_from([STOCKHOLM, LORD_HOWE]),
)
def test_free_is_what_the_wall_clock_says(days: set[int], start: int, length: int, moment: int, zone: ZoneInfo) -> None:
    """AC-12: against an oracle that counts wall-clock minutes from each day's midnight."""
    wall = datetime.fromtimestamp(moment, zone).replace(tzinfo=None)
    covered = [
        midnight
        for back in range(3)
        if (midnight := datetime.combine(wall.date() - timedelta(days=back), datetime.min.time())).weekday() in days
        and midnight + timedelta(minutes=start) <= wall < midnight + timedelta(minutes=start + length)
    ]
    found = stretch_at([WeeklyStretch(frozenset(days), start, start + length)], moment, zone)
    assert found in {f"{midnight:%Y%m%d}-{start:04}" for midnight in covered} if covered else found == ""


def test_mistakes_in_a_schedule_are_told_with_their_place() -> None:
    """AC-12, DR-13: all of them at once."""
    stretches = [
        {"days": ["mon", "Mon"], "from": "8:00", "to": "24:01"},
        {"days": [], "from": "23:60", "to": "٠٨:٠٠"},
        7,
    ]
    found = mistakes(document(door(1, "entrance", free_access=stretches)))
    assert sorted(field.removeprefix("doors.0.free_access.") for field, _ in found) == [
        "0.days", "0.from", "0.to", "1.days", "1.from", "1.to", "2", "2.days", "2.from", "2.to",
    ]  # fmt: skip
    assert mistakes(document(door(1, "entrance", free_access={}))) == [("doors.0.free_access", "malformed")]
