"""What a guest is told after a wrong PIN: how many more may be tried, and nothing of how near the guess was (AC-10)."""

import pytest

from tests.access.rig import Rig

IN_FORCE, ENDED, NOBODYS = "271828", "314159", "161803"


@pytest.fixture
def ready(rig: Rig) -> Rig:
    """One PIN in force now and one whose time has ended."""
    now = rig.clock.now()
    rig.bookings.put(
        rig.bookings.pin_key(1, IN_FORCE, valid_from=now - 60, valid_to=now + 3600),
        rig.bookings.pin_key(3, ENDED, valid_from=now - 600, valid_to=now - 60),
    )
    rig.start_with_plan()
    return rig


def test_the_tries_left_are_the_same_for_an_unknown_pin_and_an_ended_one(ready: Rig) -> None:
    """AC-10: the number tells the two no more apart than the sentence does."""
    ended, unknown = ready.pin(ENDED), ready.pin(NOBODYS)
    assert (ended.reason, unknown.reason) == ("ended", "unknown")
    assert (ended.told, unknown.told) == ("unknown", "unknown")
    assert (ended.tries_left, unknown.tries_left) == (4, 3)
    assert ready.pin(ENDED).tries_left == 2


def test_a_right_pin_gives_the_tries_back_and_a_pause_counts_none(ready: Rig) -> None:
    """AC-10: five free tries; what is not looked at is no try."""
    ready.pin(NOBODYS)
    assert ready.pin(IN_FORCE).tries_left is None
    assert [ready.pin(NOBODYS).tries_left for _ in range(5)] == [4, 3, 2, 1, 0]
    assert (ready.pin(NOBODYS).told, ready.pin(NOBODYS).tries_left) == ("locked_out", None)


def test_the_tries_left_are_told_again_after_a_restart(ready: Rig) -> None:
    """AC-09: the same presentation, the same answer."""
    first = ready.pin(NOBODYS, presentation_id="same")
    ready.stop()
    ready.start()
    assert ready.pin(NOBODYS, presentation_id="same").tries_left == first.tries_left == 4
