"""The waiting list over the API: one's place by a signed link, the crowd without names, offers taken and given up."""

from typing import Any

import pytest

from appliance.foundation.instants import HOUR, format_instant
from appliance.web.api.offer_schemas import ServiceSchema
from tests.booking.test_telling import tell
from tests.booking.test_waiting import fill, keep_list
from tests.builders import STOCKHOLM, TEN
from tests.web.api_client import Api, codes, problem


def wait(api: Api, number: int, **parts: object) -> Any:
    body = {
        "service": "padel",
        "start": format_instant(TEN, STOCKHOLM),
        "customer": {"name": f"Gäst {number}", "email": f"waits{number}@example.se"},
    }
    return api.post("/waiting", body | parts)


def sig(entry: dict[str, Any]) -> str:
    return str(entry["links"]["self"]).partition("sig=")[2]


@pytest.fixture
def full(api: Api) -> Api:
    """Ten o'clock is taken on all courts, and padel makes offers."""
    keep_list(api.site, "offer")
    fill(api.site)
    return api


def test_somebody_waits_sees_their_place_and_takes_what_is_offered(full: Api) -> None:
    """DY-18, DY-19: joined, second in line, offered when two cancel, booked with its keys."""
    first, second = (wait(full, number).get_json() for number in (1, 2))
    assert (first["position"], second["position"]) == (1, 2)
    for (booking_id,) in full.site.rows("SELECT id FROM booking WHERE status = 'confirmed' LIMIT 2"):
        full.site.cancel(str(booking_id))
    seen = full.get(f"/waiting/{second['id']}", sig=sig(second)).get_json()
    assert (seen["state"], seen["position"]) == ("offered", 0)
    answer = full.client.post(f"/api/v1/waiting/{second['id']}/accept?sig={sig(second)}")
    assert answer.status_code == 201, answer.text
    assert {key["kind"] for key in answer.get_json()["keys"]} == {"pin", "qr"}
    gone = full.delete(f"/waiting/{first['id']}", sig=sig(first))
    assert (gone.status_code, gone.get_json()["state"]) == (200, "left")
    assert wait(full, 3).status_code == 409


def test_the_crowd_is_seen_without_names_and_an_entry_only_by_its_link(full: Api) -> None:
    """DY-18: which slots have a list, nobody's name; a stranger finds nothing."""
    entry = wait(full, 1).get_json()
    wait(full, 2)
    span = {"from_": format_instant(TEN, STOCKHOLM), "to": format_instant(TEN + HOUR, STOCKHOLM)}
    crowd = full.get("/waiting", service="padel", **span)
    assert [slot["waiting"] for slot in crowd.get_json()["slots"]] == [2]
    assert "example.se" not in crowd.text
    assert full.get(f"/waiting/{entry['id']}").status_code == 404
    assert full.get(f"/waiting/{entry['id']}", sig="x" * 22).status_code == 404
    assert full.delete("/waiting/nothing", sig=sig(entry)).status_code == 404
    assert full.staff().get(f"/waiting/{entry['id']}").status_code == 200


def test_mistakes_are_told_at_once_and_refusals_say_what_to_do(full: Api) -> None:
    """DY-18."""
    wrong = {"service": "golf", "start": "10:00", "quantity": 0, "customer": {}}
    assert codes(full.post("/waiting", wrong)) >= {("service", "unknown"), ("start", "invalid")}
    late = wait(full, 1, until=format_instant(TEN + 70 * 24 * HOUR, STOCKHOLM))
    assert codes(late) == {("until", "out_of_range")}
    free = wait(full, 1, start=format_instant(TEN + 5 * HOUR, STOCKHOLM))
    assert (free.status_code, problem(free)["code"]) == (409, "not_full")
    assert wait(full, 1).status_code == 201
    assert problem(wait(full, 1))["code"] == "waits_already"
    assert problem(wait(full, 2, service="padel-class"))["status"] in (403, 422)


def test_joining_twice_by_the_same_request_is_one_entry(full: Api) -> None:
    """DY-18: a phone that lost the answer asks again."""
    body = {
        "service": "padel",
        "start": format_instant(TEN, STOCKHOLM),
        "customer": {"email": "anna@example.se"},
    }
    once, again = (full.post("/waiting", body, Idempotency_Key="k1").get_json() for _ in range(2))
    assert once["id"] == again["id"]


def test_where_all_are_told_an_entry_says_of_which_start(api: Api) -> None:
    """DY-19: chosen over the API; the entry names the free start, which anybody may book."""
    staff = api.staff()
    kept = staff.get("/service-settings").get_json()["service_settings"]
    [padel] = [each for each in kept if each["slug"] == "padel"]
    schema = ServiceSchema()
    sent = {name: padel[name] for name in schema.fields if name in padel}
    sent |= {"waiting": "notify_all", "version": padel["version"]}
    changed = staff.put(f"/service-settings/{padel['id']}", sent)
    assert changed.get_json()["waiting"] == "notify_all", changed.text
    fill(api.site)
    entry = wait(api, 1).get_json()
    assert entry["told_start"] is None
    [(booking_id,)] = api.site.rows("SELECT id FROM booking WHERE status = 'confirmed' LIMIT 1")
    api.site.cancel(str(booking_id))
    tell(api.site)
    seen = api.get(f"/waiting/{entry['id']}", sig=sig(entry)).get_json()
    assert (seen["state"], seen["told_start"]) == ("waiting", format_instant(TEN, STOCKHOLM))
