"""Cards and subscriptions on the web: what is sold, ordering it, and the page of what was ordered (DY-23)."""

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from appliance.billing.product_texts import product_lines
from appliance.billing.purchases import Purchase, PurchaseStatus, as_ordered
from appliance.booking.actions import granting, purchasing
from appliance.booking.booking_window import Channel
from appliance.customers.store import people
from appliance.foundation.errors import Invalid
from appliance.foundation.i18n import text
from appliance.foundation.money import Money
from appliance.foundation.refusals import Refusal
from appliance.foundation.wording import moment_text
from appliance.web.forms import Filled, wrong_fields
from appliance.web.ownership import own_purchase
from appliance.web.pages.public import STRANGER, PublicFace
from appliance.web.problems import sentence
from appliance.web.purchase_words import PURCHASE_MARKS, PURCHASE_WORDS, for_sale, price_text
from appliance.web.speaking import language
from appliance.web.unit import catalogue_now


class BuyPage:
    """`/buy`, and `/p/{purchase}` with `?sig=`."""

    def __init__(self, face: PublicFace) -> None:
        self._face = face
        self._unit = face.unit
        self._desk = face.unit.desk

    def register(self, blueprint: Blueprint) -> None:
        blueprint.add_url_rule("/buy", "buy", self.show)
        blueprint.add_url_rule("/buy", "buy_go", self.order, methods=["POST"])
        blueprint.add_url_rule("/p/<purchase_id>", "purchase", self.purchase)
        blueprint.add_url_rule("/p/<purchase_id>", "purchase_go", self.cancel, methods=["POST"])

    def show(self) -> ResponseReturnValue:
        """What is sold on the web."""
        return self._page({}, "")

    def order(self) -> ResponseReturnValue:
        """Order one of them, once however often the form is sent."""
        product = request.form.get("product", "")[:60]
        try:
            contact = self._face.contact()
            made = self._unit.sure_clock.refusal(self._unit.doors) or purchasing.order(
                self._desk, product, contact, Channel.PUBLIC, STRANGER.actor, self._face.same()
            )
        except Invalid as fault:
            return self._page(wrong_fields(fault.errors), "", 422)
        if isinstance(made, Refusal):
            return self._page({}, self._told(made), 409)
        return self._to(made.purchase.id)

    def purchase(self, purchase_id: str) -> ResponseReturnValue:
        """What was ordered, where it stands, and what to do next."""
        return self._shown(self._own(purchase_id), "")

    def cancel(self, purchase_id: str) -> ResponseReturnValue:
        """Give it up while it is not paid."""
        ended = purchasing.cancel(self._desk, self._own(purchase_id).id, STRANGER.actor)
        if isinstance(ended, Refusal):
            return self._shown(self._own(purchase_id), self._told(ended), 409)
        return self._to(purchase_id)

    def _page(self, wrong: dict[str, list[str]], trouble: str, status: int = 200) -> Response:
        catalogue = catalogue_now()
        sold = for_sale(
            language(),
            catalogue.tariff.sold_at(Channel.PUBLIC),
            catalogue.services_for(self._face.sight()),
            catalogue.facility.currency,
        )
        chosen = self._face.given().get("product", "")
        answer = self._face.page(
            "buy.html",
            sold=sold,
            chosen=next((each.id for each in sold if each.id == chosen), sold[0].id if sold else ""),
            sent=Filled({}, dict(request.form), wrong) if request.method == "POST" else None,
            trouble=trouble,
        )
        answer.status_code = status
        return answer

    def _shown(self, bought: Purchase, trouble: str, status: int = 200) -> Response:
        catalogue, scope = catalogue_now(), self._desk.scope
        product = catalogue.tariff.products.get(bought.product_id)
        names = {each.id: each.name for each in catalogue.services_for(self._face.sight())}
        with self._desk.book.read(scope) as tx:
            owner = next(iter(people(tx, [bought.customer_id])), None)
        answer = self._face.page(
            "purchase.html",
            bought=bought,
            is_pending=bought.status is PurchaseStatus.PENDING,
            is_granted=bought.status is PurchaseStatus.GRANTED,
            status=text(language(), PURCHASE_WORDS[bought.status]),
            mark=PURCHASE_MARKS[bought.status],
            price=price_text(language(), Money(bought.amount, scope.currency), bought.vat_percent),
            lines=product_lines(language(), as_ordered(product, bought), names) if product else (),
            until=self._moment(bought.expires_at),
            left=self._left(bought),
            owner=owner,
            trouble=trouble,
        )
        answer.status_code = status
        return answer

    def _left(self, bought: Purchase) -> dict[str, object] | None:
        """What is left of what was bought; None while it is not paid, or no more."""
        if bought.status is not PurchaseStatus.GRANTED:
            return None
        held = granting.held_by(self._desk, bought.customer_id) or []
        found = next((each for each in held if each.holding.id == bought.entitlement_id), None)
        if found is None:
            return None
        clips = found.holding.left if found.product.has_clips else None
        return {"clips": clips, "until": self._moment(found.holding.ends)}

    def _moment(self, at: int | None) -> str:
        return "" if at is None else moment_text(language(), at, self._unit.clock.now(), self._desk.scope.zone)

    def _own(self, purchase_id: str) -> Purchase:
        return own_purchase(self._unit, STRANGER, purchase_id, request.values.get("sig", ""))

    def _to(self, purchase_id: str) -> ResponseReturnValue:
        sig = self._unit.links.token(purchase_id)
        return redirect(url_for("public.purchase", purchase_id=purchase_id, sig=sig), 303)

    def _told(self, refused: Refusal) -> str:
        return sentence(refused, language(), self._desk.scope.zone)
