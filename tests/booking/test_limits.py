"""Limits: what they count, which starts they bar, and when that passes; against counting by hand."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.booking.booking_window import Channel, Window
from appliance.booking.deciding import asking, findings, refusal
from appliance.booking.lead_time import LeadTime, LeadUnit
from appliance.booking.limits import Counted, Limit, NoShowBlock, Of, Per, Standing, Tallies, Whose, barred, tally
from appliance.booking.reasons import Reason
from appliance.booking.rules import BookingRule, NoShows, Windows
from appliance.foundation.instants import DAY, HOUR, MINUTE, Instant, Interval, at_local
from appliance.foundation.refusals import Refusal

ZONES = [ZoneInfo("Europe/Stockholm"), ZoneInfo("Australia/Lord_Howe"), ZoneInfo("UTC")]
STOCKHOLM = ZONES[0]
SUNDAY = at_local(date(2026, 10, 25), 0, STOCKHOLM)  # 25 hours long, the last day of its week
NOW = SUNDAY - 3 * DAY
ALIKE = frozenset({"padel", "squash"})


def counted(start: Instant, service: str = "padel", *, mine: bool = True, ahead: bool = True) -> Counted:
    return Counted(service, Interval(start, start + HOUR), mine, ahead)


def asked(
    *limits: Limit, bookings: Sequence[Counted] = (), channel: Channel = Channel.PUBLIC
) -> Callable[[Instant], Refusal | None]:
    rule = BookingRule("r", limits=limits)
    terms = asking(rule, rule, "padel", ALIKE, Standing(bookings), channel, NOW, STOCKHOLM)
    return lambda start: refusal(terms, channel, NOW, Interval(start, start + HOUR), STOCKHOLM)


def test_a_week_is_an_iso_week_of_the_facility() -> None:
    """BRP-06, DY-35: Sunday 23:30 still counts for the week that ends, Monday 00:00 does not."""
    says = asked(Limit(1, Per.WEEK), bookings=[counted(SUNDAY - 2 * DAY)])
    assert says(SUNDAY + 24 * HOUR + 30 * MINUTE) == Refusal(Reason.TOO_MANY_THAT_WEEK)
    assert says(SUNDAY + 25 * HOUR) is None


def test_at_once_passes_when_enough_have_ended() -> None:
    """BRP-06: of two allowed and three that lie ahead, the second must be over."""
    ahead = [counted(NOW + hours * HOUR) for hours in (5, 1, 9)]
    says = asked(Limit(2, Per.AT_ONCE), bookings=ahead)
    assert says(NOW + 20 * DAY) == Refusal(Reason.TOO_MANY_AT_ONCE, NOW + 6 * HOUR)
    past = [counted(NOW - 5 * DAY, ahead=False), counted(NOW + HOUR)]
    assert asked(Limit(2, Per.AT_ONCE), bookings=past)(NOW + 20 * DAY) is None


def test_a_limit_of_a_service_does_not_count_the_others_under_its_rule() -> None:
    """DY-29: each service separately, or all under the rule."""
    other = [counted(SUNDAY, "squash")]
    assert asked(Limit(1, Per.DAY, of=Of.SERVICE), bookings=other)(SUNDAY) is None
    assert asked(Limit(1, Per.DAY), bookings=other)(SUNDAY) == Refusal(Reason.TOO_MANY_THAT_DAY)
    assert asked(Limit(1, Per.DAY), bookings=[counted(SUNDAY, "spin")])(SUNDAY) is None


def test_what_everybody_together_may_have_binds_staff_too_and_what_one_may_have_does_not() -> None:
    """DY-29, BRP-01: the hall's daily total is the hall's."""
    full = [counted(SUNDAY, mine=False)]
    total = Limit(1, Per.DAY, Whose.EVERYBODY)
    assert asked(total, bookings=full, channel=Channel.STAFF)(SUNDAY) == Refusal(Reason.DAY_IS_FULL)
    assert asked(Limit(1, Per.DAY), bookings=full)(SUNDAY) is None
    assert asked(Limit(1, Per.DAY), bookings=[counted(SUNDAY)], channel=Channel.STAFF)(SUNDAY) is None


def test_who_did_not_come_twice_is_let_in_again_when_the_older_time_is_past() -> None:
    """BRP-21 and the vendors' manual: two no-shows within thirty days."""
    rule = BookingRule("r", no_shows=NoShows(block=NoShowBlock(2, 30, frozenset({"public"}))))
    missed = Standing(no_shows=[NOW - 29 * DAY, NOW - 2 * DAY, NOW - 31 * DAY])
    terms = asking(rule, rule, "padel", ALIKE, missed, Channel.PUBLIC, NOW, STOCKHOLM)
    says = refusal(terms, Channel.PUBLIC, NOW, Interval(SUNDAY, SUNDAY + HOUR), STOCKHOLM)
    assert says == Refusal(Reason.BLOCKED_AFTER_NO_SHOWS, NOW + DAY)
    later = asking(rule, rule, "padel", ALIKE, missed, Channel.PUBLIC, NOW + DAY, STOCKHOLM)
    assert later.bars == ()
    assert asking(rule, rule, "padel", ALIKE, missed, Channel.KIOSK, NOW, STOCKHOLM).bars == ()


