"""Bookings and claims as rows and back. Every query names the facility; every change of status is compare-and-swap."""

from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise

from sqlalchemy import and_, bindparam, delete, select, update
from sqlalchemy.exc import IntegrityError

from appliance.billing import lines_store
from appliance.billing.lines import PriceLine
from appliance.booking import extra_store
from appliance.booking.booking_window import Channel
from appliance.booking.bookings import OCCUPYING, Booking, Claimed, Status
from appliance.booking.extras import BookedExtra
from appliance.booking.tables import WAITS, booking, claim
from appliance.foundation import crockford
from appliance.foundation.errors import Bug
from appliance.foundation.instants import Instant, Interval
from appliance.foundation.money import Money
from appliance.foundation.refusals import Refusal
from appliance.storage.guard import LONGEST_CLAIM_S, OVERBOOKED
from appliance.storage.statements import Row, Statement, adding
from appliance.storage.unit_of_work import Refused, Transaction

SLOT_TAKEN = "slot_taken"
NUMBER_CHARACTERS = 8

_HERE = booking.c.facility_id == bindparam("facility_id")
_THIS = and_(_HERE, booking.c.id == bindparam("booking_id"))
_ITS_CLAIMS = and_(claim.c.facility_id == bindparam("facility_id"), claim.c.booking_id == bindparam("booking_id"))

_ADD, _ADD_CLAIM = adding(booking), adding(claim)
_CHANGE = Statement(
    update(booking).where(
        _THIS, booking.c.revision == bindparam("old_revision"), booking.c.status == bindparam("old_status")
    ),
    [column.key for column in booking.c if column.key not in ("id", "facility_id", "cancel_digest")],
)
_SET_CANCEL_DIGEST = Statement(update(booking).where(_THIS), ["cancel_digest"])
_CANCEL_DIGEST = Statement(select(booking.c.cancel_digest).where(_THIS))
_NUMBER = Statement(select(booking.c.id).where(_HERE, booking.c.number == bindparam("number")))
_BY_ID = Statement(select(booking).where(_THIS))
_BY_CANCEL_DIGEST = Statement(select(booking).where(_HERE, booking.c.cancel_digest == bindparam("digest")))
_STALE = Statement(select(booking).where(_HERE, WAITS, booking.c.expires_at <= bindparam("now")))
_CLAIMS = Statement(select(claim).where(_ITS_CLAIMS).order_by(claim.c.id))
_DROP_CLAIMS = Statement(delete(claim).where(_ITS_CLAIMS))
_END_CLAIMS = Statement(update(claim).where(_ITS_CLAIMS), ["active"])


def add(tx: Transaction, new: Booking, cancel_digest: bytes | None = None) -> None:
    """Insert a booking with its claims; a claim that the guard refuses leaves the transaction as `slot_taken`."""
    tx.run(_ADD, id=new.id, cancel_digest=cancel_digest, **_row(new))
    _add_claims(tx, new)
    lines_store.add(tx, new.id, new.lines)
    extra_store.put_booked(tx, new.id, new.extras)


def change(tx: Transaction, old: Booking, new: Booking, cancel_digest: bytes | None = None) -> None:
    """Replace `old` by `new` if the row still is `old`; its claims follow. A Bug when somebody was faster.

    Inside a write transaction nobody can be faster than its own read, so a miss means that `old` came from elsewhere.
    """
    was = {"booking_id": old.id, "old_revision": old.revision, "old_status": old.status}
    if tx.run(_CHANGE, **was, **_row(new)) != 1:
        raise Bug(f"booking {old.id} was changed from a stale copy")
    if cancel_digest is not None:
        tx.run(_SET_CANCEL_DIGEST, booking_id=old.id, cancel_digest=cancel_digest)
    if old.lines != new.lines:
        lines_store.replace(tx, new.id, new.lines)
    if old.claims != new.claims or (new.occupies and not old.occupies):
        tx.run(_DROP_CLAIMS, booking_id=old.id)
        _add_claims(tx, new)
    elif old.occupies and not new.occupies:
        tx.run(_END_CLAIMS, booking_id=old.id, active=0)
    if old.extras != new.extras:
        extra_store.put_booked(tx, new.id, new.extras, instead=True)


def by_id(tx: Transaction, booking_id: str) -> Booking | None:
    """The booking of this facility with that id."""
    return _whole(tx, tx.row(_BY_ID, booking_id=booking_id))


def by_ids(tx: Transaction, booking_ids: Collection[str]) -> list[Booking]:
    """Those bookings of this facility: two queries, however many they are."""
    query = select(booking).where(booking.c.facility_id == tx.scope.facility_id, booking.c.id.in_(booking_ids))
    return _all_whole(tx, tx.connection.execute(query.order_by(booking.c.id)).all())


