"""Bookings and claims as rows and back. Every query names the facility; every change of status is compare-and-swap."""

from collections.abc import Sequence
from itertools import pairwise

from sqlalchemy import ColumnElement, Row, and_, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from appliance.booking.booking_window import Channel
from appliance.booking.bookings import Booking, Claimed, Status
from appliance.booking.tables import booking, claim
from appliance.foundation.errors import Bug
from appliance.foundation.instants import Interval
from appliance.foundation.money import Money
from appliance.foundation.refusals import Refusal
from appliance.storage.guard import LONGEST_CLAIM_S, OVERBOOKED
from appliance.storage.unit_of_work import Refused, Transaction

SLOT_TAKEN = "slot_taken"

# Put together once: every booking runs them, and building them costs more than running them.
_ADD, _ADD_CLAIM = insert(booking), insert(claim)
_NUMBER = select(booking.c.id).where(
    booking.c.facility_id == bindparam("facility"), booking.c.number == bindparam("number")
)
_CANCEL_DIGEST = select(booking.c.cancel_digest).where(
    booking.c.facility_id == bindparam("facility"), booking.c.id == bindparam("booking")
)


def add(tx: Transaction, new: Booking, cancel_digest: bytes | None = None) -> None:
    """Insert a booking with its claims; a claim that the guard refuses leaves the transaction as `slot_taken`."""
    tx.connection.execute(_ADD, {**_row(tx, new), "cancel_digest": cancel_digest})
    _add_claims(tx, new)


def change(tx: Transaction, old: Booking, new: Booking, cancel_digest: bytes | None = None) -> None:
    """Replace `old` by `new` if the row still is `old`; its claims follow. A Bug when somebody was faster.

    Inside a write transaction nobody can be faster than its own read, so a miss means that `old` came from elsewhere.
    """
    values = _row(tx, new)
    if cancel_digest is not None:
        values["cancel_digest"] = cancel_digest
    result = tx.connection.execute(
        update(booking).where(_is(tx, old.id), booking.c.revision == old.revision, booking.c.status == old.status),
        values,
    )
    if result.rowcount != 1:
        raise Bug(f"booking {old.id} was changed from a stale copy")
    if old.claims != new.claims:
        tx.connection.execute(
            delete(claim).where(claim.c.facility_id == tx.scope.facility_id, claim.c.booking_id == old.id)
        )
        _add_claims(tx, new)
    elif old.occupies and not new.occupies:
        tx.connection.execute(
            update(claim).where(claim.c.facility_id == tx.scope.facility_id, claim.c.booking_id == old.id),
            {"active": 0},
        )


def by_id(tx: Transaction, booking_id: str) -> Booking | None:
    """The booking of this facility with that id."""
    return _first(tx, booking.c.id == booking_id)


def by_cancel_digest(tx: Transaction, digest: bytes) -> Booking | None:
    """The booking of this facility with that cancel code."""
    return _first(tx, booking.c.cancel_digest == digest)


def cancel_digest_of(tx: Transaction, booking_id: str) -> bytes | None:
    """The digest of a booking's cancel code; None when there is none (any more)."""
    values = {"facility": tx.scope.facility_id, "booking": booking_id}
    digest: bytes | None = tx.connection.execute(_CANCEL_DIGEST, values).scalar()
    return digest


def forget_cancel_code(tx: Transaction, booking_id: str) -> None:
    """Use up a booking's cancel code."""
    tx.connection.execute(update(booking).where(_is(tx, booking_id)), {"cancel_digest": None})


_STALE = and_(
    booking.c.facility_id == bindparam("facility"),
    booking.c.status == Status.HELD,
    booking.c.expires_at <= bindparam("now"),
)


def stale_holds(tx: Transaction) -> list[Booking]:
    """Holds of this facility whose time has run out and that still occupy their slots."""
    rows = tx.connection.execute(select(booking).where(_STALE), {"facility": tx.scope.facility_id, "now": tx.now}).all()
    return _with_claims(tx, rows)


def _add_claims(tx: Transaction, new: Booking) -> None:
    rows = [
        {
            "facility_id": tx.scope.facility_id,
            "resource_id": piece.resource_id,
            "booking_id": new.id,
            "starts": piece.interval.start,
            "ends": piece.interval.end,
            "quantity": piece.quantity,
            "active": int(new.occupies),
        }
        for claimed in new.claims
        for piece in _pieces(claimed)
    ]
    try:
        tx.connection.execute(_ADD_CLAIM, rows)
    except IntegrityError as fault:
        if OVERBOOKED in str(fault.orig):
            raise Refused(Refusal(SLOT_TAKEN)) from fault
        raise


def _pieces(claimed: Claimed) -> list[Claimed]:
    """A claim longer than the guard looks back is stored in pieces."""
    start, end = claimed.interval.start, claimed.interval.end
    cuts = [*range(start, end, LONGEST_CLAIM_S), end]
    return [Claimed(claimed.resource_id, Interval(first, second), claimed.quantity) for first, second in pairwise(cuts)]


def _first(tx: Transaction, condition: ColumnElement[bool]) -> Booking | None:
    row = tx.connection.execute(select(booking).where(booking.c.facility_id == tx.scope.facility_id, condition)).first()
    return _with_claims(tx, [row])[0] if row else None


def _with_claims(tx: Transaction, rows: Sequence[Row[tuple[object, ...]]]) -> list[Booking]:
    if not rows:
        return []
    query = (
        select(claim)
        .where(claim.c.facility_id == tx.scope.facility_id, claim.c.booking_id.in_([row.id for row in rows]))
        .order_by(claim.c.id)
    )
    claims: dict[str, list[Claimed]] = {}
    for found in tx.connection.execute(query):
        piece = Claimed(found.resource_id, Interval(found.starts, found.ends), found.quantity)
        claims.setdefault(found.booking_id, []).append(piece)
    return [_booking(row, tuple(_joined(claims.get(row.id, [])))) for row in rows]


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


def _is(tx: Transaction, booking_id: str) -> ColumnElement[bool]:
    return and_(booking.c.facility_id == tx.scope.facility_id, booking.c.id == booking_id)


def _row(tx: Transaction, kept: Booking) -> dict[str, object]:
    return {
        "id": kept.id,
        "facility_id": tx.scope.facility_id,
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
    }


def _booking(row: Row[tuple[object, ...]], claims: tuple[Claimed, ...]) -> Booking:
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
        claims=claims,
    )


def number_taken(tx: Transaction, number: str) -> bool:
    """Whether a booking of this facility has that number."""
    values = {"facility": tx.scope.facility_id, "number": number}
    return tx.connection.execute(_NUMBER, values).first() is not None
