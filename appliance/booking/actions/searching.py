"""Looking: what is offered, what a booking is, what is taken today. Reads only."""

from appliance.booking import calendar_store
from appliance.booking.actions.desk import Desk, terms_for
from appliance.booking.availability import offers
from appliance.booking.booking_window import Channel
from appliance.booking.calendar import Offers
from appliance.booking.catalogue import Catalogue
from appliance.booking.schedule import project
from appliance.booking.services import Service
from appliance.foundation.instants import Interval, intersection


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
        hours = desk.catalogues.current(tx).hours
        exceptions = calendar_store.exceptions(tx, window)
    opening = {}
    for owner in (desk.scope.facility_id, *resource_ids):
        rows = [line for line in hours if line.owner_id == owner]
        own = [exception for exception in exceptions if exception.owner_id == owner]
        opening[owner] = project(rows, own, desk.scope.zone, window)
    return {owner: intersection(opening[desk.scope.facility_id], opening[owner]) for owner in resource_ids}
