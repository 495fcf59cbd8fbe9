"""A window is filled with whole slots of VAKA's schedule (DR-05)."""

from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from appliance.foundation.instants import DAY, HOUR, Interval
from drivers.axema.slots import shown, slots_within

STOCKHOLM, UTC = ZoneInfo("Europe/Stockholm"), ZoneInfo("UTC")
MONDAY = 1_800_230_400  # 2027-01-18 00:00 UTC
HOURLY = tuple(tuple((hour * 60, 60) for hour in range(6, 22)) for _ in range(7))


@given(st.integers(0, 7 * DAY), st.integers(60, 2 * DAY))
def test_slots_lie_within_and_none_that_fits_is_left_out(offset: int, length: int) -> None:
    """DR-05: against counting the hours by hand, in a zone without clock changes."""
    window = Interval(MONDAY + offset, MONDAY + offset + length)
    hours = range(MONDAY - DAY, window.end + DAY, HOUR)
    wanted = [
        Interval(at, at + HOUR)
        for at in hours
        if window.start <= at and at + HOUR <= window.end and 6 <= at % DAY // HOUR < 22
    ]
    assert list(slots_within(window, HOURLY, UTC)) == wanted


def test_midnight_is_that_of_the_site() -> None:
    """DR-05: six in the morning in Stockholm is five in UTC in winter."""
    week = (((360, 60),), (), (), (), (), (), ())
    assert slots_within(Interval(MONDAY, MONDAY + DAY), week, STOCKHOLM) == (
        Interval(MONDAY + 5 * HOUR, MONDAY + 6 * HOUR),
    )


def test_a_slot_may_run_past_midnight_and_a_short_week_has_no_more_days() -> None:
    """DR-05."""
    week = (((23 * 60, 120),),)
    night = Interval(MONDAY + 23 * HOUR, MONDAY + 25 * HOUR)
    assert slots_within(Interval(MONDAY, MONDAY + 3 * DAY), week, UTC) == (night,)
    assert slots_within(Interval(MONDAY, MONDAY + DAY), week, UTC) == ()


def test_a_day_whose_clocks_change_has_slots_of_its_own_lengths() -> None:
    """DR-05: the night of 28 March 2027 has no 02:30 in Stockholm; a slot from 02:00 to 03:00 is none."""
    sunday = 1_806_188_400  # 2027-03-28 00:00 in Stockholm
    week = ((), (), (), (), (), (), ((60, 60), (120, 60), (180, 60)))
    found = slots_within(Interval(sunday, sunday + DAY), week, STOCKHOLM)
    assert found == (Interval(sunday + HOUR, sunday + 2 * HOUR), Interval(sunday + 2 * HOUR, sunday + 3 * HOUR))


def test_a_window_is_shown_as_people_at_the_site_read_it() -> None:
    """DR-05."""
    assert shown(Interval(MONDAY, MONDAY + HOUR), STOCKHOLM) == "2027-01-18 01:00 to 02:00"
    assert shown(Interval(MONDAY, MONDAY + DAY), STOCKHOLM) == "2027-01-18 01:00 to 2027-01-19 01:00"