@pytest.mark.parametrize(("most", "per"), [(0, Per.DAY), (-1, Per.WEEK), (10_001, Per.MONTH)])
def test_absurd_limits_are_none(most: int, per: Per) -> None:
    with pytest.raises(ValueError, match="a limit is"):
        Limit(most, per)


def by_hand(limit: Limit, bookings: Sequence[Counted], start: Instant, zone: ZoneInfo) -> int:
    """The same count without any of ours: by the calendar that Python knows."""
    wall = datetime.fromtimestamp(start, zone)
    total = 0
    for each in bookings:
        its = datetime.fromtimestamp(each.interval.start, zone)
        same = {
            Per.AT_ONCE: each.ahead,
            Per.DAY: its.date() == wall.date(),
            Per.WEEK: its.isocalendar()[:2] == wall.isocalendar()[:2],
            Per.MONTH: (its.year, its.month) == (wall.year, wall.month),
        }[limit.per]
        of = each.service_id in ALIKE if limit.of is Of.RULE else each.service_id == "padel"
        total += same and of and (each.mine or limit.whose is Whose.EVERYBODY)
    return total


STARTS = st.integers(0, 4 * 60 * 24).map(lambda quarters: SUNDAY - 30 * DAY + quarters * 15 * MINUTE)
BOOKINGS = st.lists(
    st.builds(counted, STARTS, st.sampled_from(["padel", "squash", "spin"]), mine=st.booleans(), ahead=st.booleans()),
    max_size=12,
)


@given(
    BOOKINGS,
    st.integers(1, 3),
    st.sampled_from(Per),
    st.sampled_from(Whose),
    st.sampled_from(Of),
    STARTS,
    st.sampled_from(ZONES),
)
def test_bars_are_where_the_count_by_hand_reaches_the_limit(
    bookings: list[Counted], most: int, per: Per, whose: Whose, of: Of, start: Instant, zone: ZoneInfo
) -> None:
    """BRP-06, DY-29: hidden exactly where it would be refused."""
    if per is Per.AT_ONCE:
        whose = Whose.CUSTOMER
    limit, standing = Limit(most, per, whose, of), Standing(bookings)
    assert tally(limit, standing, "padel", ALIKE, start, zone) == by_hand(limit, bookings, start, zone)
    found = Tallies((limit,), "padel", ALIKE, zone).counting(standing).bars()
    assert (barred(found, start) is not None) == (by_hand(limit, bookings, start, zone) >= most)


def test_what_is_not_visible_yet_is_a_line_of_its_own_and_passes_at_the_later() -> None:
    """DY-12, BRP-01: "why not?" names the visible days; booking is told when nothing more stands against it."""
    seen_from = at_local(date(2026, 12, 4), 0, STOCKHOLM)
    start, early = seen_from + 2 * DAY + 10 * HOUR, seen_from - HOUR
    slot = Interval(start, start + HOUR)
    for hours, passes_at in ((24, start - 24 * HOUR), (240, seen_from)):
        opens = Window(LeadTime(hours, LeadUnit.HOURS))
        rule = BookingRule("r", windows=Windows(opens, opens, opens))
        terms = replace(
            asking(rule, rule, "padel", ALIKE, Standing(), Channel.PUBLIC, early, STOCKHOLM), visible_days=3
        )
        said = refusal(terms, Channel.PUBLIC, early, slot, STOCKHOLM)
        assert said == Refusal(Reason.TOO_EARLY, passes_at)
        lines = {line.line: line for line in findings(terms, Channel.PUBLIC, early, slot, STOCKHOLM)}
        assert list(lines) == ["earliest", "visible_days", "latest"]
        assert (lines["visible_days"].reason, lines["visible_days"].passes_at) == (Reason.TOO_EARLY, seen_from)
        assert lines["visible_days"].facts == {"days": 3}
        assert refusal(terms, Channel.PUBLIC, passes_at, slot, STOCKHOLM) is None


@given(
    BOOKINGS, st.lists(st.builds(Limit, st.integers(1, 3), st.sampled_from([Per.DAY, Per.WEEK])), max_size=3), STARTS
)
def test_the_first_finding_that_says_no_is_the_refusal(
    bookings: list[Counted], limits: list[Limit], start: Instant
) -> None:
    """BRP-01: "why not?" tells what booking would be told."""
    rule = BookingRule("r", limits=tuple(limits))
    terms = asking(rule, rule, "padel", ALIKE, Standing(bookings), Channel.PUBLIC, NOW, STOCKHOLM)
    slot = Interval(start, start + HOUR)
    said = refusal(terms, Channel.PUBLIC, NOW, slot, STOCKHOLM)
    lines = findings(terms, Channel.PUBLIC, NOW, slot, STOCKHOLM)
    first = next((line for line in lines if line.reason is not None), None)
    assert (said and (said.reason, said.passes_at)) == (first and (first.reason, first.passes_at))
