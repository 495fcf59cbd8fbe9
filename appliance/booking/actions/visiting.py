"""Visits: services in a chain, or one slot several times in a row, found as one and booked as one (DY-54 to DY-57)."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, repeat

from appliance.booking import calendar_store
from appliance.booking.actions import entitling
from appliance.booking.actions.admitting import admit_to_all
from appliance.booking.actions.desk import Desk, Wish, claiming, expire_stale_holds, named_in, resolved, terms_for
from appliance.booking.actions.ordering import (
    Answers,
    Group,
    Ordered,
    already_ordered,
    put_on_record,
    sell_one,
)
from appliance.booking.booking_window import Channel
from appliance.booking.bookings import Booking
from appliance.booking.calendar import Calendar, Offers
from appliance.booking.catalogue import Catalogue
from appliance.booking.extras import ExtraWish
from appliance.booking.idempotency_store import Request
from appliance.booking.legs import Leg, LegClaims
from appliance.booking.orders import OrderKind
from appliance.booking.pricing import offered_prices
from appliance.booking.visits import Visit, VisitSearch, refusal, visit_window
from appliance.customers.contacts import Contact
from appliance.foundation.instants import MINUTE, Instant, Interval
from appliance.foundation.refusals import Refusal
from appliance.storage.unit_of_work import Refused, Transaction, refusable


@dataclass(frozen=True, slots=True)
class LegWish:
    """One service of a visit: slugs or ids; `duration` in minutes, None is the usual one; `count` times in a row.

    extras: what is taken each time.
    """

    service: str
    duration: int | None = None
    resource: str | None = None
    count: int = 1
    extras: tuple[ExtraWish, ...] = ()


@dataclass(frozen=True, slots=True)
class VisitWish:
    """What somebody wants to do in one visit, in this order or in any; `entitlement` pays, as `entitling` takes it.

    answers: what they say to custom fields, by the slugs of those, for all of it.
    """

    legs: tuple[LegWish, ...]
    channel: Channel
    any_order: bool = False
    entitlement: str = entitling.AUTO
    answers: Answers = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class VisitsFound:
    """Visits that can be booked now and the services of their legs.

    prices: the least and the most that each visit may cost in minor units; they differ by which resources are picked.
    """

    visits: list[Visit]
    legs: list[Leg]
    prices: list[tuple[int, int]]


@refusable
def search_visits(desk: Desk, wish: VisitWish, within: Interval) -> VisitsFound:
    """Every start of the whole visit in `within` that would be accepted now (DY-55).

    Refused where a visit like this is never offered: `chain_not_offered`, `so_many_in_a_row_not_offered` and so on.
    """
    with desk.book.read(desk.scope) as tx:
        legs, calendar = _known(desk, tx, wish, within, None)
        catalogue = desk.catalogues.current(tx)
    search = VisitSearch(calendar, legs, any_order=wish.any_order)
    visits = search.offers(within)
    return VisitsFound(visits, legs, _prices(catalogue, search, legs, visits, wish.channel))


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
        services = {each.service: named_in(catalogue, _wish(each, start, wish.channel))[0] for each in wish.legs}
        customer_id = admit_to_all(desk, tx, services.values(), contact, wish.channel, start)
        legs, calendar = _known(desk, tx, wish, Interval(start, start + 1), customer_id)
        claims = VisitSearch(calendar, legs, any_order=wish.any_order).claims(start)
        if isinstance(claims, Refusal):
            raise Refused(claims)
        kind = OrderKind.CHAIN if len(legs) > 1 else OrderKind.ROW
        group = Group(tx.ids.new(), kind, customer_id, wish.entitlement, answers=wish.answers)
        booked = []
        for slot, participant in zip(claims, chain(participants, repeat(None)), strict=False):
            sold = sell_one(desk, tx, group, _booking(desk, tx, calendar, legs, slot, wish.channel), participant)
            if isinstance(sold, Refusal):
                raise Refused(sold)
            booked.append(sold)
        return put_on_record(desk, tx, group, booked, request)


def _booking(
    desk: Desk, tx: Transaction, calendar: Calendar, legs: Sequence[Leg], slot: LegClaims, channel: Channel
) -> Booking:
    """The booking that one slot of a visit is."""
    leg = legs[slot.number]
    wish = Wish(leg.service.id, slot.start, channel)
    found = replace(calendar, asked=leg.asked)
    return claiming(tx, desk.catalogues.current(tx), leg.visit, found, wish, slot.claims)


def _prices(
    catalogue: Catalogue, search: VisitSearch, legs: Sequence[Leg], visits: Sequence[Visit], channel: Channel
) -> list[tuple[int, int]]:
    """The least and the most that each visit may cost, whatever resources are picked for each of its slots."""
    sums = [(0, 0)] * len(visits)
    begins = [dict(visit.legs) for visit in visits]
    for number, leg in enumerate(legs):
        sold = leg.visit
        told_apart = bool(catalogue.tariff.prices.resources(sold.service.id))
        picks = [search.choices(number, visit) if told_apart else () for visit in visits]
        for place in range(leg.count):
            starts = [begin[number] + place * leg.duration * MINUTE for begin in begins]
            offers = Offers(starts, named=partial(list, picks))
            found = offered_prices(catalogue, sold.service, sold.duration, 1, channel, offers, extras=sold.quoted)
            sums = [(low + least, high + most) for (low, high), (least, most) in zip(sums, found, strict=True)]
    return sums


def _known(
    desk: Desk, tx: Transaction, wish: VisitWish, within: Interval, customer_id: str | None
) -> tuple[list[Leg], Calendar]:
    """The legs that a wish of a customer, or of somebody unknown, names, and the calendar that decides them."""
    catalogue = desk.catalogues.current(tx)
    named = [resolved(catalogue, _wish(each, within.start, wish.channel)) for each in wish.legs]
    lasts = sum(
        visit.service.several.longest_gap_minutes + leg.count * visit.minutes
        for leg, (visit, _) in zip(wish.legs, named, strict=True)
    )
    starts = Interval(within.start, within.end + lasts * MINUTE)
    terms = {
        service.id: terms_for(desk, tx, service, wish.channel, starts, customer_id)
        for service in {visit.service.id: visit.service for visit, _ in named}.values()
    }
    legs = [
        Leg(visit, terms[visit.service.id], leg.count, resource_id)
        for leg, (visit, resource_id) in zip(wish.legs, named, strict=True)
    ]
    why = refusal(legs)
    if why is not None:
        raise Refused(why)
    window = visit_window(legs, within, tx.scope.zone)
    services = [leg.service for leg in legs]
    return legs, calendar_store.visit_calendar(tx, catalogue, services, window, wish.channel, legs[0].asked)


def _wish(leg: LegWish, start: Instant, channel: Channel) -> Wish:
    return Wish(leg.service, start, channel, leg.duration, 1, leg.resource, extras=leg.extras)
