"""What the door process takes: from its start to its first opened door, and memory after thousands of decisions."""

import subprocess
import sys
import time
from typing import Final

from appliance.boot.bench.figures import Figure, at_most, over_rounds
from appliance.boot.bench.plan import Rounds
from appliance.boot.bench.unit_processes import opening_door
from appliance.boot.bench.worlds import World

_BAR_S: Final = 1.0
_BAR_MIB: Final = 60.0
_EMPTY: Final = "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmRSS')))"


def measure_start(world: World, size: Rounds) -> list[Figure]:
    """A door process on files that it made before, against an interpreter with nothing to do."""
    took, empty = [], []
    for turn in range(size.starts):
        empty.append(_empty()[0])
        with opening_door(world, world.guests[turn]) as (seconds, _):
            took.append(seconds)
    about = "start of the door process to its first opened door"
    return [Figure("door.start", about, over_rounds([took]), "s", over_rounds([empty]), at_most(_BAR_S))]


def memory(rss_mib: float) -> Figure:
    """Resident memory of a door process that has served."""
    about = "memory of the door process after the decisions"
    return Figure("door.rss", about, rss_mib, "MiB", _empty()[1], at_most(_BAR_MIB))


def _empty() -> tuple[float, float]:
    """Seconds to start and end an interpreter, and its resident memory in MiB."""
    began = time.perf_counter()
    said = subprocess.run([sys.executable, "-c", _EMPTY], capture_output=True, text=True, check=True)
    return time.perf_counter() - began, int(said.stdout) / 1024
