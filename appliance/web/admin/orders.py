"""The page of an order: every booking that was made together, moved, cancelled and paid from here (DY-46 to DY-57)."""

from datetime import date
from typing import Final

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from appliance.billing.terms import Method
from appliance.booking.actions import order_paying, ordering, series
from appliance.booking.actions.order_paying import account_of_order
from appliance.booking.actions.ordering import Ordered
from appliance.booking.actions.searching import current_catalogue
from appliance.booking.booking_window import Channel
from appliance.booking.bookings import CANCELLABLE, Booking, Status
from appliance.booking.order_store import participants
from appliance.booking.orders import OpenDate, OrderKind
from appliance.customers.store import people
from appliance.foundation.errors import Invalid
from appliance.foundation.i18n import marked, plural, text
from appliance.foundation.ids import is_id
from appliance.foundation.money import Money
from appliance.foundation.refusals import Refusal
from appliance.foundation.wording import money_text
from appliance.storage.unit_of_work import Transaction
from appliance.web.admin.bookings import METHOD_WORDS
from appliance.web.admin.console import Console
from appliance.web.admin.help_desk import NOT_KNOWN_YET
from appliance.web.admin.moments import span
from appliance.web.callers import caller
from appliance.web.problems import SENTENCES, NotFound, sentence
from appliance.web.revoking import cancel_order_everywhere, revocation
from appliance.web.speaking import language
from appliance.web.status_words import STATUS_WORDS
from appliance.web.wall_time import NO_TIME, read_start, written

KIND_WORDS: Final = {
    OrderKind.SERIES: marked("Again and again"),
    OrderKind.ROW: marked("In a row"),
    OrderKind.CHAIN: marked("Several services in one visit"),
}
_MARKS: Final = {
    Status.CONFIRMED: "good",
    Status.ARRIVED: "good",
    Status.PENDING: "warn",
    Status.CANCELLED: "bad",
    Status.EXPIRED: "bad",
}


