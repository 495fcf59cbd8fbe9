"""The unit as the kiosk sees it: the same verbs as everybody's, in the kiosk's channel and in its own words."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date

from appliance.booking import store
from appliance.booking.actions import checking_out, confirming, holding
from appliance.booking.actions.answering import read_for
from appliance.booking.actions.desk import Wish
from appliance.booking.actions.searching import busy_within, current_catalogue, opening_within, search
from appliance.booking.actions.visiting import LegWish
from appliance.booking.booking_window import Channel
from appliance.booking.bookings import Booking
from appliance.booking.calendar import Offers
from appliance.booking.catalogue import Catalogue
from appliance.booking.extras import ExtraWish, Visit, visit_with
from appliance.booking.pricing import offered_prices
from appliance.booking.resources import ResourceKind
from appliance.booking.services import ServiceKind
from appliance.booking.visibility import Sight
from appliance.door_socket.client import DoorRefused, DoorUnreachable
from appliance.door_socket.client import DoorView as DoorAnswer
from appliance.foundation.errors import FieldError, Invalid, PortvaktError
from appliance.foundation.instants import Instant, Interval, day_bounds
from appliance.foundation.money import Money
from appliance.foundation.refusals import Refusal
from appliance.keys import store as key_store
from appliance.web import help_desk, kiosk_counter, kiosk_together, kiosk_views
from appliance.web.callers import Caller
from appliance.web.contacts import read_contact
from appliance.web.help_desk import Proof
from appliance.web.revoking import cancel_everywhere, revocation
from appliance.web.unit import Unit
from kiosk_ui.choices import Choice, Extras
from kiosk_ui.counter import ProductView, PurchaseView
from kiosk_ui.desk import (
    NO_ANSWERS,
    BoardRow,
    BookingView,
    CancelView,
    CheckOutView,
    DoorView,
    FacilityView,
    HoldView,
    PlaceView,
    PresentationKind,
    ProofKind,
    RowView,
    ServiceView,
    StatusView,
    TimeView,
    VerdictView,
    WaitView,
)

ACTOR = "kiosk"


def home_door(unit: Unit) -> str | None:
    """The slug of the door beside the kiosk: the first of the site plan; None before there is one."""
    with unit.desk.book.read(unit.desk.scope) as tx:
        slugs = key_store.door_slugs(tx)
    return slugs[0] if slugs else None


class KioskDesk:
    """A `kiosk_ui.desk.Desk` over a unit; `home_door` is the slug of the door beside the kiosk.

    kiosk: answers the name of the kiosk that asks now; tries to get a key back are counted for each.
    """

    def __init__(self, unit: Unit, home_door: str | None, kiosk: Callable[[], str] = lambda: ACTOR) -> None:
        self._kiosk = kiosk
        self._unit = unit
        self._desk = unit.desk
        self._home_door = home_door
        self._caller = Caller(Channel.KIOSK, ACTOR)

    def now(self) -> Instant:
        return self._unit.clock.now()

    def facility(self) -> FacilityView:
        return kiosk_views.facility(self._catalogue().facility, self._home_door)

    def services(self) -> tuple[ServiceView, ...]:
        catalogue = self._catalogue()
        return tuple(kiosk_views.service(sold, catalogue) for sold in catalogue.services_for(Sight(Channel.KIOSK)))

    def times(self, service_id: str, day: date, minutes: int, extras: Extras = ()) -> tuple[TimeView, ...]:
        visit = self._visit(service_id, minutes, extras)
        if visit is None:
            return ()
        catalogue = self._catalogue()
        found = self._found(visit, day_bounds(day, self._desk.scope.zone))
        prices = offered_prices(catalogue, visit.service, minutes, 1, Channel.KIOSK, found, extras=visit.quoted)
        currency, now = catalogue.facility.currency, self.now()
        return tuple(
            TimeView(start, end, left, Money(lowest, currency), is_now=start <= now)
            for start, end, left, (lowest, _) in zip(found.starts, found.ends, found.seats_left, prices, strict=True)
        )

    def places(self, service_id: str, start: Instant, minutes: int, extras: Extras = ()) -> tuple[PlaceView, ...]:
        visit = self._visit(service_id, minutes, extras)
        found = self._found(visit, Interval(start, start + 1)) if visit is not None else Offers()
        if visit is None or not found.starts:
            return ()
        left = found.seats_left[0] if visit.service.kind is ServiceKind.CLASS else 1
        resources = self._catalogue().tree.resources
        return tuple(PlaceView(resource_id, resources[resource_id].name, left) for resource_id in found.resources[0])

    def hold(
        self,
        service_id: str,
        start: Instant,
        minutes: int,
        resource_id: str | None,
        quantity: int,
        extras: Extras = (),
    ) -> HoldView | Refusal:
        wish = Wish(service_id, start, Channel.KIOSK, minutes, quantity, resource_id, extras=_wishes(extras))
        unsure = self._unit.sure_clock.refusal(self._unit.doors)
        if unsure is not None:
            return unsure
        held = holding.hold(self._desk, wish, ACTOR)
        return held if isinstance(held, Refusal) else kiosk_views.hold(held, self._catalogue())

    def release_hold(self, hold_id: str) -> None:
        holding.release_hold(self._desk, hold_id, ACTOR)

    def mistakes(self, service_id: str, answers: Mapping[str, str]) -> tuple[FieldError, ...]:
        catalogue = self._catalogue()
        service = catalogue.service(service_id, Sight(Channel.KIOSK))
        read = read_for(catalogue, [service], answers) if service is not None else ()
        return tuple(_by_slug(read)) if isinstance(read, list) else ()

    def book(
        self, hold_id: str, name: str, email: str, phone: str, answers: Mapping[str, str] = NO_ANSWERS
    ) -> BookingView | Refusal:
        contact = read_contact({"name": name, "email": email, "phone": phone}, self._unit, prefix="")
        unsure = self._unit.sure_clock.refusal(self._unit.doors)
        if unsure is not None:
            return unsure
        order = confirming.Order(None, hold_id, contact, channel=Channel.KIOSK, answers=answers)
        try:
            booked = confirming.confirm(self._desk, order, ACTOR)
        except Invalid as invalid:
            raise Invalid(*_by_slug(invalid.errors)) from invalid
        return booked if isinstance(booked, Refusal) else self._view(booked)

    def row_times(self, choice: Choice) -> tuple[TimeView, ...]:
        return kiosk_together.row_times(self._unit, _leg(choice), choice.day)

    def book_row(
        self, choice: Choice, email: str, phone: str, answers: Mapping[str, str] = NO_ANSWERS
    ) -> RowView | Refusal:
        try:
            made = kiosk_together.book_row(self._unit, _leg(choice), choice.start or 0, email, phone, answers)
        except Invalid as invalid:
            raise Invalid(*_by_slug(invalid.errors)) from invalid
        if isinstance(made, Refusal):
            return made
        names = {door.id: door.name for door in self._doors()}
        return kiosk_together.row_view(self._unit, made, self._catalogue(), names)

    def wait(self, service_id: str, day: date, minutes: int, email: str, phone: str) -> WaitView | Refusal:
        return kiosk_together.wait(self._unit, service_id, day, minutes, email, phone)

    def products(self) -> tuple[ProductView, ...]:
        return kiosk_counter.products(self._unit)

    def order(self, product_id: str, email: str, phone: str) -> PurchaseView | Refusal:
        return kiosk_counter.order(self._unit, product_id, email, phone)

    def booking(self, cancel_code: str) -> BookingView | None:
        found = self._by_code(cancel_code)
        return None if found is None else self._view(found)

    def recover(self, reached_at: str, kind: ProofKind, proof: str) -> BookingView | Refusal:
        found = help_desk.recover(self._unit, Proof(reached_at, kind, proof), self._kiosk())
        return found if isinstance(found, Refusal) else self._view(found)

    def cancel(self, cancel_code: str) -> CancelView | Refusal:
        found = self._by_code(cancel_code)
        if found is None:
            return Refusal("unknown_booking")
        ended = cancel_everywhere(self._unit, found, self._caller)
        if isinstance(ended, Refusal):
            return ended
        pending = revocation(self._unit, ended.key_seq) == "pending"
        return CancelView(found.number, fee=None, revocation_pending=pending)

    def check_out(self, cancel_code: str) -> CheckOutView | Refusal:
        found = self._by_code(cancel_code)
        if found is None:
            return Refusal("unknown_booking")
        left = checking_out.check_out(self._desk, found.id, ACTOR)
        if isinstance(left, Refusal):
            return left
        keys = self._view(left.booking).keys_valid
        pending = revocation(self._unit, left.key_seq) == "pending"
        return CheckOutView(found.number, keys.end if keys else None, pending)

    def present(self, door_slug: str, kind: PresentationKind, value: str, presentation_id: str) -> VerdictView:
        names = {door.slug: door.name for door in self._doors()}
        name = names.get(door_slug, door_slug)
        try:
            verdict = self._unit.doors.present(door_slug, kind, value, f"kiosk@{door_slug}", presentation_id)
        except (DoorUnreachable, DoorRefused):
            return VerdictView(False, "door_fault", name, None, None, None)
        return VerdictView(
            granted=verdict.granted,
            reason=verdict.told,
            door_name=name,
            released_s=verdict.released_s or None,
            retry_at=verdict.retry_at,
            tries_left=verdict.tries_left,
        )

    def doors(self) -> tuple[DoorView, ...]:
        home_first = sorted(self._doors(), key=lambda door: door.slug != self._home_door)
        return tuple(kiosk_views.door(seen, movable=self._unit.demo) for seen in home_first)

    def board(self, day: date) -> tuple[BoardRow, ...]:
        catalogue, window = self._catalogue(), day_bounds(day, self._desk.scope.zone)
        courts = [
            found
            for found in catalogue.tree.resources.values()
            if found.kind is ResourceKind.UNIT and catalogue.tree.below[found.id] == (found,)
        ]
        ids = tuple(court.id for court in courts)
        busy, opening = busy_within(self._desk, ids, window), opening_within(self._desk, ids, window)
        return tuple(BoardRow(court.name, tuple(opening[court.id]), tuple(busy[court.id])) for court in courts)

    def status(self) -> StatusView:
        try:
            health = self._unit.doors.health()
        except (DoorUnreachable, DoorRefused):
            return StatusView(doors_answer=False, booking_works=self._booking_works(), central="none", reasons=())
        return StatusView(True, self._booking_works(), "none", health.problems)

    def _visit(self, service_id: str, minutes: int, extras: Extras) -> Visit | None:
        """One of a service with these extras; None when there are no such, or none any more."""
        catalogue = self._catalogue()
        service = catalogue.service(service_id, Sight(Channel.KIOSK))
        if service is None or minutes not in service.durations:
            return None
        try:
            return visit_with(catalogue.extras, service, _wishes(extras), minutes, 1)
        except Invalid:
            return None

    def _found(self, visit: Visit, within: Interval) -> Offers:
        return search(self._desk, visit.whole, within, Channel.KIOSK, duration=visit.minutes)

    def _booking_works(self) -> bool:
        try:
            self._catalogue()
        except PortvaktError:
            return False
        return True

    def _catalogue(self) -> Catalogue:
        return current_catalogue(self._desk)

    def _doors(self) -> list[DoorAnswer]:
        try:
            return self._unit.doors.doors()
        except (DoorUnreachable, DoorRefused):
            return []

    def _by_code(self, cancel_code: str) -> Booking | None:
        digest = self._unit.links.digest_of_typed(cancel_code)
        if digest is None:
            return None
        with self._desk.book.read(self._desk.scope) as tx:
            return store.by_cancel_digest(tx, digest)

    def _view(self, booked: Booking) -> BookingView:
        names = {door.id: door.name for door in self._doors()}
        return kiosk_views.booking(self._unit, booked, self._catalogue(), names)


def _leg(choice: Choice) -> LegWish:
    return LegWish(choice.service_id, choice.minutes, None, choice.in_a_row, _wishes(choice.extras))


def _wishes(extras: Extras) -> tuple[ExtraWish, ...]:
    return tuple(ExtraWish(extra_id, quantity) for extra_id, quantity in extras)


def _by_slug(errors: Iterable[FieldError]) -> Iterator[FieldError]:
    """Mistakes as the kiosk names them."""
    return (replace(error, field=error.field.removeprefix("fields.")) for error in errors)
