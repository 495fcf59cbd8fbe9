"""Cards and subscriptions bought over the API: ordered once, paid once, granted once; then a booking costs nothing."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from appliance.booking.actions import purchasing
from appliance.foundation.instants import DAY
from tests.builders import TEN
from tests.web.api_client import Api, codes, problem

CARD = {
    "name": "Tiokort", "kind": "clips", "amount": 106_000, "vat_percent": 6, "account": "3010", "clips": 10,
    "valid_days": 365, "covers": [{"service": "padel", "percent": 100}],
}  # fmt: skip
ANNA = {"name": "Anna Ek", "email": "anna@example.com"}


@pytest.fixture
def desk(api: Api) -> Api:
    return api.staff()


def product(desk: Api, *sold_at: str, **more: object) -> dict[str, Any]:
    answer = desk.post("/entitlement-products", {**CARD, "sold_at": list(sold_at), **more})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.get_json()
    return made


def order(api: Api, sold: dict[str, Any], **more: Any) -> TestResponse:
    return api.post("/purchases", {"product": sold["id"], "customer": ANNA}, **more)


def ordered(api: Api, sold: dict[str, Any]) -> dict[str, Any]:
    answer = order(api, sold)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.get_json()
    return made


def pay(desk: Api, made: dict[str, Any], method: str = "card", **more: Any) -> TestResponse:
    return desk.post(f"/purchases/{made['id']}/payments", {"method": method}, **more)


def own(api: Api, made: dict[str, Any]) -> dict[str, Any]:
    """The purchase as its link shows it."""
    path, _, sig = made["links"]["self"].partition("/api/v1")[2].partition("?sig=")
    answer = api.get(path, sig=sig)
    assert answer.status_code == 200
    shown: dict[str, Any] = answer.get_json()
    return shown


def refused(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, problem(answer)["code"]


def ledger(api: Api) -> dict[str, int]:
    rows = api.site.rows("SELECT account, sum(amount) FROM ledger_entry GROUP BY account HAVING sum(amount) <> 0")
    return {str(account): int(str(amount)) for account, amount in rows}


@pytest.mark.feature("DY-23")
def test_who_ordered_and_paid_books_with_nothing_to_pay(api: Api, desk: Api) -> None:
    """DY-23: ordered on the web, paid at the desk; then a service that must be paid first is confirmed at once."""
    assert desk.post("/payment-terms", {"service": "padel", "policy": "prepay"}).status_code == 201
    sold = product(desk, "public")
    (offered,) = api.get("/products").get_json()["products"]
    assert (offered["name"], offered["price"]["amount"], offered["vat"]["amount"]) == ("Tiokort", 106_000, 6_000)
    made = ordered(api, sold)
    assert (made["status"], made["price"]["amount"], made["entitlement"]) == ("pending", 106_000, None)
    assert api.booked(TEN, customer=ANNA, resource="court-1")["status"] == "pending"
    paid = pay(desk, made)
    assert (paid.status_code, paid.get_json()["status"]) == (201, "granted")
    assert own(api, made)["status"] == "granted"
    booked = api.booked(TEN, customer=ANNA, resource="court-2")
    assert (booked["status"], booked["price"]["amount"], booked["pay_by"]) == ("confirmed", 0, None)
    assert {each["kind"] for each in booked["keys"]} >= {"pin"}
    assert booked["entitlement"]["clips_left"] == 9
    assert ledger(api) == {"paid:card": 106_000, "3010": -106_000}


@pytest.mark.feature("DY-23")
def test_it_is_sold_where_the_product_says_and_by_staff_always(api: Api, desk: Api) -> None:
    """DY-23: on the web, at the kiosk, or neither; nobody buys what is not sold to them."""
    web, kiosk = product(desk, "public", name="Webb"), product(desk, "kiosk", name="Kiosk")
    nowhere = product(desk, name="Bara personal")
    at_kiosk = api.bearer("kiosk")
    assert [each["name"] for each in api.get("/products").get_json()["products"]] == ["Webb"]
    assert [each["name"] for each in at_kiosk.get("/products").get_json()["products"]] == ["Kiosk"]
    for caller, sold in ((api, kiosk), (at_kiosk, web), (api, nowhere), (at_kiosk, nowhere)):
        assert codes(order(caller, sold)) == {("product", "unknown")}
    assert ordered(at_kiosk, kiosk)["channel"] == "kiosk"
    who = str(api.site.rows("SELECT id FROM customer")[0][0])
    answer = desk.post(f"/customers/{who}/purchases", {"product": nowhere["id"], "method": "cash"})
    assert (answer.status_code, answer.get_json()["status"], answer.get_json()["method"]) == (201, "granted", "cash")
    assert ledger(api) == {"paid:cash": 106_000, "3010": -106_000}
    desk.delete(f"/entitlement-products/{web['id']}", version=web["version"])
    assert api.get("/products").get_json()["products"] == []


@pytest.mark.feature("DY-23")
def test_what_was_agreed_stays_when_the_product_changes_or_is_archived(api: Api, desk: Api) -> None:
    """DY-23: name, price, VAT and clips are those of the order, and so is what the ledger says."""
    sold = product(desk, "public")
    made = ordered(api, sold)
    body = {**CARD, "name": "Femkort", "amount": 1, "vat_percent": 25, "clips": 5, "account": "9999", "sold_at": []}
    assert desk.put(f"/entitlement-products/{sold['id']}", {**body, "version": 1}).status_code == 200
    assert desk.delete(f"/entitlement-products/{sold['id']}", version=2).status_code == 204
    paid = pay(desk, made).get_json()
    assert (paid["name"], paid["price"]["amount"], paid["vat"]["amount"]) == ("Tiokort", 106_000, 6_000)
    (held,) = desk.get(f"/customers/{paid['customer']}/entitlements").get_json()["entitlements"]
    assert held["clips_left"] == 10
    assert api.site.rows("SELECT account, amount, vat_percent, text FROM ledger_entry WHERE account = '3010'") == [
        ("3010", -106_000, 6, "Tiokort")
    ]


@pytest.mark.feature("DY-23")
def test_the_same_order_or_payment_twice_counts_once(api: Api, desk: Api) -> None:
    """DY-23: also without a key nobody is paid for twice."""
    sold = product(desk, "public")
    first, again = order(api, sold, Idempotency_Key="k"), order(api, sold, Idempotency_Key="k")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.get_json() == again.get_json()
    made = first.get_json()
    assert [pay(desk, made, Idempotency_Key="p").status_code for _ in range(2)] == [201, 201]
    assert refused(pay(desk, made)) == (409, "purchase_paid")
    assert api.site.rows("SELECT (SELECT count(*) FROM purchase), (SELECT count(*) FROM entitlement)") == [(1, 1)]
    assert ledger(api) == {"paid:card": 106_000, "3010": -106_000}


def test_an_order_is_seen_by_its_link_and_by_staff_alone(api: Api, desk: Api) -> None:
    """DY-23: the list is for staff; a stranger finds neither an order nor who made it."""
    made = ordered(api, product(desk, "public"))
    assert "customer" not in own(api, made)
    assert api.get(f"/purchases/{made['id']}").status_code == 404
    assert api.get(f"/purchases/{made['id']}", sig="x").status_code == 404
    assert api.post(f"/purchases/{made['id']}/cancel", {}).status_code == 404
    assert api.another().get("/purchases").status_code == 401
    (listed,) = desk.get("/purchases", status="pending").get_json()["purchases"]
    assert (listed["id"], listed["number"]) == (made["id"], made["number"])
    assert desk.get("/purchases", status="granted").get_json() == {"purchases": [], "before": None}


def test_an_order_is_given_up_by_its_link_and_cannot_be_paid_then(api: Api, desk: Api) -> None:
    """DY-23: what is paid is refunded instead."""
    sold = product(desk, "public")
    made = ordered(api, sold)
    sig = made["links"]["self"].partition("?sig=")[2]
    given_up = api.post(f"/purchases/{made['id']}/cancel?sig={sig}", {})
    assert (given_up.status_code, given_up.get_json()["status"]) == (200, "cancelled")
    assert refused(pay(desk, made)) == (409, "purchase_closed")
    paid = ordered(api, sold)
    pay(desk, paid)
    assert refused(desk.post(f"/purchases/{paid['id']}/cancel", {})) == (409, "purchase_paid")


@pytest.mark.feature("DY-23")
def test_an_order_lapses_after_a_week_and_late_money_is_taken_all_the_same(api: Api, desk: Api) -> None:
    """DY-23: never both; the timed job leaves alone what was paid in the meantime."""
    sold = product(desk, "public")
    late, paid = ordered(api, sold), ordered(api, sold)
    pay(desk, paid)
    api.site.clock.advance(7 * DAY)
    assert api.site.rows("SELECT kind, entity_id FROM due WHERE kind = 'expire_purchase'") == [
        ("expire_purchase", late["id"])
    ]
    for each in (late, paid):
        with api.site.side.book.write(api.site.side.scope, "job") as tx:
            purchasing.expire(tx, each["id"])
    assert [own(api, each)["status"] for each in (late, paid)] == ["expired", "granted"]
    assert pay(api.staff(), late).get_json()["status"] == "granted"
    assert ledger(api) == {"paid:card": 212_000, "3010": -212_000}


@pytest.mark.feature("DY-23")
def test_what_costs_nothing_is_theirs_at_once(api: Api, desk: Api) -> None:
    """DY-23: nothing is posted of nothing."""
    made = ordered(api, product(desk, "public", amount=0))
    assert (made["status"], made["method"], made["pay_by"]) == ("granted", None, None)
    assert api.booked(TEN, customer=ANNA)["price"]["amount"] == 0
    assert ledger(api) == {}


def test_an_invoice_is_for_customers_who_may_within_their_credit(api: Api, desk: Api) -> None:
    """DY-22, DY-23: the same rule as for bookings, and a refund gives the credit back."""
    sold = product(desk, "public")
    made = ordered(api, sold)
    assert refused(pay(desk, made, "invoice"))[1] == "invoice_not_allowed"
    who = desk.get(f"/purchases/{made['id']}").get_json()["customer"]
    terms = {"customer": who, "may_be_invoiced": True, "credit_limit": 110_000}
    assert desk.post("/customer-terms", terms).status_code == 201
    assert pay(desk, made, "invoice").status_code == 201
    another = ordered(api, sold)
    assert refused(pay(desk, another, "invoice"))[1] == "credit_used_up"
    assert desk.post(f"/purchases/{made['id']}/refund", {"reason": "ångrat"}).status_code == 200
    assert pay(desk, another, "invoice").status_code == 201


@pytest.mark.feature("DY-23")
def test_a_refund_undoes_the_sale_and_of_what_was_used_only_if_staff_say_so(api: Api, desk: Api) -> None:
    """DY-23: the ledger is reversed, the card ends, and bookings that it paid for stay."""
    made = ordered(api, product(desk, "public"))
    path = f"/purchases/{made['id']}/refund"
    assert refused(desk.post(path, {"reason": "för tidigt"})) == (409, "purchase_not_paid")
    pay(desk, made)
    booked = api.booked(TEN, customer=ANNA)
    assert refused(desk.post(path, {"reason": "ångrat"})) == (409, "purchase_used")
    undone = desk.post(path, {"reason": "ångrat", "even_if_used": True})
    assert (undone.status_code, undone.get_json()["status"], undone.get_json()["reason"]) == (200, "refunded", "ångrat")
    assert ledger(api) == {"paid:card": 106_000, "refund": -106_000}
    assert desk.get(f"/bookings/{booked['id']}").get_json()["status"] == "confirmed"
    api.site.clock.advance(1)
    assert api.booked(TEN + DAY, customer=ANNA)["price"]["amount"] == 32_000
    assert refused(desk.post(path, {"reason": "igen"})) == (409, "purchase_not_paid")
    assert api.site.rows("SELECT count(*) FROM journal WHERE before LIKE '%anna%' OR after LIKE '%anna%'") == [(0,)]