def upcoming(tx: Transaction) -> list[Booking]:
    """Every booking of this facility that is to come or under way, holds left out: two queries."""
    still = [str(status) for status in (Status.PENDING, Status.CONFIRMED, Status.ARRIVED)]
    query = select(booking).where(booking.c.facility_id == tx.scope.facility_id, booking.c.ends > tx.now)
    return _all_whole(tx, tx.connection.execute(query.where(booking.c.status.in_(still)).order_by(booking.c.id)).all())


def within(tx: Transaction, window: Interval) -> list[Booking]:
    """The bookings of this facility that begin in `window`, in order of time, whatever became of them."""
    query = select(booking).where(
        booking.c.facility_id == tx.scope.facility_id, booking.c.starts >= window.start, booking.c.starts < window.end
    )
    return _all_whole(tx, tx.connection.execute(query.order_by(booking.c.starts, booking.c.id)).all())


def touching(tx: Transaction, window: Interval) -> list[Booking]:
    """The bookings of this facility that occupy some of `window`, in order of time: four queries, however many."""
    query = select(booking).where(
        booking.c.facility_id == tx.scope.facility_id,
        booking.c.starts > window.start - LONGEST_CLAIM_S,
        booking.c.starts < window.end,
        booking.c.ends > window.start,
        booking.c.status.in_([str(status) for status in OCCUPYING]),
    )
    return _all_whole(tx, tx.connection.execute(query.order_by(booking.c.starts, booking.c.id)).all())


def of_order(tx: Transaction, order_id: str) -> list[Booking]:
    """The bookings of this facility that were made in one order, by time, whatever became of them: two queries."""
    here = (booking.c.facility_id == tx.scope.facility_id, booking.c.order_id == order_id)
    query = select(booking).where(*here).order_by(booking.c.starts, booking.c.id)
    return _all_whole(tx, tx.connection.execute(query).all())


def with_cancel_code(tx: Transaction, booking_ids: Collection[str]) -> set[str]:
    """Those of some bookings whose cancel code is not used up."""
    query = select(booking.c.id).where(booking.c.facility_id == tx.scope.facility_id, booking.c.id.in_(booking_ids))
    return set(tx.connection.execute(query.where(booking.c.cancel_digest.is_not(None))).scalars())


def ids_of_customer(tx: Transaction, customer_id: str) -> list[str]:
    """The bookings of one customer of this facility, whatever became of them."""
    query = select(booking.c.id).where(booking.c.facility_id == tx.scope.facility_id)
    return list(tx.connection.execute(query.where(booking.c.customer_id == customer_id)).scalars())


def by_number(tx: Transaction, typed: str) -> Booking | None:
    """The booking of this facility with that number, however it was typed."""
    number = crockford.normalised(typed, NUMBER_CHARACTERS)
    row = None if number is None else tx.row(_NUMBER, number=number)
    return None if row is None else by_id(tx, row.id)


def of_customers(tx: Transaction, customer_ids: Collection[str], ending_after: Instant) -> list[Booking]:
    """The bookings of some customers that end after an instant, newest first: two queries, however many they are."""
    query = select(booking).where(booking.c.facility_id == tx.scope.facility_id, booking.c.ends > ending_after)
    query = query.where(booking.c.customer_id.in_(customer_ids)).order_by(booking.c.starts.desc(), booking.c.id)
    return _all_whole(tx, tx.connection.execute(query).all())


def by_cancel_digest(tx: Transaction, digest: bytes) -> Booking | None:
    """The booking of this facility with that cancel code."""
    return _whole(tx, tx.row(_BY_CANCEL_DIGEST, digest=digest))


def cancel_digest_of(tx: Transaction, booking_id: str) -> bytes | None:
    """The digest of a booking's cancel code; None when there is none (any more)."""
    row = tx.row(_CANCEL_DIGEST, booking_id=booking_id)
    return None if row is None else row.cancel_digest


def forget_cancel_code(tx: Transaction, booking_id: str) -> None:
    """Use up a booking's cancel code."""
    tx.run(_SET_CANCEL_DIGEST, booking_id=booking_id, cancel_digest=None)


def stale_holds(tx: Transaction) -> list[Booking]:
    """Holds of this facility, and bookings that were not paid, whose time has run out and that still occupy it."""
    return _all_whole(tx, tx.rows(_STALE, now=tx.now))


def number_taken(tx: Transaction, number: str) -> bool:
    """Whether a booking of this facility has that number."""
    return tx.row(_NUMBER, number=number) is not None


