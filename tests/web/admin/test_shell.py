"""The shell of the staff console: who gets in, where it leads, in what language, and what it says once."""

import re

import pytest
from flask.testing import FlaskClient

from appliance.web.admin.navigation import ENTRIES
from tests.builders import ADMIN, Site
from tests.web.pages.desk import desk_app
from tests.web.pages.fake_doors import FakeDoors

SWEDISH = {"Accept-Language": "sv"}


@pytest.fixture
def client(site: Site) -> FlaskClient:
    return desk_app(site, FakeDoors()).test_client()


def sign_in(client: FlaskClient, site: Site, **fields: str) -> str:
    answer = client.post("/sign-in", data={"user": ADMIN, "password": site.password, **fields})
    return str(answer.headers["Location"])


def csrf(page: str) -> str:
    found = re.search(r'name="csrf-token" content="([0-9a-f]+)"', page)
    assert found
    return found[1]


def test_a_stranger_is_led_to_the_sign_in_and_back(client: FlaskClient, site: Site) -> None:
    """SH-10."""
    asked = client.get("/admin/doors?lang=fr")
    assert asked.headers["Location"] == "/sign-in?next=/admin/doors?lang%3Dfr"
    assert client.post("/admin/doors").status_code in (403, 405)
    assert sign_in(client, site, next="/admin/doors?lang=fr") == "/admin/doors?lang=fr"


def test_signing_in_leads_to_the_console(client: FlaskClient, site: Site) -> None:
    assert sign_in(client, site) == "/admin/"
    assert client.get("/admin/").headers["Location"] == "/admin/doors"
    assert client.get("/sign-in").headers["Location"] == "/admin/"


def test_a_one_time_password_is_changed_first(client: FlaskClient, site: Site) -> None:
    """SH-10."""
    client.post("/sign-in", data={"user": ADMIN, "password": site.one_time_password(), "next": ""})
    assert client.get("/admin/doors").headers["Location"] == "/password?next=/admin/doors"


def test_every_page_has_the_rail_the_skip_link_and_ways_out(client: FlaskClient, site: Site) -> None:
    sign_in(client, site)
    for entry in ENTRIES:
        address = entry.endpoint.removeprefix("admin.")
        page = client.get(f"/admin/{address}", headers=SWEDISH).get_data(as_text=True)
        assert '<a class="skip" href="#content">' in page
        assert f'<a href="/admin/{address}" aria-current="page">' in page
        assert page.count("<h1>") == 1
        assert 'action="/sign-out"' in page
        assert f'href="/password?next=/admin/{address}"' in page


def test_a_language_once_chosen_stays(client: FlaskClient, site: Site) -> None:
    sign_in(client, site)
    assert '<html lang="sv"' in client.get("/admin/doors", headers=SWEDISH).get_data(as_text=True)
    client.get("/admin/doors?lang=fr", headers=SWEDISH)
    assert '<html lang="fr"' in client.get("/admin/doors", headers=SWEDISH).get_data(as_text=True)
    client.get("/admin/doors?lang=xx", headers=SWEDISH)
    assert '<html lang="fr"' in client.get("/admin/doors", headers=SWEDISH).get_data(as_text=True)


def test_nothing_of_the_console_is_kept_by_a_browser(client: FlaskClient, site: Site) -> None:
    sign_in(client, site)
    assert client.get("/admin/doors").headers["Cache-Control"] == "no-store"
