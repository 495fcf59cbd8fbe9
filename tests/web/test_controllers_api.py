"""Staff see what became of each grant at a vendor's controller (DR-11, BM-27)."""

from appliance.foundation.instants import format_instant
from tests.builders import NOW, STOCKHOLM
from tests.web.api_client import Api, problem

SHOWN = format_instant(NOW, STOCKHOLM)


def test_staff_see_every_controller_with_its_counts(api: Api) -> None:
    """DR-11: health, what it can do, how many grants are in which state, and how far its events are complete."""
    (seen,) = api.staff().get("/controllers").get_json()["controllers"]
    assert (seen["slug"], seen["online"], seen["counts"]) == ("gym", True, {"accepted": 1})
    assert (seen["complete_until"], seen["listed_at"]) == (SHOWN, None)
    assert seen["capabilities"] == {
        "takes": ["card"], "code_digits": None, "resolution_s": 60, "revocation": "on_sync", "unlocks": True,
        "works_alone": True,
    }  # fmt: skip


def test_staff_see_the_life_of_each_grant_and_nobodys_card(api: Api) -> None:
    """DR-11: accepted is called accepted."""
    staff = api.staff()
    page = staff.get("/controllers/gym/grants").get_json()
    (grant,) = page["grants"]
    assert (grant["state"], grant["booking_id"], grant["start"]) == ("accepted", "booking", SHOWN)
    assert not {"card", "email", "subject"} & set(grant)
    assert staff.get("/controllers/gym/grants", cursor=page["next_cursor"]).get_json()["next_cursor"] is None


def test_an_unknown_controller_is_not_found(api: Api) -> None:
    """DR-11."""
    answer = api.staff().get("/controllers/nowhere/grants")
    assert (answer.status_code, problem(answer)["code"]) == (404, "not_found")


def test_nobody_else_sees_them(api: Api) -> None:
    """DR-11: who books what and when is nobody's business."""
    for caller in (api, api.bearer("reader"), api.bearer("kiosk")):
        for path in ("/controllers", "/controllers/gym/grants"):
            assert caller.get(path).status_code in (401, 403)
