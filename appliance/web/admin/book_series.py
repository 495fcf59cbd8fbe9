"""The same again and again for a customer: how it recurs, what becomes of each date, one commit (DY-46, DY-50)."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from appliance.booking.actions import granting
from appliance.booking.actions.searching import current_catalogue
from appliance.foundation.i18n import plural, text
from appliance.web.admin.console import Console
from appliance.web.admin.who import contact_of, whom
from appliance.web.booking_form import STAFF_SIGHT, BookingForm, read_form
from appliance.web.forms import Filled
from appliance.web.free_times import spots
from appliance.web.series_planning import SeriesPlan, recurs
from appliance.web.speaking import language


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
        return self._page(SeriesPlan(self._unit, self._read()))

    def go(self) -> ResponseReturnValue:
        """What `act` says: find a customer, plan every date, or book those that are ticked, which were looked at."""
        form = self._read()
        plan = SeriesPlan(self._unit, form)
        plan.ask(whom(self._desk, form.typed, form.customer)[1] or None)
        if request.form.get("act") == "book" and plan.was_seen:
            made = plan.book(lambda: contact_of(self._desk, form.customer, form.new), self._console.actor)
            if made is not None:
                count = len(made.bookings)
                words = plural(language(), "{count} booking is made.", "{count} bookings are made.", count)
                return self._console.done(url_for("admin.order", order_id=made.order.id), words)
        plan.look()
        return self._page(plan), plan.told.status

    def _read(self) -> BookingForm:
        given = request.form if request.method == "POST" else request.args
        return read_form(current_catalogue(self._desk), given, self._desk.scope.zone, recurs)

    def _page(self, plan: SeriesPlan) -> str:
        catalogue, form = current_catalogue(self._desk), plan.form
        people, chosen = whom(self._desk, form.typed, form.customer)
        held = granting.held_by(self._desk, chosen) if chosen else None
        lengths = form.service.durations if form.service else ()
        sent = Filled({}, dict(request.form), plan.told.wrong) if request.method == "POST" else None
        return self._console.page(
            "book_series.html",
            asked=form,
            sent=sent,
            people=people,
            chosen=chosen,
            services=[(each.id, each.name) for each in catalogue.services_for(STAFF_SIGHT) if recurs(each)],
            durations=[(each, text(language(), "{minutes} min", minutes=each)) for each in lengths],
            spots=spots(catalogue, form),
            entitlements=[(each.holding.id, each.product.name) for each in held or ()],
            **plan.shown(),
        )
