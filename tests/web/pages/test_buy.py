"""Buying a card by forms alone, noting its payment in the console, and booking with nothing to pay."""

import html
import re

import pytest

from appliance.foundation.instants import DAY, HOUR
from appliance.web.kiosk_desk import KioskDesk
from appliance.web.unit import EXTENSION
from tests.builders import TEN, Site
from tests.kiosk_ui.serving import kiosk_over
from tests.kiosk_ui.touching import Person
from tests.web.admin.staff import Desk, signed_in
from tests.web.pages.test_book import MINE, Visitor
from tests.web.test_purchases_api import product

PREPAID = {"service": "padel", "policy": "prepay"}
PHONE = "070-174 06 05"


@pytest.fixture
def desk(site: Site) -> Desk:
    return signed_in(site)


@pytest.fixture
def visitor(desk: Desk) -> Visitor:
    """Somebody at the same unit who is not signed in."""
    return Visitor(desk.client.application.test_client())


def ordering(page: str, sold: str) -> dict[str, str]:
    once = re.search(r'name="once" value="([^"]+)"', page)
    assert once
    return {"product": sold, "once": once[1], **MINE}


def place(page: str, fields: dict[str, str], visitor: Visitor) -> str:
    """The page of the purchase that a form made, by its signed address."""
    answer = visitor.client.post("/buy", data=fields, headers={"Accept-Language": "en"})
    assert answer.status_code == 303, answer.text
    return answer.location


@pytest.mark.feature("DY-23")
def test_who_bought_a_card_on_the_web_books_without_a_payment_screen(desk: Desk, visitor: Visitor, site: Site) -> None:
    """DY-23: ordered once however often it is sent, paid at the desk; then book, and the next page is the key."""
    api = desk.api()
    assert api.post("/payment-terms", PREPAID).status_code == 201
    card = product(api, "public")
    page = visitor.get("/buy").replace("\N{NO-BREAK SPACE}", " ")
    assert "kr incl. 60 kr VAT" in page, page
    assert all(line in page for line in ("10 visits", "Good for 365 days from the payment", "Pays for Padel"))
    assert 'href="/buy"' in visitor.get("/book")
    wrong = visitor.send("/buy", {"product": card["id"], "phone": "12"}, 422)
    assert "This is not a telephone number." in wrong
    assert "There is no such entitlement product." in visitor.send("/buy", {"product": "x", **MINE}, 422)
    fields = ordering(page, card["id"])
    address = {place(page, fields, visitor) for _ in range(2)}.pop()
    ((number,),) = site.rows("SELECT number FROM purchase")
    bought = visitor.get(address)
    assert "To be paid" in bought
    assert str(number) in bought
    assert visitor.client.get(address.partition("?")[0]).status_code == 404
    unpaid = visitor.send("/book", {"act": "book", "start": str(TEN), **MINE})
    assert site.rows("SELECT status FROM booking") == [("pending",)], unpaid
    listed = desk.get("/admin/purchases")
    (one,) = set(re.findall(r'href="(/admin/purchases/[0-9a-f-]{36})"', listed))
    assert "Paid" in desk.post(f"{one}/pay", method="card")
    assert "No purchase waits for its payment." in desk.get("/admin/purchases")
    assert "10 visits" in visitor.get(address)
    answer = visitor.client.post("/book", data={"act": "book", "start": str(TEN + HOUR), **MINE})
    assert (answer.status_code, answer.location[:3]) == (303, "/k/")
    key = visitor.get(answer.location)
    assert "Your key" in key
    assert site.rows("SELECT status, amount FROM booking ORDER BY id") == [("pending", 32_000), ("confirmed", 0)]
    assert site.rows("SELECT sum(delta) FROM entitlement_use") == [(9,)]


