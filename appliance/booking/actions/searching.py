"""Looking: what is offered, what a booking is, what is taken today. Reads only."""

from collections.abc import Sequence

from appliance.booking import calendar_store
from appliance.booking.actions.desk import Desk, terms_for
from appliance.booking.availability import offers
from appliance.booking.booking_window import Channel
from appliance.booking.calendar import Offers
from appliance.booking.catalogue import Catalogue
from appliance.booking.schedule import ScheduleException, WeeklyHours, project
from appliance.booking.services import Service
from appliance.foundation.instants import Interval, intersection
from appliance.storage.unit_of_work import Transaction


def current_catalogue(desk: Desk) -> Catalogue:
    """The catalogue in force now."""
    with desk.book.read(desk.scope) as tx:
        return desk.catalogues.current(tx)


def search(
    desk: Desk,
    service: Service,
    within: Interval,
    channel: Channel,
    *,
    duration: int,
    quantity: int = 1,
    resource_id: str | None = None,
    customer_id: str | None = None,
) -> Offers:
    """Every start in `within` that would be accepted from `channel` now, for a customer where one is known (DY-06)."""
    with desk.book.read(desk.scope) as tx:
        asked = terms_for(desk, tx, service, channel, within, customer_id)
        calendar = calendar_store.calendar(tx, desk.catalogues.current(tx), service, within, channel, asked)
    return offers(calendar, service, within, duration, quantity, resource_id)


def busy_within(desk: Desk, resource_ids: tuple[str, ...], window: Interval) -> dict[str, list[Interval]]:
    """When some resources are taken, without names."""
    with desk.book.read(desk.scope) as tx:
        return calendar_store.busy(tx, resource_ids, window)


def opening_within(desk: Desk, resource_ids: tuple[str, ...], window: Interval) -> dict[str, list[Interval]]:
    """When some resources can be used at all: their own hours within those of the facility."""
    with desk.book.read(desk.scope) as tx:
        return opening_seen(tx, desk.catalogues.current(tx), resource_ids, window)


def opening_seen(
    tx: Transaction, catalogue: Catalogue, resource_ids: Sequence[str], window: Interval
) -> dict[str, list[Interval]]:
    """The same in a transaction that is open: one query, however many resources there are."""
    hours: dict[str, list[WeeklyHours]] = {}
    marked: dict[str, list[ScheduleException]] = {}
    for line in catalogue.hours:
        hours.setdefault(line.owner_id, []).append(line)
    for exception in calendar_store.exceptions(tx, window):
        marked.setdefault(exception.owner_id, []).append(exception)

    def of(owner: str) -> list[Interval]:
        return project(hours.get(owner, ()), marked.get(owner, ()), tx.scope.zone, window)

    whole = of(tx.scope.facility_id) if catalogue.has_hours else []
    return {owner: intersection(whole, of(owner)) for owner in resource_ids}
