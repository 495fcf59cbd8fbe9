"""The outbox as rows: what is to be told is written down in the transaction that made it so, and spread later."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import and_, bindparam, case, delete, exists, func, or_, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from appliance.booking.tables import booking
from appliance.customers.store import people
from appliance.foundation.instants import HOUR, Instant
from appliance.messaging.events import Event, Subject, Told, told_of
from appliance.messaging.message_store import unsent
from appliance.messaging.settings import MessageSettings
from appliance.messaging.spreading import Recipient, recipients
from appliance.messaging.tables import message, outbox
from appliance.messaging.templates import Way
from appliance.storage.chain import Change
from appliance.storage.statements import Row, Statement
from appliance.storage.unit_of_work import Transaction

SPREAD_AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True)
class Voice:
    """How somebody who is asking something speaks: a language of ours, and the IANA zone of their clock."""

    language: str | None = None
    zone: str | None = None


def silent() -> Voice:
    """Of work that nobody asked for just now."""
    return Voice()


_COLUMNS: Final = [column.key for column in outbox.c]
_ADD = Statement(upsert(outbox).on_conflict_do_nothing(), _COLUMNS)


class Outbox:
    """What looks at each entry of the journal and writes down what is to be told of it. voice: whose wish it is."""

    def __init__(self) -> None:
        self.voice: Callable[[], Voice] = silent

    def note(self, tx: Transaction, change: Change, seq: int) -> None:
        """One insert where somebody is to be told, in the transaction that makes it so (DY-63)."""
        told = told_of(change, seq, tx.recorded)
        if told is not None:
            # Staff speak their own language, not that of whom they book for.
            _add(tx, told, seq, silent() if told.by_staff else self.voice())


def _add(tx: Transaction, told: Told, seq: int, voice: Voice) -> None:
    tx.run(
        _ADD,
        id=tx.ids.new(),
        event=str(told.event),
        subject=str(told.subject),
        subject_id=told.subject_id,
        order_id=told.order_id,
        customer_id=told.customer_id,
        occasion=told.occasion,
        at=tx.now,
        seq=seq,
        done_in=tx.head_before.seq,
        language=voice.language,
        zone=voice.zone,
        spread=0,
    )


def due_reminders(tx: Transaction, hours: int, most: int) -> list[Told]:
    """The bookings that begin within so many hours and were not reminded of that start yet (DY-63).

    Who booked, or moved a booking, when the moment had passed already was told of the time just then.
    """
    lead = hours * HOUR
    told = exists().where(
        outbox.c.subject_id == booking.c.id,
        outbox.c.facility_id == tx.scope.facility_id,
        or_(
            and_(outbox.c.event == Event.REMINDER, outbox.c.occasion == booking.c.starts),
            and_(outbox.c.event.in_([Event.CONFIRMATION, Event.MOVE]), outbox.c.at > booking.c.starts - lead),
        ),
    )
    query = select(booking.c.id, booking.c.order_id, booking.c.customer_id, booking.c.starts).where(
        booking.c.facility_id == tx.scope.facility_id,
        booking.c.status == "confirmed",
        booking.c.starts > tx.now,
        booking.c.starts <= tx.now + lead,
        booking.c.committed_at <= booking.c.starts - lead,
        ~told,
    )
    rows = tx.connection.execute(query.order_by(booking.c.starts, booking.c.id).limit(most))
    return [Told(Event.REMINDER, Subject.BOOKING, row.id, None, row.customer_id, row.starts) for row in rows]


def remind(tx: Transaction, told: Sequence[Told]) -> None:
    """Have people reminded."""
    for each in told:
        _add(tx, each, 0, silent())


def unspread(tx: Transaction, most: int = SPREAD_AT_ONCE) -> bool:
    """Whether anything waits to be spread."""
    query = select(outbox.c.id).where(outbox.c.facility_id == tx.scope.facility_id, outbox.c.spread == 0).limit(1)
    return tx.connection.execute(query).first() is not None


def spread(tx: Transaction, settings: MessageSettings, ways: Collection[Way]) -> int:
    """Make messages of what waits: one for each who is told, by each way. How many events were spread.

    ways: those that are in service; by the others a message is noted as `off`. However many there are, five statements.
    """
    query = select(outbox).where(outbox.c.facility_id == tx.scope.facility_id, outbox.c.spread == 0)
    rows = tx.connection.execute(query.order_by(outbox.c.seq, outbox.c.id).limit(SPREAD_AT_ONCE)).all()
    if not rows:
        return 0
    owners = {row.subject_id: row.customer_id for row in rows} | _owners(tx, rows)
    known = {each.id: each for each in people(tx, [each for each in owners.values() if each is not None])}
    made = [
        _message(tx, row, owners[row.subject_id], to, ways)
        for row in rows
        for to in recipients(Event(row.event), known.get(owners[row.subject_id] or ""), settings)
    ]
    if made:
        tx.connection.execute(upsert(message).on_conflict_do_nothing(), made)
    here = and_(outbox.c.facility_id == tx.scope.facility_id, outbox.c.id == bindparam("outbox_id"))
    tx.connection.execute(update(outbox).where(here).values(spread=1), [{"outbox_id": row.id} for row in rows])
    return len(rows)


def forget(tx: Transaction, before: Instant, most: int) -> int:
    """Forget what was spread and happened before an instant, once its messages are gone; how many, at most `most`.

    Ids are made in the order of time: only the oldest are looked at.
    """
    in_order = outbox.c.order_id.is_not(None)
    told = exists().where(
        message.c.facility_id == tx.scope.facility_id,
        message.c.subject_id == func.coalesce(outbox.c.order_id, outbox.c.subject_id),
        message.c.event == outbox.c.event,
        message.c.occasion == case((in_order, outbox.c.done_in), else_=outbox.c.occasion),
    )
    oldest = (
        select(outbox.c.id, outbox.c.at)
        .where(outbox.c.facility_id == tx.scope.facility_id, outbox.c.spread == 1, ~told)
        .order_by(outbox.c.id)
        .limit(most)
        .subquery()
    )
    here = outbox.c.facility_id == tx.scope.facility_id
    old = select(oldest.c.id).where(oldest.c.at <= before)
    return tx.connection.execute(delete(outbox).where(here, outbox.c.id.in_(old))).rowcount


def _owners(tx: Transaction, rows: Sequence[Row]) -> dict[str, str | None]:
    """Whose bookings they are of which an entry did not say it."""
    ids = [row.subject_id for row in rows if row.customer_id is None and row.subject == Subject.BOOKING]
    query = select(booking.c.id, booking.c.customer_id).where(booking.c.facility_id == tx.scope.facility_id)
    found = tx.connection.execute(query.where(booking.c.id.in_(ids)))
    return {row.id: row.customer_id for row in found}


def _message(
    tx: Transaction, row: Row, customer_id: str | None, to: Recipient, ways: Collection[Way]
) -> dict[str, object]:
    return unsent(
        tx,
        is_on=to.way in ways,
        event=row.event,
        **_about(row),
        at=row.at,
        seq=row.seq,
        customer_id=customer_id,
        audience=str(to.audience),
        channel=str(to.way),
    )


def _about(row: Row) -> dict[str, object]:
    """What a message is about. What one transaction did to several bookings of an order makes one message (DY-51)."""
    if row.order_id is None:
        return {"subject": row.subject, "subject_id": row.subject_id, "occasion": row.occasion}
    return {"subject": str(Subject.ORDER), "subject_id": row.order_id, "occasion": row.done_in}
