"""Who holds what, and the ledger of uses, as rows and back. The database refuses what would go below zero."""

from dataclasses import asdict, dataclass, replace

from sqlalchemy import and_, bindparam, case, func, null, or_, select, update
from sqlalchemy.exc import IntegrityError

from appliance.billing.entitlements import LONGEST_PERIOD_DAYS, Holding, Holdings, Product, ProductKind
from appliance.billing.tables import entitlement, entitlement_use
from appliance.foundation.instants import DAY, Instant
from appliance.foundation.refusals import Refusal
from appliance.storage.ledger_guard import NO_CLIPS_LEFT
from appliance.storage.statements import Row, Statement, adding
from appliance.storage.unit_of_work import Refused, Transaction

_ADD, _ADD_USE = adding(entitlement), adding(entitlement_use)
_IS_CLIPS = entitlement.c.kind == str(ProductKind.CLIPS)
_BY_START = case((_IS_CLIPS, null()), else_=entitlement_use.c.starts)
_HELD = Statement(
    select(
        entitlement.c.id,
        entitlement.c.product_id,
        entitlement.c.kind,
        entitlement.c.starts,
        func.coalesce(entitlement.c.ended_at, entitlement.c.ends).label("ends"),
        _BY_START.label("used_at"),
        func.sum(entitlement_use.c.delta).label("delta"),
    )
    .select_from(
        entitlement.outerjoin(
            entitlement_use,
            and_(
                entitlement_use.c.entitlement_id == entitlement.c.id,
                entitlement_use.c.facility_id == bindparam("facility_id"),
                or_(_IS_CLIPS, entitlement_use.c.starts.between(bindparam("low"), bindparam("high"))),
            ),
        )
    )
    .where(entitlement.c.customer_id == bindparam("customer_id"), entitlement.c.facility_id == bindparam("facility_id"))
    .group_by(entitlement.c.id, _BY_START)
    .order_by(entitlement.c.id)
)
_TAKEN = Statement(
    select(entitlement_use.c.entitlement_id, entitlement_use.c.starts, func.sum(entitlement_use.c.delta).label("delta"))
    .where(
        entitlement_use.c.booking_id == bindparam("booking_id"),
        entitlement_use.c.facility_id == bindparam("facility_id"),
    )
    .group_by(entitlement_use.c.entitlement_id, entitlement_use.c.starts)
)
_THIS = and_(entitlement.c.id == bindparam("entitlement_id"), entitlement.c.facility_id == bindparam("facility_id"))
_BY_ID = Statement(select(entitlement).where(_THIS))
_PROLONG = Statement(update(entitlement).where(_THIS), ["ends"])
_END = Statement(update(entitlement).where(_THIS), ["ended_at", "end_reason"])
_OF_CUSTOMER = Statement(
    select(entitlement.c.id).where(
        entitlement.c.customer_id == bindparam("customer_id"), entitlement.c.facility_id == bindparam("facility_id")
    )
)


@dataclass(frozen=True, slots=True)
class Entitlement:
    """An entitlement as it stands in its row: whose it is, of which product, and good for which starts.

    sold_until: the end it was sold with, which days of grace are counted from. ended_at: when staff ended it before
    that, and why.
    """

    id: str
    customer_id: str
    product_id: str
    kind: str
    starts: Instant
    ends: Instant | None
    sold_until: Instant | None
    ended_at: Instant | None = None
    end_reason: str | None = None


def holdings(tx: Transaction, customer_id: str, at: Instant, last: Instant | None = None) -> Holdings:
    """Everything a customer holds, with the uses that can count for a booking that starts `at`: one query.

    last: for bookings that start from `at` to then.
    """
    reach = LONGEST_PERIOD_DAYS * DAY
    rows = tx.rows(_HELD, customer_id=customer_id, low=at - reach, high=(at if last is None else last) + reach)
    held: dict[str, list[Row]] = {}
    for row in rows:
        held.setdefault(row.id, []).append(row)
    return Holdings(tuple(_holding(lines) for lines in held.values()))


def by_id(tx: Transaction, entitlement_id: str) -> Entitlement | None:
    """One entitlement; None when there is none."""
    row = tx.row(_BY_ID, entitlement_id=entitlement_id)
    if row is None:
        return None
    return Entitlement(
        row.id,
        row.customer_id,
        row.product_id,
        row.kind,
        row.starts,
        row.ends,
        row.sold_until,
        row.ended_at,
        row.end_reason,
    )


def ids_of_customer(tx: Transaction, customer_id: str) -> list[str]:
    """Everything that a customer holds or held, by id."""
    return [row.id for row in tx.rows(_OF_CUSTOMER, customer_id=customer_id)]


def grant(
    tx: Transaction, customer_id: str, product_id: str, product: Product, starts: Instant, reason: str
) -> Entitlement:
    """Give a customer what a product is: a card with its clips, or a subscription."""
    ends = starts + product.valid_days * DAY if product.valid_days is not None else None
    new = Entitlement(tx.ids.new(), customer_id, product_id, str(product.kind), starts, ends, ends)
    tx.run(_ADD, **asdict(new))
    tx.record("entitlement", new.id, "granted", after=asdict(new))
    if product.clips is not None:
        write(tx, new.id, product.clips, reason)
    return new


def prolong(tx: Transaction, held: Entitlement, ends: Instant) -> None:
    """Let an entitlement be good until `ends`."""
    tx.run(_PROLONG, entitlement_id=held.id, ends=ends)
    tx.record("entitlement", held.id, "prolonged", before=asdict(held), after={**asdict(held), "ends": ends})


def end(tx: Transaction, held: Entitlement, reason: str) -> None:
    """Let an entitlement be good for nothing from now on."""
    ended = replace(held, ended_at=tx.now, end_reason=reason)
    tx.run(_END, entitlement_id=held.id, ended_at=tx.now, end_reason=reason)
    tx.record("entitlement", held.id, "ended", before=asdict(held), after=asdict(ended))


def write(
    tx: Transaction,
    entitlement_id: str,
    delta: int,
    reason: str,
    booking_id: str | None = None,
    starts: Instant | None = None,
) -> None:
    """Add to the ledger of an entitlement. Refused as `no_clips_left` by the database when it would go below zero."""
    row = {
        "id": tx.ids.new(),
        "entitlement_id": entitlement_id,
        "delta": delta,
        "booking_id": booking_id,
        "starts": starts,
        "at": tx.now,
        "reason": reason,
    }
    try:
        tx.run(_ADD_USE, **row)
    except IntegrityError as fault:
        if NO_CLIPS_LEFT in str(fault.orig):
            raise Refused(Refusal(NO_CLIPS_LEFT)) from fault
        raise
    tx.record("entitlement_use", str(row["id"]), "written", after=row)


def taken(tx: Transaction, booking_id: str) -> list[tuple[str, Instant, int]]:
    """What a booking has taken and not got back, as (entitlement, start for which it counts, quantity)."""
    return [(row.entitlement_id, row.starts, -row.delta) for row in tx.rows(_TAKEN, booking_id=booking_id) if row.delta]


def _holding(rows: list[Row]) -> Holding:
    first = rows[0]
    uses = tuple((row.used_at, -row.delta) for row in rows if row.used_at is not None and row.delta)
    left = int(first.delta or 0) if first.kind == ProductKind.CLIPS else 0
    return Holding(first.id, first.product_id, first.starts, first.ends, left, uses)
