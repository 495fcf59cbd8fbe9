"""No program runs on a booking file that would take a double booking (SH-16)."""

import re
import sqlite3

import pytest

from appliance.foundation.ids import Uuid7
from appliance.storage import guard
from appliance.storage.engine import open_engine
from appliance.storage.guard import GuardMissing
from appliance.storage.migrating import migrate, require_newest
from tests.storage.raw_file import HOUR, RawFile, T


@pytest.mark.parametrize("trigger", sorted(guard.TRIGGERS))
def test_start_up_refuses_a_file_whose_trigger_is_gone_or_altered(file: RawFile, trigger: str) -> None:
    """SH-16: no program runs on a file that would take a double booking; `migrate` puts the guard back."""
    engine = open_engine(file.path)
    require_newest(engine)
    file.connection.execute(f"DROP TRIGGER {trigger}")
    with pytest.raises(GuardMissing, match=f"{trigger}.*portvakt migrate"):
        require_newest(engine)
    weakened = re.sub(r"RAISE\(ABORT, '\w+'\)", "1", guard.TRIGGERS[trigger])
    file.connection.execute(weakened)
    with pytest.raises(GuardMissing, match=trigger):
        require_newest(engine)
    migrate(engine, Uuid7(), T)
    require_newest(engine)
    engine.dispose()


def test_double_bookings_made_without_the_guard_are_told_when_it_comes_back(
    file: RawFile, caplog: pytest.LogCaptureFixture
) -> None:
    """SH-16: putting the triggers back does not undo what was inserted meanwhile, so somebody must hear of it."""
    for trigger in guard.TRIGGERS:
        file.connection.execute(f"DROP TRIGGER {trigger}")
    file.insert("one", T, T + HOUR)
    file.insert("one", T + 60, T + HOUR)
    file.insert("three", T, T + HOUR, 3)
    engine = open_engine(file.path)
    migrate(engine, Uuid7(), T)
    with engine.begin() as connection:
        assert guard.overbooked(connection) == [("one", T + 60)]
    assert any("booked more often" in record.getMessage() and "one" in record.getMessage() for record in caplog.records)
    with pytest.raises(sqlite3.IntegrityError, match=guard.OVERBOOKED):
        file.insert("one", T + 120, T + 180)
    engine.dispose()


@pytest.mark.parametrize(
    ("table", "clause", "weaker"),
    [
        ("claim", "STRICT", ""),
        ("claim", "PRIMARY KEY (id)", "UNIQUE (id)"),
        ("claim", "active IN (0, 1)", "active IN (0, 1, 2)"),
        ("claim", "quantity > 0", "quantity > -9"),
        ("claim", "starts < ends", "starts < ends + 9"),
        ("claim", "ends - starts <= 90000", "ends - starts <= 900000"),
        ("resource", "STRICT", ""),
    ],
)
def test_start_up_refuses_a_file_whose_tables_were_rebuilt_without_their_checks(
    file: RawFile, table: str, clause: str, weaker: str
) -> None:
    """SH-16: a rebuild that forgets a check leaves every trigger in place and the guard full of holes."""
    engine = open_engine(file.path)
    (sql,) = file.connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    assert clause in sql
    file.connection.execute("PRAGMA writable_schema = ON")
    file.connection.execute("UPDATE sqlite_master SET sql = ? WHERE name = ?", (sql.replace(clause, weaker), table))
    file.connection.execute("PRAGMA writable_schema = OFF")
    with pytest.raises(GuardMissing, match=table):
        require_newest(engine)
    engine.dispose()
