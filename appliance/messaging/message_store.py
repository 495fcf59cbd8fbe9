"""Messages on their way as rows: who may send which, and what became of each."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import and_, bindparam, delete, or_, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from appliance.booking.tables import booking
from appliance.foundation.instants import Instant
from appliance.messaging.events import Event, Subject
from appliance.messaging.tables import message, outbox
from appliance.messaging.templates import Audience, Way
from appliance.storage.statements import Row, Statement
from appliance.storage.unit_of_work import Transaction

AT_ONCE: Final = 50
LEASE_S: Final = 120
THROUGH: Final = ("sent", "dropped", "off")
GIVEN_UP: Final = ("dead",)


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one recipient by one channel. It holds no address and no words: those are found when it leaves.

    at: when what it tells of happened. due_at: when it is tried next. tries: answers that put it off so far.
    done_at: when it was sent or given up. parts: of an SMS. fault: a short code of what went wrong last.
    """

    id: str
    event: Event
    subject: Subject
    subject_id: str
    customer_id: str | None
    occasion: int
    at: Instant
    audience: Audience
    way: Way
    state: str
    due_at: Instant
    tries: int
    done_at: Instant | None
    parts: int
    fault: str


_THIS = and_(message.c.facility_id == bindparam("facility_id"), message.c.id == bindparam("message_id"))
_NEW = upsert(message).on_conflict_do_nothing()
_DUE = and_(_THIS, message.c.state == "due")
_DONE: Final = Statement(
    update(message).where(_DUE), ["state", "due_at", "tries", "leased_until", "done_at", "parts", "fault"]
)


def unsent(tx: Transaction, *, is_on: bool, **about: object) -> dict[str, object]:
    """The row of a message that nobody has tried to send yet; `off` where its channel is not in service."""
    return {
        "id": tx.ids.new(),
        "facility_id": tx.scope.facility_id,
        **about,
        "state": "due" if is_on else "off",
        "due_at": tx.now,
        "tries": 0,
        "leased_until": 0,
        "done_at": None if is_on else tx.now,
        "parts": 0,
        "fault": "",
    }


def add(
    tx: Transaction, event: Event, subject: Subject, subject_ids: Collection[str], occasion: int, *, is_on: bool
) -> None:
    """A letter to staff about each of these, unless there is one of that occasion; `off` where no mail can leave."""
    rows = [
        unsent(
            tx,
            is_on=is_on,
            event=str(event),
            subject=str(subject),
            subject_id=each,
            customer_id=None,
            occasion=occasion,
            at=tx.now,
            seq=0,
            audience=str(Audience.STAFF),
            channel=str(Way.EMAIL),
        )
        for each in subject_ids
    ]
    if rows:
        tx.connection.execute(_NEW, rows)


def claim(tx: Transaction, resting: Collection[Way], most: int = AT_ONCE) -> list[Message]:
    """Take up to `most` messages whose time has come; nobody else takes them before the lease is over.

    resting: channels that are given a break.
    """
    ready = select(message.c.id).where(
        message.c.facility_id == tx.scope.facility_id,
        message.c.state == "due",
        message.c.due_at <= tx.now,
        # A lease further ahead than any was ever given is left over from a clock that was put back.
        or_(message.c.leased_until <= tx.now, message.c.leased_until > tx.now + LEASE_S),
        message.c.channel.not_in([str(each) for each in resting]),
    )
    taken = (
        update(message)
        .where(message.c.facility_id == tx.scope.facility_id)
        .where(message.c.id.in_(ready.order_by(message.c.due_at, message.c.seq, message.c.id).limit(most)))
        .values(leased_until=tx.now + LEASE_S)
        .returning(message)
    )
    rows = sorted(tx.connection.execute(taken), key=lambda row: (row.due_at, row.seq, row.id))
    return [_message(row) for row in rows]


