"""The help desk in the console: the booking of who calls, and an answer for each way it can go wrong."""

import json

import pytest

from appliance.booking.bookings import Status
from tests.builders import BO, TEN
from tests.web.admin.staff import Desk


@pytest.mark.feature("AC-19")
@pytest.mark.parametrize("typed", ["number", "0701740605", "anna.ek@example.se"])
def test_a_booking_is_found_by_number_phone_or_mail(desk: Desk, typed: str) -> None:
    """AC-19."""
    hers, his = desk.site.book(TEN), desk.site.book(TEN, BO)
    page = desk.post("/admin/desk", typed=hers.number if typed == "number" else typed)
    assert hers.number in page
    assert his.number not in page
    assert "Anna Ek" in desk.get(f"/admin/desk/{hers.id}")
    assert "No booking fits" in desk.post("/admin/desk", typed="nobody@example.se")
    assert desk.client.get("/admin/desk/nothing").status_code == 404


@pytest.mark.feature("AC-19")
def test_the_key_is_shown_again_and_each_showing_is_on_record(desk: Desk) -> None:
    """AC-19, BM-26: made again from the site secret; with who and why."""
    hers = desk.site.book(TEN)
    [pin] = desk.site.pins(hers.id)
    assert pin not in desk.get(f"/admin/desk/{hers.id}").replace(" ", "")
    refused = desk.post(f"/admin/desk/{hers.id}/key", 422, reason="")
    assert pin not in refused.replace(" ", "")
    page = desk.post(f"/admin/desk/{hers.id}/key", reason="Called from her own number")
    assert f"{pin[:3]} {pin[3:]}" in page
    assert "<svg" in page
    [(actor, after)] = desk.site.rows("SELECT actor, after FROM journal WHERE entity = 'help_desk'")
    assert actor == desk.actor
    assert json.loads(str(after)) == {"by": "staff", "reason": "Called from her own number"}
    assert not [row for row in desk.site.rows("SELECT after FROM journal") if pin in str(row[0])]


@pytest.mark.feature("AC-19")
def test_a_door_is_opened_once_for_the_booking(desk: Desk) -> None:
    """AC-19."""
    hers = desk.site.book(TEN)
    page = desk.post(f"/admin/desk/{hers.id}/release", door="entrance", reason="Phone is dead")
    assert "Unlocked for 5 s" in page
    assert ("release", "entrance", desk.actor, f"{hers.number}: Phone is dead") in desk.doors.asked
    backup = desk.post(f"/admin/desk/{hers.id}/backup-pin", door="entrance", reason="Comes later", minutes="20")
    assert 'class="secret"' in backup
    assert "This is needed." in desk.post(f"/admin/desk/{hers.id}/backup-pin", 422, door="entrance", reason="")


@pytest.mark.feature("BM-26")
def test_a_late_guest_gets_a_longer_booking_and_the_key_with_it(desk: Desk) -> None:
    """BM-26."""
    hers = desk.site.book(TEN)
    before = desk.site.pins(hers.id)
    page = desk.post(f"/admin/desk/{hers.id}/longer", duration="90")
    assert "It lasts until 2026-11-30 11:30 now" in page
    assert desk.site.pins(hers.id) == before


@pytest.mark.feature("BM-26")
def test_an_early_leaver_frees_the_place(desk: Desk) -> None:
    """BM-26: not before it has begun, which is said."""
    hers = desk.site.book(TEN)
    assert "once your time has begun" in desk.post(f"/admin/desk/{hers.id}/left")
    desk.site.clock.set(TEN + 600)
    assert "It has ended." in desk.post(f"/admin/desk/{hers.id}/left")
    assert desk.site.status(hers.id) is Status.COMPLETED


@pytest.mark.feature("BM-26")
def test_a_door_that_has_not_heard_is_said(desk: Desk) -> None:
    """BM-26, AC-08."""
    hers = desk.site.book(TEN)
    assert "its keys open nothing" in desk.post(f"/admin/desk/{hers.id}/cancel")
    assert desk.site.status(hers.id) is Status.CONFIRMED
    desk.doors.reached = 0
    assert "has not heard of it yet" in desk.post(f"/admin/desk/{hers.id}/cancel", confirmed="yes")
    assert desk.site.status(hers.id) is Status.CANCELLED
