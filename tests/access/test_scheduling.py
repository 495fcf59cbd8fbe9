"""Doors that stand free by their schedule, in the real door process (AC-12)."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from appliance.access.clock_trust import TimeSource
from appliance.access.decision import Mode
from appliance.foundation.clock import FakeClock
from tests.access.bookings import document, door
from tests.access.rig import Rig, eventually, rigged

MONDAY_NOON = int(datetime(2026, 11, 23, 12, tzinfo=ZoneInfo("Europe/Stockholm")).timestamp())
HOURS = [{"days": ["mon"], "from": "08:00", "to": "16:00"}]
PIN = "482913"


class Times:
    """A time source that can lose the time."""

    def __init__(self) -> None:
        self.source = TimeSource(synced=True, boot_id="1")

    def look(self) -> TimeSource:
        return self.source


def mode(rig: Rig) -> Mode:
    (post,) = rig.door.monitor.posts()
    return post.door.mode


def start(rig: Rig, **changes: object) -> None:
    key = rig.bookings.pin_key(1, PIN, valid_from=MONDAY_NOON - 60, valid_to=MONDAY_NOON + 3600)
    rig.bookings.put(key)
    rig.start_with_plan(document(door(1, "entrance", free_access=HOURS, **changes)))


def comes_to(rig: Rig, expected: Mode) -> None:
    eventually(lambda: mode(rig) is expected, f"mode {expected}")


def test_a_door_is_free_for_its_hours_and_locked_after_them() -> None:
    """AC-12: begun by a grant of its own kind, ended by the clock, both on record."""
    clock = FakeClock(MONDAY_NOON)
    with rigged(clock) as rig:
        start(rig)
        comes_to(rig, Mode.FREE_ACCESS)
        (granted,) = rig.entries()
        assert (granted.verb, granted.body_after()["kind"], granted.actor) == ("granted", "schedule", "schedule")
        clock.advance(4 * 3600)
        comes_to(rig, Mode.NORMAL)
        assert [entry.body_after().get("stretch") for entry in rig.entries("door") if entry.verb == "mode_set"] == [
            "20261123-0480",
            "",
        ]


def test_the_first_person_opens_the_day() -> None:
    """AC-12: with first-person-in a door stays shut until somebody has come in by a key, not by a release of staff."""
    with rigged(FakeClock(MONDAY_NOON)) as rig:
        start(rig, first_person_in=True)
        process = rig.door
        assert process.presenting.release("entrance", "anna", "the plumber", "r-1").verdict == "granted"
        process.scheduling.go_round()
        assert mode(rig) is Mode.NORMAL
        assert rig.pin(PIN).verdict == "granted"
        comes_to(rig, Mode.FREE_ACCESS)


def test_a_restart_takes_the_stretch_up_again_and_one_that_is_over_stays_over() -> None:
    """AC-12: nobody has to come in first twice, and a door that was off for the night is not free for a moment."""
    clock = FakeClock(MONDAY_NOON)
    with rigged(clock) as rig:
        start(rig, first_person_in=True)
        assert rig.pin(PIN).verdict == "granted"
        comes_to(rig, Mode.FREE_ACCESS)
        rig.stop()
        rig.start()
        comes_to(rig, Mode.FREE_ACCESS)
        rig.stop()
        releases = [entry.verb for entry in rig.entries("door")].count("released")
        clock.advance(10 * 3600)
        rig.start()
        eventually(lambda: [entry.verb for entry in rig.entries("door")][-1] == "mode_set", "the end of the stretch")
        assert mode(rig) is Mode.NORMAL
        assert [entry.verb for entry in rig.entries("door")].count("released") == releases


def test_staff_end_a_stretch_early_and_it_does_not_come_back() -> None:
    """AC-12: closing early lasts until the next stretch."""
    clock = FakeClock(MONDAY_NOON)
    with rigged(clock) as rig:
        start(rig)
        comes_to(rig, Mode.FREE_ACCESS)
        rig.client.mode("entrance", "free_access", "anna", "we close early", on=False)
        rig.door.scheduling.go_round()
        assert mode(rig) is Mode.NORMAL
        clock.advance(7 * 86_400)
        comes_to(rig, Mode.FREE_ACCESS)


def test_a_lockdown_goes_before_the_schedule_and_the_schedule_goes_on_after_it() -> None:
    """AC-12: nothing begins in a lockdown; what had begun is there again when it ends."""
    with rigged(FakeClock(MONDAY_NOON)) as rig:
        start(rig)
        comes_to(rig, Mode.FREE_ACCESS)
        rig.client.mode("entrance", "lockdown", "anna", "a fight outside")
        rig.door.scheduling.go_round()
        assert mode(rig) is Mode.LOCKDOWN
        rig.client.mode("entrance", "lockdown", "anna", "over", on=False)
        assert mode(rig) is Mode.FREE_ACCESS


@pytest.mark.parametrize("lost", [TimeSource(synced=False, boot_id="2")])
def test_a_door_that_loses_the_time_is_locked(lost: TimeSource) -> None:
    """AC-12, AC-16: free access in the middle of the night is worse than none at noon."""
    with rigged(FakeClock(MONDAY_NOON)) as rig:
        times = Times()
        rig.probe = times
        start(rig)
        comes_to(rig, Mode.FREE_ACCESS)
        times.source = lost
        comes_to(rig, Mode.NORMAL)
