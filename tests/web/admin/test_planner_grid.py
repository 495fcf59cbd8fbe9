"""The cells of the planner: every column of every lane is told once, whatever is booked."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from appliance.booking.booking_window import Channel
from appliance.booking.bookings import Booking, Claimed, Status
from appliance.foundation.instants import HOUR, MINUTE, Interval
from appliance.foundation.money import Money
from appliance.web.admin.planner_grid import STEP_S, Meeting, lanes, shown_hours

DAY = Interval(0, 24 * HOUR)
HOURS = Interval(6 * HOUR, 22 * HOUR)
PLAIN = Booking(
    "id", "N", "padel", None, None, Status.CONFIRMED, Channel.PUBLIC, HOURS, 1, Money(0, "SEK"), 0, 1, 0, 0, None, ()
)


def booked(number: int, start: int, minutes: int) -> Booking:
    span = Interval(start, start + minutes * MINUTE)
    return replace(PLAIN, id=str(number), interval=span, claims=(Claimed("court", span, 1),))


spans = st.lists(st.tuples(st.integers(0, 24 * 60 - 1), st.integers(1, 300)), max_size=12)


@given(spans, st.lists(st.tuples(st.integers(0, 96), st.integers(1, 40)), max_size=3), st.integers(0, 24 * 60))
def test_each_lane_is_filled_without_gap_and_each_booking_stands_once_where_it_is(
    wanted: list[tuple[int, int]], opened: list[tuple[int, int]], minute: int
) -> None:
    """DY-26: against every quarter of an hour counted by itself."""
    now = minute * MINUTE
    bookings = [booked(number, start * MINUTE, length) for number, (start, length) in enumerate(wanted)]
    opening = [Interval(start * STEP_S, (start + length) * STEP_S) for start, length in opened]
    rows = lanes(HOURS, "court", bookings, opening, now)
    for row in rows:
        at = HOURS.start
        for cell in row:
            assert cell.start == at
            at += cell.columns * STEP_S
        assert at == HOURS.end
    shown = [each.id for row in rows for cell in row for each in cell.bookings]
    assert sorted(shown) == sorted(each.id for each in bookings if each.interval.overlaps(HOURS))
    for cell in (cell for row in rows for cell in row):
        quarters = [Interval(at, at + STEP_S) for at in range(cell.start, cell.start + cell.columns * STEP_S, STEP_S)]
        for quarter in quarters:
            assert all(each.interval.overlaps(quarter) for each in cell.bookings)
            if cell.kind == "free":
                assert any(each.start <= quarter.start and quarter.end <= each.end for each in opening)
                assert quarter.end > now


def test_the_hours_shown_are_whole_and_reach_over_all_that_is_open_or_booked() -> None:
    late = booked(1, 23 * HOUR + 30 * MINUTE, 120)
    assert shown_hours(DAY, [Interval(7 * HOUR + 900, 20 * HOUR)], []) == Interval(7 * HOUR, 20 * HOUR)
    assert shown_hours(DAY, [Interval(7 * HOUR, 20 * HOUR)], [late]) == Interval(7 * HOUR, 24 * HOUR)
    assert shown_hours(DAY, [], []) == Interval(8 * HOUR, 18 * HOUR)


def test_what_a_class_has_to_itself_is_not_free_and_says_what_it_is() -> None:
    """SB-19: beside a booking, in the same lane; outside the hours shown there is nothing of it."""
    open_all_day = [Interval(0, 24 * HOUR)]
    school = Meeting(Interval(18 * HOUR, 19 * HOUR), "Badminton school")
    early = Meeting(Interval(3 * HOUR, 4 * HOUR), "Yoga")
    [row] = lanes(HOURS, "court", [booked(1, 19 * HOUR, 60)], open_all_day, 0, [school, early])
    met = [(cell.start, cell.columns, cell.words) for cell in row if cell.kind == "meeting"]
    assert met == [(18 * HOUR, 4, "Badminton school")]
    assert [cell.start for cell in row if cell.kind == "taken"] == [19 * HOUR]
    assert 18 * HOUR not in {cell.start for cell in row if cell.kind == "free"}
