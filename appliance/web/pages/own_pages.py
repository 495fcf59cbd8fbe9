"""What is one's own, by its signed link: bookings made together, and a place on a waiting list (DY-46, DY-18)."""

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from appliance.booking import store
from appliance.booking.actions import waiting
from appliance.booking.actions.order_paying import account_of_order
from appliance.booking.actions.waiting import Waits
from appliance.booking.bookings import CANCELLABLE, OCCUPYING, Booking
from appliance.booking.orders import OpenDate
from appliance.booking.services import Service
from appliance.booking.waiting_list import State, WaitingEntry
from appliance.foundation.i18n import text
from appliance.foundation.ids import is_id
from appliance.foundation.instants import MINUTE, Interval, local_date
from appliance.foundation.money import Money
from appliance.foundation.refusals import Refusal
from appliance.foundation.wording import date_text, moment_text, money_text, span_text
from appliance.web.ownership import own_order
from appliance.web.pages.public import STRANGER, PublicFace
from appliance.web.problems import SENTENCES, NotFound, sentence
from appliance.web.repeating import day_words
from appliance.web.speaking import language
from appliance.web.status_words import STATUS_WORDS
from appliance.web.unit import catalogue_now
from appliance.web.waiting_words import WAITING_MEANS


class OwnPages:
    """`/o/{order}` and `/w/{entry}`, each with `?sig=`."""

    def __init__(self, face: PublicFace) -> None:
        self._face = face
        self._unit = face.unit
        self._desk = face.unit.desk

    def register(self, blueprint: Blueprint) -> None:
        blueprint.add_url_rule("/o/<order_id>", "order", self.order)
        blueprint.add_url_rule("/w/<entry_id>", "wait", self.wait)
        blueprint.add_url_rule("/w/<entry_id>", "wait_go", self.answer, methods=["POST"])

    def order(self, order_id: str) -> ResponseReturnValue:
        """Every booking of an order with the way to its key, and what is to be paid."""
        found = own_order(self._unit, STRANGER, order_id, sig=request.args.get("sig", ""))
        with self._desk.book.read(self._desk.scope) as tx:
            account = account_of_order(self._desk, tx, found)
        return self._face.page(
            "order.html",
            rows=[self._row(each) for each in found.bookings],
            skipped=[_skipped(each) for each in found.order.skipped],
            account=account,
            total=self._money(account.total),
            due=self._money(account.due_now),
            cancel_code=self._unit.links.cancel_code(found.order.id),
        )

    def wait(self, entry_id: str) -> ResponseReturnValue:
        """One's place among those who wait; nobody's name."""
        return self._waiting(self._own(entry_id), "")

    def answer(self, entry_id: str) -> ResponseReturnValue:
        """Take what is offered, or wait no longer."""
        waits = self._own(entry_id)
        if request.form.get("act") == "take":
            made = waiting.accept(self._desk, entry_id, STRANGER.actor)
            if isinstance(made, Refusal):
                return self._waiting(waits, self._told(made))
            return redirect(url_for("guest.key", booking_id=made.id, sig=self._unit.links.token(made.id)), 303)
        left = waiting.leave(self._desk, entry_id, STRANGER.actor)
        if isinstance(left, Refusal):
            return self._waiting(waits, self._told(left))
        return redirect(url_for("public.wait", entry_id=entry_id, sig=self._unit.links.token(entry_id)), 303)

    def _waiting(self, waits: Waits, trouble: str) -> ResponseReturnValue:
        entry, zone = waits.entry, self._desk.scope.zone
        sold = catalogue_now().service(entry.service_id)
        held = self._held(entry)
        start = (entry.told_start or entry.starts.start) if held is None else held.interval.start
        booked, until = entry.booking_id or "", held.expires_at if held is not None else None
        return self._face.page(
            "wait.html",
            entry=entry,
            position=waits.position,
            service=sold.name if sold else "",
            day=date_text(language(), local_date(start, zone)),
            span=span_text(language(), Interval(start, start + entry.duration * MINUTE), zone),
            trouble=trouble,
            is_waiting=entry.state is State.WAITING,
            is_offered=entry.state is State.OFFERED,
            means=WAITING_MEANS[sold.waiting] if sold else "",
            book=self._booking(entry, sold),
            until=moment_text(language(), until, self._unit.clock.now(), zone) if until is not None else "",
            key=url_for("guest.key", booking_id=booked, sig=self._unit.links.token(booked))
            if booked and entry.state is State.BOOKED
            else "",
        )

    def _booking(self, entry: WaitingEntry, sold: Service | None) -> str:
        """Where to book the start of which somebody was told; empty where none is to come."""
        if entry.state is not State.WAITING or sold is None or (entry.told_start or 0) <= self._unit.clock.now():
            return ""
        return url_for(
            "public.book", service=sold.slug, at=entry.told_start, duration=entry.duration, quantity=entry.quantity
        )

    def _held(self, entry: WaitingEntry) -> Booking | None:
        """The booking that is kept for whoever was offered a place."""
        if entry.state is not State.OFFERED or entry.booking_id is None:
            return None
        with self._desk.book.read(self._desk.scope) as tx:
            return store.by_id(tx, entry.booking_id)

    def _own(self, entry_id: str) -> Waits:
        sig = request.values.get("sig", "")
        found = waiting.shown(self._desk, entry_id) if is_id(entry_id) else None
        if found is None or not self._unit.links.token_holds(entry_id, sig):
            raise NotFound
        return found

    def _row(self, booked: Booking) -> dict[str, object]:
        catalogue, zone = catalogue_now(), self._desk.scope.zone
        sold = catalogue.service(booked.service_id)
        stands = booked.status in OCCUPYING
        return {
            "number": booked.number,
            "day": date_text(language(), local_date(booked.interval.start, zone)),
            "span": span_text(language(), booked.interval, zone),
            "what": sold.name if sold else "",
            "where": ", ".join(catalogue.where(booked)),
            "status": text(language(), STATUS_WORDS[booked.status]),
            "price": self._money(booked.price.amount),
            "key": url_for("guest.key", booking_id=booked.id, sig=self._unit.links.token(booked.id)) if stands else "",
            "cancel": self._unit.addresses.cancel(booked.id) if booked.status in CANCELLABLE else "",
        }

    def _money(self, amount: int) -> str:
        return money_text(language(), Money(amount, self._desk.scope.currency))

    def _told(self, refused: Refusal) -> str:
        return sentence(refused, language(), self._desk.scope.zone)


def _skipped(left: OpenDate) -> tuple[str, str]:
    return day_words(left.day), text(language(), SENTENCES[left.reason])