def is_due(tx: Transaction, resting: Collection[Way]) -> bool:
    """Whether any message might be taken now."""
    query = select(message.c.id).where(
        message.c.facility_id == tx.scope.facility_id,
        message.c.state == "due",
        message.c.due_at <= tx.now,
        message.c.channel.not_in([str(each) for each in resting]),
    )
    return tx.connection.execute(query.limit(1)).first() is not None


def done(tx: Transaction, of: Message, state: str, *, parts: int = 0, fault: str = "") -> None:
    """A message is through with: `sent`, `dead`, `dropped` or `off`. One that is so already stays as it is."""
    _change(tx, of, state=state, due_at=of.due_at, tries=of.tries, done_at=tx.now, parts=parts, fault=fault)


def put_off(tx: Transaction, of: Message, until: Instant, tries: int, fault: str) -> None:
    """A message is tried again later, by whoever is first then."""
    _change(tx, of, state="due", due_at=until, tries=tries, done_at=None, parts=0, fault=fault)


def give_back(tx: Transaction, some: Sequence[Message]) -> None:
    """Messages that were taken and not tried: they may be taken again at once."""
    these = and_(message.c.facility_id == tx.scope.facility_id, message.c.id.in_([each.id for each in some]))
    tx.connection.execute(update(message).where(these, message.c.state == "due").values(leased_until=0))


def of_booking(tx: Transaction, booking_id: str) -> list[Message]:
    """Every message about a booking, those about it and others of its order included; oldest first."""
    order = select(booking.c.order_id).where(booking.c.facility_id == tx.scope.facility_id, booking.c.id == booking_id)
    with_others = select(outbox.c.done_in).where(
        outbox.c.facility_id == tx.scope.facility_id,
        outbox.c.subject_id == booking_id,
        outbox.c.event == message.c.event,
    )
    about = or_(
        message.c.subject_id == booking_id,
        and_(
            message.c.subject == Subject.ORDER,
            message.c.subject_id == order.scalar_subquery(),
            message.c.occasion.in_(with_others),
        ),
    )
    query = select(message).where(message.c.facility_id == tx.scope.facility_id, about)
    return [_message(row) for row in tx.connection.execute(query.order_by(message.c.at, message.c.seq, message.c.id))]


def latest(tx: Transaction, most: int, states: Collection[str] = ()) -> list[Message]:
    """The newest messages of the facility, whatever they are about; of some states only, where any are named."""
    query = select(message).where(message.c.facility_id == tx.scope.facility_id)
    if states:
        query = query.where(message.c.state.in_(states))
    newest = query.order_by(message.c.id.desc(), message.c.seq.desc()).limit(most)
    return [_message(row) for row in tx.connection.execute(newest)]


def forget(tx: Transaction, states: Collection[str], before: Instant, most: int) -> int:
    """Forget what came to one of these states before an instant; how many, at most `most` of the oldest.

    Ids are made in the order of time: only the oldest are looked at, however many are kept.
    """
    oldest = (
        select(message.c.id, message.c.done_at)
        .where(message.c.facility_id == tx.scope.facility_id, message.c.state.in_(states))
        .order_by(message.c.id)
        .limit(most)
        .subquery()
    )
    old = select(oldest.c.id).where(oldest.c.done_at <= before)
    here = message.c.facility_id == tx.scope.facility_id
    return tx.connection.execute(delete(message).where(here, message.c.id.in_(old))).rowcount


def _change(tx: Transaction, of: Message, **values: object) -> None:
    tx.run(_DONE, message_id=of.id, leased_until=0, **values)


def _message(row: Row) -> Message:
    return Message(
        row.id,
        Event(row.event),
        Subject(row.subject),
        row.subject_id,
        row.customer_id,
        row.occasion,
        row.at,
        Audience(row.audience),
        Way(row.channel),
        row.state,
        row.due_at,
        row.tries,
        row.done_at,
        row.parts,
        row.fault,
    )
