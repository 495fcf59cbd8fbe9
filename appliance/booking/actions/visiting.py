"""Visits: services in a chain, or one slot several times in a row, found as one and booked as one (DY-54 to DY-57)."""

from collections.abc import Sequence
from dataclasses import dataclass

from appliance.booking import calendar_store
from appliance.booking.actions.desk import Desk, Wish, claiming, expire_stale_holds, resolved
from appliance.booking.actions.ordering import Group, Ordered, already_ordered, make_together
from appliance.booking.booking_window import Channel
from appliance.booking.calendar import Calendar
from appliance.booking.catalogue import Catalogue
from appliance.booking.idempotency_store import Request
from appliance.booking.orders import OrderKind
from appliance.booking.visits import Leg, Visit, VisitSearch, refusal, visit_window
from appliance.customers.contacts import Contact
from appliance.foundation.instants import Instant, Interval
from appliance.foundation.money import Money
from appliance.foundation.refusals import Refusal
from appliance.storage.unit_of_work import Refused, Transaction, refusable


@dataclass(frozen=True, slots=True)
class LegWish:
    """One service of a visit: slugs or ids; `duration` in minutes, None is the usual one; `count` times in a row."""

    service: str
    duration: int | None = None
    resource: str | None = None
    count: int = 1


@dataclass(frozen=True, slots=True)
class VisitWish:
    """What somebody wants to do in one visit, in this order or in any."""

    legs: tuple[LegWish, ...]
    channel: Channel
    any_order: bool = False


@dataclass(frozen=True, slots=True)
class VisitsFound:
    """Visits that can be booked now, the services of their legs and what each visit costs."""

    visits: list[Visit]
    legs: list[Leg]
    price: Money


@refusable
def search_visits(desk: Desk, wish: VisitWish, within: Interval) -> VisitsFound:
    """Every start of the whole visit in `within` that would be accepted now (DY-55).

    Refused where a visit like this is never offered: `chain_not_offered`, `so_many_in_a_row_not_offered` and so on.
    """
    with desk.book.read(desk.scope) as tx:
        legs, calendar = _known(tx, desk.catalogues.current(tx), wish, within)
    visits = VisitSearch(calendar, legs, any_order=wish.any_order).offers(within)
    amount = sum(leg.service.price(leg.duration, leg.count).amount for leg in legs)
    return VisitsFound(visits, legs, Money(amount, desk.scope.currency))


@refusable
def book_visit(
    desk: Desk,
    wish: VisitWish,
    start: Instant,
    participants: Sequence[str | None],
    contact: Contact,
    actor: str,
    request: Request | None = None,
) -> Ordered:
    """Make every booking of a visit at `start`, all or none; participants by their place in it."""
    with desk.book.write(desk.scope, actor) as tx:
        if (made := already_ordered(tx, request)) is not None:
            return made
        expire_stale_holds(tx)
        catalogue = desk.catalogues.current(tx)
        legs, calendar = _known(tx, catalogue, wish, Interval(start, start + 1))
        claims = VisitSearch(calendar, legs, any_order=wish.any_order).claims(start)
        if isinstance(claims, Refusal):
            raise Refused(claims)
        wished = [
            claiming(
                tx,
                catalogue,
                legs[each.number].service,
                calendar,
                Wish(legs[each.number].service.id, each.start, wish.channel, legs[each.number].duration),
                each.claims,
            )
            for each in claims
        ]
        kind = OrderKind.CHAIN if len(legs) > 1 else OrderKind.ROW
        return make_together(desk, tx, Group(kind, contact, wished, participants=participants), request)


def _known(tx: Transaction, catalogue: Catalogue, wish: VisitWish, within: Interval) -> tuple[list[Leg], Calendar]:
    """The legs that a wish names, and the calendar that decides them."""
    legs = [_leg(catalogue, each, within.start, wish.channel) for each in wish.legs]
    why = refusal(legs)
    if why is not None:
        raise Refused(why)
    window = visit_window(legs, within, tx.scope.zone)
    services = [leg.service for leg in legs]
    return legs, calendar_store.visit_calendar(tx, catalogue, services, window, wish.channel)


def _leg(catalogue: Catalogue, wish: LegWish, start: Instant, channel: Channel) -> Leg:
    asked = Wish(wish.service, start, channel, wish.duration, 1, wish.resource)
    service, duration, resource_id = resolved(catalogue, asked)
    return Leg(service, catalogue.rule(service), duration, wish.count, resource_id)
