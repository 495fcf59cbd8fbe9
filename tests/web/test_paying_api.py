"""Prices, payments and policies over the API: what is quoted is charged, and what must be paid first waits for it."""

from typing import Any

import pytest

from appliance.foundation.instants import DAY, HOUR, MINUTE, format_instant
from tests import builders
from tests.builders import NOW, STOCKHOLM, TEN
from tests.web.api_client import Api, api_of, codes, problem

SATURDAY = NOW + 5 * DAY


@pytest.fixture
def desk(api: Api) -> Api:
    return api.staff()


def add(desk: Api, path: str, **body: object) -> dict[str, Any]:
    answer = desk.post(path, body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.get_json()
    return made


def offered(api: Api, start: int, **query: object) -> dict[str, Any]:
    """The slot at one start."""
    ends = {"from_": format_instant(start, STOCKHOLM), "to": format_instant(start + 1, STOCKHOLM)}
    (found,) = api.get("/slots", service="padel", **ends, **query).get_json()["slots"]
    slot: dict[str, Any] = found
    return slot


def pay(desk: Api, booking: dict[str, Any], **payment: object) -> dict[str, Any]:
    answer = desk.post(f"/bookings/{booking['id']}/payments", payment)
    assert answer.status_code == 201, answer.text
    account: dict[str, Any] = answer.get_json()
    return account


@pytest.mark.feature("DY-16")
def test_what_is_offered_is_what_is_charged_by_weekday_time_and_channel(api: Api, desk: Api) -> None:
    """DY-16: base 320; Saturdays 400 for an hour; at the kiosk 10 % off; the more specific one wins."""
    add(desk, "/price-rules", name="Lördag", effect="amount", value=40000, service="padel", duration=60, weekdays=[5])
    add(desk, "/price-rules", name="Kiosk", effect="percent", value=90, channel="kiosk")
    kiosk = api.bearer("kiosk")
    for caller, start, price in (
        (api, TEN, 32000),
        (api, SATURDAY, 40000),
        (kiosk, TEN + HOUR, 28800),
        (kiosk, SATURDAY + HOUR, 40000),
    ):
        assert offered(caller, start)["price"] == {"amount": price, "currency": "SEK"}
        made = caller.booked(start)
        assert made["price"]["amount"] == price
        assert [line["amount"]["amount"] for line in made["lines"]] == [price]


@pytest.mark.feature("DY-16")
def test_two_adults_and_a_child_are_two_lines_with_their_vat(api: Api, desk: Api) -> None:
    """DY-16: category prices; VAT is contained in each line; the names stay as they were sold."""
    adult, child = (add(desk, "/customer-categories", name=name) for name in ("Vuxen", "Barn"))
    add(desk, "/price-rules", name="Barn", effect="percent", value=50, category=child["id"])
    people = [{"category": adult["id"], "quantity": 2}, {"category": child["id"], "quantity": 1}]
    lesson = {"service": "padel-class", "people": people}
    made = api.booked(NOW + 9 * HOUR, **lesson)
    unit = made["lines"][0]["amount"]["amount"] // 2
    assert [(line["name"], line["quantity"], line["amount"]["amount"]) for line in made["lines"]] == [
        ("Padelskola, Vuxen", 2, 2 * unit),
        ("Padelskola, Barn", 1, unit // 2),
    ]
    assert (made["quantity"], made["price"]["amount"]) == (3, 2 * unit + unit // 2)
    vat = [(2 * amount * 6 + 106) // 212 for amount in (2 * unit, unit // 2)]
    assert made["vat"]["amount"] == sum(vat)
    held = desk.put(f"/customer-categories/{child['id']}", {"name": "Junior", "version": 1})
    assert held.status_code == 200
    shown = desk.get(f"/bookings/{made['id']}").get_json()
    assert shown["lines"] == made["lines"]
    slot = api.get(
        "/slots",
        service="padel-class",
        from_=format_instant(NOW + 9 * HOUR, STOCKHOLM),
        to=format_instant(NOW + 10 * HOUR, STOCKHOLM),
        category=child["id"],
    ).get_json()["slots"][0]
    assert slot["price"]["amount"] == unit // 2
    wrong = api.post("/bookings", api.booking(NOW + 9 * HOUR, **lesson, quantity=2))
    assert codes(wrong) == {("people", "out_of_range")}
    twice = api.post("/bookings", api.booking(NOW + 9 * HOUR, **{**lesson, "people": [people[0], people[0]]}))
    assert codes(twice) == {("people", "twice")}


@pytest.mark.feature("DY-31")
def test_each_court_or_person_may_have_a_price_of_its_own(api: Api, desk: Api) -> None:
    """DY-31: what is offered tells the lowest and the highest, a chosen one its own, and it is charged as picked."""
    rule = {"effect": "amount", "service": "padel", "duration": 60}
    add(desk, "/price-rules", name="Bana 2", value=50000, resource="court-2", **rule)
    assert offered(api, TEN)["price_to"]["amount"] == 50000
    assert offered(api, TEN)["price"]["amount"] == 32000
    assert "price_to" not in offered(api, TEN, resource="court-2")
    assert offered(api, TEN, resource="court-2")["price"]["amount"] == 50000
    assert api.booked(TEN, resource="court-2")["price"]["amount"] == 50000
    assert api.booked(TEN, resource="court-1")["price"]["amount"] == 32000


@pytest.mark.feature("DY-17")
def test_the_same_service_at_two_facilities_has_two_prices(api: Api, desk: Api) -> None:
    """DY-17: the rules of one facility are not those of another in the same file."""
    with builders.second_facility(api.site) as other:
        add(desk, "/price-rules", name="Dyrt", effect="percent", value=200)
        assert api.booked(TEN)["price"]["amount"] == 64000
        assert api_of(other).booked(TEN)["price"]["amount"] == 32000


@pytest.mark.feature("DY-21", "DY-09")
def test_what_must_be_paid_first_waits_without_a_key_until_it_is_paid(api: Api, desk: Api) -> None:
    """DY-21: pending, its time taken; paid: confirmed with keys, once, however often it is said."""
    add(desk, "/payment-terms", service="padel", policy="prepay", pay_within_minutes=20, account="3001")
    made = api.booked(TEN, resource="court-1")
    assert (made["status"], made["keys"]) == ("pending", [])
    assert made["pay_by"] == format_instant(NOW + 20 * MINUTE, STOCKHOLM)
    taken = api.post("/bookings", api.booking(TEN, resource="court-1"))
    assert problem(taken)["reason"] == "slot_taken"
    path = f"/bookings/{made['id']}/payments"
    part = desk.post(path, {"method": "cash", "amount": 1000}).get_json()
    assert (part["status"], part["owed"]["amount"]) == ("pending", 31000)
    paid = [desk.post(path, {"method": "cash"}, Idempotency_Key="k").get_json() for _ in range(2)]
    assert paid[0] == paid[1]
    assert (paid[0]["status"], paid[0]["owed"]["amount"]) == ("confirmed", 0)
    shown = desk.get(f"/bookings/{made['id']}").get_json()
    assert ([key["kind"] for key in shown["keys"]], shown["pay_by"]) == (["pin", "qr"], None)
    again = desk.post(path, {"method": "cash"})
    assert (again.status_code, problem(again)["reason"]) == (409, "nothing_owed")
    assert desk.get(path).get_json() == paid[0]
    assert api.site.rows("SELECT sum(amount), count(*) FROM ledger_entry") == [(0, 4)]


@pytest.mark.feature("DY-21")
def test_what_is_not_paid_in_time_is_free_again_and_late_money_never_books_twice(api: Api, desk: Api) -> None:
    """DY-21: money after the expiry books again if the time is still free; else nothing is noted."""
    add(desk, "/payment-terms", service="padel", policy="prepay", pay_within_minutes=20)
    late, lost = (api.booked(TEN, resource=court) for court in ("court-1", "court-2"))
    api.site.clock.advance(20 * MINUTE)
    other = api.booked(TEN, resource="court-2")
    assert [api.site.status(each["id"]) for each in (late, lost, other)] == ["expired", "expired", "pending"]
    assert pay(desk, late, method="card")["status"] == "confirmed"
    assert len(desk.get(f"/bookings/{late['id']}").get_json()["keys"]) == 2
    refused = desk.post(f"/bookings/{lost['id']}/payments", {"method": "card"})
    assert (refused.status_code, problem(refused)["reason"]) == (409, "slot_taken")
    assert desk.get(f"/bookings/{lost['id']}/payments").get_json()["paid"]["amount"] == 0


@pytest.mark.feature("DY-09")
def test_a_deposit_confirms_and_a_free_service_costs_nothing(api: Api, desk: Api) -> None:
    """DY-09: deposit, on site, free: by service, changed at any time."""
    terms = add(desk, "/payment-terms", service="padel", policy="deposit", deposit_percent=25)
    made = api.booked(TEN)
    assert made["status"] == "pending"
    assert pay(desk, made, method="card", amount=8000)["owed"]["amount"] == 24000
    assert api.site.status(made["id"]) == "confirmed"
    path = f"/payment-terms/{terms['id']}"
    assert desk.put(path, {"service": "padel", "policy": "free", "version": 1}).status_code == 200
    assert offered(api, TEN + HOUR)["price"]["amount"] == 0
    free = api.booked(TEN + HOUR)
    assert (free["status"], free["price"]["amount"]) == ("confirmed", 0)
    assert desk.put(path, {"service": "padel", "policy": "on_site", "version": 2}).status_code == 200
    assert api.booked(TEN + 2 * HOUR)["status"] == "confirmed"
    second = desk.post("/payment-terms", {"service": "padel", "policy": "free"})
    assert codes(second) == {("service", "taken")}


@pytest.mark.feature("DY-22")
def test_an_invoice_is_for_customers_who_may_within_their_credit(api: Api, desk: Api) -> None:
    """DY-22: permission and limit; refused before anything is booked."""
    known = api.booked(TEN)
    customer = str(api.site.rows("SELECT customer_id FROM booking WHERE id = ?", known["id"])[0][0])
    add(desk, "/payment-terms", service="padel", policy="invoice")
    refused = api.post("/bookings", api.booking(TEN + HOUR))
    assert (refused.status_code, problem(refused)["reason"]) == (403, "invoice_not_allowed")
    add(desk, "/customer-terms", customer=customer, may_be_invoiced=True, credit_limit=40000)
    invoiced = api.booked(TEN + HOUR)
    assert invoiced["status"] == "confirmed"
    assert desk.get(f"/bookings/{invoiced['id']}/payments").get_json()["owed"]["amount"] == 0
    too_much = api.post("/bookings", api.booking(TEN + 2 * HOUR))
    assert problem(too_much)["reason"] == "credit_used_up"
    on_bill = desk.post(f"/bookings/{known['id']}/payments", {"method": "invoice"})
    assert problem(on_bill)["reason"] == "credit_used_up"
    assert pay(desk, known, method="invoice", amount=8000)["owed"]["amount"] == 24000


@pytest.mark.feature("BRP-12", "BRP-14")
def test_a_facility_has_one_fee_product(desk: Api) -> None:
    """BRP-12, BRP-14: name, account and VAT; a second is refused."""
    made = add(desk, "/fee-products", name="Sen avbokning", account="3990", vat_percent=25)
    assert (made["account"], made["vat_percent"]) == ("3990", 25)
    assert codes(desk.post("/fee-products", {"name": "x", "account": "1", "vat_percent": 6})) == {("", "taken")}
