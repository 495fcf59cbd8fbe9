"""The same again and again for a customer: how it recurs, what becomes of each date, one commit (DY-46, DY-50)."""

from dataclasses import dataclass, field

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from appliance.booking.actions import granting, series
from appliance.booking.actions.searching import current_catalogue
from appliance.booking.actions.series import Accepted, NotWhole, Previewed, SeriesWish
from appliance.foundation.errors import Invalid
from appliance.foundation.i18n import plural, text
from appliance.foundation.money import Money
from appliance.foundation.refusals import Refusal
from appliance.web import repeating
from appliance.web.admin.book import spots
from appliance.web.admin.booking_form import SIGHT, BookingForm, read_form
from appliance.web.admin.console import Console
from appliance.web.admin.forms import Filled, wrong_fields
from appliance.web.admin.wall_time import NO_TIME
from appliance.web.admin.who import contact_of, whom
from appliance.web.problems import sentence
from appliance.web.speaking import language
from kiosk_ui.wording import money_text


@dataclass(slots=True)
class _Told:
    """What is to be said of a form: sentences by field, a trouble of the whole, and its parts one by one."""

    wrong: dict[str, list[str]] = field(default_factory=dict)
    trouble: str = ""
    parts: list[str] = field(default_factory=list)
    status: int = 200


class SeriesOfConsole:
    """`/admin/book/series`."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._unit = console.unit
        self._desk = console.unit.desk

    def register(self, blueprint: Blueprint) -> None:
        blueprint.add_url_rule("/book/series", "series", self.begin)
        blueprint.add_url_rule("/book/series", "series_go", self.go, methods=["POST"])

    def begin(self) -> ResponseReturnValue:
        """A fresh form; a service, a time, a place and a customer may stand in the address."""
        return self._page(self._read(), None, None, _Told())

    def go(self) -> ResponseReturnValue:
        """What `act` says: find a customer, plan every date, or book those that are ticked, which were looked at."""
        form, told = self._read(), _Told()
        asked = self._asked(form, told)
        if asked is None:
            # Who only looks for a customer has not said all of it yet.
            told = _Told() if request.form.get("act") == "look" else told
            return self._page(form, None, None, told), told.status
        seen = request.form.get("seen", "") == repeating.mark_of(asked, form.duration)
        if request.form.get("act") == "book" and seen:
            made = self._book(form, asked, told)
            if made is not None:
                return made
        found = self._previewed(asked, told)
        return self._page(form, asked, found, told), told.status

    def _asked(self, form: BookingForm, told: _Told) -> SeriesWish | None:
        """What is asked for, with the customer's own limits; None, and told, while something is missing in it."""
        if form.service is None:
            return None
        try:
            repeat = repeating.repeat_of(request.form)
        except Invalid as fault:
            told.wrong |= wrong_fields(fault.errors)
        if form.wanted is None:
            told.wrong |= wrong_fields([NO_TIME])
        if told.wrong or form.wanted is None:
            told.status = 422
            return None
        _, chosen = whom(self._desk, form.typed, form.customer)
        wish = form.wish(form.wanted, chosen or None)
        return SeriesWish(wish, repeat, after_only=bool(request.form.get("after_only")))

    def _book(self, form: BookingForm, asked: SeriesWish, told: _Told) -> ResponseReturnValue | None:
        """The order's page; None, and told, when it cannot be."""
        try:
            contact = contact_of(self._desk, form.customer, form.new)
            accepted = Accepted(repeating.accepted_in(request.form), entitlement=form.entitlement)
            made = self._unit.sure_clock.refusal(self._unit.doors) or series.book_series(
                self._desk, asked, accepted, contact, self._console.actor
            )
        except Invalid as fault:
            told.wrong, told.status = wrong_fields(repeating.own_names(fault).errors), 422
            return None
        if isinstance(made, Refusal):
            told.trouble, told.status = sentence(made, language(), self._desk.scope.zone), 409
            told.parts = repeating.not_whole(made, self._unit) if isinstance(made, NotWhole) else []
            return None
        words = plural(language(), "{count} booking is made.", "{count} bookings are made.", len(made.bookings))
        return self._console.done(url_for("admin.order", order_id=made.order.id), words)

    def _previewed(self, asked: SeriesWish, told: _Told) -> Previewed | None:
        try:
            found = series.preview(self._desk, asked)
        except Invalid as fault:
            told.wrong |= wrong_fields(repeating.own_names(fault).errors)
            told.status = 422
            return None
        if isinstance(found, Refusal):
            told.trouble, told.status = sentence(found, language(), self._desk.scope.zone), 409
            return None
        return found

    def _read(self) -> BookingForm:
        given = request.form if request.method == "POST" else request.args
        catalogue = current_catalogue(self._desk)
        return read_form(catalogue, given, self._desk.scope.zone, lambda service: service.several.series)

    def _page(self, form: BookingForm, asked: SeriesWish | None, found: Previewed | None, told: _Told) -> str:
        catalogue, service = current_catalogue(self._desk), form.service
        people, chosen = whom(self._desk, form.typed, form.customer)
        seen = repeating.mark_of(asked, form.duration) if asked is not None else ""
        before = request.form if seen and request.form.get("seen") == seen else None
        lines = repeating.lines_of(self._unit, found.occurrences, form.duration, before) if found else []
        given = request.form if request.method == "POST" else None
        return self._console.page(
            "book_series.html",
            asked=form,
            sent=Filled({}, dict(given), told.wrong) if given is not None else None,
            told=told,
            people=people,
            chosen=chosen,
            services=[(each.id, each.name) for each in catalogue.services_for(SIGHT) if each.several.series],
            durations=[(each, text(language(), "{minutes} min", minutes=each)) for each in service.durations]
            if service
            else [],
            spots=spots(catalogue, form),
            entitlements=[
                (each.holding.id, each.product.name)
                for each in (granting.held_by(self._desk, chosen) or () if chosen else ())
            ],
            cadences=repeating.cadence_choices(),
            weekdays=repeating.weekday_choices(),
            weekdays_on=given.getlist("weekdays") if given is not None else [],
            lines=lines,
            seen=seen if found else "",
            total=money_text(language(), found.total if found else Money(0, catalogue.facility.currency)),
        )
