"""The next free times of what a booking form says, with their prices, in words (DY-26)."""

from itertools import islice
from typing import Final

from appliance.booking.actions.searching import current_catalogue, search
from appliance.booking.catalogue import Catalogue
from appliance.booking.extras import visit_with
from appliance.booking.pricing import offered_prices
from appliance.foundation.instants import DAY, Instant, Interval, at_local, local_date
from appliance.foundation.money import Money
from appliance.foundation.wording import clock_text, day_text, money_range_text
from appliance.web.booking_form import BookingForm
from appliance.web.speaking import language
from appliance.web.unit import Unit
from appliance.web.wall_time import read_day

MOST_TIMES: Final = 12
LOOK_AHEAD_DAYS: Final = 14


def first_of(unit: Unit, form: BookingForm) -> Instant:
    """From when on a form asks for times: the one that it names, its day, or now."""
    now, day = unit.clock.now(), read_day(form.day)
    if form.wanted is not None:
        return max(now, form.wanted)
    return now if day is None else max(now, at_local(day, 0, unit.desk.scope.zone))


def free_times(unit: Unit, form: BookingForm, customer: str = "") -> list[tuple[Instant, str]]:
    """The next free starts, in the two weeks from what is asked for; `customer` is an id, empty for nobody."""
    catalogue, service, first = current_catalogue(unit.desk), form.service, first_of(unit, form)
    if service is None:
        return []
    channel = form.sight.channel
    visit = visit_with(catalogue.extras, service, form.wish(0).extras, form.duration, form.quantity)
    found = search(
        unit.desk,
        visit.whole,
        Interval(first, first + LOOK_AHEAD_DAYS * DAY),
        channel,
        duration=visit.minutes,
        quantity=form.quantity,
        resource_id=form.on,
        customer_id=customer or None,
    )
    prices = offered_prices(catalogue, service, form.duration, form.quantity, channel, found, extras=visit.quoted)
    each = islice(zip(found.starts, prices, strict=True), MOST_TIMES)
    return [(start, _offer(unit, catalogue, start, ends)) for start, ends in each]


def spots(catalogue: Catalogue, form: BookingForm) -> list[tuple[str, str]]:
    """Where it could be, for a service that takes just one place."""
    if form.service is None or not form.service.takes_one(form.quantity):
        return []
    return [(each, catalogue.tree.resources[each].name) for each in catalogue.choices_of(form.service)]


def _offer(unit: Unit, catalogue: Catalogue, start: Instant, ends: tuple[int, int]) -> str:
    spoken, zone = language(), unit.desk.scope.zone
    price = money_range_text(spoken, *(Money(amount, catalogue.facility.currency) for amount in ends))
    day = day_text(spoken, local_date(start, zone), local_date(unit.clock.now(), zone))
    return f"{day} {clock_text(spoken, start, zone)}, {price}"
