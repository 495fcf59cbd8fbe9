"""Who finds a service, how far ahead, and whom it lets book."""

from typing import Any

import pytest

from tests.web.api_client import Api, problem
from tests.web.clinic import at, put, shown, statements, times


def admit(staff: Api, owner: str, **parts: object) -> Any:
    version = staff.get(f"/admissions/{owner}").get_json()["version"]
    answer = put(staff, f"/admissions/{owner}", {"version": version, **parts})
    assert answer.status_code == 200, answer.text
    return answer.get_json()


@pytest.mark.feature("DY-14")
@pytest.mark.parametrize("visibility", ["link", "members", "staff"])
def test_a_hidden_service_is_not_there_for_strangers(clinic: Api, visibility: str) -> None:
    """DY-14: 404 and no word of it anywhere, as if it did not exist; staff see it, and who has the link."""
    staff = clinic.staff()
    admit(staff, "massage", visibility=visibility)
    assert clinic.get("/services/massage").status_code == 404
    asked = {"from_": shown(at(0)), "to": shown(at(24))}
    hidden, none = (clinic.get("/slots", service=name, **asked) for name in ("massage", "no-such"))
    assert (hidden.status_code, hidden.data) == (404, none.data)
    for path, body in (("/bookings", clinic.booking(at(9))), ("/holds", {"start": shown(at(9))})):
        tried, unknown = (clinic.post(path, body | {"service": name}) for name in ("massage", "no-such"))
        assert (tried.status_code, tried.data) == (unknown.status_code, unknown.data)
    told = clinic.get("/services").text + clinic.get("/resources").text + clinic.get("/busy", **asked).text
    assert "massage" not in told
    assert "kim" not in told
    assert "massage" not in clinic.bearer("kiosk").get("/services").text
    assert times(staff)
    shown_to_staff = staff.get("/services/massage").get_json()
    assert shown_to_staff["visibility"] == visibility
    link = shown_to_staff["link"].partition("link=")[2]
    assert (clinic.get("/services/massage", link=link).status_code == 200) is (visibility == "link")
    booked = clinic.post(f"/bookings?link={link}", clinic.booking(at(9), service="massage"))
    assert (booked.status_code == 201) is (visibility == "link")


@pytest.mark.feature("DY-12")
def test_the_eighth_day_is_hidden_and_refused(clinic: Api) -> None:
    """DY-12: seven days are seen, today among them; the eighth is refused too, with the instant at which it is seen."""
    staff = clinic.staff()
    admit(staff, clinic.site.world.facility.id, visible_days=7)
    assert (times(clinic, day=6) != [], times(clinic, day=7)) == (True, [])
    for path in ("/bookings", "/holds"):
        body = clinic.booking(at(9, 7), service="massage")
        refused = problem(
            clinic.post(path, body if path == "/bookings" else {"service": "massage", "start": body["start"]})
        )
        assert (refused["reason"], refused["passes_at"]) == ("too_early", shown(at(0, 1)))
    assert times(staff, day=7) != []
    clinic.site.clock.set(at(0, 1))
    assert times(clinic, day=7) != []


@pytest.mark.feature("DY-13")
def test_free_and_busy_without_an_account_and_without_names(clinic: Api) -> None:
    """DY-13: when each resource is open and taken, nothing personal; what a click leads to is the service's choice."""
    clinic.booked(at(9), service="massage", resource="kim")
    seen = clinic.get("/busy", from_=shown(at(0)), to=shown(at(24)))
    kim = next(each for each in seen.get_json()["resources"] if each["id"] == "kim")
    assert [each["start"] for each in kim["busy"]] == [shown(at(9))]
    for personal in ("Anna", "anna.ek", "customer", "number"):
        assert personal not in seen.text
    admit(clinic.staff(), "massage", leads_to="contact")
    assert clinic.get("/services/massage").get_json()["leads_to"] == "contact"


CARD = {"customer": {"name": "Anna Ek", "email": "Anna.Ek@example.se", "phone": "070-174 06 05"}}


