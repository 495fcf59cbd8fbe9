"""What `access.db` keeps of controllers: the grants they are to hold, their events, and how far those were read."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

from appliance.access.grant_life import GrantLife, Input, LifeState, Terms, step
from appliance.access.records import note_subject
from appliance.access.wanted_grants import WantedGrant
from appliance.foundation.instants import Instant, Interval
from appliance.storage.chain import Change
from appliance.storage.door_writer import SqlValue, Transaction
from drivers.controller_contract import ControllerGrant, Takes

_HELD: Final = (
    "SELECT controller_id, grant_id, booking_id, takes, subject, devices, starts, ends, revision, is_wanted, is_told,"
    " state, reason, since, attempts, next_at, correlation FROM held_grant"
)
_ONE: Final = _HELD + " WHERE controller_id = ? AND grant_id = ?"
_AT_ANY: Final = _HELD + " WHERE grant_id = ?"
_PAGE: Final = _HELD + " WHERE controller_id = ? AND grant_id > ? ORDER BY grant_id LIMIT ?"
# What is wanted and begins soonest, then what still goes, then what was removed last.
_SOONEST: Final = (
    _HELD + " WHERE controller_id = ? ORDER BY is_wanted DESC, state = 'removed',"
    " CASE state WHEN 'removed' THEN -since ELSE starts END, grant_id LIMIT ?"
)
_TOLD: Final = _HELD + " WHERE controller_id = ? AND is_told = 1 AND state <> 'removed'"
# Who is to be let in no more comes first, then who comes first. A grant whose person is not known yet must wait.
_DUE: Final = (
    _HELD + " WHERE controller_id = ? AND next_at <= ? AND (subject IS NOT NULL OR takes = 'nobody' OR is_wanted = 0"
    " OR ends <= ?) ORDER BY is_wanted, starts, grant_id LIMIT ?"
)
_PUT: Final = "INSERT OR REPLACE INTO held_grant VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
_COUNT_TOLD: Final = "SELECT count(*) FROM held_grant WHERE controller_id = ? AND is_told = 1 AND state <> 'removed'"
_COUNTS: Final = "SELECT state, count(*) FROM held_grant WHERE controller_id = ? GROUP BY state"
_NAMELESS: Final = (
    "SELECT controller_id, grant_id, booking_id, takes FROM held_grant WHERE subject IS NULL AND takes <> 'nobody'"
    " AND is_wanted = 1 AND state IN ('planned', 'failed') AND next_at <= ? AND ends > ? ORDER BY starts LIMIT ?"
)
_LATE: Final = (
    "SELECT count(*), min(starts), max(reason) FROM held_grant WHERE controller_id = ? AND is_wanted = 1"
    " AND state <> 'confirmed' AND starts < ? AND ends > ?"
)


@dataclass(frozen=True, slots=True)
class HeldRow:
    """One grant at one controller. subject: a card, a PIN or an address; None while it is not known, or was removed."""

    controller_id: str
    grant_id: str
    booking_id: str
    takes: Takes
    subject: str | None = field(repr=False)
    devices: tuple[str, ...]
    starts: Instant
    life: GrantLife

    @property
    def grant(self) -> ControllerGrant:
        """The grant as its controller is told it."""
        window = Interval(self.starts, max(self.life.ends, self.starts + 1))
        card, email, pin = (self.subject if self.takes is one else None for one in (Takes.CARD, Takes.EMAIL, Takes.PIN))
        return ControllerGrant(self.grant_id, self.life.revision, self.devices, window, card, email, pin)

    def holds(self, wanted: WantedGrant) -> bool:
        """Whether this is wanted already, as it is."""
        life = self.life
        same = (self.takes, self.devices, self.starts, life.ends) == (
            wanted.takes, wanted.devices, wanted.window.start, wanted.window.end,
        )  # fmt: skip
        return life.is_wanted and same


@dataclass(frozen=True, slots=True)
class Nameless:
    """A grant whose person the door does not know yet, and by what its controller knows people."""

    controller_id: str
    grant_id: str
    booking_id: str
    takes: Takes


def fresh_row(controller_id: str, grant_id: str, wanted: WantedGrant, now: Instant) -> HeldRow:
    """A grant that nobody was told of yet."""
    life = GrantLife(1, wanted.window.end, now, next_at=now)
    return HeldRow(
        controller_id, grant_id, wanted.booking_id, wanted.takes, None, wanted.devices, wanted.window.start, life
    )


def row_of(connection: sqlite3.Connection | Transaction, controller_id: str, grant_id: str) -> HeldRow | None:
    """One grant at one controller."""
    row = connection.execute(_ONE, (controller_id, grant_id)).fetchone()
    return _row(row) if row else None


def rows_of_grant(connection: sqlite3.Connection | Transaction, grant_id: str) -> dict[str, HeldRow]:
    """One grant at every controller, by the controller's id."""
    return {row[0]: _row(row) for row in connection.execute(_AT_ANY, (grant_id,))}


def rows_at(connection: sqlite3.Connection, controller_id: str, chunk: int = 500) -> Iterator[HeldRow]:
    """Everything at one controller, in chunks, so that no read lasts long."""
    last = ""
    while rows := connection.execute(_PAGE, (controller_id, last, chunk)).fetchall():
        yield from map(_row, rows)
        last = rows[-1][1]


def page_at(connection: sqlite3.Connection, controller_id: str, after: str, limit: int) -> list[HeldRow]:
    """The next grants at one controller after a grant id."""
    return [_row(row) for row in connection.execute(_PAGE, (controller_id, after, limit))]


