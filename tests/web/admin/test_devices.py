"""Outputs, areas and controllers in the console."""

from tests.builders import NOW
from tests.web.admin.staff import Desk


def test_all_that_hangs_on_the_wall_is_listed(desk: Desk) -> None:
    """AC-13, AC-17, DR-11."""
    page = desk.get("/admin/devices")
    for words in ("hall", "5", "Lampor", "The bookings", "Gym", "Accepted, not confirmed yet: 1"):
        assert words in page, words


def test_a_grant_that_was_only_accepted_is_not_called_confirmed(desk: Desk) -> None:
    """DR-11."""
    page = desk.get("/admin/devices/controllers/gym")
    assert "Accepted, not confirmed yet" in page
    assert 'data-mark="good"' not in page
    assert desk.client.get("/admin/devices/controllers/nowhere").status_code == 404


def test_staff_have_their_will_of_a_lamp_for_a_while(desk: Desk) -> None:
    """AC-17."""
    page = desk.post("/admin/devices/outputs/lamp", on="true", minutes="90", reason="Cleaning")
    assert "Lampor is switched on until 2026-11-30 10:30." in page
    assert ("override", "lamp", desk.actor, "Cleaning", True, NOW + 5400) in desk.doors.asked
    assert "follows the bookings again" in desk.post("/admin/devices/outputs/lamp/follow")
    wrong = desk.post("/admin/devices/outputs/lamp", 422, on="true", minutes="0", reason="")
    assert "Choose a number from 1 to 1440." in wrong
    assert "This is needed." in wrong


def test_an_area_is_counted_anew_by_who_has_seen_it(desk: Desk) -> None:
    """AC-13."""
    assert "5 people are counted inside." in desk.get("/admin/devices/areas/hall")
    page = desk.post("/admin/devices/areas/hall", reason="I walked through")
    assert "5 people are no longer counted inside." in page
    assert ("empty_area", "hall", desk.actor, "I walked through") in desk.doors.asked