@pytest.mark.feature("BM-05", "DY-27")
def test_only_customers_in_the_register_may_book(clinic: Api) -> None:
    """BM-05, DY-27: by verified e-mail or phone in any spelling; refused alike if unknown, blocked, unentitled."""
    staff, site = clinic.staff(), clinic.site
    admit(staff, "massage", who_may_book="register_only")
    stranger = clinic.post("/bookings", clinic.booking(at(9), service="massage"))
    assert (stranger.status_code, problem(stranger)["reason"]) == (403, "not_admitted")
    made = staff.post("/customers", CARD)
    assert made.status_code == 201, made.text
    unverified = clinic.post("/bookings", clinic.booking(at(9), service="massage"))
    assert unverified.data == stranger.data
    card = made.get_json()
    marked = put(staff, f"/customers/{card['id']}", CARD | {"version": card["version"], "phone_verified": True})
    assert marked.status_code == 200, marked.text
    for number, phone in enumerate(("+46701740605", "0701740605", "0046 70 174 06 05")):
        body = clinic.booking(at(9 + number), service="massage", customer={"name": "A", "phone": phone})
        assert clinic.post("/bookings", body).status_code == 201
    hold = clinic.post("/holds", {"service": "massage", "start": shown(at(13))}).get_json()["id"]
    assert clinic.post("/bookings", {"hold": hold, "customer": {"email": "x@example.se"}}).data == stranger.data
    by_phone = clinic.booking(at(15), service="massage", customer={"phone": "0701740605"})
    for status in ("blocked", "archived"):
        version = staff.get(f"/customers/{card['id']}").get_json()["version"]
        body = CARD | {"version": version, "phone_verified": True, "status": status}
        assert put(staff, f"/customers/{card['id']}", body).status_code == 200
        assert clinic.post("/bookings", by_phone).data == stranger.data
        assert clinic.bearer("kiosk").post("/bookings", by_phone).data == stranger.data
    version = staff.get(f"/customers/{card['id']}").get_json()["version"]
    put(staff, f"/customers/{card['id']}", CARD | {"version": version, "phone_verified": True})
    admit(staff, "massage", who_may_book="entitled_only")
    assert clinic.post("/bookings", by_phone).data == stranger.data
    booked = staff.post("/bookings", by_phone)
    assert booked.status_code == 201
    bypassed = [each for each in staff.get("/journal").get_json()["entries"] if each["entity"] == "bypass"]
    assert [each["entity_id"] for each in bypassed] == [booked.get_json()["id"]]
    assert bypassed[0]["actor"].startswith("staff:")
    assert "Anna" not in staff.get("/journal").text
    assert put(staff, f"/customers/{card['id']}", CARD | {"version": 1}).status_code == 409
    assert site.rows("SELECT count(*) FROM booking WHERE customer_id = ?", card["id"])[0][0] == 4


@pytest.mark.feature("BM-05")
def test_only_who_holds_what_covers_it_may_book(clinic: Api) -> None:
    """BM-05: a card of that service, good at the start that is booked; one for something else lets nobody in."""
    staff = clinic.staff()
    admit(staff, "massage", who_may_book="entitled_only")
    card = staff.post("/customers", CARD | {"email_verified": True}).get_json()
    product = {"name": "Kort", "kind": "clips", "amount": 100, "vat_percent": 6, "clips": 8, "valid_days": 3}
    body = clinic.booking(at(9), service="massage")
    for covered, status in (("padel", 403), ("massage", 201)):
        covers = [{"service": covered, "percent": 100}]
        sold = staff.post("/entitlement-products", product | {"name": covered, "covers": covers})
        granted = staff.post(
            f"/customers/{card['id']}/entitlements", {"product": sold.get_json()["id"], "reason": "sold"}
        )
        assert granted.status_code == 201, granted.text
        assert clinic.post("/bookings", body).status_code == status
    too_late = clinic.post("/bookings", clinic.booking(at(9, 4), service="massage"))
    assert problem(too_late)["reason"] == "not_admitted"


@pytest.mark.feature("BM-05")
def test_a_refusal_takes_the_same_questions_for_everybody(clinic: Api) -> None:
    """BM-05: unknown, blocked and unentitled are told apart neither by the answer nor by the work behind it."""
    staff = clinic.staff()
    admit(staff, "massage", who_may_book="entitled_only")
    marked = CARD | {"email_verified": True, "phone_verified": True}
    staff.post("/customers", marked)
    blocked = {"name": "Bo", "email": "bo@example.se"}
    staff.post("/customers", {"customer": blocked, "status": "blocked", "email_verified": True})
    covers = [{"service": "padel", "percent": 100}, {"service": "massage", "percent": 100}]
    card = {"name": "Kort", "kind": "clips", "amount": 100, "vat_percent": 6, "clips": 8, "covers": covers}
    assert staff.post("/entitlement-products", card).status_code == 201
    asked = []
    unentitled = {"name": "Anna Ek", "email": "anna.ek@example.se"}
    for who in ({"email": "nobody@example.se"}, blocked, unentitled, {"email": "nobody@example.se"}):
        with statements(clinic.site) as seen:
            refused = clinic.post("/bookings", clinic.booking(at(9), service="massage", customer=who))
        assert problem(refused)["reason"] == "not_admitted"
        asked.append(list(seen))
    assert asked[1:] == [asked[1]] * 3
