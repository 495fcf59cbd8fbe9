"""How far the clock may be believed (AC-16)."""

from pathlib import Path

from appliance.access.clock_keeper import ClockKeeper, DeclaredTime, MachineTime
from appliance.access.clock_trust import BELIEVE_AFTER_S, SLACK_S, ClockMemory, TimeSource, Trust, assess
from appliance.foundation.clock import FakeClock

NOW = 1_800_000_000
DAY = 86_400
SYNCED, ALONE = TimeSource(synced=True, boot_id="b"), TimeSource(boot_id="b")


def trust(memory: ClockMemory, source: TimeSource, now: int = NOW, monotonic: float = 0.0) -> Trust:
    return assess(memory, source, now, monotonic)[0].trust


def test_ntp_or_a_battery_clock_is_trusted() -> None:
    """AC-16: set from outside, or kept by a battery."""
    assert trust(ClockMemory(), SYNCED) is Trust.TRUSTED
    assert trust(ClockMemory(NOW - DAY, "another"), TimeSource(kept=True, boot_id="b")) is Trust.TRUSTED


def test_a_clock_that_runs_on_by_itself_is_degraded() -> None:
    """AC-16: holdover in the same run of the machine."""
    assert trust(ClockMemory(NOW - 60, "b"), ALONE) is Trust.DEGRADED
    assert trust(ClockMemory(), ALONE) is Trust.DEGRADED


def test_after_a_new_start_without_battery_nothing_is_known() -> None:
    """AC-16: the battery is lost and the time is that of the last shutdown."""
    reading, memory = assess(ClockMemory(NOW - 60, "yesterday"), ALONE, NOW, 0.0)
    assert (reading.trust, reading.floor) == (Trust.UNKNOWN, NOW - 60)
    assert memory.boot_id == "yesterday"


def test_a_clock_set_back_a_day_is_unknown_and_the_floor_stays() -> None:
    """AC-16: the high-water mark is the floor."""
    reading, memory = assess(ClockMemory(NOW, "b"), ALONE, NOW - DAY, 0.0)
    assert (reading.trust, reading.floor, memory.mark) == (Trust.UNKNOWN, NOW, NOW)
    assert trust(ClockMemory(NOW, "b"), SYNCED, NOW - DAY) is Trust.UNKNOWN


def test_small_corrections_are_no_alarm() -> None:
    """AC-16: NTP may step a clock by seconds."""
    assert trust(ClockMemory(NOW, "b"), SYNCED, NOW - SLACK_S) is Trust.TRUSTED
    assert trust(ClockMemory(NOW, "b"), SYNCED, NOW - SLACK_S - 1) is Trust.UNKNOWN


def test_a_clock_that_stays_synced_wins_over_a_wrong_mark() -> None:
    """AC-16: a mark from 2099 does not shut the doors until then."""
    memory = ClockMemory(NOW + 9_000 * DAY, "b")
    reading, memory = assess(memory, SYNCED, NOW, 0.0)
    assert reading.trust is Trust.UNKNOWN
    reading, memory = assess(memory, SYNCED, NOW + 600, BELIEVE_AFTER_S)
    assert (reading.trust, memory.mark) == (Trust.TRUSTED, NOW + 600)


def test_a_pretend_clock_is_right_by_definition() -> None:
    """AC-16: demo and tests move time as they like."""
    clock = FakeClock(NOW)
    keeper = ClockKeeper(clock, DeclaredTime(), ClockMemory(NOW + DAY, "b"))
    assert keeper.look() == (NOW, assess(ClockMemory(), DeclaredTime().look(), NOW, 0.0)[0])


def test_the_mark_is_written_once_a_minute() -> None:
    """AC-16: and not with every look."""
    clock = FakeClock(NOW)
    keeper = ClockKeeper(clock, DeclaredTime(), ClockMemory(NOW, ""))
    keeper.look()
    assert keeper.to_keep() is None
    clock.advance(60)
    keeper.look()
    assert keeper.to_keep() == ClockMemory(NOW + 60, "")
    assert keeper.to_keep() is None


def test_the_machine_says_what_it_knows(tmp_path: Path) -> None:
    """AC-16: a battery clock counts only where the kernel took the time from it."""
    clock = FakeClock(NOW)
    rtc = tmp_path / "class" / "rtc" / "rtc0"
    rtc.mkdir(parents=True)
    (rtc / "since_epoch").write_text(f"{NOW + 3}\n")
    (rtc / "hctosys").write_text("1\n")
    assert MachineTime(clock, sys_folder=tmp_path).look().kept
    (rtc / "since_epoch").write_text(f"{NOW + 60}\n")
    assert not MachineTime(clock, sys_folder=tmp_path).look().kept
    assert not MachineTime(clock, sys_folder=tmp_path / "none", proc_folder=tmp_path).look().boot_id
