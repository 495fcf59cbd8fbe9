"""An independent look at all claims of a file: it trusts no trigger and imports nothing of the product."""

import sqlite3
from collections import defaultdict
from contextlib import closing
from pathlib import Path


def overlaps(path: Path) -> list[tuple[str, int, int]]:
    """Where a resource is overbooked, as (resource, instant, load above its capacity); empty when all is well."""
    with closing(sqlite3.connect(path)) as connection:
        capacity = dict(connection.execute("SELECT id, capacity FROM resource"))
        claims = connection.execute("SELECT resource_id, starts, ends, quantity FROM claim WHERE active = 1").fetchall()
    changes: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for resource, starts, ends, quantity in claims:
        changes[resource] += [(starts, quantity), (ends, -quantity)]
    found = []
    for resource, steps in changes.items():
        load = 0
        # What ends at an instant ends before what starts there.
        for instant, change in sorted(steps):
            load += change
            if load > capacity[resource]:
                found.append((resource, instant, load - capacity[resource]))
    return found
