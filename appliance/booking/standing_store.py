"""Who asks, and on which terms: the rule in force and what it bars; no query where it does not ask who."""

from dataclasses import replace

from sqlalchemy import ColumnElement, and_, bindparam, literal_column, or_, select

from appliance.booking.booking_window import Channel
from appliance.booking.bookings import Status
from appliance.booking.catalogue import Catalogue
from appliance.booking.deciding import Asking, asking
from appliance.booking.limits import Counted, Standing, Whose, period, widest
from appliance.booking.rules import BookingRule, in_force
from appliance.booking.services import Service
from appliance.booking.tables import booking
from appliance.customers.store import pardoned_at, same_person
from appliance.foundation.instants import DAY, Instant, Interval
from appliance.storage.statements import Row, Statement
from appliance.storage.unit_of_work import Transaction

_HERE = booking.c.facility_id == bindparam("facility_id")
_COUNTED = (Status.PENDING, Status.CONFIRMED, Status.ARRIVED, Status.COMPLETED, Status.NO_SHOW)
_LIES_AHEAD = frozenset({Status.HELD, Status.PENDING, Status.CONFIRMED, Status.ARRIVED})
# What has run out is nobody's any more, whether or not a job has said so yet.
_STANDS = or_(booking.c.expires_at.is_(None), booking.c.expires_at > bindparam("now"))
_WHAT = (booking.c.id, booking.c.service_id, booking.c.status, booking.c.starts, booking.c.ends)


def _is_one_of(*statuses: Status) -> ColumnElement[bool]:
    return booking.c.status.in_([literal_column(f"'{each}'") for each in statuses])


_MINE = Statement(
    select(*_WHAT, pardoned_at().label("pardoned_at")).where(
        _HERE,
        booking.c.customer_id.in_(same_person()),
        _is_one_of(*_COUNTED),
        _STANDS,
        or_(
            and_(booking.c.starts >= bindparam("first"), booking.c.starts < bindparam("end")),
            booking.c.ends > bindparam("now"),
            and_(booking.c.status == literal_column("'no_show'"), booking.c.starts > bindparam("missed_since")),
        ),
    )
)
_EVERYBODYS = Statement(
    select(*_WHAT).where(
        _HERE,
        booking.c.starts >= bindparam("first"),
        booking.c.starts < bindparam("end"),
        _is_one_of(*_COUNTED, Status.HELD),
        _STANDS,
    )
)


def asked_by(
    tx: Transaction,
    catalogue: Catalogue,
    service: Service,
    channel: Channel,
    starts: Interval,
    *,
    customer_id: str | None = None,
    held_products: frozenset[str] = frozenset(),
    leaving_out: str | None = None,
) -> Asking:
    """On which terms `customer_id`, or somebody unknown, asks for starts of a service.

    held_products: those whose entitlements the customer holds. leaving_out: a booking that does not count.
    """
    base = catalogue.rule(service)
    rule = in_force(base, catalogue.rules, held_products)
    alike = frozenset(each.id for each in catalogue.services if catalogue.rule(each).id == base.id)
    standing = _standing(tx, rule, channel, starts, customer_id, leaving_out) if rule.asks_who else Standing()
    asked = asking(base, rule, service.id, alike, standing, channel, tx.now, tx.scope.zone)
    asked = replace(asked, has_hours=catalogue.has_hours)
    return asked if channel is Channel.STAFF else replace(asked, visible_days=catalogue.visible_days(service))


def _standing(
    tx: Transaction,
    rule: BookingRule,
    channel: Channel,
    starts: Interval,
    customer_id: str | None,
    leaving_out: str | None,
) -> Standing:
    everybodys = [limit for limit in rule.limits if limit.whose is Whose.EVERYBODY]
    mine = customer_id is not None and channel is not Channel.STAFF
    if not everybodys and not mine:
        return Standing()
    within = _within(tx, rule, starts)
    bounds = {"first": within.start, "end": within.end}
    own: list[Row] = []
    if mine:
        days = rule.no_shows.block.days if rule.no_shows.block else 0
        own = tx.rows(_MINE, customer_id=customer_id, now=tx.now, missed_since=tx.now - days * DAY, **bounds)
    others = tx.rows(_EVERYBODYS, now=tx.now, **bounds) if everybodys else []
    mine_ids = {row.id for row in own}
    unique = {row.id: row for row in (*own, *others) if row.id != leaving_out}
    pardoned_at = next((row.pardoned_at or 0 for row in own), 0)
    return Standing(
        bookings=[_counted(row, mine=row.id in mine_ids, now=tx.now) for row in unique.values()],
        no_shows=[row.starts for row in own if row.status == Status.NO_SHOW and row.starts > pardoned_at],
    )


def _counted(row: Row, *, mine: bool, now: Instant) -> Counted:
    ahead = Status(row.status) in _LIES_AHEAD and row.ends > now
    return Counted(row.service_id, Interval(row.starts, row.ends), mine, ahead)


def _within(tx: Transaction, rule: BookingRule, starts: Interval) -> Interval:
    """The whole periods over which the rule counts bookings around `starts`."""
    per = widest(rule.limits)
    if per is None:
        return starts
    first, last = period(per, starts.start, tx.scope.zone), period(per, starts.end - 1, tx.scope.zone)
    return Interval(first.start, last.end)
