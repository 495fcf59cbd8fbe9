"""Walk-in booking: time, place, contact, key; one question a screen, four touches when all goes well (KI-02)."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from appliance.foundation.errors import Invalid
from appliance.foundation.i18n import text
from appliance.foundation.instants import Interval, local_date
from appliance.foundation.refusals import Refusal
from appliance.foundation.wording import money_text
from kiosk_ui.beside_screens import BesideScreens, added_minutes, price_with
from kiosk_ui.board import drawn_board
from kiosk_ui.choices import Choice, Extras
from kiosk_ui.desk import BookingView, DurationView, HoldView, ServiceView
from kiosk_ui.dialogue import Dialogue
from kiosk_ui.key_faces import key_faces
from kiosk_ui.reaching import as_contact, contact_wrong, reached_by, typed_contact
from kiosk_ui.refusal_texts import refusal_text
from kiosk_ui.time_grid import time_grid
from kiosk_ui.together_screens import TogetherScreens

DAYS_AHEAD: Final = 62
MOST_SEATS: Final = 6

_TAKEN: Final = Refusal("slot_taken")


class BookingScreens:
    """The steps of a booking. What was chosen lies in the visit, the rules behind the desk."""

    def __init__(self, dialogue: Dialogue) -> None:
        self._dialogue = dialogue
        self._beside = BesideScreens(dialogue, self._service, self._to_place)
        self._together = TogetherScreens(dialogue, self._service, self._day, self._beside)

    def register(self, blueprint: Blueprint) -> None:
        blueprint.add_url_rule("/time", "time", self.time)
        blueprint.add_url_rule("/time", "choose_time", self.choose_time, methods=["POST"])
        self._beside.register(blueprint)
        self._together.register(blueprint)
        blueprint.add_url_rule("/place", "place", self.place)
        blueprint.add_url_rule("/place", "choose_place", self.choose_place, methods=["POST"])
        blueprint.add_url_rule("/contact", "contact", self.contact)
        blueprint.add_url_rule("/contact", "book", self.book, methods=["POST"])
        blueprint.add_url_rule("/key", "key", self.key)

    def time(self) -> ResponseReturnValue:
        """Step 1: now, or one of the next times, day by day."""
        desk, facility = self._dialogue.desk, self._dialogue.desk.facility()
        service = self._service(request.args.get("service", ""))
        if service is None:
            return self._dialogue.page("nothing_to_book.html")
        duration = _duration(service, request.args.get("minutes", ""))
        now = desk.now()
        day = self._day(request.args.get("day", ""))
        in_a_row = _in_a_row(service, request.args.get("row", ""))
        extras = self._chosen_extras(service)
        times = (
            desk.times(service.id, day, duration.minutes, extras)
            if in_a_row == 1
            else desk.row_times(Choice(service.id, duration.minutes, day, None, extras, in_a_row))
        )
        running = next((time for time in times if time.is_now), None)
        later = [time for time in times if time is not running]
        return self._dialogue.page(
            "time.html",
            services=desk.services(),
            service=service,
            minutes=duration.minutes,
            in_a_row=in_a_row,
            vat_percent=service.vat_percent,
            day=day,
            earlier_day=day - timedelta(days=1) if day > local_date(now, facility.zone) else None,
            later_day=day + timedelta(days=1) if day < self._last_day() else None,
            running=running,
            grid=time_grid(later, facility.zone, request.args.get("part", "")),
            one_price=len({time.price for time in times}) <= 1,
            board=drawn_board(desk.board(day), day, facility.zone, now, self._dialogue.language),
        )

    def choose_time(self) -> ResponseReturnValue:
        service = self._service(request.form.get("service", ""))
        start = _whole(request.form.get("start", ""))
        if service is None or start is None:
            return self._dialogue.go("time")
        minutes = _duration(service, request.form.get("minutes", "")).minutes
        day = local_date(start, self._dialogue.desk.facility().zone)
        self._give_back_hold()
        in_a_row = _in_a_row(service, request.form.get("row", ""))
        choice = Choice(service.id, minutes, day, start, self._chosen_extras(service), in_a_row)
        before = self._dialogue.visit
        is_other = before.choice is None or before.choice.service_id != service.id
        self._dialogue.keep(replace(before, choice=choice, answers=() if is_other else before.answers))
        return self._dialogue.go("extras") if service.extras else self._to_place(service)

    def _to_place(self, service: ServiceView) -> ResponseReturnValue:
        """On from what is chosen: to the place, unless there is only one, or any will do for a row."""
        choice = self._dialogue.visit.choice
        if choice is None or choice.start is None:
            return self._dialogue.go("time")
        if choice.in_a_row > 1:
            return self._dialogue.go("question" if service.fields else "row")
        places = self._dialogue.desk.places(service.id, choice.start, choice.minutes, choice.extras)
        if not places:
            return self._refused(_TAKEN)
        if service.kind == "individual" and len(places) == 1:
            return self._hold(places[0].id, 1)
        return self._dialogue.go("place")

    def place(self) -> ResponseReturnValue:
        """Step 2: which court, or how many seats of a class."""
        desk, choice = self._dialogue.desk, self._dialogue.visit.choice
        service = self._service(choice.service_id) if choice else None
        if choice is None or choice.start is None or service is None:
            return self._dialogue.go("time")
        places = desk.places(service.id, choice.start, choice.minutes, choice.extras)
        if not places:
            return self._refused(_TAKEN)
        facility, minutes = desk.facility(), choice.minutes + added_minutes(service, choice.extras)
        chosen = Interval(choice.start, choice.start + minutes * 60)
        seats = range(1, min(MOST_SEATS, places[0].quantity_left) + 1) if service.kind == "class" else ()
        price = _duration(service, str(choice.minutes)).price
        listed = next(
            (t.price for t in desk.times(service.id, choice.day, choice.minutes) if t.start == choice.start), price
        )
        return self._dialogue.page(
            "place.html",
            service=service,
            choice=choice,
            chosen=chosen,
            places=places,
            seats=[(count, price_with(service, choice.extras, listed, count)) for count in seats],
            price=price_with(service, choice.extras, listed, 1),
            board=drawn_board(
                desk.board(choice.day), choice.day, facility.zone, desk.now(), self._dialogue.language, chosen
            ),
        )

    def choose_place(self) -> ResponseReturnValue:
        quantity = _whole(request.form.get("quantity", "1"))
        if self._dialogue.visit.choice is None or quantity is None:
            return self._dialogue.go("time")
        return self._hold(request.form.get("resource") or None, quantity)

    def contact(self) -> ResponseReturnValue:
        """Step 3: where to reach the person, and what it will cost, VAT included."""
        hold = self._dialogue.visit.hold
        if hold is None:
            return self._dialogue.go("time")
        left = hold.expires_at - self._dialogue.desk.now()
        if left <= 0:
            return self._refused(Refusal("hold_gone"))
        words = self._price_words(hold)
        return self._dialogue.page("contact.html", hold=hold, by=reached_by(), left=left, price_words=words)

    def book(self) -> ResponseReturnValue:
        hold, by, typed = self._dialogue.visit.hold, reached_by(), typed_contact()
        if hold is None:
            return self._dialogue.go("time")
        email, phone = as_contact(typed, by)
        try:
            answer = self._dialogue.desk.book(hold.id, "", email, phone, dict(self._dialogue.visit.answers))
        except Invalid as invalid:
            if (back := self._beside.refused(list(invalid.errors))) is not None:
                return back
            sentence = contact_wrong(self._dialogue.language, invalid.errors, by)
            self._dialogue.keep(replace(self._dialogue.visit, typed=typed, notice=sentence))
            return self._dialogue.go("contact", by=by)
        if isinstance(answer, Refusal):
            return self._refused(answer)
        self._booked(answer)
        return self._dialogue.go("key")

    def key(self) -> ResponseReturnValue:
        """Step 4: the key, on the screen."""
        visit = self._dialogue.visit
        if visit.booking is None or not visit.just_booked:
            return self._dialogue.go("home")
        return self._dialogue.page("key.html", **key_faces(visit.booking), just_booked=True)

    def _booked(self, booking: BookingView) -> None:
        hold = self._dialogue.visit.hold
        steps = 5 if hold is not None and hold.with_extras else 4
        visit = replace(
            self._dialogue.visit, steps=steps, hold=None, choice=None, answers=(), booking=booking, just_booked=True
        )
        self._dialogue.keep(visit)

    def _hold(self, resource_id: str | None, quantity: int) -> ResponseReturnValue:
        choice = self._dialogue.visit.choice
        if choice is None or choice.start is None:
            return self._dialogue.go("time")
        self._give_back_hold()
        answer = self._dialogue.desk.hold(
            choice.service_id, choice.start, choice.minutes, resource_id, quantity, choice.extras
        )
        if isinstance(answer, Refusal):
            return self._refused(answer)
        self._dialogue.keep(replace(self._dialogue.visit, hold=answer))
        service = self._service(choice.service_id)
        return self._dialogue.go("question" if service is not None and service.fields else "contact")

    def _chosen_extras(self, service: ServiceView) -> Extras:
        """What was chosen before of the extras of a service, as far as it still has them."""
        choice = self._dialogue.visit.choice
        known = {extra.id for extra in service.extras}
        before = choice.extras if choice is not None and choice.service_id == service.id else ()
        return tuple(each for each in before if each[0] in known)

    def _give_back_hold(self) -> None:
        visit = self._dialogue.visit
        if visit.hold:
            self._dialogue.desk.release_hold(visit.hold.id)
            self._dialogue.keep(replace(visit, hold=None))

    def _refused(self, refusal: Refusal) -> ResponseReturnValue:
        """Back to the times, of the same service and day, with the sentence that says why."""
        visit, desk = self._dialogue.visit, self._dialogue.desk
        self._give_back_hold()
        self._dialogue.tell(refusal_text(refusal, visit.language, desk.now(), desk.facility().zone))
        if visit.choice is None:
            return self._dialogue.go("time")
        return self._dialogue.go("time", **visit.choice.address)

    def _service(self, wanted: str) -> ServiceView | None:
        services = self._dialogue.desk.services()
        first = services[0] if services else None
        return next((service for service in services if wanted in (service.id, service.slug)), first)

    def _day(self, wanted: str) -> date:
        """A day that may be asked for: today when it is not a date, the nearest one when it lies outside."""
        today = local_date(self._dialogue.desk.now(), self._dialogue.desk.facility().zone)
        try:
            day = date.fromisoformat(wanted)
        except ValueError:
            return today
        return min(max(day, today), self._last_day())

    def _last_day(self) -> date:
        return local_date(self._dialogue.desk.now(), self._dialogue.desk.facility().zone) + timedelta(days=DAYS_AHEAD)

    def _price_words(self, hold: HoldView) -> str:
        language = self._dialogue.language
        price, vat = money_text(language, hold.price), money_text(language, hold.vat)
        return text(language, "{price} incl. {vat} VAT", price=price, vat=vat)


def _duration(service: ServiceView, wanted: str) -> DurationView:
    return next((duration for duration in service.durations if str(duration.minutes) == wanted), service.durations[0])


def _in_a_row(service: ServiceView, wanted: str) -> int:
    """How many one after the other; one where that is not offered."""
    count = _whole(wanted) or 1
    return count if 1 <= count <= service.most_in_a_row else 1


def _whole(typed: str) -> int | None:
    """A number from a form of ours; anything longer or stranger is not from us."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= 12 else None
