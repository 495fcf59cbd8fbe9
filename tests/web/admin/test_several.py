"""Booking several at once for a customer at the console, and the page of what was booked together."""

import re

import pytest

from appliance.booking.bookings import Status
from appliance.booking.services import Several
from appliance.foundation.instants import DAY, HOUR
from tests.builders import ANNA, BO, TEN, Site
from tests.several import allow, open_ahead
from tests.web.admin.staff import Desk
from tests.web.api_client import Api
from tests.web.test_booking_rules_api import FEE, let

WEEK = 7 * DAY
FIRST = {"day": "2026-11-30", "time": "10:00"}
WEEKLY = {"every": "1", "cadence": "weekly", "times": "3"}


@pytest.fixture(autouse=True)
def all_allowed(site: Site) -> None:
    allow(site, "padel", Several(series=True, most_in_a_row=4, chains=True))
    open_ahead(site)


def customer(desk: Desk) -> str:
    """Anna, who is in the register because she has booked before."""
    return str(desk.site.book(TEN - HOUR, ANNA, resource="court-4").customer_id)


def planned(desk: Desk, status: int = 200, **fields: str) -> str:
    return desk.post("/admin/book/series", status, act="plan", **(FIRST | WEEKLY | fields))


def ticked(page: str) -> dict[str, str]:
    """What a browser would send back of the plan that it shows."""
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    assert seen, page
    return {"seen": seen[1], **dict(re.findall(r'name="(date-[^"]+)" value="(\d+)" checked', page))}


def booked(desk: Desk, page: str, status: int = 200, **fields: str) -> str:
    return desk.post("/admin/book/series", status, act="book", **(FIRST | WEEKLY | fields | ticked(page)))


@pytest.mark.feature("DY-46")
@pytest.mark.feature("DY-50")
def test_staff_plan_a_series_see_every_date_and_book_it_as_one(desk: Desk) -> None:
    """DY-46, DY-49, DY-50: free, moved to the nearest slot, and left out by whoever unticks it; then one commit."""
    anna = customer(desk)
    for court in range(1, 5):
        desk.site.book(TEN + WEEK, BO, resource=f"court-{court}")
    page = planned(desk, customer=anna, on="court-2")
    assert [page.count(f">{word}<") for word in ("Free", "Another time", "Not possible")] == [2, 1, 0]
    assert "This time is taken." in page
    sent = ticked(page)
    assert sent["date-2026-12-07"] == str(TEN + WEEK - HOUR)
    order = booked(desk, page, customer=anna, on="court-2")
    assert "3 bookings are made." in order
    assert "2026-12-07 09:00" in order
    kinds = desk.site.rows("SELECT kind, skipped FROM booking_order")
    assert kinds == [("series", "[]")]
    assert len(set(desk.site.rows("SELECT order_id FROM booking WHERE order_id IS NOT NULL"))) == 1


@pytest.mark.feature("DY-50")
def test_a_date_that_is_not_ticked_is_left_out_and_added_later_from_the_order(desk: Desk) -> None:
    """DY-50."""
    anna = customer(desk)
    page = planned(desk, customer=anna)
    order = booked(desk, page.replace(f'value="{TEN + WEEK}" checked', ""), customer=anna)
    assert "2 bookings are made." in order
    assert "Left open" in order
    found = re.search(r"/admin/orders/([0-9a-f-]+)/dates", order)
    assert found
    wrong = desk.post(found[0], date="2026-12-07", day="2026-12-07", time="never")
    assert "Write a date and a time" in wrong
    grown = desk.post(found[0], date="2026-12-07", day="2026-12-07", time="12:00")
    assert "The date is booked." in grown
    assert "2026-12-07 12:00" in grown
    assert "Left open" not in grown


def test_every_mistake_of_a_series_is_told_beside_its_field(desk: Desk) -> None:
    """DY-48: a time, how often, and an end; at once, with what was typed still there."""
    page = desk.post("/admin/book/series", 422, act="plan", cadence="weekly", every="0", times="500", day="x", time="")
    assert page.count("field-wrong") == 3
    assert 'value="500"' in page
    neither = planned(desk, 422, times="")
    assert "Write either until or times." in neither
    too_many = planned(desk, 422, cadence="daily", times="", until="2030-01-01")
    assert "at most 104 dates" in too_many
    nobody = booked(desk, planned(desk), 422)
    assert "Enter an e-mail address or a telephone number." in nobody
    assert desk.site.rows("SELECT count(*) FROM booking_order") == [(0,)]


def test_nobody_commits_to_dates_that_they_did_not_see(desk: Desk) -> None:
    """DY-49: a plan that was changed is shown once more; one that lost a slot meanwhile books nothing."""
    anna = customer(desk)
    page = planned(desk, customer=anna)
    again = booked(desk, page, customer=anna, times="5")
    assert "Friday" in again or "28 December 2026" in again
    assert "Book the ticked dates" in again
    for court in range(1, 5):
        desk.site.book(TEN + WEEK, BO, resource=f"court-{court}")
    late = booked(desk, page, 409, customer=anna)
    assert "Not every date of this series can be booked, so none was." in late
    assert "Monday 7 December 2026: This time is taken." in late
    nothing = {**ticked(late), "date-2026-11-30": "", "date-2026-12-07": "", "date-2026-12-14": ""}
    assert "Tick at least one date." in desk.post(
        "/admin/book/series", 422, act="book", customer=anna, **(FIRST | WEEKLY | nothing)
    )
    assert desk.site.rows("SELECT count(*) FROM booking_order") == [(0,)]


