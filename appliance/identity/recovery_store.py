"""Counts of tries to get a key back, by kiosk and by person, as rows; they survive restarts (AC-10, BM-26)."""

from dataclasses import asdict, dataclass

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert as upsert

from appliance.foundation.instants import DAY, Instant
from appliance.identity.tables import recovery_throttle
from appliance.storage.unit_of_work import Transaction


@dataclass(frozen=True, slots=True)
class Tries:
    """What is remembered of one kiosk or one person; see `appliance.access.throttle` for what becomes of it.

    day: the date at the facility on which `wrong_today` counts, in ISO 8601. Instants are UTC seconds.
    """

    wrong: int = 0
    locked_until: Instant = 0
    seen_at: Instant = 0
    day: str = "0001-01-01"
    wrong_today: int = 0
    tried_at: Instant = 0


def tries_of(tx: Transaction, subject: str) -> Tries:
    """What is remembered of `subject`; nothing is remembered of most."""
    table = recovery_throttle
    query = select(table).where(table.c.facility_id == tx.scope.facility_id, table.c.subject == subject)
    row = tx.connection.execute(query).mappings().first()
    return Tries() if row is None else Tries(**{name: row[name] for name in Tries.__slots__})


def keep_tries(tx: Transaction, subject: str, tries: Tries) -> None:
    """Remember it. What is two days old is forgotten: anybody can make up people."""
    table = recovery_throttle
    tx.connection.execute(
        delete(table).where(table.c.facility_id == tx.scope.facility_id, table.c.seen_at < tx.now - 2 * DAY)
    )
    row = {"facility_id": tx.scope.facility_id, "subject": subject, **asdict(tries)}
    tx.connection.execute(
        upsert(table).values(row).on_conflict_do_update(["facility_id", "subject"], set_=asdict(tries))
    )
