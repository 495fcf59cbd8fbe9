"""`portvakt run`: door and web as children of one process, for development and small installs."""

import signal
from pathlib import Path

from appliance.boot.children import Children
from appliance.config import UnitSettings


def run(config: Path, settings: UnitSettings) -> int:
    """Keep the web process and the door process of each facility running until SIGTERM or SIGINT; the exit status."""
    children = Children()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: children.stopping.set())
    for each in settings.all_facilities:
        children.add(each.door_name, ["door", "--config", str(config), "--facility", each.facility_slug])
    children.add("web", ["web", "--config", str(config)])
    try:
        children.keep()
    finally:
        children.stop()
    return 0
