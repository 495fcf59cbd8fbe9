"""A booking's page in the console, booking for a customer, and the waiting list."""

import re

import pytest

from appliance.booking.bookings import Status
from appliance.foundation.instants import DAY, HOUR, MINUTE
from tests.booking.test_waiting import fill, guest, join, keep_list
from tests.builders import ANNA, BO, TEN
from tests.web.admin.staff import Desk
from tests.web.extra_world import RACKET, added
from tests.web.test_booking_rules_api import FEE, let
from tests.web.test_entitlements_api import CARD, granted

TEN_LATER = str(TEN + HOUR)


@pytest.mark.feature("BM-21")
def test_a_booking_is_moved_by_form_and_by_planner(desk: Desk) -> None:
    """BM-21: to a time on the wall, or to an instant and a place as the planner says; taken times are refused."""
    hers = desk.site.book(TEN, resource="court-1")
    page = desk.post(f"/admin/bookings/{hers.id}/move", day="2026-11-30", time="12:00")
    assert "It is moved to 2026-11-30 12:00" in page
    place = desk.site.resource("court-3")
    planner = desk.post(f"/admin/bookings/{hers.id}/move", at=TEN_LATER, resource=place, back="2026-11-30")
    assert "11:00\N{EN DASH}12:00, Bana 3" in planner
    desk.site.book(TEN, BO, resource="court-3")
    refused = desk.post(f"/admin/bookings/{hers.id}/move", at=str(TEN), resource=place)
    assert "This time is taken." in refused
    assert "Write a date and a time" in desk.post(f"/admin/bookings/{hers.id}/move", day="x", time="25:00")
    assert "Moved" in refused


def test_nothing_is_owed_for_a_booking_that_was_cancelled_without_a_fee(desk: Desk) -> None:
    """DY-21: its page asks for no payment that would be refused."""
    hers = desk.site.book(TEN)
    assert "Owed: 320" in desk.get(f"/admin/bookings/{hers.id}")
    cancelled = desk.post(f"/admin/bookings/{hers.id}/cancel", 200)
    assert "Owed: 0" in cancelled
    assert "as paid" not in cancelled


@pytest.mark.feature("BRP-11")
@pytest.mark.parametrize(("waived", "said"), [(False, "The fee is 160"), (True, "There is no fee")])
def test_the_fee_is_told_before_a_cancel_and_can_be_waived(desk: Desk, waived: bool, said: str) -> None:
    """BRP-11, BRP-16: half of the price is kept, or nothing."""
    staff = desk.api()
    assert staff.post("/fee-products", FEE).status_code == 201
    let(staff, cancelling={"tiers": [{"before_minutes": 24 * 60, "percent": 50}]})
    hers = desk.site.book(TEN)
    assert "320" in desk.post(f"/admin/bookings/{hers.id}/pay", method="cash")
    desk.site.clock.advance(3 * MINUTE)
    asked = desk.get(f"/admin/bookings/{hers.id}/cancel")
    assert asked.count("160\N{NO-BREAK SPACE}kr") == 2
    assert "Waive the fee" in asked
    parts = {"waive_fee": "true"} if waived else {}
    assert said in desk.post(f"/admin/bookings/{hers.id}/cancel", 200, **parts)
    assert desk.site.status(hers.id) is Status.CANCELLED
    assert "cannot be cancelled any more" in desk.get_led(f"/admin/bookings/{hers.id}/cancel")


def test_a_booking_tells_what_it_is_what_is_owed_and_what_happened(desk: Desk) -> None:
    """DY-26, PH-04: with its keys but not their secrets; cash is noted; it is made longer and checked out of."""
    hers = desk.site.book(TEN)
    page = desk.get(f"/admin/bookings/{hers.id}")
    for words in ("Anna Ek", "Padel", "320\N{NO-BREAK SPACE}kr", "PIN:", "Owed: 320", "What happened"):
        assert words in page
    assert desk.site.pins(hers.id)[0] not in page
    assert "320\N{NO-BREAK SPACE}kr is paid: Cash." in desk.post(f"/admin/bookings/{hers.id}/pay", method="cash")
    assert desk.client.get("/admin/bookings/nothing").status_code == 404
    longer = desk.post(f"/admin/desk/{hers.id}/longer", duration="90", back="booking")
    assert "What happened" in longer
    assert "Made longer" in longer
    desk.site.clock.advance(HOUR + 10 * MINUTE)
    assert "Check out" in desk.get(f"/admin/bookings/{hers.id}")


@pytest.mark.feature("SB-21")
def test_the_same_is_booked_again_from_its_page(desk: Desk) -> None:
    """SB-21: customer, service and the next similar time are filled in."""
    hers = desk.site.book(TEN, resource="court-2")
    form = desk.get_led(f"/admin/bookings/{hers.id}/again")
    assert "Anna Ek" in form
    assert f'value="{TEN + 7 * DAY}" checked' in form


