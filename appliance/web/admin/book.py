"""Booking for somebody who calls or stands there: who, what, when, in one form and by keyboard alone (DY-26)."""

from collections.abc import Mapping, Sequence
from typing import Final

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from appliance.booking.actions import confirming, explaining, granting, waiting
from appliance.booking.actions.confirming import Order
from appliance.booking.actions.desk import Wish
from appliance.booking.actions.explaining import Explanation
from appliance.booking.actions.searching import current_catalogue
from appliance.booking.booking_window import Channel
from appliance.booking.bookings import Booking
from appliance.booking.deciding import Finding
from appliance.booking.services import WaitingMode
from appliance.foundation.errors import Invalid
from appliance.foundation.i18n import marked, text
from appliance.foundation.instants import Instant, local_date
from appliance.foundation.refusals import Refusal
from appliance.foundation.wording import clock_text, day_text
from appliance.web.admin.console import Console
from appliance.web.admin.who import contact_of, whom
from appliance.web.booking_form import (
    STAFF_SIGHT,
    BookingForm,
    beside,
    given_answers,
    read_form,
    with_answers,
    wrong_parts,
)
from appliance.web.forms import Filled
from appliance.web.free_times import free_times, spots
from appliance.web.problems import sentence
from appliance.web.speaking import language

LINE_WORDS: Final = {
    "opening_hours": marked("Opening hours"),
    "earliest": marked("Opens for booking"),
    "latest": marked("Closes for booking"),
    "visible_days": marked("Days that customers see"),
    "no_shows": marked("Missed bookings"),
    "limit": marked("Limit"),
}


class BookOfConsole:
    """`/admin/book`."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._unit = console.unit
        self._desk = console.unit.desk

    def register(self, blueprint: Blueprint) -> None:
        blueprint.add_url_rule("/book", "book", self.begin)
        blueprint.add_url_rule("/book", "book_go", self.go, methods=["POST"])

    def begin(self) -> ResponseReturnValue:
        """A fresh form; a service, a time, a place and a customer may stand in the address."""
        return self._page(self._read(request.args), None)

    def go(self) -> ResponseReturnValue:
        """What `act` says: look again, book, or wait. By POST, so that nobody's number stands in an address."""
        form, act = self._read(request.form), request.form.get("act", "look")
        if act not in ("book", "wait") or form.service is None:
            return self._page(form, None)
        try:
            return self._wait(form) if act == "wait" else self._book(form)
        except Invalid as fault:
            return self._page(form, Filled({}, dict(request.form), wrong_parts(fault.errors))), 422

    def _book(self, form: BookingForm) -> ResponseReturnValue:
        start = form.start if form.start is not None else form.wanted
        if start is None:
            return self._page(form, None, text(language(), "Choose a time.")), 422
        unsure = self._unit.sure_clock.refusal(self._unit.doors)
        catalogue = current_catalogue(self._desk)
        answers = given_answers(form, catalogue, form.services)
        contact = with_answers(
            lambda: contact_of(self._desk, form.customer, form.new), catalogue, form.services, answers
        )
        order = Order(
            form.wish(start), None, contact, entitlement=form.entitlement, channel=Channel.STAFF, answers=answers
        )
        made = unsure or confirming.confirm(self._desk, order, self._console.actor)
        if isinstance(made, Refusal):
            return self._page(form, None, self._told(made)), 409
        return self._console.done(url_for("admin.booking", booking_id=made.id), self._booked(made))

    def _wait(self, form: BookingForm) -> ResponseReturnValue:
        if form.wanted is None:
            return self._page(form, None, text(language(), "Choose a time.")), 422
        wish = Wish(form.wish(0).service, form.wanted, Channel.STAFF, form.duration, form.quantity, sight=STAFF_SIGHT)
        contact = contact_of(self._desk, form.customer, form.new)
        waits = waiting.join(self._desk, wish, None, contact, self._console.actor)
        if isinstance(waits, Refusal):
            return self._page(form, None, self._told(waits)), 409
        words = text(language(), "They wait now, in place {place}.", place=waits.position)
        return self._console.done(url_for("admin.waiting"), words)

    def _read(self, given: Mapping[str, str]) -> BookingForm:
        return read_form(current_catalogue(self._desk), given, self._desk.scope.zone)

    def _page(self, form: BookingForm, sent: Filled | None, trouble: str = "") -> str:
        catalogue, service = current_catalogue(self._desk), form.service
        found, chosen = whom(self._desk, form.typed, form.customer)
        why = self._why(form, chosen) if form.wanted is not None else None
        times = free_times(self._unit, form, chosen)
        starts = [start for start, _ in times]
        held = granting.held_by(self._desk, chosen) if chosen else None
        return self._console.page(
            "book.html",
            asked=form,
            sent=sent,
            trouble=trouble,
            people=found,
            chosen=chosen,
            services=[(each.id, each.name) for each in catalogue.services_for(STAFF_SIGHT)],
            durations=[(each, text(language(), "{minutes} min", minutes=each)) for each in service.durations]
            if service
            else [],
            spots=spots(catalogue, form),
            beside=beside(form, catalogue, form.services),
            entitlements=[(each.holding.id, each.product.name) for each in held or ()],
            times=times,
            picked=_picked(form, starts),
            refused=self._told(why.refusal) if why and why.refusal else "",
            lines=[self._line(each) for each in why.findings] if why and why.refusal else [],
            may_wait=bool(why and why.refusal and service and service.waiting is not WaitingMode.OFF),
        )

    def _why(self, form: BookingForm, customer: str) -> Explanation | None:
        if form.service is None or form.wanted is None:
            return None
        return explaining.explain(self._desk, form.wish(form.wanted, customer or None))

    def _line(self, found: Finding) -> tuple[str, bool, str]:
        name = text(language(), LINE_WORDS[found.line]) if found.line in LINE_WORDS else found.line
        said = "" if found.reason is None else self._told(Refusal(found.reason, found.passes_at))
        return name, found.reason is None, said

    def _told(self, refused: Refusal) -> str:
        return sentence(refused, language(), self._desk.scope.zone)

    def _booked(self, made: Booking) -> str:
        zone = self._desk.scope.zone
        at = f"{day_text(language(), local_date(made.interval.start, zone), local_date(self._unit.clock.now(), zone))} "
        at += clock_text(language(), made.interval.start, zone)
        return text(language(), "Booked as {number}: {time}.", number=made.number, time=at)


def _picked(form: BookingForm, starts: Sequence[Instant]) -> Instant | None:
    """The start that is ticked: the one that was asked for, else the one that was ticked before, else the first."""
    asked = (form.wanted, form.start) if request.form.get("act") == "look" else (form.start, form.wanted)
    return next((each for each in asked if each in starts), starts[0] if starts else None)
