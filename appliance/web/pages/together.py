"""Several at once on the web: the same again and again, in a row, or several services in one visit (DY-46, DY-55)."""

from collections.abc import Mapping

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from appliance.booking.actions import visiting
from appliance.booking.actions.ordering import Ordered
from appliance.booking.services import Service
from appliance.foundation.errors import Invalid
from appliance.foundation.i18n import text
from appliance.foundation.refusals import Refusal
from appliance.web.booking_form import BookingForm, beside, read_form, wrong_parts
from appliance.web.forms import Filled
from appliance.web.free_times import first_of, spots
from appliance.web.pages.public import STRANGER, PublicFace, is_booked_here, lengths
from appliance.web.problems import sentence
from appliance.web.series_planning import SeriesPlan, recurs
from appliance.web.speaking import language
from appliance.web.unit import catalogue_now
from appliance.web.visit_forms import (
    LEAST_LEGS,
    TOO_FEW,
    contact_for,
    count_of,
    fits,
    offered_visits,
    participants_in,
    read_legs,
    services_of,
    visit_in,
)


class SeriesPage:
    """`/book/series`."""

    def __init__(self, face: PublicFace) -> None:
        self._face = face

    def register(self, blueprint: Blueprint) -> None:
        blueprint.add_url_rule("/book/series", "series", self.show)
        blueprint.add_url_rule("/book/series", "series_go", self.go, methods=["POST"])

    def show(self) -> ResponseReturnValue:
        return self._page(SeriesPlan(self._face.unit, self._read()))

    def go(self) -> ResponseReturnValue:
        """What `act` says: plan every date, or book those that are ticked, which were looked at."""
        plan = SeriesPlan(self._face.unit, self._read())
        plan.ask(None)
        if request.form.get("act") == "book" and plan.was_seen:
            made = plan.book(self._face.contact, STRANGER.actor, self._face.same())
            if made is not None:
                return _to_order(self._face, made)
        plan.look()
        answer = self._page(plan)
        answer.status_code = plan.told.status
        return answer

    def _read(self) -> BookingForm:
        zone, sight = self._face.unit.desk.scope.zone, self._face.sight()
        return read_form(catalogue_now(), self._face.given(), zone, _recurs_here, sight)

    def _page(self, plan: SeriesPlan) -> Response:
        form = plan.form
        services = [each for each in catalogue_now().services_for(form.sight) if _recurs_here(each)]
        return self._face.page(
            "book_series.html",
            here="public.series",
            asked=form,
            sent=Filled({}, dict(request.form), plan.told.wrong) if request.method == "POST" else None,
            services=[(each.slug, each.name) for each in services],
            durations=lengths(form.service),
            spots=spots(catalogue_now(), form),
            **plan.shown(),
        )


class VisitPage:
    """`/book/row` and `/book/visit`."""

    def __init__(self, face: PublicFace) -> None:
        self._face = face
        self._unit = face.unit

    def register(self, blueprint: Blueprint) -> None:
        for name in ("row", "visit"):
            blueprint.add_url_rule(f"/book/{name}", name, self.show)
            blueprint.add_url_rule(f"/book/{name}", f"{name}_go", self.go, methods=["POST"])

    def show(self) -> ResponseReturnValue:
        """What is chosen may stand in the address."""
        return self._page({}, "")

    def go(self) -> ResponseReturnValue:
        """What `act` says: look again, or book the start that was chosen."""
        if request.form.get("act") != "book":
            return self._page({}, "")
        form = self._read()
        wish = visit_in(request.form, form, self._services(), catalogue_now(), chain=_is_chain())
        if _is_chain() and len(wish.legs) < LEAST_LEGS:
            return self._page({"leg-1": [text(language(), TOO_FEW)]}, "", 422)
        if form.start is None or not wish.legs:
            return self._page({}, text(language(), "Choose a time."), 422)
        try:
            contact = contact_for(self._face.contact, wish, catalogue_now())
            names = participants_in(request.form, wish)
            made = self._unit.sure_clock.refusal(self._unit.doors) or visiting.book_visit(
                self._unit.desk, wish, form.start, names, contact, STRANGER.actor, self._face.same()
            )
        except Invalid as fault:
            return self._page(wrong_parts(fault.errors), "", 422)
        if isinstance(made, Refusal):
            return self._page({}, sentence(made, language(), self._unit.desk.scope.zone), 409)
        return _to_order(self._face, made)

    def _read(self) -> BookingForm:
        zone, sight = self._unit.desk.scope.zone, self._face.sight()
        return read_form(catalogue_now(), self._face.given(), zone, _fits_here, sight)

    def _services(self) -> list[Service]:
        return [each for each in catalogue_now().services_for(self._face.sight()) if _fits_here(each)]

    def _page(self, wrong: Mapping[str, list[str]], trouble: str, status: int = 200) -> Response:
        form, given, services = self._read(), self._face.given(), self._services()
        catalogue = catalogue_now()
        wish = visit_in(given, form, services, catalogue, chain=_is_chain())
        legs = read_legs(given, services, catalogue.extras) if _is_chain() else []
        is_whole = bool(wish.legs) and (not _is_chain() or len(wish.legs) >= LEAST_LEGS)
        found = offered_visits(self._unit, wish, first_of(self._unit, form)) if is_whole else []
        visits = [] if isinstance(found, Refusal) else found
        starts = [each.start for each in visits]
        answer = self._face.page(
            "book_visit.html",
            here=f"public.{'visit' if _is_chain() else 'row'}",
            is_chain=_is_chain(),
            is_whole=is_whole,
            asked=form,
            sent=Filled({}, dict(request.form), wrong) if request.method == "POST" else None,
            trouble=trouble,
            services=[(each.slug, each.name) for each in services],
            durations=lengths(form.service),
            count=count_of(wish),
            most=form.service.several.most_in_a_row if form.service else 1,
            spots=[] if _is_chain() else spots(catalogue, form),
            legs=[(each, lengths(each.service)) for each in legs],
            beside=beside(form, catalogue, services_of(legs) if _is_chain() else form.services),
            any_order=bool(given.get("any_order")),
            visits=visits,
            refused=sentence(found, language(), self._unit.desk.scope.zone) if isinstance(found, Refusal) else "",
            picked=form.start if form.start in starts else (starts[0] if starts else None),
        )
        answer.status_code = status
        return answer


def _to_order(face: PublicFace, made: Ordered) -> ResponseReturnValue:
    return redirect(url_for("public.order", order_id=made.order.id, sig=face.unit.links.token(made.order.id)), 303)


def _is_chain() -> bool:
    return (request.endpoint or "").startswith("public.visit")


def _recurs_here(service: Service) -> bool:
    return recurs(service) and is_booked_here(service)


def _fits_here(service: Service) -> bool:
    return fits(service, chain=_is_chain()) and is_booked_here(service)
