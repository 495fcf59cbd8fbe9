"""What the doors know of one customer: told to staff, forgotten when they ask, and nobody else's business (AC-21)."""

import pytest

from appliance.door_socket.record_answers import DoorRecord
from tests.builders import BO, NOW, TEN
from tests.web.api_client import Api

STRANGER = "01900000-0000-7000-8000-000000000000"


def kept(api: Api, booking_id: str) -> DoorRecord:
    return DoorRecord(NOW, "door-1", "granted", "granted", "pin", booking_id)


@pytest.mark.feature("AC-21")
def test_staff_tell_and_forget_the_door_records_of_one_person(api: Api) -> None:
    """AC-21: of all their bookings, and of nobody else's."""
    hers, his = api.site.book(TEN), api.site.book(TEN, BO)
    again = api.site.book(TEN + 7200)
    api.doors.kept = [kept(api, each.id) for each in (hers, his, again)]
    staff, path = api.staff(), f"/customers/{hers.customer_id}/records"
    told = staff.get(path).get_json()
    assert [each["booking"] for each in told["records"]] == [hers.id, again.id]
    assert set(told["records"][0]) == {"at", "door", "verdict", "reason", "kind", "booking"}
    assert staff.delete(path).get_json()["forgotten"] == 2
    assert staff.get(path).get_json()["records"] == []
    assert [each.booking_id for each in api.doors.kept] == [his.id]


@pytest.mark.feature("AC-21")
def test_a_legal_hold_refuses_and_strangers_get_nothing(api: Api) -> None:
    """AC-21: nothing is forgotten in a lawsuit."""
    hers = api.site.book(TEN)
    api.doors.kept = [kept(api, hers.id)]
    path = f"/customers/{hers.customer_id}/records"
    api.doors.held = True
    assert api.staff().delete(path).status_code >= 400
    assert api.staff().get(path).get_json()["records"]
    assert (api.get(path).status_code, api.another().delete(path).status_code) == (401, 401)
    assert api.staff().get(f"/customers/{STRANGER}/records").status_code == 404
    assert api.staff().get("/customers/x/records").status_code == 404
