"""One's own profile and calendar in the console (DY-33)."""

import re

import pytest

from tests.web.admin.staff import Desk


@pytest.mark.feature("DY-33")
def test_the_name_in_the_rail_leads_to_ones_own_profile(desk: Desk) -> None:
    """DY-33: saved, with every mistake beside its field; an old copy of the page changes nothing."""
    assert 'href="/admin/me"' in desk.get("/admin/doors")
    assert "My profile" in desk.get("/admin/me")
    wrong = desk.post("/admin/me", 422, version="1", email="kim@", phone="1", name="Kim")
    assert ("This is not an e-mail address." in wrong, "This is not a telephone number." in wrong) == (True, True)
    assert 'value="kim@"' in wrong
    form = {"name": "Kim Berg", "email": "kim@example.se", "language": "fr"}
    assert "Your profile is saved." in desk.post("/admin/me", 200, version="1", **form)
    assert "changed this meanwhile" in desk.post("/admin/me", 409, version="1", **form)
    found = desk.api().get("/me").get_json()
    assert {name: found[name] for name in form} == form
    assert desk.site.rows("SELECT DISTINCT actor FROM journal WHERE verb = 'profile_changed'") == [(desk.actor,)]


@pytest.mark.feature("DY-33")
def test_the_address_of_a_calendar_is_shown_once(desk: Desk) -> None:
    """DY-33: a new one is asked about, and so is switching it off."""
    page = desk.post("/admin/me/calendar", 200)
    (address,) = set(re.findall(r"http://unit\.test(/calendar/[^\"<]+\.ics)", page))
    assert desk.client.get(address).status_code == 200
    assert "/calendar/" not in desk.get("/admin/me").replace("/admin/me/calendar", "")
    assert "leads nowhere" in desk.post("/admin/me/calendar", 200)
    assert desk.client.get(address).status_code == 200
    assert "/calendar/" in desk.post("/admin/me/calendar", 200, confirmed="yes")
    assert desk.client.get(address).status_code == 404
    assert "told nothing more" in desk.post("/admin/me/calendar/off", 200)
    desk.post("/admin/me/calendar/off", 200, confirmed="yes")
    assert "Make an address" in desk.get("/admin/me")