class OrdersOfConsole:
    """`/admin/orders/{id}`, and what is done with all of it."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._unit = console.unit
        self._desk = console.unit.desk

    def register(self, blueprint: Blueprint) -> None:
        blueprint.add_url_rule("/orders/<order_id>", "order", self.show)
        blueprint.add_url_rule("/orders/<order_id>/cancel", "order_cancel", self.ask_to_cancel)
        blueprint.add_url_rule("/orders/<order_id>/cancel", "order_cancelled", self.cancel, methods=["POST"])
        blueprint.add_url_rule("/orders/<order_id>/dates", "order_date", self.add_date, methods=["POST"])
        blueprint.add_url_rule("/orders/<order_id>/pay", "order_pay", self.pay, methods=["POST"])

    def show(self, order_id: str) -> ResponseReturnValue:
        with self._desk.book.read(self._desk.scope) as tx:
            found = self._found(tx, order_id)
            account = account_of_order(self._desk, tx, found)
            owners = people(tx, [found.order.customer_id])
            names = participants(tx, found.bookings)
        money = self._money
        return self._console.page(
            "order.html",
            order=found.order,
            kind=text(language(), KIND_WORDS[found.order.kind]),
            person=owners[0] if owners else None,
            rows=[self._row(each, names.get(each.id) or "") for each in found.bookings],
            has_names=bool(names),
            skipped=[self._skipped(each) for each in found.order.skipped],
            account=account,
            total=money(account.total),
            paid=money(account.paid),
            owed=money(account.owed),
            due=money(account.due_now),
            is_open=any(self._is_open(each) for each in found.bookings),
            methods=[(str(method), text(language(), words)) for method, words in METHOD_WORDS.items()],
        )

    def ask_to_cancel(self, order_id: str) -> ResponseReturnValue:
        """What cancelling all of it costs, before anything is done; the fee can be waived."""
        with self._desk.book.read(self._desk.scope) as tx:
            found = self._found(tx, order_id)
        count = sum(self._is_open(each) for each in found.bookings)
        if not count:
            return self._refused(order_id, Refusal("not_cancellable"))
        cost = order_paying.cost_of_order(self._desk, found)
        parts = {name: self._money(getattr(cost, name)) for name in ("fee", "refund", "due")}
        return self._console.page("order_cancel.html", order=found.order, count=count, cost=cost, parts=parts)

    def cancel(self, order_id: str) -> ResponseReturnValue:
        waive = request.form.get("waive_fee") == "true"
        self._require(order_id)
        ended = cancel_order_everywhere(self._unit, order_id, caller(self._unit), waive_fee=waive)
        if isinstance(ended, Refusal):
            return self._refused(order_id, ended)
        words = text(
            language(), "All that could be cancelled is. The fee is {fee}.", fee=self._money(ended.settlement.fee)
        )
        if ended.kept:
            kept = len(ended.kept)
            words += " " + plural(
                language(),
                "{count} booking could not be cancelled and stays.",
                "{count} bookings could not be cancelled and stay.",
                kept,
            )
        known = revocation(self._unit, ended.key_seq) == "done"
        said = words if known else f"{words} {text(language(), NOT_KNOWN_YET)}"
        return self._console.done(_at(order_id), said, is_trouble=bool(ended.kept) or not known)

    def add_date(self, order_id: str) -> ResponseReturnValue:
        """Book a date that was left open, at the time that a form says."""
        self._require(order_id)
        form, zone = request.form, self._desk.scope.zone
        start = read_start(form.get("day", ""), form.get("time", ""), zone)
        try:
            day = date.fromisoformat(form.get("date", ""))
        except ValueError as unread:
            raise NotFound from unread
        if start is None:
            return self._console.done(_at(order_id), NO_TIME.told(language()), is_trouble=True)
        try:
            grown = self._unit.sure_clock.refusal(self._unit.doors) or series.add_date(
                self._desk, order_id, day, start, Channel.STAFF, self._console.actor
            )
        except Invalid as fault:
            return self._console.done(_at(order_id), self._wrong(fault), is_trouble=True)
        if isinstance(grown, Refusal):
            return self._refused(order_id, grown)
        return self._console.done(_at(order_id), text(language(), "The date is booked."))

    def _wrong(self, fault: Invalid) -> str:
        """Every mistake in one sentence each; of an answer that is needed, to which question."""
        labels = {f"fields.{each.slug}": f"{each.label}: " for each in current_catalogue(self._desk).fields}
        return " ".join(labels.get(each.field, "") + each.told(language()) for each in fault.errors)

    def pay(self, order_id: str) -> ResponseReturnValue:
        """Note that what is due with the order came in, as one payment."""
        self._require(order_id)
        method = request.form.get("method", "")
        if method not in set(Method):
            raise NotFound
        paid = order_paying.pay_order(self._desk, order_id, Method(method), self._console.actor)
        if isinstance(paid, Refusal):
            return self._refused(order_id, paid)
        said = text(language(), METHOD_WORDS[Method(method)])
        return self._console.done(_at(order_id), text(language(), "It is paid: {method}.", method=said))

    def _row(self, booked: Booking, participant: str) -> dict[str, object]:
        catalogue, is_open = current_catalogue(self._desk), self._is_open(booked)
        sold = catalogue.service(booked.service_id)
        return {
            "id": booked.id,
            "number": booked.number,
            "when": span(booked.interval, self._desk.scope.zone),
            "what": sold.name if sold else "",
            "where": ", ".join(catalogue.tree.resources[each].name for each in booked.resource_ids),
            "status": text(language(), STATUS_WORDS[booked.status]),
            "mark": _MARKS.get(booked.status, "away"),
            "price": self._money(booked.price.amount),
            "participant": participant,
            "is_open": is_open,
            "is_movable": is_open and booked.status is Status.CONFIRMED,
        }

    def _skipped(self, left: OpenDate) -> dict[str, object]:
        day, time = ("", "") if left.wanted is None else written(left.wanted, self._desk.scope.zone)
        return {"date": left.day, "day": day, "time": time, "why": text(language(), SENTENCES[left.reason])}

    def _is_open(self, booked: Booking) -> bool:
        return booked.status in CANCELLABLE and self._unit.clock.now() < booked.interval.end

    def _money(self, amount: int) -> str:
        return money_text(language(), Money(amount, self._desk.scope.currency))

    def _require(self, order_id: str) -> None:
        with self._desk.book.read(self._desk.scope) as tx:
            self._found(tx, order_id)

    def _found(self, tx: Transaction, order_id: str) -> Ordered:
        found = ordering.ordered(tx, order_id) if is_id(order_id) else None
        if found is None:
            raise NotFound
        return found

    def _refused(self, order_id: str, refused: Refusal) -> ResponseReturnValue:
        return self._console.done(_at(order_id), sentence(refused, language(), self._desk.scope.zone), is_trouble=True)


def _at(order_id: str) -> str:
    return url_for("admin.order", order_id=order_id)
