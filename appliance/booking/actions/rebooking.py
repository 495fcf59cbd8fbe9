"""Booking the same once more: the next similar time for a booking that was there (SB-21). Reads only."""

from appliance.booking import calendar_store
from appliance.booking.actions.desk import Desk, Wish, named_in, terms_for
from appliance.booking.booking_window import Channel
from appliance.booking.bookings import Booking
from appliance.booking.recurrence import Turn
from appliance.booking.series import IN_THE_WAY, Occasion, Occurrence, Placing, days_around, similar_time
from appliance.foundation.instants import Instant, Interval, local_date


def next_time(desk: Desk, booked: Booking, channel: Channel) -> tuple[Wish, Occurrence]:
    """The same service and resource at the same weekday and time, next week or as soon as that lies ahead.

    Where that time is taken, the nearest open slot; with it the wish for it.
    """
    with desk.book.read(desk.scope) as tx:
        start = similar_time(booked.interval.start, tx.now, tx.scope.zone)
    return nearest_to(desk, booked, start, channel)


def nearest_to(desk: Desk, booked: Booking, start: Instant, channel: Channel) -> tuple[Wish, Occurrence]:
    """The same service and resource at `start`, or at the open slot nearest to it; with it the wish for it."""
    with desk.book.read(desk.scope) as tx:
        zone = tx.scope.zone
        catalogue = desk.catalogues.current(tx)
        places = catalogue.places(booked)
        resource = places[0] if len(places) == 1 else None
        wish = Wish(booked.service_id, start, channel, booked.own_minutes, booked.quantity, resource)
        service, duration, resource_id = named_in(catalogue, wish, booked)
        days, day = days_around(start, zone), local_date(start, zone)
        ahead = Interval(days[0].start, days[-1].end)
        asked = terms_for(desk, tx, service, channel, ahead, booked.customer_id)
        calendar = calendar_store.calendar(tx, catalogue, service, ahead, channel, asked)
    placing = Placing(service, duration, wish.quantity, resource_id)
    found = placing.wanted(calendar, Occasion(Turn(day.replace(day=1), day), start), start)
    if found.start is None and found.refusal is not None and found.refusal.reason in IN_THE_WAY:
        found = placing.moved(calendar, found, after_only=False)
    return wish, found
