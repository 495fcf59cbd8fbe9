"""Changing one's password by form, over real sessions: by choice, and first of all after a one-time one."""

import re

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from appliance.identity.signing_in import FREE_TRIES
from tests.builders import ADMIN, Site
from tests.web.pages.desk import desk_app
from tests.web.pages.fake_doors import FakeDoors

NEW = "nio små hästar"


@pytest.fixture
def doors() -> FakeDoors:
    return FakeDoors()


@pytest.fixture
def client(site: Site, doors: FakeDoors) -> FlaskClient:
    return desk_app(site, doors).test_client()


def sign_in(client: FlaskClient, password: str, wanted: str = "") -> TestResponse:
    return client.post("/sign-in", data={"user": ADMIN, "password": password, "next": wanted})


def csrf_of(client: FlaskClient) -> str:
    """The token that the form carries."""
    found = re.search(r'name="csrf_token" value="([0-9a-f]{64})"', client.get("/password").text)
    assert found is not None
    return found[1]


def change(
    client: FlaskClient, old: str, new: str = NEW, repeated: str | None = None, language: str = "en", **fields: str
) -> TestResponse:
    typed = {"old": old, "new": new, "repeated": new if repeated is None else repeated}
    return client.post(
        "/password", data={"csrf_token": csrf_of(client), **typed, **fields}, headers={"Accept-Language": language}
    )


def faults(page: str) -> dict[str, list[str]]:
    """What the page says is wrong with each field."""
    found = re.findall(r'<div class="field-wrong" id="(\w+)-wrong">(.*?)</div>', page, re.DOTALL)
    return {name: re.findall(r"</svg>\s*([^<]+)</p>", told) for name, told in found}


def test_a_changed_password_leads_on_and_says_that_other_sessions_ended(client: FlaskClient, site: Site) -> None:
    elsewhere = client.application.test_client()
    for browser in (client, elsewhere):
        sign_in(browser, site.password)
    assert "Change password" in client.get("/doors", headers={"Accept-Language": "en"}).text
    answer = change(client, site.password, next="/doors?lang=fr")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/password/changed?next=/doors?lang%3Dfr")
    page = client.get(answer.headers["Location"], headers={"Accept-Language": "en"}).text
    assert "Wherever else you were signed in, you are signed out now." in page
    assert 'href="/doors?lang=fr"' in page
    assert client.get("/doors").status_code == 200
    assert elsewhere.get("/doors").headers["Location"] == "/sign-in?next=/doors"
    assert sign_in(elsewhere, site.password).status_code == 401
    assert sign_in(elsewhere, NEW).status_code == 303


def test_everything_that_is_wrong_stands_at_its_field_and_nothing_typed_comes_back(
    client: FlaskClient, site: Site
) -> None:
    sign_in(client, site.password)
    answer = change(client, "a guess", "a guess", "guess")
    assert answer.status_code == 422
    assert faults(answer.text) == {
        "old": ["This is not your present password."],
        "new": ["A password needs at least 10 characters.", "The new password must differ from the old one."],
        "repeated": ["The two new passwords differ. Type the same one twice."],
    }
    assert 'role="alert"' in answer.text
    assert answer.text.count('aria-invalid="true"') == 3
    assert "a guess" not in answer.text
    assert client.get("/doors").status_code == 200


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Too many tries. Wait until 09:01 and try again."),
        ("sv", "För många försök. Vänta till 09:01 och försök igen."),
        ("fr", "Trop d’essais. Attendez 09:01 et réessayez."),
    ],
)
def test_a_lock_out_says_until_when_at_both_forms(client: FlaskClient, site: Site, language: str, words: str) -> None:
    """AC-10: in the facility's zone, and rounded up, so that who waits until then is let in."""
    sign_in(client, site.password)
    for _ in range(FREE_TRIES):
        assert change(client, "a guess").status_code == 422
    assert faults(change(client, site.password, language=language).text) == {"old": [words]}
    stranger = client.application.test_client()
    form = {"user": ADMIN, "password": site.password}
    assert words in stranger.post("/sign-in", data=form, headers={"Accept-Language": language}).text
    site.clock.advance(60)
    assert change(client, site.password).status_code == 303


