"""Who may book what, in the console."""

import html
import re

import pytest

from appliance.foundation.instants import HOUR
from tests.builders import ANNA, TEN
from tests.web.admin.staff import Desk
from tests.web.api_client import api_of, problem
from tests.web.test_admission_api import admit


def padel(desk: Desk) -> str:
    return str(desk.site.rows("SELECT id FROM service WHERE slug = 'padel'")[0][0])


@pytest.mark.feature("BM-05")
def test_who_may_book_is_listed_and_changed_in_the_console(desk: Desk) -> None:
    """BM-05: a service for the register alone refuses a stranger from the next request on; staff still book."""
    listed = desk.get("/admin/setup/admissions")
    assert "as the facility says" in listed
    page = f"/admin/setup/admissions/{padel(desk)}"
    said = desk.post(page, version="0", visibility="public", who_may_book="register_only", leads_to="booking")
    assert "Padel: it is saved and in force." in said
    assert "Customers in the register" in said
    stranger = api_of(desk.site)
    assert problem(stranger.post("/bookings", stranger.booking(TEN)))["reason"] == "not_admitted"
    booked = desk.post(
        "/admin/book", 200, act="book", typed="Cia", name="Cia", phone="0701740606", start=str(TEN + HOUR)
    )
    assert "Booked as" in booked
    assert "Last changed by admin" in desk.get(page)


@pytest.mark.feature("BM-05")
def test_the_second_to_save_is_told_and_every_mistake_is_beside_its_field(desk: Desk) -> None:
    """BM-05: nothing is lost of what was typed."""
    page = f"/admin/setup/admissions/{padel(desk)}"
    admit(desk.api(), "padel", visibility="members")
    late = desk.post(page, 409, version="0", visibility="staff", visible_days="9", leads_to="booking")
    assert "admin changed this meanwhile" in late
    assert 'value="9"' in late
    wrong = desk.post(page, 422, version="1", visibility="nobody", visible_days="0")
    assert wrong.count("field-wrong") == 2
    assert desk.client.get("/admin/setup/admissions/nothing").status_code == 404


@pytest.mark.feature("DY-14")
def test_a_service_with_a_link_shows_it_to_staff(desk: Desk) -> None:
    """DY-14: members, staff and link are choices; the link is there to be handed out, and leads to the service."""
    page = f"/admin/setup/admissions/{padel(desk)}"
    assert 'id="link"' not in desk.get(page)
    desk.post(page, version="0", visibility="link", leads_to="booking")
    found = re.search(r'id="link" value="([^"]+)"', desk.get(page))
    assert found
    link = html.unescape(found[1])
    assert link.startswith("http://unit.test/book?service=padel&link=")


def test_a_facility_without_services_says_what_comes_next(desk: Desk) -> None:
    """BM-05."""
    with desk.site.side.book.write(desk.site.side.scope, "test") as tx:
        tx.connection.exec_driver_sql("UPDATE service SET archived = 1, version = version + 1")
        tx.record("service", "all", "archived")
    assert "There is no service yet" in desk.get("/admin/setup/admissions")
    assert ANNA.name not in desk.get("/admin/setup/admissions")
