"""A series from form to order, for whoever fills the form in: asked for, planned date by date, booked (DY-46)."""

from collections.abc import Callable
from dataclasses import dataclass, field

from flask import request

from appliance.booking.actions import series
from appliance.booking.actions.ordering import Ordered
from appliance.booking.actions.searching import current_catalogue
from appliance.booking.actions.series import Accepted, NotWhole, Previewed, SeriesWish
from appliance.booking.idempotency_store import Request
from appliance.booking.services import Service
from appliance.customers.contacts import Contact
from appliance.foundation.errors import Invalid
from appliance.foundation.money import Money
from appliance.foundation.refusals import Refusal
from appliance.foundation.wording import money_text
from appliance.web import repeating
from appliance.web.booking_form import BookingForm, beside, given_answers, with_answers, wrong_parts
from appliance.web.forms import wrong_fields
from appliance.web.problems import sentence
from appliance.web.speaking import language
from appliance.web.unit import Unit
from appliance.web.wall_time import NO_TIME


@dataclass(slots=True)
class Told:
    """What is to be said of a form: sentences by field, a trouble of the whole, its parts one by one; the status."""

    wrong: dict[str, list[str]] = field(default_factory=dict)
    trouble: str = ""
    parts: list[str] = field(default_factory=list)
    status: int = 200


@dataclass(slots=True)
class SeriesPlan:
    """One form in one request. asked: None while something is missing in it. found: what would become of each date."""

    unit: Unit
    form: BookingForm
    told: Told = field(default_factory=Told)
    asked: SeriesWish | None = None
    found: Previewed | None = None

    def ask(self, customer_id: str | None) -> None:
        """Read what is asked for, with a known customer's own limits; all that is missing is told."""
        form, told = self.form, self.told
        try:
            repeat = repeating.repeat_of(request.form)
        except Invalid as fault:
            told.wrong |= wrong_fields(fault.errors)
        if form.wanted is None:
            told.wrong |= wrong_fields([NO_TIME])
        if told.wrong or form.wanted is None or form.service is None:
            # Who only looks for a customer has not said all of it yet.
            self.told = Told() if request.form.get("act") == "look" else Told(told.wrong, status=422)
            return
        self.asked = SeriesWish(form.wish(form.wanted, customer_id), repeat, bool(request.form.get("after_only")))

    @property
    def mark(self) -> str:
        """What the plan is of."""
        return repeating.mark_of(self.asked, self.form.duration) if self.asked else ""

    @property
    def was_seen(self) -> bool:
        """Whether this very plan was shown before."""
        return self.asked is not None and request.form.get("seen", "") == self.mark

    def book(self, contact: Callable[[], Contact], actor: str, same: Request | None = None) -> Ordered | None:
        """The order of the dates that were ticked, all or none; None, and told, when it cannot be."""
        told, unit = self.told, self.unit
        if self.asked is None:
            return None
        try:
            form, starts = self.form, repeating.accepted_in(request.form)
            catalogue = current_catalogue(unit.desk)
            answers = given_answers(form, catalogue, form.services)
            whose = with_answers(contact, catalogue, form.services, answers)
            accepted = Accepted(starts, entitlement=form.entitlement, answers=answers)
            made = unit.sure_clock.refusal(unit.doors) or series.book_series(
                unit.desk, self.asked, accepted, whose, actor, same
            )
        except Invalid as fault:
            told.wrong, told.status = wrong_parts(repeating.own_names(fault).errors), 422
            return None
        if isinstance(made, Refusal):
            told.trouble, told.status = sentence(made, language(), unit.desk.scope.zone), 409
            told.parts = repeating.not_whole(made, unit) if isinstance(made, NotWhole) else []
            return None
        return made

    def look(self) -> None:
        """Find what would become of each date now."""
        if self.asked is None:
            return
        try:
            found = series.preview(self.unit.desk, self.asked)
        except Invalid as fault:
            self.told.wrong |= wrong_fields(repeating.own_names(fault).errors)
            self.told.status = 422
            return
        if isinstance(found, Refusal):
            self.told.trouble, self.told.status = sentence(found, language(), self.unit.desk.scope.zone), 409
            return
        self.found = found

    def shown(self) -> dict[str, object]:
        """What the parts of a page that ask for a series and show its dates need."""
        unit, found = self.unit, self.found
        before = request.form if self.was_seen else None
        total = found.total if found else Money(0, unit.desk.scope.currency)
        return {
            "told": self.told,
            "beside": beside(self.form, current_catalogue(unit.desk), self.form.services),
            "cadences": repeating.cadence_choices(),
            "weekdays": repeating.weekday_choices(),
            "weekdays_on": request.form.getlist("weekdays"),
            "lines": repeating.lines_of(unit, found.occurrences, found.minutes, before) if found else [],
            "seen": self.mark if found else "",
            "total": money_text(language(), total),
        }


def recurs(service: Service) -> bool:
    """Whether a service may be booked again and again."""
    return service.several.series
