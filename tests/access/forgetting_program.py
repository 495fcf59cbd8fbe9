"""A process that cuts the journal of an `access.db` piece by piece, until somebody kills it."""

import sys
import threading
from pathlib import Path

from appliance.access.clock_keeper import ClockKeeper, DeclaredTime
from appliance.access.clock_trust import ClockMemory
from appliance.access.retention import Retention, RetentionRule
from appliance.foundation.clock import FakeClock
from appliance.storage.door_file import DoorFile, Origin, connect
from appliance.storage.door_writer import DoorWriter, Reserve
from tests.access.bookings import FACILITY


def main(path: Path, now: int) -> None:
    """Cut in pieces of a few entries, one every hundredth of a second."""
    clock = FakeClock(now)
    file = DoorFile(f"file:{path}", Origin.INTACT)
    writer = DoorWriter(connect(file, writes=True), clock, FACILITY, Reserve(None), lambda *_: None)
    keeper = ClockKeeper(clock, DeclaredTime(), ClockMemory())
    retention = Retention(RetentionRule(30, 365), connect(file), writer, keeper)
    pause = threading.Event()
    while not pause.wait(0.01):
        retention.go_round()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
