"""What a member's standing key comes to at a door: its hours, its window, and both nights of the year (AC-06)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.access.clock_trust import ClockReading, Trust
from appliance.access.decision import Denial, Mode, Snapshot, decide
from appliance.access.door_plan import OnUnknownClock
from appliance.access.known_keys import KeyState, KnownKey, parse_known_key
from appliance.access.presence import Presence
from appliance.access.presentations import Card
from appliance.foundation.errors import Invalid
from appliance.foundation.grants import Grant
from appliance.foundation.instants import DAY, HOUR, Interval
from appliance.foundation.weekly import WeeklyStretch
from tests.access import bookings
from tests.access.worlds import DOOR, KEY, SNAPSHOT, denial, reason, shown
from tests.foundation.test_weekly import is_on_the_wall, stretches

STOCKHOLM = ZoneInfo("Europe/Stockholm")
DAILY = WeeklyStretch(frozenset(range(7)), 6 * 60, 22 * 60)
NIGHTLY = WeeklyStretch(frozenset({6}), 135, 165)  # Sunday 02:15 to 02:45
CARD = shown(Card(b"c"))


def at(text: str, fold: int = 0) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM, fold=fold).timestamp())


WINDOW = Interval(at("2026-03-01T12:00"), at("2026-11-01T12:00"))


def standing(*hours: WeeklyStretch, window: Interval = WINDOW, **changes: Any) -> KnownKey:
    known = replace(KEY, id="standing", booking_id="entitlement", kind="standing", doors={DOOR.id: window}, hours=hours)
    return replace(known, valid_from=window.start, valid_to=window.end, **changes)


def at_door(*keys: KnownKey, **changes: Any) -> Snapshot:
    return replace(SNAPSHOT, keys=keys, **changes)


TABLE = [
    ("granted", "2026-06-01T06:00:00", 0, (DAILY,), None),
    ("granted", "2026-06-01T21:59:59", 0, (DAILY,), None),
    ("too_early", "2026-06-01T05:59:59", 0, (DAILY,), "2026-06-01T06:00"),
    ("too_early", "2026-06-01T22:00:00", 0, (DAILY,), "2026-06-02T06:00"),
    ("too_early", "2026-03-01T11:59:59", 0, (DAILY,), "2026-03-01T12:00"),
    ("too_early", "2026-02-01T12:00:00", 0, (DAILY,), "2026-03-01T12:00"),
    ("granted", "2026-11-01T11:59:59", 0, (DAILY,), None),
    ("ended", "2026-11-01T12:00:00", 0, (DAILY,), None),
    ("ended", "2026-11-01T03:00:00", 0, (NIGHTLY,), None),
    # The night without 02:15, and the morning after the hour was lost.
    ("too_early", "2026-03-29T01:59:59", 0, (NIGHTLY,), "2026-04-05T02:15"),
    ("too_early", "2026-03-29T03:00:00", 0, (NIGHTLY,), "2026-04-05T02:15"),
    ("too_early", "2026-03-29T05:59:59", 0, (DAILY,), "2026-03-29T06:00"),
    ("granted", "2026-03-29T06:00:00", 0, (DAILY,), None),
    # The night that has it twice.
    ("granted", "2026-10-25T02:15:00", 0, (NIGHTLY,), None),
    ("too_early", "2026-10-25T02:45:00", 0, (NIGHTLY,), "2026-10-25T02:15 again"),
    ("granted", "2026-10-25T02:15:00", 1, (NIGHTLY,), None),
    ("granted", "2026-10-25T02:44:59", 1, (NIGHTLY,), None),
    ("too_early", "2026-10-25T02:45:00", 1, (NIGHTLY,), "2026-11-01T02:15"),
    # A key without hours opens never: a door of an older version must not take it for one of a booking.
    ("ended", "2026-06-01T12:00:00", 0, (), None),
]


@pytest.mark.parametrize(("wanted", "moment", "fold", "hours", "passes_at"), TABLE)
def test_the_table_of_hours(
    wanted: str, moment: str, fold: int, hours: tuple[WeeklyStretch, ...], passes_at: str | None
) -> None:
    """AC-06: to the second, in both nights; a refusal says when the card would open."""
    decision = decide(CARD, at_door(standing(*hours)), at(moment, fold))
    assert ("granted" if isinstance(decision, Grant) else decision.reason) == wanted
    again = passes_at is not None and passes_at.endswith(" again")
    expected = at(passes_at.removesuffix(" again"), int(again)) if passes_at else None
    assert (decision.retry_at if isinstance(decision, Denial) else None) == expected
    assert isinstance(decision, Grant) or decision.told is decision.reason


@given(
    hours=st.lists(stretches(), min_size=1, max_size=3),
    now=st.integers(WINDOW.start - 2 * DAY, WINDOW.end + DAY),
)
def test_a_card_opens_when_the_wall_clock_is_in_its_hours_and_its_entitlement_is_good(
    hours: Sequence[WeeklyStretch], now: int
) -> None:
    """AC-06: against the oracle; and what a refusal promises is kept at that very second, and not at the one before."""
    snapshot = at_door(standing(*hours))
    decision = decide(CARD, snapshot, now)
    ought = WINDOW.contains(now) and is_on_the_wall(hours, now, STOCKHOLM)
    assert isinstance(decision, Grant) == ought
    if isinstance(decision, Denial) and decision.retry_at is not None:
        assert decision.retry_at > now
        assert reason(CARD, snapshot, decision.retry_at) == "granted"
        assert reason(CARD, snapshot, decision.retry_at - 1) == "too_early"


NOON = at("2026-06-01T12:00")
NIGHT = at("2026-06-01T23:00")


@pytest.mark.parametrize(
    ("wanted", "snapshot", "now"),
    [
        ("revoked", at_door(standing(DAILY, state=KeyState.REVOKED)), NOON),
        ("wrong_door", at_door(replace(standing(DAILY), doors={"another": WINDOW})), NOON),
        ("lockdown", at_door(standing(DAILY), mode=Mode.LOCKDOWN), NOON),
        ("clock_unknown", at_door(standing(DAILY), clock=ClockReading(Trust.UNKNOWN, NOON)), NOON),
        (
            "clock_unknown",
            at_door(
                standing(DAILY),
                clock=ClockReading(Trust.UNKNOWN, NOON),
                door=replace(DOOR, on_unknown_clock=OnUnknownClock.KNOWN_KEYS),
            ),
            NOON,
        ),
        ("too_early", at_door(standing(DAILY), is_exit=True), NIGHT),
        ("granted", at_door(standing(DAILY), is_exit=True, presences={"entitlement": Presence(1, NOON)}), NIGHT),
    ],
)
def test_what_else_stands_against_a_standing_key(wanted: str, snapshot: Snapshot, now: int) -> None:
    """AC-06: as against every key; without a clock nobody knows its hours. Who is inside gets out."""
    assert reason(CARD, snapshot, now) == wanted


def test_who_has_booked_comes_by_the_booking_and_otherwise_by_what_opens_first() -> None:
    """AC-06, AC-18: or a member's booking would look as if nobody had come."""
    window = Interval(NOON - HOUR, NOON + HOUR)
    booked = replace(KEY, id="zz", kind="card", doors={DOOR.id: window}, valid_from=window.start, valid_to=window.end)
    for keys in ((booked, standing(DAILY)), (standing(DAILY), booked)):
        granted = decide(CARD, at_door(*keys), NOON)
        assert isinstance(granted, Grant)
        assert granted.key_id == booked.id
        assert isinstance(decide(CARD, at_door(*keys), NOON + 2 * HOUR), Grant)
    evening = Interval(NIGHT + HOUR, NIGHT + 2 * HOUR)
    later = replace(booked, doors={DOOR.id: evening}, valid_from=evening.start, valid_to=evening.end)
    assert denial(CARD, at_door(standing(DAILY), later), NIGHT).retry_at == evening.start


def test_hours_come_through_the_journal_and_all_mistakes_in_them_are_told() -> None:
    """AC-06: a list of stretches or nothing; what cannot be understood is no key."""
    body = bookings.key(1, kind="standing", hours=[{"days": ["mon", "fri"], "from": "06:00", "to": "22:00"}])
    assert parse_known_key(body).hours == (WeeklyStretch(frozenset({0, 4}), 360, 1320),)
    assert parse_known_key(bookings.key(1)).hours == ()
    for hours, fields in (
        ([], {"hours"}),
        ("06:00", {"hours"}),
        ([{"days": [], "from": "6"}], {"hours.0.days", "hours.0.from", "hours.0.to"}),
    ):
        with pytest.raises(Invalid) as fault:
            parse_known_key({**body, "hours": hours})
        assert {error.field for error in fault.value.errors} == fields