@pytest.mark.feature("DY-23")
def test_who_bought_a_card_at_the_kiosk_books_there_without_a_payment_screen(desk: Desk, site: Site) -> None:
    """DY-23: the kiosk sells too; the staff take the money, and the next booking there shows none."""
    api = desk.api()
    assert api.post("/payment-terms", PREPAID).status_code == 201
    card = product(api, "kiosk")
    unit = KioskDesk(desk.client.application.extensions[EXTENSION], None)
    person = Person(kiosk_over(unit, site.clock))
    person.open("/kiosk/buy")
    person.press("/kiosk/buy", product=card["id"])
    person.press("/kiosk/buy/contact", by="phone", contact=PHONE)
    assert person.where == "/kiosk/bought"
    ((purchase, number),) = site.rows("SELECT id, number FROM purchase")
    assert str(number) in person.page
    assert "It is paid: Cash." in desk.post(f"/admin/purchases/{purchase}/pay", method="cash")
    padel = next(each.id for each in unit.services() if each.slug == "padel")
    person.open("/kiosk/time")
    person.press("/kiosk/time", service=padel, minutes="60", row="1", start=str(TEN + 2 * HOUR))
    person.press("/kiosk/place", resource=person.value("resource"))
    person.press("/kiosk/contact", by="phone", contact=PHONE)
    assert person.where == "/kiosk/key"
    assert "Inget att betala" in person.page
    assert "Tiokort: 9 kvar" in person.page


def test_an_order_is_given_up_on_its_page(desk: Desk, visitor: Visitor) -> None:
    """DY-23: who does not want it any more says so, and staff see it."""
    card = product(desk.api(), "public")
    address = place("", ordering(visitor.get("/buy"), card["id"]), visitor)
    path, _, sig = address.partition("?sig=")
    assert "You are welcome to order again." in visitor.send(path, {"sig": sig})
    assert "This purchase was cancelled or refunded." in visitor.send(path, {"sig": sig}, 409)
    assert "Given up" in desk.get("/admin/purchases?show=all")


def test_nothing_is_sold_before_staff_say_so(desk: Desk, visitor: Visitor) -> None:
    """DY-23: no link that leads to nothing, and a page that says so; staff are told where to begin."""
    assert "No card or subscription is sold here just now." in visitor.get("/buy")
    assert 'href="/buy"' not in visitor.get("/book")
    assert "There is no card or subscription yet." in desk.get("/admin/purchases/sell")
    assert "Nobody has bought a card or subscription yet." in desk.get("/admin/purchases?show=all")


@pytest.mark.feature("DY-23")
def test_staff_sell_on_the_spot_and_undo_it(desk: Desk, site: Site) -> None:
    """DY-23: who, what, how it is paid: one step. A refund says why, and more where it was used."""
    card = product(desk.api())
    form = {"act": "sell", "product": card["id"], "method": "invoice", "customer": "new", "typed": "Anna", **MINE}
    assert "may not be sent an invoice" in desk.post("/admin/purchases/sell", 409, **form)
    assert "not a telephone number" in desk.post("/admin/purchases/sell", 422, **{**form, "phone": "1"})
    assert site.rows("SELECT count(*) FROM purchase") == [(0,)]
    shown = html.unescape(desk.post("/admin/purchases/sell", **{**form, "method": "card"}))
    assert "It is sold, and theirs from now on." in shown
    ((purchase, customer),) = site.rows("SELECT id, customer_id FROM purchase")
    assert site.rows("SELECT customer_id FROM entitlement") == [(customer,)]
    visitor = Visitor(desk.client.application.test_client())
    visitor.send("/book", {"act": "book", "start": str(TEN + DAY), **MINE})
    address = f"/admin/purchases/{purchase}/refund"
    assert "Say why." in desk.post(address)
    assert "It has paid for bookings already." in desk.post(address, reason="ångrat")
    assert "It is undone" in desk.post(address, reason="ångrat", even_if_used="true")
    assert site.rows("SELECT status FROM purchase") == [("refunded",)]
