"""One pure decision says yes or no (AC-07, AC-08, AC-09)."""

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.access.clock_trust import UNKNOWN_REACH_S, ClockReading, Trust
from appliance.access.decision import COMMAND_LIFE_S, Following, Mode, Snapshot, decide, is_wrong_try
from appliance.access.door_plan import OnStale, OnUnknownClock
from appliance.access.known_keys import KeyState
from appliance.access.presentations import Pin, Presentation, StaffRelease, Unreadable
from appliance.access.reasons import Reason
from appliance.access.throttle import ReaderThrottle, Throttle
from appliance.foundation.grants import Grant
from appliance.foundation.instants import Interval
from appliance.keys.passes import facility_tag
from tests.access.bookings import uuid
from tests.access.worlds import DOOR, KEY, NOW, SNAPSHOT, at, denial, door, key, pin, qr, reason, shown

LOST = ClockReading(Trust.UNKNOWN, NOW - 86_400)
SIGNED = door(on_stale=OnStale.SIGNED_PASSES)
STALE = Following.STALE


def without_keys(**changes: Any) -> Snapshot:
    """A door that knows nobody."""
    return replace(SNAPSHOT, keys=(), **changes)


TABLE: list[tuple[str, Presentation, Snapshot]] = [
    ("granted", pin(), at()),
    ("granted", qr(), at()),
    ("granted", shown(StaffRelease("staff:1", "lost key")), without_keys()),
    ("unknown", pin(), without_keys()),
    ("unknown", shown(Unreadable(Reason.UNKNOWN)), at()),
    ("malformed", shown(Unreadable(Reason.MALFORMED)), at()),
    ("bad_signature", shown(Unreadable(Reason.BAD_SIGNATURE)), at()),
    ("too_early", pin(), at(key(valid_from=NOW + 1))),
    ("ended", pin(), at(key(valid_to=NOW))),
    ("wrong_door", pin(), at(key(doors=frozenset({uuid(7)})))),
    ("wrong_facility", qr(facility_tag=facility_tag(uuid(8))), at()),
    ("cancelled", pin(), at(key(state=KeyState.CANCELLED))),
    ("moved", pin(), at(key(state=KeyState.MOVED))),
    ("revoked", pin(), at(key(state=KeyState.REVOKED))),
    ("not_paid", pin(), at(key(state=KeyState.NOT_PAID))),
    ("cancelled", pin(), at(key(retired_until=NOW + 1))),
    ("granted", pin(), at(key(retired_until=NOW))),
    ("granted", pin(), at(key(retired_until=NOW + 86_400))),
    ("static_refused", qr(rotating_only=True), at()),
    ("cancelled", qr(rotating_only=True), at(key(state=KeyState.CANCELLED))),
    ("locked_out", pin(), at(throttle=Throttle(ReaderThrottle(6, NOW + 30, NOW)))),
    ("granted", qr(), at(throttle=Throttle(ReaderThrottle(6, NOW + 30, NOW)))),
    ("granted", shown(StaffRelease("staff:1", "x")), at(throttle=Throttle(ReaderThrottle(6, NOW + 30, NOW)))),
    ("lockdown", pin(), at(mode=Mode.LOCKDOWN)),
    ("lockdown", qr(), at(mode=Mode.LOCKDOWN)),
    ("lockdown", shown(StaffRelease("staff:1", "x")), at(mode=Mode.LOCKDOWN)),
    ("granted", pin(), at(mode=Mode.FREE_ACCESS)),
    ("unknown", pin(), without_keys(mode=Mode.EMERGENCY)),
    ("not_synced", pin(), without_keys(following=Following.NEVER)),
    ("not_synced", pin(), without_keys(following=Following.STOPPED)),
    ("granted", pin(), at(following=Following.STOPPED)),
    ("door_fault", pin(), at(is_online=False)),
    ("cancelled", pin(), at(key(state=KeyState.CANCELLED), is_online=False)),
    # A genuine pass of a key that the door does not know.
    ("revoked", qr(), without_keys()),
    ("revoked", qr(), without_keys(door=SIGNED)),
    ("ended", qr(not_before=NOW - 7200, minutes=60), without_keys()),
    ("not_synced", qr(), without_keys(following=STALE)),
    ("granted", qr(), without_keys(following=STALE, door=SIGNED)),
    ("granted", qr(), without_keys(following=Following.STOPPED, door=SIGNED)),
    ("wrong_door", qr(doors=2), without_keys(following=STALE, door=SIGNED)),
    ("too_early", qr(not_before=NOW + 1), without_keys(following=STALE, door=SIGNED)),
    ("ended", qr(not_before=NOW - 3600, minutes=60), without_keys(following=STALE, door=SIGNED)),
    ("static_refused", qr(rotating_only=True), without_keys(following=STALE, door=SIGNED)),
    ("clock_unknown", qr(), without_keys(following=STALE, door=SIGNED, clock=LOST)),
    # A clock that is not known: keys near the last sure time open, whatever the clock says.
    ("granted", pin(), at(key(valid_from=LOST.floor - 10, valid_to=LOST.floor + 1), clock=LOST)),
    ("clock_unknown", pin(), at(key(valid_from=LOST.floor - 10, valid_to=LOST.floor), clock=LOST)),
    ("granted", pin(), at(key(valid_from=LOST.floor + UNKNOWN_REACH_S - 1), clock=LOST)),
    ("clock_unknown", pin(), at(key(valid_from=LOST.floor + UNKNOWN_REACH_S), clock=LOST)),
    ("clock_unknown", pin(), at(clock=LOST)),
    (
        "clock_unknown",
        pin(),
        at(key(valid_from=LOST.floor), clock=LOST, door=door(on_unknown_clock=OnUnknownClock.REFUSE)),
    ),
    ("granted", pin(), at(clock=ClockReading(Trust.DEGRADED, NOW))),
]


