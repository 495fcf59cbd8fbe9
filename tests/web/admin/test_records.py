"""Door records in the console: found by person, told, exported, forgotten after one more question (AC-21)."""

import json

import pytest

from appliance.door_socket.record_answers import DoorRecord
from tests.builders import BO, NOW, TEN, Site
from tests.web.admin.staff import Desk, signed_in


def kept(desk: Desk, booking_id: str) -> DoorRecord:
    return DoorRecord(NOW, desk.doors.views[0].id, "granted", "granted", "pin", booking_id)


@pytest.mark.feature("AC-21")
def test_a_person_is_found_and_told_what_the_doors_know(desk: Desk) -> None:
    """AC-21: of their bookings and of nobody else's, with the rule."""
    hers, his = desk.site.book(TEN), desk.site.book(TEN, BO)
    desk.doors.kept = [kept(desk, hers.id), kept(desk, his.id)]
    assert "name a person for 30 days" in desk.get("/admin/records")
    for typed in ("anna.ek@example.se", "0701740605", hers.number):
        assert f"/admin/records/{hers.customer_id}" in desk.post("/admin/records", typed=typed)
    assert "Nobody in the register fits." in desk.post("/admin/records", typed="x@example.se")
    page = desk.get(f"/admin/records/{hers.customer_id}")
    assert page.count("Access granted") == 1
    assert desk.client.get("/admin/records/nobody").status_code == 404


@pytest.mark.feature("AC-21")
def test_everything_is_handed_over_as_a_file_and_that_is_on_record(desk: Desk) -> None:
    """AC-21."""
    hers = desk.site.book(TEN)
    desk.doors.kept = [kept(desk, hers.id)]
    body = json.loads(desk.post(f"/admin/records/{hers.customer_id}/export"))
    assert body["customer"]["name"] == "Anna Ek"
    assert [each["booking_id"] for each in body["records"]] == [hers.id]
    assert body["records"][0]["at"] == "2026-11-30T09:00:00+01:00"
    assert desk.site.rows("SELECT actor, verb FROM journal WHERE entity = 'customer_records'") == [
        (desk.actor, "exported")
    ]


@pytest.mark.feature("AC-21")
def test_forgetting_is_asked_once_more(desk: Desk) -> None:
    """AC-21."""
    hers, his = desk.site.book(TEN), desk.site.book(TEN, BO)
    desk.doors.kept = [kept(desk, hers.id), kept(desk, his.id)]
    path = f"/admin/records/{hers.customer_id}/erase"
    assert "forgotten for good" in desk.post(path)
    assert len(desk.doors.kept) == 2
    assert "1 record was forgotten." in desk.post(path, confirmed="yes")
    assert [each.booking_id for each in desk.doors.kept] == [his.id]


@pytest.mark.feature("AC-21")
def test_during_a_legal_hold_nothing_is_forgotten_and_the_page_says_so(site: Site) -> None:
    """AC-21."""
    desk = signed_in(site, is_held=True)
    hers = site.book(TEN)
    desk.doors.kept = [kept(desk, hers.id)]
    path = f"/admin/records/{hers.customer_id}"
    assert "A legal hold is in force" in desk.get(path)
    assert "Forget the door records" not in desk.get(path)
    assert "nothing is forgotten" in desk.post(f"{path}/erase", confirmed="yes")
    assert len(desk.doors.kept) == 1
