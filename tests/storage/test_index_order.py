"""In a unit every row has the same facility: an index that begins with it finds everything, and so nothing."""

import re
from pathlib import Path

from sqlalchemy import Connection, Table, UniqueConstraint

from appliance.booking import calendar_store, idempotency_store
from appliance.booking import store as booking_store
from appliance.booking import tables as booking_tables
from appliance.customers import store as customer_store
from appliance.customers import tables as customer_tables
from appliance.foundation.ids import Uuid7
from appliance.identity import store as identity_store
from appliance.keys import store as key_store
from appliance.keys import tables as key_tables
from appliance.storage import journal, kept
from appliance.storage.engine import open_engine
from appliance.storage.kept import Kept
from appliance.storage.metadata import metadata
from appliance.storage.migrating import migrate
from appliance.storage.statements import Statement

MANY_ROWED = (booking_tables.booking, booking_tables.claim, customer_tables.customer, key_tables.key)

STORES = (booking_store, calendar_store, idempotency_store, customer_store, key_store, identity_store, journal, kept)


def statements() -> dict[str, Statement]:
    """Every statement that bookings, presentations and searches run, by the name it has in its module."""
    named = {f"{store.__name__}.{name}": value for store in STORES for name, value in vars(store).items()}
    changes = Kept(("a", "b"), lambda _tx: None)
    made = {"kept": changes.changed, "claims": calendar_store._claims_of(3)}
    return {name: each for name, each in named.items() if isinstance(each, Statement)} | made


def first_columns(table: Table) -> list[str]:
    """The column that each index and each unique constraint of a table begins with."""
    uniques = [each for each in table.constraints if isinstance(each, UniqueConstraint)]
    listed = [index.columns.keys() for index in table.indexes] + [each.columns.keys() for each in uniques]
    return [names[0] for names in listed]


def test_no_index_of_a_table_with_many_rows_begins_with_the_facility() -> None:
    firsts = [(table.name, name) for table in MANY_ROWED for name in first_columns(table)]
    assert [first for first in firsts if first[1] == "facility_id"] == []


def test_nothing_that_a_booking_asks_walks_through_a_table_that_grows(tmp_path: Path) -> None:
    """SH-16: a booking must not take longer the more bookings there are."""
    assert metadata.tables
    engine = open_engine(tmp_path / "booking.db")
    migrate(engine, Uuid7(), 1_800_000_000)
    growing = "|".join([*(table.name for table in MANY_ROWED), "journal", "idempotency"])
    # Of the holds all may be read: they last five minutes, and their index holds nothing else.
    walks = re.compile(rf"SCAN ({growing})\b(?! USING INDEX ix_booking_held)")
    asked = statements()
    # Requests are forgotten once a day, by walking through a week of them.
    asked.pop(f"{idempotency_store.__name__}._FORGET")
    with engine.connect() as connection:
        plans = {name: plan_of(connection, each.text(connection)) for name, each in asked.items()}
    engine.dispose()
    assert len(plans) > 20
    assert {name: plan for name, plan in plans.items() if walks.search(plan)} == {}


def test_what_happened_to_a_booking_is_found_without_reading_the_journal(tmp_path: Path) -> None:
    """Its index holds the entries of bookings alone, and in their order."""
    engine = open_engine(tmp_path / "booking.db")
    migrate(engine, Uuid7(), 1_800_000_000)
    with engine.connect() as connection:
        plan = plan_of(connection, journal._OF_BOOKING.text(connection))
        of_any_thing = plan_of(connection, "SELECT seq FROM journal WHERE entity = ? AND entity_id = ?")
    engine.dispose()
    assert of_any_thing == "SCAN journal"
    assert plan == "SEARCH journal USING INDEX ix_journal_entity_id (entity_id=?)"


def test_a_search_reads_claims_out_of_their_index_alone(tmp_path: Path) -> None:
    """DY-06: to fetch each from where it happens to lie would take longer the more there are."""
    engine = open_engine(tmp_path / "booking.db")
    migrate(engine, Uuid7(), 1_800_000_000)
    with engine.connect() as connection:
        plan = plan_of(connection, calendar_store._claims_of(3).text(connection))
    engine.dispose()
    assert "SEARCH claim USING COVERING INDEX ix_claim_load (resource_id=? AND starts>? AND starts<?)" in plan


def test_a_walk_through_all_customers_would_be_seen(tmp_path: Path) -> None:
    """The check above can fail."""
    engine = open_engine(tmp_path / "booking.db")
    migrate(engine, Uuid7(), 1_800_000_000)
    with engine.connect() as connection:
        assert "SCAN customer" in plan_of(connection, "SELECT id FROM customer WHERE facility_id = ? AND name = ?")
    engine.dispose()


def plan_of(connection: Connection, sql: str) -> str:
    values = tuple("x" for _ in range(sql.count("?")))
    return " ".join(row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values))
