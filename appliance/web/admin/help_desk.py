"""The help desk: a guest calls, the booking is found, and each way it can go wrong has an answer (AC-19, BM-26).

The code did not come, the guest is late, or has left early: whatever is done is on record with who and why.
"""

from collections.abc import Mapping
from typing import Final

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from appliance.booking.actions import checking_out, extending
from appliance.booking.actions.desk import Desk
from appliance.booking.actions.searching import current_catalogue
from appliance.booking.booking_window import Channel
from appliance.booking.bookings import Booking, Status
from appliance.door_socket.answers import DoorView
from appliance.door_socket.connections import DoorUnreachable
from appliance.foundation.i18n import marked, text
from appliance.foundation.instants import Interval
from appliance.foundation.refusals import Refusal
from appliance.keys import qr_picture
from appliance.web import help_desk
from appliance.web.admin.backup_pin import give_backup_pin
from appliance.web.admin.console import Console
from appliance.web.admin.moments import moment, span
from appliance.web.admin.standing_words import shown_standing
from appliance.web.api import key_schemas, schemas
from appliance.web.callers import caller
from appliance.web.forms import Filled, filled, is_confirmed
from appliance.web.help_desk import FoundBooking
from appliance.web.pages.door_history import release_words
from appliance.web.problems import NotFound, sentence
from appliance.web.revoking import cancel_everywhere, revocation
from appliance.web.speaking import language
from appliance.web.standing_access import standing_access_of
from appliance.web.status_words import STATUS_WORDS

LONGEST_SEARCH: Final = 254
NOT_KNOWN_YET: Final = marked("A door that is out of reach has not heard of it yet.")


