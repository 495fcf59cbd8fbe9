"""The page of one booking: what it is, what is owed, what happened to it, and what staff do with it (DY-26, BM-21)."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from appliance.billing.terms import Method
from appliance.booking import answer_store, store
from appliance.booking.actions import cancelling, moving, paying, rebooking
from appliance.booking.actions.desk import Wish
from appliance.booking.actions.paying import Payment
from appliance.booking.actions.searching import current_catalogue
from appliance.booking.booking_window import Channel
from appliance.booking.bookings import CANCELLABLE, Booking, Status
from appliance.booking.resources import Resource
from appliance.foundation.i18n import marked, text
from appliance.foundation.instants import Interval
from appliance.foundation.money import Money
from appliance.foundation.refusals import Refusal
from appliance.foundation.wording import money_text
from appliance.messaging import message_store
from appliance.storage import journal
from appliance.storage.chain import Entry
from appliance.web import help_desk
from appliance.web.admin.console import Console
from appliance.web.admin.help_desk import NOT_KNOWN_YET, longer_lengths
from appliance.web.admin.messages import logged
from appliance.web.admin.moments import moment, span
from appliance.web.callers import caller
from appliance.web.help_desk import FoundBooking
from appliance.web.problems import NotFound, sentence
from appliance.web.revoking import cancel_everywhere, revocation
from appliance.web.speaking import language
from appliance.web.status_words import STATUS_WORDS
from appliance.web.wall_time import NO_TIME, read_at, read_day, read_start, written

METHOD_WORDS: Final = {
    Method.CASH: marked("Cash"),
    Method.CARD: marked("Card"),
    Method.TRANSFER: marked("Transfer"),
    Method.INVOICE: marked("Invoice"),
}
VERB_WORDS: Final = {
    "held": marked("Held"),
    "pending": marked("Booked, to be paid first"),
    "confirmed": marked("Booked"),
    "moved": marked("Moved"),
    "extended": marked("Made longer"),
    "cancelled": marked("Cancelled"),
    "completed": marked("Ended"),
    "arrived": marked("Has come"),
    "expired": marked("Ran out"),
    "no_show": marked("Released, nobody came"),
}


class BookingsOfConsole:
    """`/admin/bookings/{id}`, and what is done with it."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._unit = console.unit
        self._desk = console.unit.desk

    def register(self, blueprint: Blueprint) -> None:
        blueprint.add_url_rule("/bookings/<booking_id>", "booking", self.show)
        blueprint.add_url_rule("/bookings/<booking_id>/cancel", "booking_cancel", self.ask_to_cancel)
        blueprint.add_url_rule("/bookings/<booking_id>/again", "booking_again", self.again)
        acts = {"move": self.move, "pay": self.pay}
        for name, act in acts.items():
            blueprint.add_url_rule(f"/bookings/<booking_id>/{name}", f"booking_{name}", act, methods=["POST"])
        blueprint.add_url_rule("/bookings/<booking_id>/cancel", "booking_cancelled", self.cancel, methods=["POST"])

    def show(self, booking_id: str) -> ResponseReturnValue:
        found = self._found(booking_id)
        booked, zone = found.booking, self._desk.scope.zone
        with self._desk.book.read(self._desk.scope) as tx:
            keys = self._unit.issuing.show(tx, booked.id)
            answers = answer_store.answers_of(tx, booked.id)
            order = store.of_order(tx, booked.order_id) if booked.order_id else []
            told = message_store.of_booking(tx, booked.id)
            past = journal.of_booking(tx.connection, tx.scope.facility_id, booked.id)
        names = self._console.reception.names()
        day, time = written(booked.interval.start, zone)
        return self._console.page(
            "booking.html",
            **self._shown(found),
            account=paying.account_of(self._desk, booked),
            lines=booked.lines,
            money=lambda amount: money_text(language(), Money(amount, booked.price.currency)),
            keys=[(key.kind, span(Interval(key.valid_from, key.valid_to), zone)) for key in keys],
            answers=answers,
            order=[(each, span(each.interval, zone), text(language(), STATUS_WORDS[each.status])) for each in order],
            past=[self._event(entry, names) for entry in past],
            told=[logged(each, self._unit) for each in told],
            methods=[(str(method), text(language(), words)) for method, words in METHOD_WORDS.items()],
            day=day,
            time=time,
            resources=[(each.id, each.name) for each in self._choices(booked)],
            longer=longer_lengths(self._desk, booked),
        )

    def move(self, booking_id: str) -> ResponseReturnValue:
        """Move it to the time, and to the place where one is named, that a form or the planner says."""
        booked, zone, back = self._found(booking_id).booking, self._desk.scope.zone, _back(booking_id)
        at, place = read_at(request.form.get("at", "")), request.form.get("resource") or None
        start = at if at is not None else read_start(request.form.get("day", ""), request.form.get("time", ""), zone)
        if start is None:
            return self._console.done(back, NO_TIME.told(language()), is_trouble=True)
        catalogue = current_catalogue(self._desk)
        sold = catalogue.service(booked.service_id)
        # In the planner one points at a half; a booking of the whole hall goes to the hall that it is a half of.
        place = (catalogue.meant(sold, place) if sold else None) or place
        wish: Wish = replace(moving.same_at(booked, start, Channel.STAFF), resource=place)
        moved = moving.move(self._desk, booked.id, wish, self._console.actor, by_staff=True)
        if isinstance(moved, Refusal):
            return self._refused(back, moved)
        when, places = span(moved.booking.interval, zone), self._places(moved.booking)
        words = text(language(), "It is moved to {time}, {place}. Its keys are new.", time=when, place=places)
        return self._done(back, words, moved.key_seq)

    def ask_to_cancel(self, booking_id: str) -> ResponseReturnValue:
        """What cancelling costs, before anything is done; the fee can be waived."""
        found = self._found(booking_id)
        cost = cancelling.cost_for_staff(self._desk, booking_id)
        if isinstance(cost, Refusal):
            return self._refused(_at(booking_id), cost)
        currency = found.booking.price.currency
        parts = {
            name: money_text(language(), Money(getattr(cost, name), currency)) for name in ("fee", "refund", "due")
        }
        return self._console.page("booking_cancel.html", **self._shown(found), cost=cost, parts=parts)

    def cancel(self, booking_id: str) -> ResponseReturnValue:
        found, waive = self._found(booking_id).booking, request.form.get("waive_fee") == "true"
        ended = cancel_everywhere(self._unit, found, caller(self._unit), waive_fee=waive)
        if isinstance(ended, Refusal):
            return self._refused(_at(booking_id), ended)
        if not ended.settlement.fee:
            return self._done(_at(booking_id), text(language(), "It is cancelled. There is no fee."), ended.key_seq)
        fee = money_text(language(), Money(ended.settlement.fee, found.price.currency))
        return self._done(
            _at(booking_id), text(language(), "It is cancelled. The fee is {fee}.", fee=fee), ended.key_seq
        )

    def pay(self, booking_id: str) -> ResponseReturnValue:
        """Note that all that is owed came in."""
        method = request.form.get("method", "")
        if method not in set(Method):
            raise NotFound
        paid = paying.pay(self._desk, self._found(booking_id).booking.id, Payment(Method(method)), self._console.actor)
        if isinstance(paid, Refusal):
            return self._refused(_at(booking_id), paid)
        said = METHOD_WORDS[Method(method)]
        amount = money_text(language(), Money(paid.paid, paid.booking.price.currency))
        words = text(language(), "{amount} is paid: {method}.", amount=amount, method=text(language(), said))
        return self._console.done(_at(booking_id), words)

    def again(self, booking_id: str) -> ResponseReturnValue:
        """The same once more: the form of a new booking, filled in with the next similar time (SB-21)."""
        booked = self._found(booking_id).booking
        wish, found = rebooking.next_time(self._desk, booked, Channel.STAFF)
        start = wish.start if found.start is None else found.start
        return redirect(
            url_for(
                "admin.book",
                customer=booked.customer_id,
                service=wish.service,
                at=start,
                on=wish.resource,
                duration=wish.duration,
                quantity=wish.quantity,
            ),
            303,
        )

    def _shown(self, found: FoundBooking) -> Mapping[str, object]:
        booked = found.booking
        sold = current_catalogue(self._desk).service(booked.service_id)
        return {
            "booked": booked,
            "person": found.person,
            "service": sold.name if sold else "",
            "where": self._places(booked),
            "when": span(booked.interval, self._desk.scope.zone),
            "status": text(language(), STATUS_WORDS[booked.status]),
            "is_open": booked.status in CANCELLABLE and self._unit.clock.now() < booked.interval.end,
            "is_movable": booked.status is Status.CONFIRMED and self._unit.clock.now() < booked.interval.end,
            "is_begun": booked.interval.contains(self._unit.clock.now()),
        }

    def _places(self, booked: Booking) -> str:
        tree = current_catalogue(self._desk).tree
        return ", ".join(tree.resources[each].name for each in booked.resource_ids)

    def _choices(self, booked: Booking) -> list[Resource]:
        """Where else it could be: what its service can take, for one that takes just one."""
        catalogue = current_catalogue(self._desk)
        sold = catalogue.service(booked.service_id)
        if sold is None or not sold.takes_one(booked.quantity):
            return []
        return [catalogue.tree.resources[each] for each in catalogue.choices_of(sold)]

    def _event(self, entry: Entry, names: Mapping[str, str]) -> Mapping[str, str]:
        zone = self._desk.scope.zone
        after = json.loads(entry.after) if entry.after else {}
        starts, ends = after.get("starts"), after.get("ends")
        return {
            "at": moment(entry.at, zone),
            "who": names.get(entry.actor, entry.actor),
            "what": text(language(), VERB_WORDS[entry.verb]) if entry.verb in VERB_WORDS else entry.verb,
            "when": span(Interval(starts, ends), zone) if starts and ends else "",
        }

    def _found(self, booking_id: str) -> FoundBooking:
        found = help_desk.opened(self._unit, booking_id)
        if found is None:
            raise NotFound
        return found

    def _done(self, back: str, words: str, key_seq: int | None) -> ResponseReturnValue:
        is_known = revocation(self._unit, key_seq) == "done"
        said = words if is_known else f"{words} {text(language(), NOT_KNOWN_YET)}"
        return self._console.done(back, said, is_trouble=not is_known)

    def _refused(self, back: str, refused: Refusal) -> ResponseReturnValue:
        return self._console.done(back, sentence(refused, language(), self._desk.scope.zone), is_trouble=True)


def _at(booking_id: str) -> str:
    return url_for("admin.booking", booking_id=booking_id)


def _back(booking_id: str) -> str:
    """Where a form came from: a day of the planner, or the page of the booking."""
    day = read_day(request.form.get("back", ""))
    return url_for("admin.planner", day=day) if day is not None else _at(booking_id)
