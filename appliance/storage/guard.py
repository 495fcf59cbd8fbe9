"""The guard: the database itself refuses an overbooking, whoever writes and however (SH-16).

A resource is overbooked when at some instant the quantities of its active claims add up to more than its capacity. The
load can only rise where a claim starts, so it is enough to add up at each start inside the new claim. Claims are at
most `LONGEST_CLAIM_S` long, which bounds how far back an overlapping one can have begun.
"""

from sqlalchemy import Connection

from appliance.foundation.errors import NeedsAttention
from appliance.foundation.instants import HOUR, Instant
from appliance.storage import ledger_guard

LONGEST_CLAIM_S = 25 * HOUR

OVERBOOKED = "overbooked"
_LOST = "booking.db has lost its guard against double booking"

_LOAD_ABOVE_CAPACITY = f"""
    SELECT RAISE(ABORT, '{OVERBOOKED}') WHERE EXISTS (
        SELECT 1 FROM (
            SELECT NEW.starts AS point
            UNION
            SELECT c.starts FROM claim c
            WHERE c.active = 1 AND c.resource_id = NEW.resource_id AND c.starts > NEW.starts AND c.starts < NEW.ends
        ) AS p
        WHERE (
            SELECT TOTAL(b.quantity) FROM claim b
            WHERE b.active = 1 AND b.resource_id = NEW.resource_id AND b.id <> NEW.id
              AND b.starts > NEW.starts - {LONGEST_CLAIM_S} AND b.starts <= p.point AND b.ends > p.point
        ) + NEW.quantity > COALESCE((SELECT r.capacity FROM resource r WHERE r.id = NEW.resource_id), 0)
    );
"""  # noqa: S608 - built from constants only

_CAPACITY_BELOW_LOAD = f"""
    SELECT RAISE(ABORT, '{OVERBOOKED}') WHERE EXISTS (
        SELECT 1 FROM claim c
        WHERE c.active = 1 AND c.resource_id = NEW.id AND (
            SELECT TOTAL(b.quantity) FROM claim b
            WHERE b.active = 1 AND b.resource_id = NEW.id
              AND b.starts > c.starts - {LONGEST_CLAIM_S} AND b.starts <= c.starts AND b.ends > c.starts
        ) > NEW.capacity
    );
"""  # noqa: S608 - built from constants only

_OVERBOOKED_CLAIMS = f"""
    SELECT DISTINCT c.resource_id, c.starts FROM claim c
    WHERE c.active = 1 AND (
        SELECT TOTAL(b.quantity) FROM claim b
        WHERE b.active = 1 AND b.resource_id = c.resource_id
          AND b.starts > c.starts - {LONGEST_CLAIM_S} AND b.starts <= c.starts AND b.ends > c.starts
    ) > COALESCE((SELECT r.capacity FROM resource r WHERE r.id = c.resource_id), 0)
    ORDER BY c.resource_id, c.starts
"""  # noqa: S608 - built from constants only

TRIGGERS = {
    "claim_guard_insert": f"""CREATE TRIGGER claim_guard_insert AFTER INSERT ON claim WHEN NEW.active = 1
BEGIN{_LOAD_ABOVE_CAPACITY}END""",
    "claim_guard_update": f"""CREATE TRIGGER claim_guard_update
AFTER UPDATE OF id, resource_id, starts, ends, quantity, active ON claim WHEN NEW.active = 1
BEGIN{_LOAD_ABOVE_CAPACITY}END""",
    "capacity_guard_update": f"""CREATE TRIGGER capacity_guard_update
AFTER UPDATE OF id, capacity ON resource WHEN NEW.capacity < OLD.capacity OR NEW.id <> OLD.id
BEGIN{_CAPACITY_BELOW_LOAD}END""",
    "capacity_guard_insert": f"""CREATE TRIGGER capacity_guard_insert AFTER INSERT ON resource
BEGIN{_CAPACITY_BELOW_LOAD}END""",
    **ledger_guard.TRIGGERS,
}

# Whole clauses, brackets and all: "starts < ends + 9" must not pass for "starts < ends".
_TABLES_MUST_SAY = {
    "claim": (
        ") STRICT",
        "PRIMARY KEY (id)",
        "CHECK (active IN (0, 1))",
        "CHECK (quantity > 0)",
        "CHECK (starts < ends)",
        f"CHECK (ends - starts <= {LONGEST_CLAIM_S})",
    ),
    # Without STRICT a capacity could be a text, which SQLite holds greater than every number.
    "resource": (") STRICT", "PRIMARY KEY (id)"),
}


class GuardMissing(NeedsAttention):
    """The database would accept a double booking, so the program refuses to start."""


def install(connection: Connection) -> None:
    """Put the triggers in place, replacing any of the same name; the last step of every migration."""
    for name, sql in TRIGGERS.items():
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
        connection.exec_driver_sql(sql)


def require(connection: Connection) -> None:
    """Raise GuardMissing unless the guard stands exactly as written here."""
    rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all()
    found = {row.name: row.sql for row in rows}
    gone = [name for name, sql in TRIGGERS.items() if found.get(name) != sql]
    if gone:
        raise GuardMissing(f"{_LOST} ({', '.join(gone)}): run portvakt migrate")
    for table, clauses in _TABLES_MUST_SAY.items():
        query = "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?"
        written = " ".join((connection.exec_driver_sql(query, (table,)).scalar() or "").split())
        gone += [clause for clause in clauses if clause not in written]
        if gone:
            raise GuardMissing(f"{_LOST} (table {table}: {', '.join(gone)}): restore it from a backup")


def overbooked(connection: Connection) -> list[tuple[str, Instant]]:
    """Where claims exceed a capacity, as (resource id, start of a claim); only a lost guard lets that happen."""
    return [(row.resource_id, row.starts) for row in connection.exec_driver_sql(_OVERBOOKED_CLAIMS)]
