"""Rows and waiting as the kiosk asks for them: the same verbs as everybody's, in the kiosk's channel (DY-56, DY-18)."""

from collections.abc import Mapping
from datetime import date

from appliance.booking.actions import visiting, waiting
from appliance.booking.actions.desk import Wish
from appliance.booking.actions.ordering import Ordered
from appliance.booking.actions.visiting import LegWish, VisitWish
from appliance.booking.booking_window import Channel
from appliance.booking.catalogue import Catalogue
from appliance.booking.orders import total
from appliance.booking.visibility import Sight
from appliance.customers.contacts import Contact
from appliance.foundation.instants import Instant, day_bounds, local_date
from appliance.foundation.money import Money
from appliance.foundation.refusals import Refusal
from appliance.web import kiosk_views
from appliance.web.contacts import read_contact
from appliance.web.unit import Unit
from kiosk_ui.desk import RowView, TimeView, WaitView

ACTOR = "kiosk"


def row_times(unit: Unit, leg: LegWish, day: date) -> tuple[TimeView, ...]:
    """Starts of so many in a row on a day; none where that is not offered."""
    wish = VisitWish((leg,), Channel.KIOSK)
    found = visiting.search_visits(unit.desk, wish, day_bounds(day, unit.desk.scope.zone))
    if isinstance(found, Refusal):
        return ()
    now, currency = unit.clock.now(), unit.desk.scope.currency
    return tuple(
        TimeView(visit.start, visit.end, 0, Money(lowest, currency), is_now=visit.start <= now)
        for visit, (lowest, _) in zip(found.visits, found.prices, strict=True)
    )


def book_row(
    unit: Unit, leg: LegWish, start: Instant, email: str, phone: str, answers: Mapping[str, str]
) -> Ordered | Refusal:
    """Book so many in a row, all or none; Invalid for a contact or for answers that cannot be read."""
    contact = _contact(unit, email, phone)
    unsure = unit.sure_clock.refusal(unit.doors)
    wish = VisitWish((leg,), Channel.KIOSK, answers=answers)
    return unsure or visiting.book_visit(unit.desk, wish, start, (), contact, ACTOR)


def row_view(unit: Unit, made: Ordered, catalogue: Catalogue, door_names: Mapping[str, str]) -> RowView:
    """What was booked in a row, with the way to its keys on the phone."""
    bookings = tuple(kiosk_views.booking(unit, each, catalogue, dict(door_names)) for each in made.bookings)
    order = made.order.id
    return RowView(
        bookings=bookings,
        total=total(made.bookings, unit.desk.scope.currency),
        link=f"{unit.public_url}/o/{order}?sig={unit.links.token(order)}",
    )


def wait(unit: Unit, service_id: str, day: date, minutes: int, email: str, phone: str) -> WaitView | Refusal:
    """Wait for any start of a day that is still to come."""
    contact, bounds = _contact(unit, email, phone), day_bounds(day, unit.desk.scope.zone)
    first = max(bounds.start, unit.clock.now())
    wish = Wish(service_id, first, Channel.KIOSK, minutes, sight=Sight(Channel.KIOSK))
    waits = waiting.join(unit.desk, wish, bounds.end, contact, ACTOR)
    if isinstance(waits, Refusal):
        return waits
    entry = waits.entry
    sold = unit.desk.catalogues.latest(unit.desk.scope.facility_id)
    service = sold.service(entry.service_id) if sold else None
    return WaitView(
        service_name=service.name if service else "",
        day=local_date(entry.starts.start, unit.desk.scope.zone),
        position=waits.position,
        link=f"{unit.public_url}/w/{entry.id}?sig={unit.links.token(entry.id)}",
    )


def _contact(unit: Unit, email: str, phone: str) -> Contact:
    return read_contact({"name": "", "email": email, "phone": phone}, unit, prefix="")