@pytest.mark.feature("DY-56")
@pytest.mark.feature("DY-57")
def test_so_many_in_a_row_are_booked_with_who_comes_to_each(desk: Desk) -> None:
    """DY-56, DY-57: one order of three bookings on one court."""
    anna = customer(desk)
    fields = {"customer": anna, "count": "3", "participant-1": "Ali", "participant-3": "Cia"}
    page = desk.post("/admin/book/row", 200, act="look", **(FIRST | fields))
    assert "10:00 to 13:00, 960\N{NO-BREAK SPACE}kr" in page
    order = desk.post("/admin/book/row", 200, act="book", start=str(TEN), **fields)
    for words in ("3 bookings are made.", "In a row", "Ali", "Cia", "11:00\N{EN DASH}12:00"):
        assert words in order
    assert len(set(desk.site.rows("SELECT resource_id FROM claim WHERE starts >= ?", TEN))) == 1


@pytest.mark.feature("DY-54")
@pytest.mark.feature("DY-55")
def test_a_chain_is_chosen_first_and_its_times_fit_all(desk: Desk) -> None:
    """DY-54, DY-55: each time says when each service begins."""
    anna = customer(desk)
    one = desk.post("/admin/book/visit", 422, act="book", customer=anna, **{"leg-1": "padel"})
    assert "Choose at least two services." in one
    chain = {"customer": anna, "leg-1": "padel", "leg-2": "padel", "minutes-2": "90"}
    page = desk.post("/admin/book/visit", 200, act="look", **(FIRST | chain))
    assert "10:00 to 12:30" in page
    assert "11:00 Padel" in page
    assert "2 bookings are made." in desk.post("/admin/book/visit", 200, act="book", start=str(TEN), **chain)
    taken = desk.post("/admin/book/visit", 409, act="book", start=str(TEN - DAY), **chain)
    assert 'role="alert"' in taken


@pytest.mark.feature("DY-46")
def test_a_whole_order_is_cancelled_with_its_fee_told_first(desk: Desk) -> None:
    """DY-46, BRP-11: the sum of what each costs, or nothing where staff waive it."""
    staff = desk.api()
    assert staff.post("/fee-products", FEE).status_code == 201
    let(staff, cancelling={"tiers": [{"before_minutes": 60 * 24 * 60, "percent": 50}]})
    anna = customer(desk)
    order = booked(desk, planned(desk, customer=anna), customer=anna)
    found = re.search(r"/admin/orders/([0-9a-f-]+)/cancel", order)
    assert found
    desk.post(found[0].replace("cancel", "pay"), method="cash")
    desk.site.clock.advance(600)
    assert "480\N{NO-BREAK SPACE}kr" in desk.get(found[0])
    gone = desk.post(found[0], waive_fee="true")
    assert "All that could be cancelled is." in gone
    assert gone.count(">Cancelled<") == 3
    assert "cannot be cancelled any more" in desk.get_led(found[0])
    assert desk.client.get("/admin/orders/nothing").status_code == 404


@pytest.mark.feature("DY-47")
def test_what_may_be_booked_at_once_is_set_up_in_the_console(desk: Desk) -> None:
    """DY-47, DY-52: without script, in a form like every other."""
    listed = desk.get("/admin/setup/several")
    [(service,)] = desk.site.rows("SELECT id FROM service WHERE slug = 'padel-class'")
    assert "Padel" in listed
    page = desk.post("/admin/setup/several/new", service=str(service), series="true", pay="first")
    assert "It is saved and in force." in page


def prepaid(staff: Api) -> None:
    body = {"service": "padel", "policy": "prepay", "pay_within_minutes": 60}
    assert staff.post("/payment-terms", body).status_code == 201


@pytest.mark.feature("DY-52")
@pytest.mark.parametrize(("first_only", "due"), [(False, 960), (True, 320)])
def test_an_order_is_one_payment_for_all_or_for_the_first_only(
    desk: Desk, site: Site, first_only: bool, due: int
) -> None:
    """DY-52: what is due stands on its page; one payment confirms all that waited for it."""
    staff = desk.api()
    row = staff.get("/several").get_json()["several"][0]
    body = {"service": "padel", "series": True, "pay": "first" if first_only else "all", "version": row["version"]}
    changed = staff.client.put(f"/api/v1/several/{row['id']}", json=body, headers=staff.headers)
    assert changed.get_json()["pay"] == body["pay"]
    anna = customer(desk)
    prepaid(staff)
    order = booked(desk, planned(desk, customer=anna), customer=anna)
    assert f"Note {due}\N{NO-BREAK SPACE}kr as paid" in order
    assert ("the others are paid later" in order) is first_only
    found = re.search(r"/admin/orders/([0-9a-f-]+)/pay", order)
    assert found
    told = staff.get(f"/orders/{found[1]}").get_json()["payment"]
    assert (told["covers"], told["due"]["amount"], told["owed"]["amount"]) == (body["pay"], due * 100, 96_000)
    paid = desk.post(found[0], method="cash")
    assert "It is paid: Cash." in paid
    assert paid.count(">Booked<") == 3
    left = staff.get(f"/orders/{found[1]}").get_json()["payment"]
    assert (left["due"]["amount"], left["owed"]["amount"]) == (0, 96_000 - due * 100)
    assert "So much is not owed" in desk.post(found[0], method="cash")
    statuses = {row[0] for row in site.rows("SELECT status FROM booking WHERE order_id IS NOT NULL")}
    assert statuses == {Status.CONFIRMED}
