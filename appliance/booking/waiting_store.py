"""The waiting list as rows: every query names the facility, every change is compare-and-swap."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, bindparam, exists, func, literal_column, or_, select, update

from appliance.booking.booking_window import Channel
from appliance.booking.bookings import Status
from appliance.booking.tables import booking, claim
from appliance.booking.waiting_list import State, WaitingEntry, body
from appliance.booking.waiting_tables import waiting
from appliance.foundation.errors import Bug
from appliance.foundation.instants import DAY, Instant, Interval
from appliance.storage.statements import Row, Statement, adding
from appliance.storage.unit_of_work import Transaction

_HERE = waiting.c.facility_id == bindparam("facility_id")
# Spelt out, so that the index of those who wait is used.
_WAITS = waiting.c.state == literal_column("'waiting'")
_IN_ORDER = (waiting.c.created_at, waiting.c.id)

_ADD = adding(waiting)
_CHANGING = ["state", "booking_id", "reason", "revision", "told_start", "told_at"]
_CHANGE = Statement(
    update(waiting).where(
        _HERE, waiting.c.id == bindparam("entry_id"), waiting.c.revision == bindparam("old_revision")
    ),
    _CHANGING,
)
_BY_ID = Statement(select(waiting).where(_HERE, waiting.c.id == bindparam("entry_id")))
_BY_BOOKING = Statement(select(waiting).where(_HERE, waiting.c.booking_id == bindparam("booking_id")))
_WAITING = Statement(
    select(waiting).where(_HERE, _WAITS, waiting.c.starts_before > bindparam("now")).order_by(*_IN_ORDER)
)
_ENDED_OFFERS = Statement(
    select(waiting, booking.c.status.label("status"))
    .join_from(waiting, booking, booking.c.id == waiting.c.booking_id)
    .where(
        _HERE,
        booking.c.facility_id == bindparam("facility_id"),
        waiting.c.state == literal_column("'offered'"),
        booking.c.status != literal_column("'held'"),
    )
)
_SAME = Statement(
    select(waiting.c.id).where(
        _HERE,
        waiting.c.customer_id == bindparam("customer_id"),
        waiting.c.service_id == bindparam("service_id"),
        waiting.c.state.in_([literal_column("'waiting'"), literal_column("'offered'")]),
        waiting.c.starts_from < bindparam("end"),
        waiting.c.starts_before > bindparam("first"),
    )
)


@dataclass(frozen=True, slots=True)
class Taken:
    """A booking, as far as it tells whoever waits that a place was taken."""

    booking_id: str
    service_id: str
    customer_id: str | None
    status: Status
    interval: Interval
    committed_at: Instant


def add(tx: Transaction, entry: WaitingEntry) -> None:
    """Put somebody on the list."""
    tx.run(_ADD, **body(entry))
    tx.record("waiting", entry.id, "joined", after=body(entry))


def change(tx: Transaction, old: WaitingEntry, new: WaitingEntry, verb: str) -> None:
    """Replace `old` by `new` if the row still is `old`; a Bug when it is not, for inside a transaction it must be."""
    values = {name: value for name, value in body(new).items() if name in _CHANGING}
    if tx.run(_CHANGE, entry_id=old.id, old_revision=old.revision, **values) != 1:
        raise Bug(f"entry {old.id} of the waiting list was changed from a stale copy")
    tx.record("waiting", old.id, verb, before=body(old), after=body(new))


def by_id(tx: Transaction, entry_id: str) -> WaitingEntry | None:
    """The entry of this facility with that id."""
    return _maybe(tx.row(_BY_ID, entry_id=entry_id))


def by_ids(tx: Transaction, entry_ids: Collection[str]) -> list[WaitingEntry]:
    """Those entries of this facility."""
    query = select(waiting).where(waiting.c.facility_id == tx.scope.facility_id, waiting.c.id.in_(entry_ids))
    return [_entry(row) for row in tx.connection.execute(query)]


def by_booking(tx: Transaction, booking_id: str) -> WaitingEntry | None:
    """The entry to which a booking was offered or given."""
    return _maybe(tx.row(_BY_BOOKING, booking_id=booking_id))


def who_waits(tx: Transaction) -> list[WaitingEntry]:
    """Everybody who waits for a start that is still to come, in the order in which they came."""
    return [_entry(row) for row in tx.rows(_WAITING, now=tx.now)]


def ended_offers(tx: Transaction) -> list[tuple[WaitingEntry, Status]]:
    """Offers whose booking is held no more, with what became of it."""
    return [(_entry(row), Status(row.status)) for row in tx.rows(_ENDED_OFFERS)]


def waits_already(tx: Transaction, customer_id: str, service_id: str, starts: Interval) -> bool:
    """Whether a customer waits for one of these starts, or has one offered."""
    bounds = {"first": starts.start, "end": starts.end}
    return tx.row(_SAME, customer_id=customer_id, service_id=service_id, **bounds) is not None


def counts(tx: Transaction, service_id: str, within: Interval) -> Sequence[tuple[Instant, Instant, int]]:
    """(first start, end of starts, how many wait) of a service, without names."""
    query = (
        select(waiting.c.starts_from, waiting.c.starts_before, func.count())
        .where(
            waiting.c.facility_id == tx.scope.facility_id,
            _WAITS,
            waiting.c.service_id == service_id,
            and_(waiting.c.starts_from < within.end, waiting.c.starts_before > within.start),
        )
        .group_by(waiting.c.starts_from, waiting.c.starts_before)
        .order_by(waiting.c.starts_from, waiting.c.starts_before)
    )
    return [(first, end, count) for first, end, count in tx.connection.execute(query)]


def taken_since(
    tx: Transaction, service_id: str, leaves: Collection[str], within: Interval, since: Instant
) -> list[Taken]:
    """Bookings that were made since an instant, of a service or of what it needs, and begin about a time.

    Those that were cancelled meanwhile are among them: they had it for a while.
    """
    claims = exists().where(claim.c.booking_id == booking.c.id, claim.c.resource_id.in_(leaves))
    query = select(booking).where(
        booking.c.facility_id == tx.scope.facility_id,
        booking.c.starts > within.start - DAY,
        booking.c.starts < within.end + DAY,
        booking.c.committed_at >= since,
        or_(booking.c.service_id == service_id, claims),
    )
    rows = tx.connection.execute(query.order_by(booking.c.committed_at, booking.c.id))
    return [
        Taken(row.id, row.service_id, row.customer_id, Status(row.status), Interval(row.starts, row.ends),
              row.committed_at)
        for row in rows
    ]  # fmt: skip


def _maybe(row: Row | None) -> WaitingEntry | None:
    return None if row is None else _entry(row)


def _entry(row: Row) -> WaitingEntry:
    return WaitingEntry(
        id=row.id,
        service_id=row.service_id,
        customer_id=row.customer_id,
        channel=Channel(row.channel),
        starts=Interval(row.starts_from, row.starts_before),
        duration=row.duration,
        quantity=row.quantity,
        state=State(row.state),
        booking_id=row.booking_id,
        reason=row.reason,
        created_at=row.created_at,
        revision=row.revision,
        told_start=row.told_start,
        told_at=row.told_at,
    )