class HelpDeskOfConsole:
    """`/admin/desk`, a page for a booking, and what helps its guest."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._unit = console.unit

    def register(self, blueprint: Blueprint) -> None:
        blueprint.add_url_rule("/desk", "desk", self.ask)
        blueprint.add_url_rule("/desk", "desk_find", self.find, methods=["POST"])
        blueprint.add_url_rule("/desk/<booking_id>", "desk_booking", self.booking)
        acts = {"key": self.key, "release": self.release, "backup-pin": self.backup_pin, "longer": self.longer}
        for name, act in {**acts, "left": self.left, "cancel": self.cancel}.items():
            blueprint.add_url_rule(f"/desk/<booking_id>/{name}", f"desk_{name}", act, methods=["POST"])

    def ask(self) -> ResponseReturnValue:
        return self._console.page("desk.html", typed="", found=None, standing=())

    def find(self) -> ResponseReturnValue:
        """By POST, so that nobody's number stands in an address."""
        typed = request.form.get("typed", "").strip()[:LONGEST_SEARCH]
        found = help_desk.find(self._unit, typed) if typed else []
        members = standing_access_of(self._unit, help_desk.find_people(self._unit, typed)) if typed else []
        shown = [self._shown(each) for each in found]
        standing = shown_standing(members, self._console.reception.zone)
        return self._console.page("desk.html", typed=typed, found=shown, standing=standing)

    def booking(self, booking_id: str) -> ResponseReturnValue:
        return self._page(booking_id, {})

    def key(self, booking_id: str) -> ResponseReturnValue:
        """Show the keys again, once, to be read out or shown."""
        form = filled(schemas.ReleaseSchema())
        if form.wrong:
            return self._page(booking_id, {"key": form}), 422
        found = self._found(booking_id)
        keys = help_desk.show_key(self._unit, found.booking.id, self._console.actor, form.values["reason"])
        pins = [key for key in keys if key.kind == "pin"]
        # The picture is our own SVG of a text of our own, so it is safe as markup.
        pictures = [Markup(qr_picture.svg(key.code)) for key in keys if key.kind == "qr"]  # noqa: S704
        return self._console.page("desk_key.html", booking=self._shown(found), pins=pins, pictures=pictures)

    def release(self, booking_id: str) -> ResponseReturnValue:
        """Open one of the booking's doors once."""
        form, found = filled(schemas.ReleaseAtSchema()), self._found(booking_id)
        if form.wrong:
            return self._page(booking_id, {"release": form}), 422
        door = self._door(form.values["door"])
        why = f"{found.booking.number}: {form.values['reason']}"
        verdict = self._unit.doors.release(door.slug, self._console.actor, why[: schemas.REASON_LIMIT])
        return self._told(booking_id, release_words(verdict, language()), is_trouble=not verdict.granted)

    def backup_pin(self, booking_id: str) -> ResponseReturnValue:
        form = filled(key_schemas.BackupPinAtSchema())
        if form.wrong:
            return self._page(booking_id, {"backup": form}), 422
        return give_backup_pin(self._console, self._door(form.values["door"]), form, _at(booking_id))

    def longer(self, booking_id: str) -> ResponseReturnValue:
        """The guest is late and wants the whole of it: the booking lasts longer, and so do its keys."""
        form = filled(schemas.ExtendSchema())
        if form.wrong:
            return self._page(booking_id, {"longer": form}), 422
        minutes, actor = form.values["duration"], self._console.actor
        made = extending.extend(self._unit.desk, self._found(booking_id).booking.id, minutes, Channel.STAFF, actor)
        if isinstance(made, Refusal):
            return self._refused(booking_id, made)
        until = moment(made.interval.end, self._console.reception.zone)
        return self._told(booking_id, text(language(), "It lasts until {time} now, and its keys with it.", time=until))

    def left(self, booking_id: str) -> ResponseReturnValue:
        """The guest has left early: the keys end within minutes, the place is free for others."""
        ended = checking_out.check_out(self._unit.desk, self._found(booking_id).booking.id, self._console.actor)
        if isinstance(ended, Refusal):
            return self._refused(booking_id, ended)
        return self._done(
            booking_id, text(language(), "It has ended. The rest can be booked by others."), ended.key_seq
        )

    def cancel(self, booking_id: str) -> ResponseReturnValue:
        found, spoken = self._found(booking_id).booking, language()
        if not is_confirmed():
            asked = text(spoken, "The booking {number} is cancelled and its keys open nothing.", number=found.number)
            return self._console.confirmation(found.number, asked, text(spoken, "Cancel the booking"), _at(booking_id))
        ended = cancel_everywhere(self._unit, found, caller(self._unit))
        if isinstance(ended, Refusal):
            return self._refused(booking_id, ended)
        return self._done(booking_id, text(spoken, "It is cancelled."), ended.key_seq)

    def _page(self, booking_id: str, forms: Mapping[str, Filled]) -> str:
        found = self._found(booking_id)
        booked, desk = found.booking, self._unit.desk
        with desk.book.read(desk.scope) as tx:
            keys = self._unit.issuing.show(tx, booked.id)
        doors = self._doors()
        opens = {door for key in keys for door in key.door_ids}
        window = Interval(keys[0].valid_from, keys[0].valid_to) if keys else None
        return self._console.page(
            "desk_booking.html",
            booking=self._shown(found),
            opens=span(window, self._console.reception.zone) if window else "",
            doors=[(door.slug, door.name) for door in doors if not opens or door.id in opens],
            longer=longer_lengths(desk, booked),
            is_running=booked.status in (Status.CONFIRMED, Status.ARRIVED),
            forms_sent=forms,
        )

    def _shown(self, found: FoundBooking) -> Mapping[str, object]:
        booked, catalogue = found.booking, current_catalogue(self._unit.desk)
        sold = catalogue.service(booked.service_id)
        return {
            "id": booked.id,
            "number": booked.number,
            "status": text(language(), STATUS_WORDS[booked.status]),
            "service": sold.name if sold else "",
            "places": ", ".join(catalogue.tree.resources[each].name for each in booked.resource_ids),
            "when": span(booked.interval, self._console.reception.zone),
            "person": found.person,
        }

    def _found(self, booking_id: str) -> FoundBooking:
        found = help_desk.opened(self._unit, booking_id)
        if found is None:
            raise NotFound
        return found

    def _doors(self) -> list[DoorView]:
        try:
            return self._unit.doors.doors()
        except DoorUnreachable:
            return []

    def _door(self, name: str) -> DoorView:
        found = next((door for door in self._unit.doors.doors() if name in (door.slug, door.id)), None)
        if found is None:
            raise NotFound
        return found

    def _done(self, booking_id: str, words: str, key_seq: int | None) -> ResponseReturnValue:
        if revocation(self._unit, key_seq) == "pending":
            return self._told(booking_id, f"{words} {text(language(), NOT_KNOWN_YET)}", is_trouble=True)
        return self._told(booking_id, words)

    def _refused(self, booking_id: str, refused: Refusal) -> ResponseReturnValue:
        told = sentence(refused, language(), self._console.reception.zone)
        return self._told(booking_id, told, is_trouble=True)

    def _told(self, booking_id: str, words: str, *, is_trouble: bool = False) -> ResponseReturnValue:
        return self._console.done(_at(booking_id), words, is_trouble=is_trouble)


def longer_lengths(desk: Desk, booked: Booking) -> list[tuple[int, str]]:
    """The minutes that a booking could last instead, with words for them."""
    sold = current_catalogue(desk).service(booked.service_id)
    longer = [each for each in (sold.durations if sold else ()) if each > booked.own_minutes]
    return [(each, text(language(), "{count} minutes in all", count=each)) for each in longer]


def _at(booking_id: str) -> str:
    """Back to where the form stood: the booking's own page, or the help desk."""
    page = "booking" if request.form.get("back") == "booking" else "desk_booking"
    return url_for(f"admin.{page}", booking_id=booking_id)
