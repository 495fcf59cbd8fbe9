"""What `access.db` keeps for the outputs (AC-17)."""

import sqlite3
from collections.abc import Collection

from appliance.access.outputs import Override
from appliance.foundation.instants import Instant, Interval
from appliance.storage.door_writer import Transaction

Occupied = dict[str, frozenset[Interval]]


def occupied(connection: sqlite3.Connection) -> Occupied:
    """When each resource is booked, by its id."""
    found: dict[str, set[Interval]] = {}
    for resource_id, starts, ends in connection.execute("SELECT resource_id, starts, ends FROM occupied"):
        found.setdefault(resource_id, set()).add(Interval(starts, ends))
    return {resource_id: frozenset(intervals) for resource_id, intervals in found.items()}


def put_occupied(tx: Transaction, booked: Occupied) -> None:
    """Keep this, and nothing else."""
    tx.execute("DELETE FROM occupied")
    for resource_id, intervals in booked.items():
        for each in intervals:
            tx.execute("INSERT INTO occupied VALUES (?, ?, ?)", (resource_id, each.start, each.end))


def overrides(connection: sqlite3.Connection) -> dict[str, Override]:
    """What staff want, by the output's id."""
    rows = connection.execute("SELECT output_id, is_on, until FROM output_override")
    return {output_id: Override(bool(is_on), until) for output_id, is_on, until in rows}


def put_override(tx: Transaction, output_id: str, override: Override | None) -> None:
    """Keep what staff want of one output; None when they want nothing any more."""
    if override is None:
        tx.execute("DELETE FROM output_override WHERE output_id = ?", (output_id,))
    else:
        values = (output_id, int(override.is_on), override.until)
        tx.execute("INSERT OR REPLACE INTO output_override VALUES (?, ?, ?)", values)


_BOOKED = (
    "SELECT DISTINCT claim.resource_id, booking.starts, booking.ends FROM claim JOIN booking ON booking.id ="
    " claim.booking_id WHERE claim.active = 1 AND claim.facility_id = ? AND claim.resource_id IN ({})"
    " AND claim.starts < ? AND claim.starts > ? AND claim.ends > ?"
    " AND booking.status IN ('confirmed', 'arrived', 'completed')"
)


def booked_statement(resource_ids: Collection[str]) -> str:
    """The question to `booking.db` when so many resources are booked; its values are in `booked_values`."""
    return _BOOKED.format(", ".join("?" * len(resource_ids)))


def booked_values(
    facility_id: str, resource_ids: Collection[str], window: Interval, longest_s: int
) -> tuple[object, ...]:
    """The values of `booked_statement`: bookings that meet `window`; no claim is longer than `longest_s`."""
    earliest: Instant = window.start - longest_s
    return (facility_id, *resource_ids, window.end, earliest, window.start)
