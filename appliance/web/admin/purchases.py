"""Purchases in the console: what was ordered, noting its payment, selling on the spot, undoing it (DY-23)."""

from collections.abc import Sequence
from typing import Final

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from appliance.billing import purchase_store
from appliance.billing.purchases import Purchase, PurchaseStatus, refusal_to_cancel, refusal_to_pay
from appliance.billing.tariff_store import PRODUCTS
from appliance.billing.terms import Method
from appliance.booking.actions import editing, purchasing
from appliance.booking.actions.purchasing import Bought
from appliance.customers.store import Person, people
from appliance.foundation.errors import Invalid
from appliance.foundation.i18n import text
from appliance.foundation.ids import is_id
from appliance.foundation.money import Money
from appliance.foundation.refusals import Refusal
from appliance.foundation.wording import money_text
from appliance.web.admin.bookings import METHOD_WORDS
from appliance.web.admin.console import Console
from appliance.web.admin.help_desk import NOT_KNOWN_YET
from appliance.web.admin.moments import moment
from appliance.web.admin.who import contact_of, whom
from appliance.web.booking_form import read_form
from appliance.web.forms import Filled, wrong_fields
from appliance.web.problems import NotFound, sentence
from appliance.web.purchase_words import PURCHASE_MARKS, PURCHASE_WORDS, price_text
from appliance.web.revoking import revocation
from appliance.web.speaking import language
from appliance.web.unit import catalogue_now

REASON_LIMIT: Final = 200


