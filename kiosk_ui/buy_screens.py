"""Buying a card or subscription: which, where one is reached, and what to do next; staff take the money (DY-23)."""

from dataclasses import dataclass, replace

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from appliance.billing.product_texts import product_lines
from appliance.foundation.errors import Invalid
from appliance.foundation.refusals import Refusal
from appliance.keys import qr_picture
from kiosk_ui.counter import ProductView
from kiosk_ui.dialogue import Dialogue
from kiosk_ui.reaching import as_contact, contact_wrong, reached_by, typed_contact
from kiosk_ui.refusal_texts import refusal_text


@dataclass(frozen=True, slots=True)
class Shown:
    """A product with what it is good for, in the words of the person before the kiosk."""

    view: ProductView
    lines: tuple[str, ...]


class BuyScreens:
    """Three screens; what may be bought is the desk's business."""

    def __init__(self, dialogue: Dialogue) -> None:
        self._dialogue = dialogue

    def register(self, blueprint: Blueprint) -> None:
        blueprint.add_url_rule("/buy", "buy", self.buy)
        blueprint.add_url_rule("/buy", "choose_product", self.choose, methods=["POST"])
        blueprint.add_url_rule("/buy/contact", "buy_contact", self.contact)
        blueprint.add_url_rule("/buy/contact", "order", self.order, methods=["POST"])
        blueprint.add_url_rule("/bought", "bought", self.bought)

    def buy(self) -> ResponseReturnValue:
        """Step 1: which."""
        sold = [self._shown(each) for each in self._dialogue.desk.products()]
        return self._dialogue.page("buy.html", sold=sold) if sold else self._dialogue.go("home")

    def choose(self) -> ResponseReturnValue:
        self._dialogue.keep(replace(self._dialogue.visit, product=request.form.get("product", "")[:60]))
        return self._dialogue.go("buy_contact")

    def contact(self) -> ResponseReturnValue:
        """Step 2: where to reach whom it is for; a booking with the same contact is paid by it."""
        chosen = self._chosen()
        if chosen is None:
            return self._dialogue.go("buy")
        return self._dialogue.page("buy_contact.html", chosen=self._shown(chosen), by=reached_by())

    def order(self) -> ResponseReturnValue:
        chosen, by, typed = self._chosen(), reached_by(), typed_contact()
        if chosen is None:
            return self._dialogue.go("buy")
        email, phone = as_contact(typed, by)
        visit, desk = self._dialogue.visit, self._dialogue.desk
        try:
            made = desk.order(chosen.id, email, phone)
        except Invalid as fault:
            if any(error.field == "product" for error in fault.errors):
                return self._dialogue.go("buy")
            notice = contact_wrong(visit.language, fault.errors, by)
            self._dialogue.keep(replace(visit, typed=typed, notice=notice))
            return self._dialogue.go("buy_contact", by=by)
        if isinstance(made, Refusal):
            self._dialogue.tell(refusal_text(made, visit.language, desk.now(), desk.facility().zone))
            return self._dialogue.go("buy")
        self._dialogue.keep(replace(visit, product="", bought=made))
        return self._dialogue.go("bought")

    def bought(self) -> ResponseReturnValue:
        """Step 3: the number, and whom to pay."""
        made = self._dialogue.visit.bought
        if made is None:
            return self._dialogue.go("home")
        picture = Markup(qr_picture.svg_of_link(made.link))  # noqa: S704 - our own SVG of an address of our own
        return self._dialogue.page("bought.html", bought=made, qr_picture=picture)

    def _chosen(self) -> ProductView | None:
        wanted = self._dialogue.visit.product
        return next((each for each in self._dialogue.desk.products() if each.id == wanted), None)

    def _shown(self, view: ProductView) -> Shown:
        return Shown(view, product_lines(self._dialogue.language, view.product, view.services))