def test_after_a_one_time_password_every_page_leads_to_the_form_and_from_there_back(
    client: FlaskClient, site: Site
) -> None:
    password = site.one_time_password()
    assert sign_in(client, password, "/doors?lang=sv").headers["Location"] == "/doors?lang=sv"
    for wanted, kept in (("/doors?lang=sv", "/doors?lang%3Dsv"), ("/doors", "/doors"), ("/password/changed",) * 2):
        answer = client.get(wanted)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/password?next={kept}")
    assert client.get("/sign-in").headers["Location"] == "/admin/"
    page = client.get("/password?next=/doors?lang%3Dsv", headers={"Accept-Language": "en"}).text
    assert "You signed in with a one-time password." in page
    assert 'name="next" value="/doors?lang=sv"' in page
    assert change(client, password).status_code == 303
    assert client.get("/doors").status_code == 200
    assert "one-time" not in client.get("/password", headers={"Accept-Language": "en"}).text


def test_a_one_time_password_moves_no_door(client: FlaskClient, site: Site, doors: FakeDoors) -> None:
    sign_in(client, site.one_time_password())
    answer = client.post(
        "/doors/entrance/release", json={"reason": "locked out"}, headers={"X-CSRF-Token": csrf_of(client)}
    )
    assert (answer.status_code, answer.get_json()["code"]) == (403, "must_change_password")
    assert not doors.released


def test_who_has_a_one_time_password_may_leave_instead(client: FlaskClient, site: Site) -> None:
    sign_in(client, site.one_time_password())
    assert client.post("/sign-out", data={"csrf_token": csrf_of(client)}).headers["Location"] == "/sign-in"
    assert client.get("/doors").headers["Location"] == "/sign-in?next=/doors"


def test_a_password_is_changed_by_nobody_else(client: FlaskClient, site: Site) -> None:
    """SH-10: not without a session, and not by a form of another site."""
    for answer in (client.get("/password"), client.post("/password"), client.get("/password/changed")):
        assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in?next=/password")
    sign_in(client, site.password)
    typed = {"old": site.password, "new": NEW, "repeated": NEW, "csrf_token": "0" * 64}
    assert client.post("/password", data=typed).status_code == 403
    assert sign_in(client.application.test_client(), site.password).status_code == 303


@pytest.mark.parametrize("wanted", ["https://evil.example", "//evil.example", "/\\evil", "javascript:alert(1)"])
def test_nobody_is_led_to_another_site(client: FlaskClient, site: Site, wanted: str) -> None:
    sign_in(client, site.password)
    assert 'name="next" value="/admin/"' in client.get("/password", query_string={"next": wanted}).text
    assert change(client, site.password, next=wanted).headers["Location"] == "/password/changed?next=/admin/"
    assert 'href="/admin/"' in client.get("/password/changed", query_string={"next": wanted}).text


def test_a_password_manager_knows_what_is_asked(client: FlaskClient, site: Site) -> None:
    sign_in(client, site.password)
    page = client.get("/password").text
    assert re.findall(r'<input[^>]*autocomplete="([a-z-]+)"', page) == [
        "username", "current-password", "new-password", "new-password",
    ]  # fmt: skip
    assert f'value="{ADMIN}"' in page


@pytest.mark.parametrize(("language", "words"), [("sv", "Byt lösenord"), ("en", "Change password"), ("fr", "Changer")])
def test_the_page_speaks_the_language_of_the_browser(
    client: FlaskClient, site: Site, language: str, words: str
) -> None:
    sign_in(client, site.password)
    page = client.get("/password", headers={"Accept-Language": language}).text
    assert words in page
    assert f'<html lang="{language}"' in page