class PurchasesOfConsole:
    """`/admin/purchases`, a page for each, and `/admin/purchases/sell`."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._unit = console.unit
        self._desk = console.unit.desk

    def register(self, blueprint: Blueprint) -> None:
        blueprint.add_url_rule("/purchases", "purchases", self.every)
        blueprint.add_url_rule("/purchases/sell", "sell", self.begin)
        blueprint.add_url_rule("/purchases/sell", "sell_go", self.sell, methods=["POST"])
        blueprint.add_url_rule("/purchases/<purchase_id>", "purchase", self.show)
        blueprint.add_url_rule("/purchases/<purchase_id>/pay", "purchase_pay", self.pay, methods=["POST"])
        blueprint.add_url_rule("/purchases/<purchase_id>/cancel", "purchase_cancel", self.cancel, methods=["POST"])
        blueprint.add_url_rule("/purchases/<purchase_id>/refund", "purchase_refund", self.refund, methods=["POST"])

    def every(self) -> ResponseReturnValue:
        """Those that wait for their payment, or all; the newest first."""
        shows_all, before = request.args.get("show") == "all", request.args.get("before", "")
        with self._desk.book.read(self._desk.scope) as tx:
            status = None if shows_all else PurchaseStatus.PENDING
            found = purchase_store.page(tx, status, before if is_id(before) else None)
            owners = {each.id: each for each in people(tx, {one.customer_id for one in found})}
        more = found[-1].id if len(found) == purchase_store.PAGE else ""
        rows = [self._row(each, owners.get(each.customer_id)) for each in found]
        return self._console.page("purchases.html", rows=rows, shows_all=shows_all, more=more)

    def show(self, purchase_id: str) -> ResponseReturnValue:
        found = self._found(purchase_id)
        with self._desk.book.read(self._desk.scope) as tx:
            owner = next(iter(people(tx, [found.customer_id])), None)
            is_used = found.entitlement_id is not None and purchase_store.has_paid(tx, found.entitlement_id)
        scope = self._desk.scope
        return self._console.page(
            "purchase.html",
            bought=found,
            row=self._row(found, owner),
            person=owner,
            price=price_text(language(), Money(found.amount, scope.currency), found.vat_percent),
            until="" if found.expires_at is None else moment(found.expires_at, scope.zone),
            paid_by=text(language(), METHOD_WORDS[found.method]) if found.method is not None else "",
            may_pay=refusal_to_pay(found) is None,
            may_cancel=refusal_to_cancel(found) is None,
            may_refund=found.status is PurchaseStatus.GRANTED,
            is_used=is_used,
            methods=self._methods(),
        )

    def pay(self, purchase_id: str) -> ResponseReturnValue:
        """Note that all of it came in."""
        method = self._method()
        paid = purchasing.pay(self._desk, self._found(purchase_id).id, method, self._console.actor)
        words = text(language(), "It is paid: {method}.", method=text(language(), METHOD_WORDS[method]))
        return self._done(purchase_id, paid, words)

    def cancel(self, purchase_id: str) -> ResponseReturnValue:
        """Give up what nobody has paid for."""
        ended = purchasing.cancel(self._desk, self._found(purchase_id).id, self._console.actor)
        return self._done(purchase_id, ended, text(language(), "The purchase is cancelled."))

    def refund(self, purchase_id: str) -> ResponseReturnValue:
        """Undo what was paid; of what was used only where the form says so."""
        reason = request.form.get("reason", "").strip()[:REASON_LIMIT]
        if not reason:
            said = text(language(), "Say why.")
            return self._console.done(_at(self._found(purchase_id).id), said, is_trouble=True)
        undone = purchasing.refund(
            self._desk,
            self._found(purchase_id).id,
            reason,
            self._console.actor,
            even_if_used=request.form.get("even_if_used") == "true",
        )
        words = text(language(), "It is undone, and the money is to be given back.")
        return self._done(purchase_id, undone, words)

    def begin(self) -> ResponseReturnValue:
        """A fresh form."""
        return self._selling(None)

    def sell(self) -> ResponseReturnValue:
        """Look for the customer, or sell: ordered, paid and theirs in one step."""
        if request.form.get("act") != "sell":
            return self._selling(None)
        asked = read_form(catalogue_now(), request.form, self._desk.scope.zone)
        try:
            whose = contact_of(self._desk, asked.customer, asked.new)
            sold = purchasing.sell(
                self._desk, request.form.get("product", "")[:60], whose, self._method(), self._console.actor
            )
        except Invalid as fault:
            return self._selling(Filled({}, dict(request.form), wrong_fields(fault.errors))), 422
        if isinstance(sold, Refusal):
            return self._selling(None, self._told(sold)), 409
        return self._done(sold.purchase.id, sold, text(language(), "It is sold, and theirs from now on."))

    def _selling(self, sent: Filled | None, trouble: str = "") -> str:
        asked = read_form(catalogue_now(), request.form, self._desk.scope.zone)
        found, chosen = whom(self._desk, asked.typed, asked.customer)
        return self._console.page(
            "sell.html",
            asked=asked,
            sent=sent,
            trouble=trouble,
            people=found,
            chosen=chosen,
            products=[
                (each.id, f"{each.value.name}, {self._money(each.value.amount)}")
                for each in editing.listed(self._desk, PRODUCTS, archived=False)
            ],
            product=request.form.get("product", ""),
            methods=self._methods(),
            method=request.form.get("method", ""),
        )

    def _row(self, bought: Purchase, owner: Person | None) -> dict[str, object]:
        return {
            "id": bought.id,
            "number": bought.number,
            "what": bought.name,
            "who": owner.called if owner else "",
            "when": moment(bought.created_at, self._desk.scope.zone),
            "price": self._money(bought.amount),
            "status": text(language(), PURCHASE_WORDS[bought.status]),
            "mark": PURCHASE_MARKS[bought.status],
        }

    def _methods(self) -> Sequence[tuple[str, str]]:
        return [(str(method), text(language(), words)) for method, words in METHOD_WORDS.items()]

    def _method(self) -> Method:
        method = request.form.get("method", "")
        if method not in set(Method):
            raise NotFound
        return Method(method)

    def _money(self, amount: int) -> str:
        return money_text(language(), Money(amount, self._desk.scope.currency))

    def _found(self, purchase_id: str) -> Purchase:
        found = purchasing.shown(self._desk, purchase_id) if is_id(purchase_id) else None
        if found is None:
            raise NotFound
        return found

    def _done(self, purchase_id: str, answer: Bought | Refusal, words: str) -> ResponseReturnValue:
        if isinstance(answer, Refusal):
            return self._console.done(_at(purchase_id), self._told(answer), is_trouble=True)
        if revocation(self._unit, answer.key_seq) == "done":
            return self._console.done(_at(purchase_id), words)
        return self._console.done(_at(purchase_id), f"{words} {text(language(), NOT_KNOWN_YET)}", is_trouble=True)

    def _told(self, refused: Refusal) -> str:
        return sentence(refused, language(), self._desk.scope.zone)


def _at(purchase_id: str) -> str:
    return url_for("admin.purchase", purchase_id=purchase_id)