@pytest.mark.feature("DY-26")
@pytest.mark.parametrize("typed", ["ann", "EK", "701740", "0701740605"])
def test_a_customer_is_found_by_the_first_letters_or_the_number(desk: Desk, typed: str) -> None:
    """DY-26: whoever is there already comes first; the next free time is ticked; booked with one more press."""
    desk.site.book(TEN)
    desk.site.book(TEN, BO)
    found = desk.post("/admin/book", act="look", typed=typed)
    if len(typed) < 3:
        assert "anna.ek@example.se" not in found
        return
    assert "anna.ek@example.se" in found
    assert "bo@example.se" not in found
    customer, start = ticked(found, "customer"), ticked(found, "start")
    page = desk.post("/admin/book", act="book", customer=customer, start=start, service=ticked_service(found))
    assert "Booked as" in page
    rows = desk.site.rows("SELECT channel, count(*) FROM booking WHERE customer_id = ? GROUP BY channel", customer)
    assert sorted(rows) == [("public", 1), ("staff", 1)]


def test_letters_of_other_alphabets_are_found_in_either_case(desk: Desk) -> None:
    """DY-26: a word of the name begins with what was typed; signs of a pattern mean themselves."""
    desk.site.book(TEN, BO)
    assert "bo@example.se" in desk.post("/admin/book", act="look", typed="bo ö")
    assert "bo@example.se" in desk.post("/admin/book", act="look", typed="ÖST")
    for typed in ("*st", "[a-z]s", "st"):
        assert "bo@example.se" not in desk.post("/admin/book", act="look", typed=typed)


def test_somebody_new_is_booked_with_a_name_and_a_number_and_every_mistake_is_told(desk: Desk) -> None:
    """DY-26."""
    wrong = desk.post("/admin/book", 422, act="book", typed="Cia", name="Cia", phone="12", start=str(TEN))
    assert "field-wrong" in wrong
    page = desk.post("/admin/book", act="book", typed="Cia", name="Cia Vik", phone="0701740606", start=str(TEN))
    assert "Booked as" in page
    assert "Cia Vik" in page


def test_a_refused_time_says_why_and_offers_the_waiting_list(desk: Desk) -> None:
    """DY-26, DY-18: line by line of the rule; who waits is listed with a place and can be taken off."""
    keep_list(desk.site, "offer")
    fill(desk.site)
    join(desk.site, guest(1))
    asked = {"typed": "Anna", "name": "Anna Ek", "phone": "0701740605", "day": "2026-11-30", "time": "10:00"}
    page = desk.post("/admin/book", 200, act="look", **asked)
    for words in ("This time is taken.", "Why not?", "Opens for booking", "Put on the waiting list"):
        assert words in page
    listed = desk.post("/admin/book", 200, act="wait", **asked)
    assert "They wait now, in place 2." in listed
    assert "Gäst 1" in listed
    [entry] = desk.site.rows(
        "SELECT w.id FROM waiting w JOIN customer c ON c.id = w.customer_id WHERE name = 'Anna Ek'"
    )
    left = desk.post(f"/admin/waiting/{entry[0]}/remove")
    assert "They wait no longer." in left
    assert "Anna Ek" not in left


@pytest.mark.feature("DY-26")
def test_prices_extras_fields_and_cards_stand_in_the_form_and_reach_the_booking(desk: Desk) -> None:
    """DY-26: what is asked must be answered; a card pays where it fits, unless staff choose otherwise."""
    staff, first = desk.api(), desk.site.book(TEN)
    racket = added(staff, "/extras", **RACKET)
    level = {"slug": "level", "label": "Nivå", "kind": "choice", "choices": ["Nybörjare", "Van"], "required": True}
    added(staff, "/fields", **level, service="padel")
    added(staff, "/fields", slug="rules", label="Reglerna", kind="checkbox", required=True, service="padel")
    granted(staff, str(first.customer_id), CARD)
    form = desk.post("/admin/book", 200, act="look", typed="Anna", **{f"extra-{racket['id']}": "2"})
    for words in ("380\N{NO-BREAK SPACE}kr", "8-kort", "Racket, 30", "Nivå", "Reglerna"):
        assert words in form
    asked = {"act": "book", "customer": str(first.customer_id), "start": TEN_LATER, f"extra-{racket['id']}": "2"}
    wrong = desk.post("/admin/book", 422, **asked)
    assert wrong.count("field-wrong") == 2
    answered = {"field-level": "Van", "field-rules": "true"}
    page = desk.post("/admin/book", 200, **asked, **answered)
    for words in ("Booked as", "Racket", "8-kort", "Nivå", "Van", "Owed: 60"):
        assert words in page
    paid = desk.post("/admin/book", 200, **asked, **answered, entitlement="none")
    assert "Owed: 380" in paid


def ticked(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)" checked', page)
    assert found, page
    return found[1]


def ticked_service(page: str) -> str:
    found = re.search(r'<select id="service".*?<option value="([^"]+)" selected', page, re.DOTALL)
    assert found
    return found[1]


def test_the_contact_of_a_customer_is_that_very_customer_s(desk: Desk) -> None:
    """DY-26: to book for them makes nobody new."""
    desk.site.book(TEN, ANNA)
    desk.post("/admin/book", act="book", customer=str(desk.site.rows("SELECT id FROM customer")[0][0]), start=TEN_LATER)
    assert desk.site.rows("SELECT count(*) FROM customer") == [(1,)]
