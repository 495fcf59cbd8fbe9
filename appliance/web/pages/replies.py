"""What people answer to a message that tells of a booking: `/k/{booking}/cancel`, by the signed link in it (DY-64).

Programs that look at mail open every link: nothing is ever changed by opening one. The page asks, and its form answers.
"""

from typing import Final

from flask import Blueprint, Response, make_response, request
from flask.typing import ResponseReturnValue

from appliance.booking import store
from appliance.booking.actions import cancelling, charging
from appliance.booking.booking_window import Channel
from appliance.booking.bookings import CANCELLABLE, Booking
from appliance.booking.cancel_terms import CancelTerms
from appliance.foundation.i18n import LANGUAGES, marked, text
from appliance.foundation.ids import is_id
from appliance.foundation.instants import Interval, local_date
from appliance.foundation.money import Money
from appliance.foundation.refusals import Refusal
from appliance.foundation.wording import LANGUAGE_NAMES, date_text, money_text, span_text
from appliance.web.callers import Caller
from appliance.web.pages.reception import Reception
from appliance.web.pages.showing import page
from appliance.web.problems import NotFound, sentence
from appliance.web.revoking import cancel_everywhere
from appliance.web.speaking import language
from appliance.web.unit import Unit, catalogue_now

_GUEST: Final = Caller(Channel.PUBLIC, "public")
_CANCELLED: Final = marked("The booking is cancelled.")


def reply_pages(unit: Unit, reception: Reception) -> Blueprint:
    """The pages behind the links of messages."""
    blueprint = Blueprint("replies", __name__)
    ReplyPages(unit, reception).register(blueprint)
    return blueprint


class ReplyPages:
    """One page, which asks first."""

    def __init__(self, unit: Unit, reception: Reception) -> None:
        self._unit = unit
        self._reception = reception

    def register(self, blueprint: Blueprint) -> None:
        blueprint.add_url_rule("/k/<booking_id>/cancel", "cancel", self.ask_to_cancel)
        blueprint.add_url_rule("/k/<booking_id>/cancel", "cancelled", self.cancel, methods=["POST"])

    def ask_to_cancel(self, booking_id: str) -> ResponseReturnValue:
        """What it costs, and a button; NotFound without the signature of this very booking."""
        booked = self._booking(booking_id)
        return self._cancel_page(booked)

    def cancel(self, booking_id: str) -> ResponseReturnValue:
        ended = cancel_everywhere(self._unit, self._booking(booking_id), _GUEST)
        if isinstance(ended, Refusal):
            return self._cancel_page(self._booking(booking_id), self._said(ended)), 409
        return self._page(ended.booking.service_id, ended.booking.interval, text(language(), _CANCELLED))

    def _cancel_page(self, booked: Booking, trouble: str = "") -> Response:
        desk = self._unit.desk
        with desk.book.read(desk.scope) as tx:
            terms = cancelling.terms_of_cancelling(desk, tx, booked)
            percent = terms.percent if isinstance(terms, CancelTerms) else 0
            fee = charging.settlement_of(tx, booked, percent).fee
            others = store.of_order(tx, booked.order_id) if booked.order_id else []
        links = [
            (self._unit.addresses.cancel(each.id), self._when(each.interval))
            for each in others
            if each.id != booked.id and each.status in CANCELLABLE
        ]
        if isinstance(terms, Refusal):
            return self._page(booked.service_id, booked.interval, trouble or self._said(terms), others=links)
        cost = money_text(language(), Money(fee, booked.price.currency)) if fee else ""
        return self._page(booked.service_id, booked.interval, trouble, ask="cancel", cost=cost, others=links)

    def _page(self, service_id: str, when: Interval, told: str, **more: str | list[tuple[str, str]]) -> Response:
        catalogue = catalogue_now()
        sold = catalogue.service(service_id)
        shown = page(
            "reply.html",
            self._reception,
            more=more,
            facility=catalogue.facility,
            service=sold.name if sold else "",
            when=self._when(when),
            told=told,
            sig=request.args.get("sig", ""),
            languages=[(each, LANGUAGE_NAMES[each]) for each in LANGUAGES],
        )
        answer = make_response(shown)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def _when(self, when: Interval) -> str:
        zone = self._unit.desk.scope.zone
        return f"{date_text(language(), local_date(when.start, zone))} {span_text(language(), when, zone)}"

    def _booking(self, booking_id: str) -> Booking:
        sig = request.args.get("sig", "")
        found = self._held(booking_id) if is_id(booking_id) else None
        if found is None or not self._unit.links.cancel_token_holds(booking_id, sig):
            raise NotFound
        return found

    def _held(self, booking_id: str | None) -> Booking | None:
        with self._unit.desk.book.read(self._unit.desk.scope) as tx:
            return store.by_id(tx, booking_id) if booking_id else None

    def _said(self, refused: Refusal) -> str:
        return sentence(refused, language(), self._unit.desk.scope.zone)
