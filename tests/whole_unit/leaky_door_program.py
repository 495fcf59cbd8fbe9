"""A door process that keeps four kilobytes of each decision: the watch over its memory must find that out.

python -m tests.whole_unit.leaky_door_program door --config FILE
"""

import sys
from pathlib import Path

from appliance.access.outcomes import Outcome
from appliance.access.presenting import Asked, Presenting
from appliance.boot import door
from appliance.config_file import load

KEPT: list[bytearray] = []


class KeepingPresenting(Presenting):
    """Decides as always, and never forgets it."""

    def present(self, asked: Asked) -> Outcome:
        KEPT.append(bytearray(b"\x5a" * 4096))
        return super().present(asked)


if __name__ == "__main__":
    vars(door)["Presenting"] = KeepingPresenting
    raise SystemExit(door.run(load(Path(sys.argv[-1]))))
