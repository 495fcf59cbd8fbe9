"""Cards and subscriptions as the kiosk sells them: the same verbs as everybody's, in the kiosk's channel (DY-23)."""

from appliance.booking.actions import purchasing
from appliance.booking.actions.searching import current_catalogue
from appliance.booking.booking_window import Channel
from appliance.booking.visibility import Sight
from appliance.foundation.money import Money
from appliance.foundation.refusals import Refusal
from appliance.web.contacts import read_contact
from appliance.web.ownership import purchase_page
from appliance.web.unit import Unit
from kiosk_ui.counter import ProductView, PurchaseView

ACTOR = "kiosk"


def products(unit: Unit) -> tuple[ProductView, ...]:
    """What may be bought at the kiosk."""
    catalogue = current_catalogue(unit.desk)
    names = {each.id: each.name for each in catalogue.services_for(Sight(Channel.KIOSK))}
    found = []
    for product_id, product in catalogue.tariff.sold_at(Channel.KIOSK).items():
        price = Money(product.amount, catalogue.facility.currency)
        found.append(ProductView(product_id, product, price, price.vat_within(product.vat_percent), names))
    return tuple(found)


def order(unit: Unit, product_id: str, email: str, phone: str) -> PurchaseView | Refusal:
    """Order one of them; Invalid for a contact that cannot be read and for what is not sold here."""
    contact = read_contact({"name": "", "email": email, "phone": phone}, unit, prefix="")
    made = unit.sure_clock.refusal(unit.doors) or purchasing.order(unit.desk, product_id, contact, Channel.KIOSK, ACTOR)
    if isinstance(made, Refusal):
        return made
    bought = made.purchase
    return PurchaseView(
        number=bought.number,
        name=bought.name,
        price=Money(bought.amount, unit.desk.scope.currency),
        until=bought.expires_at,
        link=purchase_page(unit, bought.id),
    )