def add_claims(
    tx: Transaction,
    claims: Iterable[Claimed],
    *,
    booking_id: str | None = None,
    session_id: str | None = None,
    active: bool = True,
) -> None:
    """Insert the claims of a booking or of a session; one that the guard refuses leaves the transaction."""
    try:
        for piece in (piece for claimed in claims for piece in _pieces(claimed)):
            tx.run(
                _ADD_CLAIM,
                resource_id=piece.resource_id,
                booking_id=booking_id,
                session_id=session_id,
                starts=piece.interval.start,
                ends=piece.interval.end,
                quantity=piece.quantity,
                active=int(active),
            )
    except IntegrityError as fault:
        if OVERBOOKED in str(fault.orig):
            raise Refused(Refusal(SLOT_TAKEN)) from fault
        raise


def _add_claims(tx: Transaction, new: Booking) -> None:
    add_claims(tx, new.claims, booking_id=new.id, active=new.occupies)


def _pieces(claimed: Claimed) -> list[Claimed]:
    """A claim longer than the guard looks back is stored in pieces."""
    start, end = claimed.interval.start, claimed.interval.end
    cuts = [*range(start, end, LONGEST_CLAIM_S), end]
    return [Claimed(claimed.resource_id, Interval(first, second), claimed.quantity) for first, second in pairwise(cuts)]


def _whole(tx: Transaction, row: Row | None) -> Booking | None:
    if row is None:
        return None
    pieces = [_piece(part) for part in tx.rows(_CLAIMS, booking_id=row.id)]
    extras = extra_store.booked_of(tx, row.id) if row.extras else ()
    return _booking(row, pieces, lines_store.of_booking(tx, row.id), extras)


def _all_whole(tx: Transaction, rows: Sequence[Row]) -> list[Booking]:
    if not rows:
        return []
    ids = [row.id for row in rows]
    query = select(claim).where(claim.c.facility_id == tx.scope.facility_id, claim.c.booking_id.in_(ids))
    pieces: dict[str, list[Claimed]] = {}
    for part in tx.connection.execute(query.order_by(claim.c.id)):
        pieces.setdefault(part.booking_id, []).append(_piece(part))
    lines = lines_store.of_bookings(tx, ids)
    extras = extra_store.booked_of_all(tx, [row.id for row in rows if row.extras])
    return [_booking(row, pieces.get(row.id, []), lines.get(row.id, ()), extras.get(row.id, ())) for row in rows]


def _piece(row: Row) -> Claimed:
    return Claimed(row.resource_id, Interval(row.starts, row.ends), row.quantity)


def _joined(pieces: list[Claimed]) -> list[Claimed]:
    """The claims that `_pieces` cut, whole again."""
    whole: list[Claimed] = []
    for piece in pieces:
        last = whole[-1] if whole else None
        if (
            last is not None
            and last.resource_id == piece.resource_id
            and last.quantity == piece.quantity
            and last.interval.end == piece.interval.start
            and last.interval.seconds % LONGEST_CLAIM_S == 0
        ):
            whole[-1] = Claimed(last.resource_id, Interval(last.interval.start, piece.interval.end), last.quantity)
        else:
            whole.append(piece)
    return whole


def _row(kept: Booking) -> dict[str, object]:
    return {
        "number": kept.number,
        "service_id": kept.service_id,
        "session_id": kept.session_id,
        "customer_id": kept.customer_id,
        "status": str(kept.status),
        "channel": str(kept.channel),
        "starts": kept.interval.start,
        "ends": kept.interval.end,
        "quantity": kept.quantity,
        "amount": kept.price.amount,
        "currency": kept.price.currency,
        "vat_percent": kept.vat_percent,
        "revision": kept.revision,
        "created_at": kept.created_at,
        "committed_at": kept.committed_at,
        "expires_at": kept.expires_at,
        "preferred_id": kept.preferred_id,
        "rule_id": kept.rule_id,
        "moves": kept.moves,
        "extras": len(kept.extras) or None,
        "order_id": kept.order_id,
        "participant": kept.participant,
    }


def _booking(row: Row, pieces: list[Claimed], lines: tuple[PriceLine, ...], extras: tuple[BookedExtra, ...]) -> Booking:
    return Booking(
        id=row.id,
        number=row.number,
        service_id=row.service_id,
        session_id=row.session_id,
        customer_id=row.customer_id,
        status=Status(row.status),
        channel=Channel(row.channel),
        interval=Interval(row.starts, row.ends),
        quantity=row.quantity,
        price=Money(row.amount, row.currency),
        vat_percent=row.vat_percent,
        revision=row.revision,
        created_at=row.created_at,
        committed_at=row.committed_at,
        expires_at=row.expires_at,
        claims=tuple(_joined(pieces)),
        preferred_id=row.preferred_id,
        rule_id=row.rule_id,
        moves=row.moves,
        lines=lines,
        extras=extras,
        order_id=row.order_id,
        participant=row.participant,
    )
