"""One's own profile and one's own calendar over the API, and nobody else's (DY-33)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from appliance.boot.web import unit_of
from appliance.config import FurtherFacility
from appliance.foundation.instants import DAY, at_local
from appliance.identity.passwords import hash_password
from appliance.identity.session_tokens import new_token
from appliance.identity.store import StaffMember, add_staff
from tests.builders import BO, MONDAY, STOCKHOLM, Site
from tests.messaging.test_calendar_file import read
from tests.messaging.test_recap import at, employ, offer_massage
from tests.web.api_client import Api, PlayedDoors, codes
from tests.web.clinic import put
from tests.web.organisation import organisation
from tests.web.pages.desk import desk_app
from tests.web.pages.fake_doors import FakeDoors

ME = {"name": "Kim Berg", "email": "kim@example.se", "phone": "070-174 06 05", "language": "sv"}
TUESDAY = MONDAY + timedelta(days=1)


@pytest.fixture
def staff(api: Api) -> Api:
    return api.staff()


@pytest.fixture
def faces(site: Site) -> Iterator[Api]:
    """The API of a unit with its pages, over two facilities."""
    with organisation(site) as both:
        north = both.further.settings
        offer_massage(both.further, employ(site))
        both.further.book(at(540, TUESDAY), BO, service="massage")
        settings = replace(site.settings, further=(FurtherFacility(north.facility_id, north.facility_slug),))
        doors = PlayedDoors(site)
        unit = replace(unit_of(settings, site.side), doors=doors, demo=False)
        app = desk_app(site, FakeDoors(), unit)
        yield Api(site, app, doors, app.test_client()).staff()


def events_at(api: Api, address: str) -> list[dict[str, str]]:
    answer = api.another().client.get(address.removeprefix("http://unit.test"))
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert "\r\nMETHOD:PUBLISH\r\nX-WR-CALNAME:Portvakt\r\n" in answer.text
    return read(answer.text)


def utc(instant: int) -> str:
    return datetime.fromtimestamp(instant, UTC).strftime("%Y%m%dT%H%M%SZ")


def is_there(api: Api, address: str) -> bool:
    return api.another().client.get(address.removeprefix("http://unit.test")).status_code == 200


@pytest.mark.feature("DY-33")
def test_staff_edit_their_own_profile_and_see_no_other(api: Api, staff: Api) -> None:
    """DY-33: in one spelling; a colleague's stays theirs; a stranger and a kiosk have none."""
    site = api.site
    with site.side.book.write(site.side.scope, "test") as tx:
        add_staff(
            tx, StaffMember(tx.ids.new(), "lo", "staff", one_time=False, password_hash=hash_password("lo-lo-lo-lo"))
        )
    assert staff.get("/me").get_json() == {
        "user": "admin", "role": "administrator", "name": "", "email": "", "phone": "", "language": "",
        "has_calendar": False, "version": 1,
    }  # fmt: skip
    made = put(staff, "/me", ME | {"version": 1})
    assert made.status_code == 200, made.text
    assert {name: made.get_json()[name] for name in (*ME, "version")} == ME | {"phone": "+46701740605", "version": 2}
    lo = api.another()
    token = lo.post("/session", {"user": "lo", "password": "lo-lo-lo-lo"}).get_json()["csrf_token"]
    lo.headers["X-CSRF-Token"] = token
    assert (lo.get("/me").get_json()["user"], lo.get("/me").get_json()["name"]) == ("lo", "")
    assert put(lo, "/me", {"name": "Lo", "version": 1}).status_code == 200
    assert put(lo, "/me", {"id": "admin", "name": "x", "version": 2}).status_code == 422
    assert staff.get("/me").get_json()["name"] == "Kim Berg"
    strangers = (api.another(), api.bearer("kiosk"))
    assert {(each.get("/me").status_code, put(each, "/me", ME | {"version": 2}).status_code) for each in strangers} == {
        (401, 401)
    }


