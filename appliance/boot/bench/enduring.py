"""What many decisions leave in the memory of the door process (DR-13): nothing, but for the caches of its files."""

import subprocess
import sys
from pathlib import Path
from typing import Final

from appliance.boot.bench.figures import Figure, at_most
from appliance.boot.bench.unit_processes import Started, start, stop, wait_online
from appliance.boot.bench.worlds import World
from appliance.door_socket.client import DoorClient
from appliance.foundation.errors import NeedsAttention
from appliance.foundation.ids import Uuid7

_BAR_MIB: Final = 10.0
_WARM: Final = 10  # one decision in so many goes before, so that caches are as full as they get
_RAW: Final = """
import sys
from pathlib import Path
from appliance.boot.bench.floors import RawFile, decision_round
def rss():
    return int(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmRSS"))) / 1024
file, count = RawFile(Path(sys.argv[1])), int(sys.argv[2])
for _ in range(count // 10):
    file.decide()
before = rss()
for _ in range(count):
    file.decide()
print(rss() - before)
"""


def measure(world: World, decisions: int, program: str = "appliance") -> Figure:
    """MiB that so many decisions add, beside what as many raw commits add to a process that does nothing else."""
    door = start([program, "door", "--config", str(world.config)], world.settings.data / "door.log")
    try:
        wait_online(world)
        ours = growth_mib(world, door, decisions)
    finally:
        stop(door)
    about = f"memory that {decisions:,} decisions add"
    return Figure(
        "door.rss.growth", about, ours, "MiB", _raw_mib(world.settings.data, decisions // 10), at_most(_BAR_MIB)
    )


def growth_mib(world: World, door: Started, decisions: int) -> float:
    """MiB by which a running door process grew over so many decisions, PIN and pass in turn."""
    client, ids = DoorClient(world.settings.run), Uuid7()
    try:
        before = 0.0
        for number in range(-(decisions // _WARM), decisions):
            if number == 0:
                before = door.rss_mib
            guest = world.guests[number % len(world.guests)]
            kind, value = ("pin", guest.pin) if number % 2 else ("qr", guest.qr)
            verdict = client.present(guest.door, kind, value, "bench", ids.new())
            if not verdict.granted:
                raise NeedsAttention(f"a good key was refused: {verdict.reason}")
        return door.rss_mib - before
    finally:
        client.close()


def _raw_mib(folder: Path, decisions: int) -> float:
    command = [sys.executable, "-c", _RAW, str(folder / "raw-growth.db"), str(decisions)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
