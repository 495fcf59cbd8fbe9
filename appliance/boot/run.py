"""`portvakt run`: door and web as children of one process, for development and small installs."""

import signal
from pathlib import Path

from appliance.boot.children import Children


def run(config: Path) -> int:
    """Keep both running until SIGTERM or SIGINT; the exit status."""
    children = Children()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: children.stopping.set())
    for name in ("door", "web"):
        children.add(name, [name, "--config", str(config)])
    try:
        children.keep()
    finally:
        children.stop()
    return 0