@pytest.mark.feature("DY-33")
def test_all_mistakes_are_told_at_once_and_the_second_to_save_is_told(staff: Api) -> None:
    """DY-33: each field beside what is wrong with it; an old copy changes nothing."""
    wrong = {"name": "x" * 121, "email": "kim@", "phone": "12", "language": "de", "version": 1}
    assert codes(put(staff, "/me", wrong)) == {
        ("name", "too_long"), ("email", "not_an_email"), ("phone", "not_a_phone"), ("language", "out_of_range"),
    }  # fmt: skip
    assert put(staff, "/me", ME | {"version": 1}).status_code == 200
    late = put(staff, "/me", {"name": "Somebody", "version": 1})
    assert (late.status_code, late.get_json()["code"], late.get_json()["version"]) == (409, "changed_meanwhile", 2)
    assert put(staff, "/me", {"version": 2}).get_json()["email"] == ""


@pytest.mark.feature("DY-33")
def test_the_journal_tells_what_was_changed_and_no_value(api: Api, staff: Api) -> None:
    """DY-33: names of fields alone; and no address of a calendar stands in the file."""
    put(staff, "/me", ME | {"version": 1})
    token = staff.post("/me/calendar", {}).get_json()["address"].rpartition("/")[2].removesuffix(".ics")
    entries = api.site.rows("SELECT verb, after FROM journal WHERE entity = 'staff' ORDER BY seq DESC LIMIT 2")
    assert [verb for verb, _ in entries] == ["calendar_opened", "profile_changed"]
    assert entries[1][1] == '{"fields":["name","email","phone","language"],"version":2}'
    kept = b"".join(each.read_bytes() for each in api.site.settings.data.glob("booking.db*"))
    assert (token.encode() in kept, b"Kim Berg" in kept) == (False, True)
    journal = str(api.site.rows("SELECT * FROM journal"))
    assert not any(value in journal for value in ("Kim Berg", "kim@example.se", "701740605"))


@pytest.mark.feature("DY-33")
def test_a_calendar_shows_what_one_has_at_every_facility(faces: Api) -> None:
    """DY-33: service, place and first name alone, by RFC 5545, with the UID and SEQUENCE of the booking."""
    site = faces.site
    first = site.book(at(960, TUESDAY), service="massage")
    site.book(at_local(MONDAY + timedelta(days=3), 600, STOCKHOLM))  # a court: nobody's
    moved = site.move(first, at(1020, TUESDAY), by_staff=True)
    assert not hasattr(moved, "reason")
    address = faces.post("/me/calendar", {}).get_json()["address"]
    assert address.startswith("http://unit.test/calendar/")
    events = events_at(faces, address)
    assert [(each["SUMMARY"], each["LOCATION"].partition(",")[0]) for each in events] == [
        ("Massage, Bo", "Norra Hallen"),
        ("Massage, Anna", "Södra Padel"),
    ]
    assert [each["DTSTART"] for each in events] == [utc(at(540, TUESDAY)), utc(at(1020, TUESDAY))]
    revision = site.rows("SELECT revision FROM booking WHERE id = ?", first.id)[0][0]
    assert (events[1]["UID"], events[1]["SEQUENCE"]) == (f"{first.id}@portvakt", str(revision))
    assert int(str(revision)) > first.revision
    assert {each["DTSTAMP"] for each in events} == {utc(site.clock.now())}
    whole = faces.another().client.get(address.removeprefix("http://unit.test")).get_data(as_text=True)
    assert not any(private in whole for private in ("Ek", "anna.ek", "+4670", "Öst", "bo@", "/k/"))
    site.cancel(first.id, by_staff=True)
    assert len(events_at(faces, address)) == 1
    site.clock.advance(2 * DAY)
    assert events_at(faces, address) == []


@pytest.mark.feature("DY-33")
def test_the_address_of_a_calendar_is_secret_renewed_and_switched_off(faces: Api) -> None:
    """DY-33: a former, a made-up and a switched-off address are all 404; nobody else is told one."""
    assert faces.get("/me").get_json()["has_calendar"] is False
    first = faces.post("/me/calendar", {}).get_json()["address"]
    assert (is_there(faces, first), faces.get("/me").get_json()["has_calendar"]) == (True, True)
    assert "/calendar/" not in faces.get("/me").text
    second = faces.post("/me/calendar", {}).get_json()["address"]
    assert (is_there(faces, first), is_there(faces, second)) == (False, True)
    for other in (new_token(), second.rpartition("/")[2].removesuffix(".ics")[:-1], "x", "%00", "å" * 43):
        assert not is_there(faces, f"/calendar/{other}.ics")
    assert faces.delete("/me/calendar").status_code == 204
    assert not is_there(faces, second)
    assert faces.another().post("/me/calendar", {}).status_code == 401
