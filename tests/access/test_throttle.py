"""Wrong PINs are slowed down per reader and per door (AC-10)."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.access.throttle import (
    FREE_TRIES,
    LONGEST_LOCK_S,
    PACE_S,
    QUIET_S,
    WRONG_A_DAY,
    DoorThrottle,
    ReaderThrottle,
    Throttle,
    after_other,
    after_right,
    after_wrong,
    is_capped,
    locked,
    settle,
    shut_until,
    tries_left,
)

NOW = 1_800_000_000
DAY = date(2027, 1, 15)


def day_of(now: int) -> date:
    return datetime.fromtimestamp(now, UTC).date()


def wrong(times: int) -> Throttle:
    """A fresh throttle after some wrong tries in one second."""
    throttle = Throttle()
    for _ in range(times):
        throttle = after_wrong(throttle, NOW, DAY)
    return throttle


def test_five_free_tries() -> None:
    """AC-10: four wrong tries cost nothing, the fifth starts the first lock-out."""
    assert shut_until(wrong(FREE_TRIES - 1), NOW, DAY) is None
    assert shut_until(wrong(FREE_TRIES), NOW, DAY) == NOW + 30


def test_the_tries_that_are_left_are_those_before_the_pause() -> None:
    """AC-10: four after the first wrong one, none while it pauses, and one at a time after that."""
    assert [tries_left(wrong(count), NOW, DAY) for count in range(FREE_TRIES + 1)] == [5, 4, 3, 2, 1, 0]
    assert tries_left(wrong(FREE_TRIES), NOW + 30, DAY) == 1


@given(st.integers(0, 12), st.integers(0, 2 * WRONG_A_DAY), st.integers(0, 2 * LONGEST_LOCK_S))
def test_so_many_more_wrong_tries_and_no_fewer_begin_a_pause(at_reader: int, at_door: int, later: int) -> None:
    """AC-10: the number told is the number that counts, also where the door's count of the day ends first."""
    throttle, now = Throttle(wrong(at_reader).reader, DoorThrottle(DAY, at_door, NOW)), NOW + later
    left = tries_left(throttle, now, DAY)
    for _ in range(left):
        assert shut_until(throttle, now, DAY) is None
        throttle = after_wrong(throttle, now, DAY)
    assert shut_until(throttle, now, DAY) is not None


def test_lock_outs_double_to_a_quarter_of_an_hour() -> None:
    """AC-10: 30 s, 60 s, 2, 4, 8 minutes, then 15 for ever."""
    throttle, now, locks = wrong(FREE_TRIES - 1), NOW, []
    for _ in range(8):
        throttle = after_wrong(throttle, now, DAY)
        until = shut_until(throttle, now, DAY) or now
        locks.append(until - now)
        now = until
    assert locks == [30, 60, 120, 240, 480, 900, 900, 900]


def test_a_right_pin_gives_the_free_tries_back_but_not_the_day() -> None:
    """AC-10: success resets the reader, not the daily count of the door."""
    throttle = after_right(wrong(4), NOW, DAY)
    assert throttle.reader.wrong == 0
    assert throttle.door.wrong == 4


def test_quiet_gives_the_free_tries_back() -> None:
    """AC-10: fifteen minutes after the last try and the last lock-out."""
    throttle = wrong(FREE_TRIES)
    assert settle(throttle, NOW + 30 + QUIET_S - 1, DAY).reader.wrong == FREE_TRIES
    assert settle(throttle, NOW + 30 + QUIET_S, DAY).reader.wrong == 0


def test_a_pin_of_another_time_is_neither_a_guess_nor_a_success() -> None:
    """AC-10: a guest who is early locks nobody out."""
    assert after_other(wrong(3), NOW, DAY).reader.wrong == 3
    assert shut_until(after_other(wrong(4), NOW, DAY), NOW, DAY) is None


def test_who_never_stops_gets_104_tries_a_day_at_one_reader() -> None:
    """AC-10: the number behind the published odds."""
    throttle, now, tries = Throttle(), NOW, 0
    while now < NOW + 86_400:
        # The door's own count is left out: this is the reader's bound alone.
        throttle = Throttle(after_wrong(throttle, now, DAY).reader)
        tries += 1
        now = shut_until(throttle, now, DAY) or now
    assert tries == 104


def test_after_forty_wrong_tries_a_door_goes_on_at_one_a_minute_until_midnight() -> None:
    """AC-10: one vandal with many readers locks nobody out for longer than a minute."""
    throttle = Throttle()
    for _ in range(WRONG_A_DAY):
        throttle = after_wrong(Throttle(door=throttle.door), NOW, DAY)
    fresh_reader = Throttle(door=throttle.door)
    assert is_capped(fresh_reader, DAY)
    assert shut_until(fresh_reader, NOW, DAY) == NOW + PACE_S
    assert shut_until(fresh_reader, NOW + PACE_S, DAY) is None
    assert shut_until(fresh_reader, NOW, date(2027, 1, 16)) is None
    assert settle(fresh_reader, NOW, date(2027, 1, 16)).door.wrong == 0


def test_a_rebuilt_file_begins_locked() -> None:
    """AC-10: removing the file does not buy fresh tries."""
    assert shut_until(Throttle(locked(NOW)), NOW, DAY) == NOW + 30


@given(back=st.integers(1, 10 * 86_400), tries=st.integers(FREE_TRIES, 12))
def test_a_clock_set_back_neither_shortens_nor_stretches_a_lock_out(back: int, tries: int) -> None:
    """AC-10: what was left of a lock-out when it was last seen is what is left."""
    throttle = wrong(tries)
    left = throttle.reader.locked_until - NOW
    moved = settle(throttle, NOW - back, DAY)
    assert shut_until(moved, NOW - back, DAY) == NOW - back + left
    assert left <= LONGEST_LOCK_S


def test_a_date_set_back_gives_no_second_day() -> None:
    """AC-10: the daily count is not won back by the clock."""
    throttle = Throttle(door=DoorThrottle(DAY, WRONG_A_DAY, NOW))
    assert is_capped(settle(throttle, NOW, date(2027, 1, 14)), date(2027, 1, 14))


@given(
    steps=st.lists(st.tuples(st.sampled_from(["wrong", "right", "other", "wait"]), st.integers(0, 2000)), max_size=60)
)
def test_no_lock_out_lasts_longer_than_its_cap(steps: list[tuple[str, int]]) -> None:
    """AC-10: whatever happens, a guest with a good PIN waits a quarter of an hour at most."""
    throttle, now = Throttle(ReaderThrottle()), NOW
    moves = {"wrong": after_wrong, "right": after_right, "other": after_other}
    for what, seconds in steps:
        now += seconds
        if what in moves and shut_until(throttle, now, day_of(now)) is None:
            throttle = moves[what](throttle, now, day_of(now))
        until = shut_until(throttle, now, day_of(now))
        assert until is None or now < until <= now + LONGEST_LOCK_S


@pytest.mark.parametrize("tries", range(FREE_TRIES, 15))
def test_a_try_during_a_lock_out_changes_nothing(tries: int) -> None:
    """AC-10: hammering does not lengthen a lock-out; it is not looked at (see the decision)."""
    throttle = wrong(tries)
    assert shut_until(throttle, NOW, DAY) == shut_until(settle(throttle, NOW, DAY), NOW, DAY)
