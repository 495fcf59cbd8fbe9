"""The facility, services and pools as staff edit them over the API: in force at once, archived, never overwritten."""

from typing import Any

import pytest

from tests.builders import TEN
from tests.web.api_client import Api, codes, problem
from tests.web.clinic import put

SAUNA = {"slug": "sauna", "name": "Bastu", "kind": "individual", "vat_percent": 6}
HOUR = {"minutes": 60, "amount": 20_000}


def sauna(api: Api) -> dict[str, Any]:
    """A sauna that can be booked."""
    staff = api.staff()
    assert staff.post("/resource-settings", {"slug": "sauna-1", "name": "Bastun", "kind": "unit"}).status_code == 201
    pool = staff.post("/pools", {"slug": "saunas", "members": ["sauna-1"]})
    assert pool.status_code == 201, pool.text
    made = staff.post("/service-settings", {**SAUNA, "durations": [HOUR], "needs": [{"pool": pool.get_json()["id"]}]})
    assert made.status_code == 201, made.text
    return dict(made.get_json())


@pytest.mark.feature("BRP-22", "DY-15")
def test_a_new_service_is_booked_at_the_next_request_and_not_once_it_is_archived(api: Api) -> None:
    """BRP-22, DY-15: a resource, a pool of it, a service that needs it; what was sold of it keeps its name."""
    made, staff = sauna(api), api.staff()
    booked = api.booked(TEN, service="sauna")
    assert booked["price"] == {"amount": 20_000, "currency": "SEK"}
    gone = staff.delete(f"/service-settings/{made['id']}", version=made["version"])
    assert gone.status_code == 204
    refused = api.post("/bookings", api.booking(TEN + 7200, service="sauna"))
    assert codes(refused) == {("service", "unknown")}
    assert "sauna" not in {each["slug"] for each in api.get("/services").get_json()["services"]}
    assert staff.get(f"/bookings/{booked['id']}").status_code == 200
    kept = staff.get("/service-settings", archived="true").get_json()["service_settings"]
    assert [each["archived"] for each in kept if each["slug"] == "sauna"] == [True]


@pytest.mark.feature("BRP-10")
def test_the_second_to_change_a_service_is_told(api: Api) -> None:
    """BRP-10."""
    made, staff = sauna(api), api.staff()
    body = {**SAUNA, "durations": [HOUR], "needs": [{"pool": made["needs"][0]["pool"]}], "version": 1}
    first = put(staff, f"/service-settings/{made['id']}", {**body, "name": "Vedbastu"})
    assert (first.status_code, first.get_json()["version"]) == (200, 2)
    assert problem(put(staff, f"/service-settings/{made['id']}", body))["code"] == "changed_meanwhile"
    assert staff.get(f"/service-settings/{made['id']}").get_json()["name"] == "Vedbastu"


def test_nonsense_about_a_service_is_refused_with_every_mistake(api: Api) -> None:
    made, staff = sauna(api), api.staff()
    lengths = [HOUR, HOUR]
    wrong = {**SAUNA, "slug": "Bad Slug", "grid_minutes": 0, "durations": lengths}
    assert codes(staff.post("/service-settings", wrong)) == {("slug", "invalid"), ("grid_minutes", "out_of_range")}
    twice = {**SAUNA, "durations": lengths, "needs": []}
    assert codes(staff.post("/service-settings", twice)) == {("durations", "twice"), ("needs", "missing")}
    unknown = {**SAUNA, "durations": [HOUR], "rule": "none", "needs": [{"pool": "none"}]}
    assert codes(staff.post("/service-settings", unknown)) == {
        ("slug", "taken"),
        ("rule", "unknown"),
        ("needs.0.pool", "unknown"),
    }
    other = {**SAUNA, "kind": "class", "durations": [HOUR], "version": 1}
    assert codes(put(staff, f"/service-settings/{made['id']}", other)) == {("kind", "fixed")}
    assert codes(staff.post("/pools", {"slug": "saunas", "members": []})) == {("slug", "taken")}


def test_the_facility_is_changed_and_the_second_is_told(api: Api) -> None:
    """A new name is told at the next request; a new zone is kept for the next start, and none is made up."""
    staff = api.staff()
    body = {"name": "Norra Hallen", "zone": "Europe/Helsinki", "help_phone": "+46 8 123", "version": 1}
    changed = put(staff, "/facility-settings", body)
    assert (changed.status_code, changed.get_json()["zone"]) == (200, "Europe/Helsinki")
    assert api.get("/facilities").get_json()["facilities"][0]["name"] == "Norra Hallen"
    assert problem(put(staff, "/facility-settings", body))["code"] == "changed_meanwhile"
    assert codes(put(staff, "/facility-settings", {**body, "version": 2, "zone": "Mars"})) == {("zone", "unknown")}
    assert api.booked(TEN)["start"].endswith("+01:00")
