"""Booking on the web: what, when, who, on one page that works without scripts; or waiting where nothing is free."""

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from appliance.booking.actions import confirming, explaining, waiting
from appliance.booking.actions.confirming import Order
from appliance.booking.actions.desk import Wish
from appliance.booking.actions.explaining import Explanation
from appliance.booking.booking_window import Channel
from appliance.booking.services import WaitingMode
from appliance.foundation.errors import Invalid
from appliance.foundation.i18n import text
from appliance.foundation.refusals import Refusal
from appliance.web.booking_form import BookingForm, beside, given_answers, read_form, with_answers, wrong_parts
from appliance.web.forms import Filled
from appliance.web.free_times import free_times, spots
from appliance.web.pages.buy import BuyPage
from appliance.web.pages.own_pages import OwnPages
from appliance.web.pages.public import STRANGER, PublicFace, is_booked_here, lengths
from appliance.web.pages.reception import Reception
from appliance.web.pages.together import SeriesPage, VisitPage
from appliance.web.problems import sentence
from appliance.web.speaking import language
from appliance.web.unit import Unit, catalogue_now
from appliance.web.waiting_words import WAITING_MEANS


def public_pages(unit: Unit, reception: Reception) -> Blueprint:
    """Everything that customers do on the web without signing in, over `unit`."""
    blueprint = Blueprint("public", __name__)
    face = PublicFace(unit, reception)
    for each in (BookPage(face), SeriesPage(face), VisitPage(face), OwnPages(face), BuyPage(face)):
        each.register(blueprint)
    return blueprint


class BookPage:
    """`/book`: one time, or a place on the waiting list for it."""

    def __init__(self, face: PublicFace) -> None:
        self._face = face
        self._unit = face.unit
        self._desk = face.unit.desk

    def register(self, blueprint: Blueprint) -> None:
        blueprint.add_url_rule("/book", "book", self.show)
        blueprint.add_url_rule("/book", "book_go", self.go, methods=["POST"])

    def show(self) -> ResponseReturnValue:
        """What can be had; a service, a day and a time may stand in the address."""
        return self._page(self._read(), {}, "")

    def go(self) -> ResponseReturnValue:
        """What `act` says: look again, book, or wait. By POST, so that nobody's number stands in an address."""
        form, act = self._read(), request.form.get("act", "look")
        if act not in ("book", "wait") or form.service is None or not is_booked_here(form.service):
            return self._page(form, {}, "")
        try:
            return self._wait(form) if act == "wait" else self._book(form)
        except Invalid as fault:
            return self._page(form, wrong_parts(fault.errors), "", 422)

    def _book(self, form: BookingForm) -> ResponseReturnValue:
        start = form.start if form.start is not None else form.wanted
        if start is None:
            return self._page(form, {}, text(language(), "Choose a time."), 422)
        catalogue = catalogue_now()
        answers = given_answers(form, catalogue, form.services)
        contact = with_answers(self._face.contact, catalogue, form.services, answers)
        order = Order(form.wish(start), None, contact, channel=Channel.PUBLIC, answers=answers)
        made = self._unit.sure_clock.refusal(self._unit.doors) or confirming.confirm(
            self._desk, order, STRANGER.actor, self._face.same()
        )
        if isinstance(made, Refusal):
            return self._page(form, {}, self._told(made), 409)
        sig = self._unit.links.token(made.id)
        return redirect(url_for("guest.key", booking_id=made.id, sig=sig), 303)

    def _wait(self, form: BookingForm) -> ResponseReturnValue:
        if form.wanted is None:
            return self._page(form, {}, text(language(), "Choose a time."), 422)
        wish = Wish(
            form.wish(0).service, form.wanted, Channel.PUBLIC, form.duration, form.quantity, sight=self._face.sight()
        )
        waits = waiting.join(self._desk, wish, None, self._face.contact(), STRANGER.actor, self._face.same())
        if isinstance(waits, Refusal):
            return self._page(form, {}, self._told(waits), 409)
        sig = self._unit.links.token(waits.entry.id)
        return redirect(url_for("public.wait", entry_id=waits.entry.id, sig=sig), 303)

    def _read(self) -> BookingForm:
        return read_form(catalogue_now(), self._face.given(), self._desk.scope.zone, sight=self._face.sight())

    def _page(self, form: BookingForm, wrong: dict[str, list[str]], trouble: str, status: int = 200) -> Response:
        catalogue, service = catalogue_now(), form.service
        why = self._why(form)
        times = free_times(self._unit, form)
        starts = [start for start, _ in times]
        asked = request.form.get("act") == "book"
        picked = (form.start, form.wanted) if asked else (form.wanted, form.start)
        answer = self._face.page(
            "book.html",
            here="public.book",
            asked=form,
            sent=Filled({}, dict(request.form), wrong) if request.method == "POST" else None,
            trouble=trouble,
            is_booked_here=service is None or is_booked_here(service),
            sells_cards=bool(catalogue.tariff.sold_at(Channel.PUBLIC)),
            services=[(each.slug, each.name) for each in catalogue.services_for(form.sight)],
            durations=lengths(service),
            spots=spots(catalogue, form),
            beside=beside(form, catalogue, form.services),
            times=times,
            picked=next((each for each in picked if each in starts), starts[0] if starts else None),
            refused=self._told(why.refusal) if why and why.refusal and not trouble else "",
            may_wait=bool(why and why.refusal and service and service.waiting is not WaitingMode.OFF),
            waiting_means=WAITING_MEANS[service.waiting] if service else "",
        )
        answer.status_code = status
        return answer

    def _why(self, form: BookingForm) -> Explanation | None:
        if form.service is None or form.wanted is None:
            return None
        return explaining.explain(self._desk, form.wish(form.wanted))

    def _told(self, refused: Refusal) -> str:
        return sentence(refused, language(), self._desk.scope.zone)
