"""In a unit every row has the same facility: an index that begins with it finds everything, and so nothing."""

from pathlib import Path

import pytest
from sqlalchemy import Table, UniqueConstraint

from appliance.booking import tables as booking_tables
from appliance.customers import tables as customer_tables
from appliance.foundation.ids import Uuid7
from appliance.keys import tables as key_tables
from appliance.storage.engine import open_engine
from appliance.storage.metadata import metadata
from appliance.storage.migrating import migrate

MANY_ROWED = (booking_tables.booking, booking_tables.claim, customer_tables.customer, key_tables.key)

HOT = {
    "the keys of a booking": ("SELECT * FROM key WHERE facility_id = ? AND booking_id = ?", "ix_key_booking"),
    "whether a PIN is in use": (
        "SELECT doors FROM key WHERE facility_id = ? AND lookup = ? AND valid_from < ? AND valid_to > ?",
        "ix_key_lookup",
    ),
    "holds whose time has run out": (
        "SELECT * FROM booking WHERE facility_id = ? AND status = 'held' AND expires_at <= ?",
        "ix_booking_held",
    ),
}


def first_columns(table: Table) -> list[str]:
    """The column that each index and each unique constraint of a table begins with."""
    uniques = [each for each in table.constraints if isinstance(each, UniqueConstraint)]
    listed = [index.columns.keys() for index in table.indexes] + [each.columns.keys() for each in uniques]
    return [names[0] for names in listed]


def test_no_index_of_a_table_with_many_rows_begins_with_the_facility() -> None:
    firsts = [(table.name, name) for table in MANY_ROWED for name in first_columns(table)]
    assert [first for first in firsts if first[1] == "facility_id"] == []


@pytest.mark.parametrize("what", HOT)
def test_what_every_booking_asks_is_found_by_its_own_index(what: str, tmp_path: Path) -> None:
    """SH-16: a booking must not take longer the more bookings there are."""
    assert metadata.tables
    engine = open_engine(tmp_path / "booking.db")
    migrate(engine, Uuid7(), 1_800_000_000)
    query, index = HOT[what]
    with engine.connect() as connection:
        values = tuple("x" for _ in range(query.count("?")))
        plan = " ".join(row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", values))
    engine.dispose()
    assert f"INDEX {index} " in plan