@pytest.mark.parametrize(("wanted", "presentation", "snapshot"), TABLE)
def test_the_table_of_reasons(wanted: str, presentation: Presentation, snapshot: Snapshot) -> None:
    """AC-09: every reason that a PIN, a pass or staff can come to."""
    assert reason(presentation, snapshot) == wanted


def test_the_table_holds_every_reason_of_the_kinds_that_exist() -> None:
    """AC-09: those of phones, rotating codes and backup PINs stand in test_judging; one is of rules to come."""
    to_come = {Reason.REPLAYED, Reason.CHALLENGE_STALE, Reason.USED_UP, Reason.PASSBACK}
    assert {wanted for wanted, _, _ in TABLE} == set(Reason) - to_come


@pytest.mark.parametrize(
    ("now", "wanted"),
    [
        (KEY.valid_from - 1, "too_early"),
        (KEY.valid_from, "granted"),
        (KEY.valid_to - 1, "granted"),
        (KEY.valid_to, "ended"),
    ],
)
def test_the_window_is_half_open_to_the_second(now: int, wanted: str) -> None:
    """AC-07: boundary seconds on both sides, for a known key and for a pass by its claims alone."""
    assert reason(pin(), at(), now) == wanted
    claims = qr(not_before=KEY.valid_from, minutes=(KEY.valid_to - KEY.valid_from) // 60)
    assert reason(claims, without_keys(following=STALE, door=SIGNED), now) == wanted


def test_a_grant_carries_what_the_driver_needs() -> None:
    """AC-09: a grant is for one door, by one key, for a while, and dies soon."""
    assert decide(pin(), SNAPSHOT, NOW) == Grant(
        "p1", DOOR.id, "entrance", KEY.id, DOOR.release_s, NOW, NOW + COMMAND_LIFE_S
    )


def test_too_early_says_when() -> None:
    """AC-09: a guest who comes too early hears when to come back."""
    assert denial(pin(), at(key(valid_from=NOW + 90))).retry_at == NOW + 90


def test_the_guest_hears_the_reason_only_when_something_matched() -> None:
    """AC-10: unknown and expired sound the same; a signature that holds earns the truth."""
    unknown, ended = denial(pin(), without_keys()), denial(pin(), at(key(valid_to=NOW)))
    assert (unknown.told, ended.told) == (Reason.UNKNOWN, Reason.UNKNOWN)
    assert denial(qr(), at(key(valid_to=NOW))).told is Reason.ENDED
    assert denial(pin(), without_keys(following=STALE)).told is Reason.UNKNOWN
    assert denial(pin(), at(key(state=KeyState.CANCELLED))).told is Reason.CANCELLED


def test_an_ended_pin_counts_as_a_guess_like_an_unknown_one() -> None:
    """AC-10: the lock-out must not tell a guesser which PINs were once good."""
    guesses = {reason for reason in Reason if is_wrong_try(pin(), reason)}
    assert guesses == {Reason.UNKNOWN, Reason.NOT_SYNCED, Reason.ENDED}
    assert not is_wrong_try(qr(), Reason.UNKNOWN)


def test_each_key_opens_exactly_its_two_doors() -> None:
    """AC-08: four courts behind one entrance."""
    courts = [door(id=uuid(number), slug=f"court-{number}") for number in range(201, 205)]
    for number in range(201, 205):
        mine = key(doors=frozenset({DOOR.id, uuid(number)}))
        opened = [one.slug for one in [DOOR, *courts] if reason(pin(), at(mine, door=one)) == "granted"]
        assert opened == ["entrance", f"court-{number}"]


def test_each_door_has_its_own_window() -> None:
    """AC-07: the way in opens earlier than the court, to the second."""
    court = door(id=uuid(201), slug="court-1")
    mine = replace(key(), doors={DOOR.id: Interval(NOW - 900, NOW + 900), court.id: Interval(NOW + 300, NOW + 600)})
    assert reason(pin(), at(mine)) == "granted"
    assert denial(pin(), at(mine, door=court)).retry_at == NOW + 300
    for second, expected in ((299, "too_early"), (300, "granted"), (599, "granted"), (600, "ended")):
        verdict = decide(pin(), at(mine, door=court), NOW + second)
        assert ("granted" if isinstance(verdict, Grant) else verdict.reason) == expected


def test_of_a_known_key_its_own_window_counts_and_not_the_one_its_pass_was_signed_with() -> None:
    """AC-07: who has checked out still holds the pass of the whole time; who has extended, that of the shorter one."""
    for signed_end, known_end in ((NOW + 3600, NOW + 600), (NOW + 600, NOW + 3600)):
        carried = qr(not_before=NOW - 60, minutes=(signed_end - NOW + 60) // 60)
        known = at(key(valid_to=known_end))
        assert [reason(carried, known, known_end + second) for second in (-1, 0)] == ["granted", "ended"]


def test_of_several_keys_with_one_pin_the_good_one_opens_in_any_order() -> None:
    """AC-01: a PIN may serve again at another time or door; the order of rows does not matter."""
    keys = [
        key(id=uuid(11), valid_to=NOW),
        key(id=uuid(12)),
        key(id=uuid(13), valid_from=NOW + 60),
        key(id=uuid(14), doors=frozenset({uuid(7)})),
        key(id=uuid(15), state=KeyState.CANCELLED),
    ]
    decisions = {decide(pin(), at(*order), NOW) for order in permutations(keys)}
    assert [one.key_id for one in decisions if isinstance(one, Grant)] == [uuid(12)]
    without = [one for one in keys if one.id != uuid(12)]
    denials = {denial(pin(), at(*order)).reason for order in permutations(without)}
    assert denials == {Reason.TOO_EARLY}


@given(
    starts=st.integers(NOW - 7200, NOW + 7200),
    length=st.integers(1, 7200),
    state=st.sampled_from(KeyState),
    doors=st.sets(st.sampled_from([DOOR.id, uuid(7)])),
    mode=st.sampled_from(Mode),
    trust=st.sampled_from([Trust.TRUSTED, Trust.DEGRADED]),
    following=st.sampled_from(Following),
)
def test_never_outside_window_door_or_state(
    starts: int, length: int, state: KeyState, doors: set[str], mode: Mode, trust: Trust, following: Following
) -> None:
    """AC-07: with a clock that is believed, a known key opens exactly where and when it is live."""
    one = key(valid_from=starts, valid_to=starts + length, state=state, doors=frozenset(doors))
    snapshot = at(one, mode=mode, clock=ClockReading(trust, NOW), following=following)
    is_good = (
        state is KeyState.LIVE and DOOR.id in doors and starts <= NOW < starts + length and mode is not Mode.LOCKDOWN
    )
    assert isinstance(decide(shown(Pin(b"l")), snapshot, NOW), Grant) is is_good
