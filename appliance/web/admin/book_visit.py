"""Several slots in a row, or several services in one visit, for a customer: found as one, booked as one (DY-54)."""

from collections.abc import Mapping
from typing import Final

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from appliance.booking.actions import granting, visiting
from appliance.booking.actions.searching import current_catalogue
from appliance.booking.actions.visiting import VisitWish
from appliance.booking.services import Service
from appliance.foundation.errors import Invalid
from appliance.foundation.i18n import marked, plural, text
from appliance.foundation.refusals import Refusal
from appliance.web.admin.console import Console
from appliance.web.admin.who import contact_of, whom
from appliance.web.booking_form import STAFF_SIGHT, BookingForm, beside, read_form, wrong_parts
from appliance.web.forms import Filled
from appliance.web.free_times import first_of, spots
from appliance.web.problems import sentence
from appliance.web.speaking import language
from appliance.web.visit_forms import (
    LEAST_LEGS,
    TOO_FEW,
    OfferedVisit,
    contact_for,
    count_of,
    fits,
    offered_visits,
    participants_in,
    read_legs,
    services_of,
    visit_in,
)

_NO_TIME: Final = marked("Choose a time.")


class VisitOfConsole:
    """`/admin/book/row` and `/admin/book/visit`."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._unit = console.unit
        self._desk = console.unit.desk

    def register(self, blueprint: Blueprint) -> None:
        for name in ("row", "visit"):
            blueprint.add_url_rule(f"/book/{name}", name, self.begin)
            blueprint.add_url_rule(f"/book/{name}", f"{name}_go", self.go, methods=["POST"])

    def begin(self) -> ResponseReturnValue:
        return self._page(request.args, {}, "")

    def go(self) -> ResponseReturnValue:
        """What `act` says: look again, or book the start that was chosen."""
        if request.form.get("act") != "book":
            return self._page(request.form, {}, "")
        form, wish = self._read(request.form), self._wish(request.form)
        if _is_chain() and len(wish.legs) < LEAST_LEGS:
            return self._page(request.form, {"leg-1": [text(language(), TOO_FEW)]}, ""), 422
        if form.start is None or not wish.legs:
            return self._page(request.form, {}, text(language(), _NO_TIME)), 422
        try:
            catalogue = current_catalogue(self._desk)
            contact = contact_for(lambda: contact_of(self._desk, form.customer, form.new), wish, catalogue)
            made = self._unit.sure_clock.refusal(self._unit.doors) or visiting.book_visit(
                self._desk, wish, form.start, participants_in(request.form, wish), contact, self._console.actor
            )
        except Invalid as fault:
            return self._page(request.form, wrong_parts(fault.errors), ""), 422
        if isinstance(made, Refusal):
            return self._page(request.form, {}, sentence(made, language(), self._desk.scope.zone)), 409
        words = plural(language(), "{count} booking is made.", "{count} bookings are made.", len(made.bookings))
        return self._console.done(url_for("admin.order", order_id=made.order.id), words)

    def _wish(self, given: Mapping[str, str]) -> VisitWish:
        catalogue = current_catalogue(self._desk)
        return visit_in(given, self._read(given), self._services(), catalogue, chain=_is_chain())

    def _services(self) -> list[Service]:
        return [each for each in current_catalogue(self._desk).services_for(STAFF_SIGHT) if _fits(each)]

    def _read(self, given: Mapping[str, str]) -> BookingForm:
        return read_form(current_catalogue(self._desk), given, self._desk.scope.zone, _fits)

    def _page(self, given: Mapping[str, str], wrong: Mapping[str, list[str]], trouble: str) -> str:
        form, wish, spoken = self._read(given), self._wish(given), language()
        people, chosen = whom(self._desk, form.typed, form.customer)
        catalogue, visits = current_catalogue(self._desk), self._visits(form, wish)
        legs = read_legs(given, self._services(), catalogue.extras) if _is_chain() else []
        starts = [each.start for each in visits] if isinstance(visits, list) else []
        held = granting.held_by(self._desk, chosen) if chosen else None
        return self._console.page(
            "book_visit.html",
            is_chain=_is_chain(),
            here=f"admin.{'visit' if _is_chain() else 'row'}",
            asked=form,
            sent=Filled({}, dict(given), wrong) if request.method == "POST" else None,
            trouble=trouble,
            people=people,
            chosen=chosen,
            services=[(each.id, each.name) for each in self._services()],
            durations=_lengths(form.service),
            count=count_of(wish),
            most=form.service.several.most_in_a_row if form.service else 1,
            spots=spots(catalogue, form) if not _is_chain() else [],
            legs=[(each, _lengths(each.service)) for each in legs],
            beside=beside(form, catalogue, services_of(legs) if _is_chain() else form.services),
            any_order=bool(given.get("any_order")),
            entitlements=[(each.holding.id, each.product.name) for each in held or ()],
            visits=visits if isinstance(visits, list) else [],
            refused=sentence(visits, spoken, self._desk.scope.zone) if isinstance(visits, Refusal) else "",
            picked=form.start if form.start in starts else (starts[0] if starts else None),
        )

    def _visits(self, form: BookingForm, wish: VisitWish) -> list[OfferedVisit] | Refusal | None:
        """The next starts; None before there is anything to look for."""
        if not wish.legs or (_is_chain() and len(wish.legs) < LEAST_LEGS):
            return None
        return offered_visits(self._unit, wish, first_of(self._unit, form))


def _is_chain() -> bool:
    return (request.endpoint or "").startswith("admin.visit")


def _fits(service: Service) -> bool:
    return fits(service, chain=_is_chain())


def _lengths(service: Service | None) -> list[tuple[int, str]]:
    durations = service.durations if service else ()
    return [(each, text(language(), "{minutes} min", minutes=each)) for each in durations]
