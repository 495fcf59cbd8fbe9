"""Beside a single time: several in a row with one contact, and the waiting list where nothing is free (DY-56, DY-18).

A row is not held: whoever books it is refused in words when somebody was faster, and chooses again.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from appliance.foundation.errors import Invalid
from appliance.foundation.refusals import Refusal
from appliance.keys import qr_picture
from kiosk_ui.beside_screens import BesideScreens, chosen_of
from kiosk_ui.choices import Choice
from kiosk_ui.desk import ServiceView, TimeView
from kiosk_ui.dialogue import Dialogue
from kiosk_ui.reaching import as_contact, contact_wrong, reached_by, typed_contact
from kiosk_ui.refusal_texts import refusal_text

Service = Callable[[str], ServiceView | None]


class TogetherScreens:
    """Rows and waiting. `service` finds what can be booked, `day` reads a day that may be asked for.

    beside: where answers that were refused are asked for again.
    """

    def __init__(self, dialogue: Dialogue, service: Service, day: Callable[[str], date], beside: BesideScreens) -> None:
        self._dialogue = dialogue
        self._service = service
        self._day = day
        self._beside = beside

    def register(self, blueprint: Blueprint) -> None:
        blueprint.add_url_rule("/row", "row", self.row)
        blueprint.add_url_rule("/row", "book_row", self.book_row, methods=["POST"])
        blueprint.add_url_rule("/row/keys", "row_keys", self.row_keys)
        blueprint.add_url_rule("/wait", "wait", self.wait)
        blueprint.add_url_rule("/wait", "join", self.join, methods=["POST"])
        blueprint.add_url_rule("/waiting", "waiting", self.waiting)

    def row(self) -> ResponseReturnValue:
        """Where to reach the person, and what the whole row costs."""
        choice, time = self._dialogue.visit.choice, self._time()
        service = self._service(choice.service_id) if choice else None
        if choice is None or service is None or time is None:
            return self._dialogue.go("time")
        taken = [(extra.name, many) for extra, many in chosen_of(service, choice.extras)]
        return self._dialogue.page("row.html", service=service, choice=choice, time=time, taken=taken, by=reached_by())

    def book_row(self) -> ResponseReturnValue:
        choice, by, typed = self._dialogue.visit.choice, reached_by(), typed_contact()
        if choice is None or choice.start is None:
            return self._dialogue.go("time")
        email, phone = as_contact(typed, by)
        try:
            made = self._dialogue.desk.book_row(choice, email, phone, dict(self._dialogue.visit.answers))
        except Invalid as fault:
            return self._beside.refused(list(fault.errors)) or self._asked_again("row", fault, by, typed)
        if isinstance(made, Refusal):
            return self._refused(choice, made)
        self._dialogue.keep(replace(self._dialogue.visit, choice=None, answers=(), row=made))
        return self._dialogue.go("row_keys")

    def row_keys(self) -> ResponseReturnValue:
        made = self._dialogue.visit.row
        if made is None:
            return self._dialogue.go("home")
        return self._dialogue.page("row_keys.html", row=made, qr_picture=_picture(made.link))

    def wait(self) -> ResponseReturnValue:
        """Where to reach who waits for any time of a day."""
        named = self._service(request.args.get("service", ""))
        if "day" in request.args and named is not None:
            lengths = [one.minutes for one in named.durations]
            minutes = next((each for each in lengths if str(each) == request.args.get("minutes")), lengths[0])
            choice = Choice(named.id, minutes, self._day(request.args["day"]))
            self._dialogue.keep(replace(self._dialogue.visit, choice=choice))
        asked = self._dialogue.visit.choice
        service = self._service(asked.service_id) if asked else None
        if asked is None or service is None or not service.waiting:
            return self._dialogue.go("time")
        return self._dialogue.page("wait.html", service=service, choice=asked, by=reached_by())

    def join(self) -> ResponseReturnValue:
        choice, by, typed = self._dialogue.visit.choice, reached_by(), typed_contact()
        if choice is None:
            return self._dialogue.go("time")
        email, phone = as_contact(typed, by)
        try:
            waits = self._dialogue.desk.wait(choice.service_id, choice.day, choice.minutes, email, phone)
        except Invalid as fault:
            return self._asked_again("wait", fault, by, typed)
        if isinstance(waits, Refusal):
            return self._refused(choice, waits)
        self._dialogue.keep(replace(self._dialogue.visit, choice=None, waits=waits))
        return self._dialogue.go("waiting")

    def waiting(self) -> ResponseReturnValue:
        """One's place among those who wait; nobody's name."""
        waits = self._dialogue.visit.waits
        if waits is None:
            return self._dialogue.go("home")
        return self._dialogue.page("waiting.html", waits=waits, qr_picture=_picture(waits.link))

    def _time(self) -> TimeView | None:
        choice = self._dialogue.visit.choice
        if choice is None or choice.start is None:
            return None
        times = self._dialogue.desk.row_times(choice)
        return next((each for each in times if each.start == choice.start), None)

    def _asked_again(self, screen: str, fault: Invalid, by: str, typed: str) -> ResponseReturnValue:
        sentence = contact_wrong(self._dialogue.language, fault.errors, by)
        self._dialogue.keep(replace(self._dialogue.visit, typed=typed, notice=sentence))
        return self._dialogue.go(screen, by=by)

    def _refused(self, choice: Choice, refusal: Refusal) -> ResponseReturnValue:
        """Back to the times of the same day, with the sentence that says why."""
        desk = self._dialogue.desk
        self._dialogue.tell(refusal_text(refusal, self._dialogue.language, desk.now(), desk.facility().zone))
        return self._dialogue.go("time", **choice.address)


def _picture(link: str) -> Markup:
    """Our own SVG of an address of our own, so that it is safe as markup."""
    return Markup(qr_picture.svg_of_link(link))  # noqa: S704
