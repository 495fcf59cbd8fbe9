"""Bringing cancelled bookings back: only into a free slot, with new keys and the old ones dead."""

from typing import Any

import pytest

from appliance.foundation.instants import HOUR, format_instant
from tests.builders import STOCKHOLM, TEN
from tests.web.api_client import Api, codes, problem

WHY = {"reason": "Avbokad av misstag"}


@pytest.fixture
def desk(api: Api) -> Api:
    return api.staff()


def cancelled(desk: Api, **parts: object) -> dict[str, Any]:
    """A booking that its customer cancelled."""
    booked = desk.another().booked(TEN, **parts)
    ended = desk.another().post(f"/bookings/{booked['id']}/cancel", {"cancel_code": booked["cancel_code"]})
    assert ended.status_code == 200, ended.text
    return booked


def test_a_cancelled_booking_comes_back_with_new_keys_and_is_on_record(desk: Api) -> None:
    """SH-12: same number, place and price, its code good again; the PIN that was killed stays dead."""
    was = cancelled(desk, resource="court-2")
    back = desk.post(f"/bookings/{was['id']}/restore", WHY)
    assert back.status_code == 200, back.text
    now = back.get_json()
    same = ("id", "number", "start", "end", "resources", "price", "cancel_code")
    assert {name: now[name] for name in same} == {name: was[name] for name in same}
    assert now["status"] == "confirmed"
    assert [key["code"] for key in now["keys"] if key["kind"] == "pin"] != [
        key["code"] for key in was["keys"] if key["kind"] == "pin"
    ]
    states = desk.site.rows("SELECT state, count(*) FROM key WHERE booking_id = ? GROUP BY state", was["id"])
    assert sorted(states) == [("cancelled", 2), ("live", 2)]
    verbs = [verb for (verb,) in desk.site.rows("SELECT verb FROM journal WHERE entity_id = ? ORDER BY seq", was["id"])]
    assert verbs[-2:] == ["restored", "explained"]
    assert desk.another().get(f"/bookings/{was['id']}", cancel_code=was["cancel_code"]).status_code == 200


def test_into_a_taken_slot_nothing_is_restored_and_the_nearest_is_named(desk: Api) -> None:
    """SH-12: the guard has the last word; nothing changed."""
    was = cancelled(desk, resource="court-2")
    for number in range(4):
        desk.booked(TEN, resource=f"court-{number + 1}", customer={"email": f"guest{number}@example.se"})
    before = desk.site.rows("SELECT count(*), max(seq) FROM journal")
    refused = desk.post(f"/bookings/{was['id']}/restore", WHY)
    told = problem(refused)
    assert (refused.status_code, told["code"]) == (409, "slot_taken")
    assert told["nearest"] == format_instant(TEN - HOUR, STOCKHOLM)
    assert desk.site.rows("SELECT count(*), max(seq) FROM journal") == before
    assert desk.site.status(str(was["id"])) == "cancelled"


def test_only_what_was_cancelled_and_lies_ahead_comes_back_and_only_by_staff(desk: Api) -> None:
    """SH-12: permission, reason, and a time that is still to come."""
    running, was = desk.booked(TEN), cancelled(desk)
    assert problem(desk.post(f"/bookings/{running['id']}/restore", WHY))["code"] == "not_restorable"
    assert desk.another().post(f"/bookings/{was['id']}/restore", WHY).status_code == 401
    assert codes(desk.post(f"/bookings/{was['id']}/restore", {})) == {("reason", "missing")}
    desk.site.clock.set(TEN + HOUR)
    assert problem(desk.staff().post(f"/bookings/{was['id']}/restore", WHY))["code"] == "not_restorable"
