"""Places in a class: one unit each of the session's counted resource, until it is full."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.booking.availability import ClaimWish, assign, offers
from appliance.booking.booking_window import Channel
from appliance.booking.reasons import Reason
from appliance.foundation.errors import Bug
from appliance.foundation.instants import MINUTE, Interval
from appliance.foundation.refusals import Refusal
from tests.booking.calendars import CLASS, asked, at, calendar, session

ALL_DAY = Interval(at(0), at(24))


def test_a_session_is_offered_with_the_places_that_are_left() -> None:
    """DY-15: capacity less the highest load during the session; grid and hours are not asked again."""
    sessions = [session("late", 23.1), session("spin", 18)]
    found = offers(
        calendar(CLASS, [("places", 18, 19, 5), ("places", 18, 19, 2)], sessions=sessions), CLASS, ALL_DAY, 60
    )
    assert found.sessions == ["spin", "late"]
    assert (found.starts, found.ends) == ([at(18), at(23.1)], [at(19), at(23.1) + 60 * MINUTE])
    assert found.resources == [("places",), ("places",)]
    assert found.seats_left == [5, 12]


def test_places_are_claimed_for_exactly_as_long_as_the_session_lasts() -> None:
    """SH-16: so that sessions that follow each other share a counted resource."""
    cal = calendar(CLASS, [("places", 17, 18, 12), ("places", 19, 20, 12)], sessions=[session("spin", 18)])
    assert assign(cal, CLASS, at(18), 60, 12) == (ClaimWish("places", Interval(at(18), at(19)), 12),)


@pytest.mark.parametrize(
    ("start", "quantity", "reason"),
    [
        (at(17), 1, Reason.OFF_GRID),
        (at(18), 3, Reason.SLOT_TAKEN),
        (at(18), 13, Reason.QUANTITY_NOT_OFFERED),
        (at(20), 3, Reason.QUANTITY_NOT_OFFERED),
    ],
)
def test_a_full_or_missing_session_is_refused(start: int, quantity: int, reason: Reason) -> None:
    """DY-06: not offered, and refused with the reason."""
    sessions = [session("spin", 18), session("few", 20, "more-places")]
    cal = calendar(CLASS, [("places", 18, 19, 10)], sessions=sessions)
    assert assign(cal, CLASS, start, 60, quantity) == Refusal(reason)
    assert start not in offers(cal, CLASS, ALL_DAY, 60, quantity).starts


def test_of_two_sessions_at_once_the_one_wanted_or_the_first_with_room_is_taken() -> None:
    """DY-15: two rooms at six o'clock."""
    sessions = [session("a", 18), session("b", 18, "more-places")]
    cal = calendar(CLASS, [("places", 18, 19, 12)], sessions=sessions)
    assert offers(cal, CLASS, ALL_DAY, 60).sessions == ["b"]
    assert assign(cal, CLASS, at(18), 60) == (ClaimWish("more-places", Interval(at(18), at(19)), 1),)
    assert assign(cal, CLASS, at(18), 60, wanted="places") == Refusal(Reason.SLOT_TAKEN)


def test_a_session_that_has_begun_takes_late_comers_only_where_the_rule_does() -> None:
    """DY-28: the kiosk until five minutes after the start, the web not."""
    late: dict[str, Any] = {
        "asked": asked(kiosk_until=-5),
        "now": at(18) + 4 * MINUTE,
        "sessions": [session("spin", 18)],
    }
    assert offers(calendar(CLASS, channel=Channel.KIOSK, **late), CLASS, ALL_DAY, 60).starts == [at(18)]
    assert assign(calendar(CLASS, **late), CLASS, at(18), 60) == Refusal(Reason.IN_THE_PAST)


def test_sessions_of_another_length_or_class_are_not_meant() -> None:
    """DY-15: a length has its own price, so it must be asked for."""
    cal = calendar(CLASS, sessions=[session("long", 18, minutes=90)])
    assert offers(cal, CLASS, ALL_DAY, 60).starts == []
    assert assign(cal, CLASS, at(18), 90) == Refusal(Reason.DURATION_NOT_OFFERED)


def test_half_the_facts_are_not_enough_for_a_class_either() -> None:
    with pytest.raises(Bug, match="facts_window"):
        assign(calendar(CLASS, window=Interval(at(18), at(19)), sessions=[session("spin", 18)]), CLASS, at(18), 60)


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 16), st.integers(1, 3)), max_size=8),
    st.lists(st.integers(0, 40), max_size=4, unique=True),
    st.integers(1, 12),
)
def test_places_are_offered_while_no_minute_of_the_session_is_full(
    loads: list[tuple[int, int, int]], starts: list[int], quantity: int
) -> None:
    """SH-16: against counting minute by minute."""
    taken = [("places", start / 4, (start + length) / 4, places) for start, length, places in loads]
    cal = calendar(CLASS, taken, sessions=[session(str(start), start / 4) for start in starts])
    found = offers(cal, CLASS, ALL_DAY, 60, quantity)
    expected = {}
    for start in sorted(starts):
        quarters = range(start, start + 4)
        load = max(sum(n for first, length, n in loads if first <= q < first + length) for q in quarters)
        if 12 - load >= quantity:
            expected[at(start / 4)] = 12 - load
    assert dict(zip(found.starts, found.seats_left, strict=True)) == expected
    for start in starts:
        assert isinstance(assign(cal, CLASS, at(start / 4), 60, quantity), tuple) == (at(start / 4) in expected)
