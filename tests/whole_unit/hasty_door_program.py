"""A door process with its main protection taken away: it answers before the event is on the disk.

The kill rounds must find that out: `python -m tests.whole_unit.hasty_door_program FILE`.
"""

import sys
import threading
from pathlib import Path
from typing import Any

from appliance.access.outcomes import Event
from appliance.boot import door
from appliance.config_file import load
from appliance.storage.door_writer import DoorWriter, Pending, Transaction, Work

LATER_S = 0.02


class Told(Pending[Any]):
    """Work that is called durable at once."""

    def wait(self, seconds: float) -> Any:
        return False


class HastyWriter(DoorWriter):
    """Writes events a moment after everybody was told that they are written."""

    def submit(self, work: Work[Any], *, keep: bool = False) -> Pending[Any]:
        if not isinstance(work, Event):
            return super().submit(work, keep=keep)

        def later(tx: Transaction) -> object:
            threading.Event().wait(LATER_S)
            return work(tx)

        super().submit(later, keep=keep)
        return Told(work, keep=keep)


if __name__ == "__main__":
    vars(door)["DoorWriter"] = HastyWriter
    raise SystemExit(door.run(load(Path(sys.argv[1]))))
