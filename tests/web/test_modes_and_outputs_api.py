"""Staff run doors and outputs over the API (AC-12, AC-17)."""

import pytest

from appliance.foundation.instants import HOUR, format_instant
from tests.builders import NOW, STOCKHOLM
from tests.web.api_client import LAMP, Api, codes, problem

UNTIL = format_instant(NOW + HOUR, STOCKHOLM)


def test_staff_lock_a_door_down_and_end_that(api: Api) -> None:
    """AC-12: with who and why; the answer says which mode prevails."""
    staff = api.staff()
    answer = staff.post("/doors/entrance/mode", {"mode": "lockdown", "reason": "a fight outside"})
    assert (answer.status_code, answer.get_json()["mode"]) == (200, "lockdown")
    answer = staff.post("/doors/entrance/mode", {"mode": "lockdown", "on": False, "reason": "over"})
    assert answer.get_json()["mode"] == "normal"
    asked = [call for call in api.doors.asked if call[0] == "mode"]
    assert [call[:3] + call[4:] for call in asked] == [
        ("mode", "entrance", "lockdown", "a fight outside", True),
        ("mode", "entrance", "lockdown", "over", False),
    ]
    assert all(str(call[3]).startswith("staff:") for call in asked)


def test_what_is_no_mode_is_refused_and_changes_nothing(api: Api) -> None:
    """AC-12: every mistake at once; an unknown door is not found."""
    staff = api.staff()
    answer = staff.post("/doors/entrance/mode", {"mode": "open", "on": "perhaps"})
    assert (answer.status_code, {field for field, _ in codes(answer)}) == (422, {"mode", "on", "reason"})
    answer = staff.post("/doors/nowhere/mode", {"mode": "normal", "reason": "x"})
    assert (answer.status_code, problem(answer)["code"]) == (404, "not_found")
    assert "mode" not in {call[0] for call in api.doors.asked}


def test_staff_see_and_override_an_output(api: Api) -> None:
    """AC-17: for a while, with who and why, and back to the bookings."""
    staff = api.staff()
    assert [one["slug"] for one in staff.get("/outputs").get_json()["outputs"]] == [LAMP.slug]
    answer = staff.post("/outputs/lamp/override", {"on": True, "minutes": 60, "reason": "cleaning"})
    assert (answer.status_code, answer.get_json()["on"], answer.get_json()["override_until"]) == (200, True, UNTIL)
    assert staff.delete("/outputs/lamp/override").get_json()["override_until"] is None
    assert staff.post("/outputs/x/override", {"on": True, "minutes": 60, "reason": "x"}).status_code == 404


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/doors/entrance/mode", {"mode": "free_access", "reason": "x"}),
        ("/outputs/lamp/override", {"on": True, "minutes": 60, "reason": "x"}),
    ],
)
def test_nobody_else_runs_doors_and_outputs(api: Api, path: str, body: dict[str, object]) -> None:
    """AC-12, AC-17: neither a stranger, nor a reader, nor a kiosk."""
    for caller in (api, api.bearer("reader"), api.bearer("kiosk")):
        assert caller.post(path, body).status_code in (401, 403)
    assert api.another().get("/outputs").status_code == 401
    assert {call[0] for call in api.doors.asked} <= {"doors"}


def test_staff_see_how_many_are_inside_and_begin_to_count_anew(api: Api) -> None:
    """AC-13: by area, with who says that it is empty and why."""
    staff = api.staff()
    assert staff.get("/areas").get_json() == {"areas": [{"area": "hall", "bookings": 2, "people": 5}]}
    assert staff.post("/areas/hall/empty", {"reason": "fire drill"}).get_json() == {"people": 5}
    assert api.doors.asked[-1][:2] == ("empty_area", "hall")
    assert api.another().get("/areas").status_code == 401
