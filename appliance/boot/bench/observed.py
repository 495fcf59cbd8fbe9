"""A process of the product as it is, observed: it notes what each connection to `booking.db` says of its durability.

    python -m appliance.boot.bench.observed REPORT ADDED_MS web|door CONFIG

REPORT gets a line of JSON for each connection of SQLAlchemy's pool: its journal mode and `synchronous`, read back after
its first use. With ADDED_MS above 0 each fsync of SQLite lasts so much longer.
"""

import json
import sys
from pathlib import Path

from appliance.boot.bench.slow_disk import SlowDisk
from appliance.config_file import load


def report_connections(report: Path) -> None:
    """Have every pool of this process read back how its connections write."""
    from sqlalchemy import event
    from sqlalchemy.pool import Pool

    def look(connection: object, record: object) -> None:
        info = getattr(record, "info", None)
        execute = getattr(connection, "execute", None)
        if execute is None or info is None or "observed" in info:
            return
        info["observed"] = True
        found = [execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
        with report.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(found) + "\n")

    event.listen(Pool, "checkin", look)


def main(report: Path, added_ms: float, verb: str, config: Path) -> int:
    """Run the process; its exit status."""
    if added_ms > 0:
        SlowDisk(added_ms).install()
    if verb == "door":
        from appliance.boot import door

        return door.run(load(config))
    from appliance.boot import web

    report_connections(report)
    return web.run(load(config))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), float(sys.argv[2]), sys.argv[3], Path(sys.argv[4])))