def soonest_at(connection: sqlite3.Connection, controller_id: str, limit: int) -> list[HeldRow]:
    """The grants at one controller that people ask about first."""
    return [_row(row) for row in connection.execute(_SOONEST, (controller_id, limit))]


def told_to(connection: sqlite3.Connection, controller_id: str) -> list[ControllerGrant]:
    """What one controller was told and may hold."""
    return [_row(row).grant for row in connection.execute(_TOLD, (controller_id,))]


def count_told(connection: sqlite3.Connection, controller_id: str) -> int:
    """How many grants one controller may hold."""
    return int(connection.execute(_COUNT_TOLD, (controller_id,)).fetchone()[0])


def due_at(connection: sqlite3.Connection, controller_id: str, now: Instant, limit: int) -> list[HeldRow]:
    """What is to be looked at now, the most urgent first."""
    return [_row(row) for row in connection.execute(_DUE, (controller_id, now, now, limit))]


def counts(connection: sqlite3.Connection, controller_id: str) -> dict[str, int]:
    """How many grants of one controller are in each state."""
    rows = connection.execute(_COUNTS, (controller_id,))
    found = dict(rows.fetchall())
    return {state.value: int(found.get(state.value, 0)) for state in LifeState}


def late_at(
    connection: sqlite3.Connection, controller_id: str, before: Instant, now: Instant
) -> tuple[int, Instant | None, str]:
    """How many grants begin before an instant and are not confirmed, when the first begins, and one reason."""
    count, first, reason = connection.execute(_LATE, (controller_id, before, now)).fetchone()
    return int(count), first, str(reason or "")


def nameless(connection: sqlite3.Connection, now: Instant, limit: int) -> list[Nameless]:
    """Grants whose person must be told to the door, the most urgent first."""
    rows = connection.execute(_NAMELESS, (now, now, limit)).fetchall()
    return [Nameless(controller, grant, booking, Takes(takes)) for controller, grant, booking, takes in rows]


def put_row(tx: Transaction, row: HeldRow) -> None:
    """Keep one grant; its person is forgotten with it."""
    life = row.life
    subject = None if life.state is LifeState.REMOVED else row.subject
    values: tuple[SqlValue, ...] = (
        row.controller_id, row.grant_id, row.booking_id, row.takes.value, subject, json.dumps(row.devices), row.starts,
        life.ends, life.revision, int(life.is_wanted), int(life.is_told), life.state.value, life.reason, life.since,
        life.attempts, life.next_at, life.correlation,
    )  # fmt: skip
    tx.execute(_PUT, values)


def change_row(tx: Transaction, before: HeldRow | None, after: HeldRow) -> HeldRow:
    """Keep one grant, and journal it when it is in another state than before."""
    if before == after:
        return after
    put_row(tx, after)
    if before is None or before.life.state is not after.life.state:
        life = after.life
        body: dict[str, object] = {
            "controller_id": after.controller_id, "devices": list(after.devices),
            "revision": life.revision, "from": after.starts, "to": life.ends, "reason": life.reason,
        }  # fmt: skip
        entry = tx.journal(Change("door", "held_grant", after.grant_id, life.state.value, after=body))
        note_subject(tx, entry, after.booking_id or None, after.grant_id)
    return after


def feed(tx: Transaction, row: HeldRow, what: Input, now: Instant, terms: Terms) -> HeldRow:
    """Let something happen to one grant."""
    return change_row(tx, row, replace(row, life=step(row.life, what, now, terms)))


def forget_ended(tx: Transaction, ended_before: Instant, heard_before: Instant) -> None:
    """Forget grants that are removed and long over, and which events were written down long ago."""
    tx.execute("DELETE FROM held_grant WHERE state = 'removed' AND ends < ?", (ended_before,))
    tx.execute("DELETE FROM controller_event WHERE heard_at < ?", (heard_before,))


def cursor_of(connection: sqlite3.Connection, controller_id: str) -> tuple[str, Instant | None]:
    """How far the events of a controller were read, and until when they are complete."""
    row = connection.execute(
        "SELECT cursor, complete_until FROM controller_cursor WHERE controller_id = ?", (controller_id,)
    ).fetchone()
    return (str(row[0]), row[1]) if row else ("", None)


def put_cursor(tx: Transaction, controller_id: str, cursor: str, complete_until: Instant | None) -> None:
    """Keep how far the events of a controller were read."""
    tx.execute("INSERT OR REPLACE INTO controller_cursor VALUES (?, ?, ?)", (controller_id, cursor, complete_until))


def is_new_event(tx: Transaction, controller_id: str, event_id: str, heard_at: Instant) -> bool:
    """Note an event; whether that was the first time."""
    put = tx.execute("INSERT OR IGNORE INTO controller_event VALUES (?, ?, ?)", (controller_id, event_id, heard_at))
    return put.rowcount == 1


def _row(row: tuple[Any, ...]) -> HeldRow:
    (controller_id, grant_id, booking_id, takes, subject, devices, starts, ends, revision, wanted, told, state, reason,
     since, attempts, next_at, correlation) = row  # fmt: skip
    life = GrantLife(
        revision, ends, since, LifeState(state), bool(wanted), bool(told), reason, attempts, next_at, correlation
    )
    return HeldRow(controller_id, grant_id, booking_id, Takes(takes), subject, tuple(json.loads(devices)), starts, life)


def put_off(row: HeldRow, until: Instant, reason: str) -> HeldRow:
    """The same grant, to be looked at again later."""
    return replace(row, life=replace(row.life, next_at=until, reason=reason))
