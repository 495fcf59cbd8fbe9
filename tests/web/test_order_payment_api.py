"""What is booked together is one payment: for all of it, or for the first booking alone (DY-52)."""

from typing import Any

import pytest

from appliance.booking.services import Several
from tests.builders import TEN, Site
from tests.several import allow, open_ahead
from tests.web.api_client import Api, problem
from tests.web.test_series_api import made, weekly


@pytest.fixture
def staff(api: Api) -> Api:
    desk = api.staff()
    terms = {"service": "padel", "policy": "prepay", "pay_within_minutes": 60}
    assert desk.post("/payment-terms", terms).status_code == 201
    return desk


def allowed(site: Site, *, first_only: bool) -> None:
    allow(site, "padel", Several(series=True, first_only=first_only))
    open_ahead(site)


def states(staff: Api, order: dict[str, Any]) -> list[str]:
    return [each["status"] for each in staff.get(f"/orders/{order['id']}").get_json()["bookings"]]


def due(staff: Api, order: dict[str, Any]) -> tuple[str, int, int]:
    told = staff.get(f"/orders/{order['id']}").get_json()["payment"]
    return told["covers"], told["due"]["amount"], told["owed"]["amount"]


@pytest.mark.feature("DY-52")
def test_one_payment_is_for_all_of_an_order_and_noted_once(api: Api, staff: Api) -> None:
    """DY-52: the same request twice pays once; strangers note nothing; keys come with the payment."""
    allowed(api.site, first_only=False)
    order = made(api, TEN, weekly(3))
    assert (order["payment"]["covers"], order["payment"]["due"]["amount"]) == ("all", 96_000)
    assert [each["keys"] for each in order["bookings"]] == [[], [], []]
    path = f"/orders/{order['id']}/payments"
    assert api.another().post(path, {"method": "cash"}).status_code == 401
    refused = staff.post(path, {"method": "invoice"})
    assert problem(refused)["reason"] == "invoice_not_allowed"
    assert states(staff, order) == ["pending"] * 3
    headers = {**staff.headers, "Idempotency-Key": "paid"}
    for _ in range(2):
        answer = staff.client.post(f"/api/v1{path}", json={"method": "cash"}, headers=headers)
        assert answer.status_code == 201, answer.text
        assert all(each["keys"] for each in answer.get_json()["bookings"])
    assert due(staff, order) == ("all", 0, 0)
    paid = api.site.rows("SELECT sum(amount) FROM ledger_entry WHERE account = 'paid:cash'")
    assert paid == [(96_000,)]
    assert problem(staff.post(path, {"method": "cash"}))["reason"] == "nothing_owed"


@pytest.mark.feature("DY-52")
@pytest.mark.parametrize("first_only", [False, True])
def test_who_pays_the_first_booking_has_the_others_only_where_it_pays_for_them(
    api: Api, staff: Api, first_only: bool
) -> None:
    """DY-52: by itself, as before; where the first is all that is paid with the order, the others wait with it."""
    allowed(api.site, first_only=first_only)
    order = made(api, TEN, weekly(3))
    first = order["bookings"][0]["id"]
    assert staff.post(f"/bookings/{first}/payments", {"method": "card"}).status_code == 201
    assert states(staff, order) == ["confirmed", *(["confirmed" if first_only else "pending"] * 2)]
    assert due(staff, order) == (("first", 0, 64_000) if first_only else ("all", 64_000, 64_000))


@pytest.mark.feature("DY-52")
def test_where_the_first_booking_is_gone_the_next_is_what_is_due(api: Api, staff: Api) -> None:
    """DY-52: the first that still stands."""
    allowed(api.site, first_only=True)
    order = made(api, TEN, weekly(3))
    first = order["bookings"][0]
    gone = api.post(f"/bookings/{first['id']}/cancel", {"cancel_code": first["cancel_code"]})
    assert gone.status_code == 200, gone.text
    assert due(staff, order) == ("first", 32_000, 64_000)
    assert staff.post(f"/orders/{order['id']}/payments", {"method": "cash"}).status_code == 201
    assert states(staff, order) == ["cancelled", "confirmed", "confirmed"]
    assert due(staff, order)[1:] == (0, 32_000)
