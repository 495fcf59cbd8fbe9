"""A person who went astray reads what to do next; a program gets its problem document as ever."""

import re

import pytest
from flask import Blueprint
from flask.testing import FlaskClient

from appliance.boot.web import unit_of
from appliance.foundation.i18n import LANGUAGES
from appliance.web.kiosk_gate import guard_kiosk
from tests.builders import Site
from tests.web.api_client import api_of
from tests.web.pages.desk import desk_app
from tests.web.pages.fake_doors import FakeDoors

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
PROBLEM = "application/problem+json"


@pytest.fixture
def astray(site: Site) -> FlaskClient:
    """A unit with a kiosk's gate at `/gated/`, and a page that always fails."""
    app = desk_app(site, FakeDoors())
    gated = Blueprint("gated", __name__, url_prefix="/gated")
    gated.add_url_rule("/", "home", lambda: "in")
    guard_kiosk(gated, unit_of(site.settings, site.side))
    app.register_blueprint(gated)
    app.add_url_rule("/fails", "fails", lambda: str(1 / 0))
    return app.test_client()


def seen(client: FlaskClient, path: str, language: str = "en") -> tuple[int, str, str, str]:
    """Status, language, heading and link of the page that a browser is shown."""
    answer = client.get(path, headers={"Accept": BROWSER, "Accept-Language": language})
    assert answer.mimetype == "text/html", answer.text
    found = [
        re.search(pattern, answer.text)
        for pattern in (r'<html lang="(\w+)"', r"<h1>(.+)</h1>", r'href="(\S+)" autofocus')
    ]
    lang, heading, link = (match[1] if match else "" for match in found)
    return answer.status_code, lang, heading, link


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/nope", (404, "en", "There is nothing here.", "/")),
        ("/kiosk/nope", (404, "en", "There is nothing here.", "/kiosk/")),
        ("/gated/", (403, "en", "This screen is not a kiosk yet.", "/")),
        ("/gated/?device=wrong", (403, "en", "The token of this kiosk is not known here.", "/")),
        ("/sign-out", (405, "en", "This address does not take this method.", "/")),
        ("/fails", (500, "en", "Something went wrong here. It was noted; please try again.", "/")),
    ],
)
def test_a_browser_is_shown_a_page_with_a_way_back(
    astray: FlaskClient, path: str, expected: tuple[int, str, str, str]
) -> None:
    assert seen(astray, path) == expected


@pytest.mark.parametrize("path", ["/nope", "/gated/", "/fails"])
def test_the_page_speaks_the_visitors_language(astray: FlaskClient, path: str) -> None:
    told = {language: seen(astray, path, language) for language in LANGUAGES}
    assert {language: shown[1] for language, shown in told.items()} == {language: language for language in LANGUAGES}
    assert len({shown[2] for shown in told.values()}) == len(LANGUAGES)


def test_the_page_is_kept_nowhere_and_is_as_shut_as_the_others(astray: FlaskClient) -> None:
    answer = astray.get("/nope", headers={"Accept": BROWSER})
    assert answer.headers["Cache-Control"] == "no-store"
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "Allow" in astray.get("/sign-out", headers={"Accept": BROWSER}).headers


@pytest.mark.parametrize("accept", ["*/*", "application/json", PROBLEM, "application/json, text/html;q=0.5", ""])
def test_a_script_gets_the_problem_document(astray: FlaskClient, accept: str) -> None:
    """Negative control: what pages ask behind the scenes is no page."""
    answer = astray.get("/nope", headers={"Accept": accept})
    assert (answer.status_code, answer.mimetype) == (404, PROBLEM)


@pytest.mark.parametrize("path", ["/api/v1/nope", "/api/v1/journal", "/api/v1/bookings/x"])
def test_the_api_keeps_to_problem_documents(astray: FlaskClient, path: str) -> None:
    answer = astray.get(path, headers={"Accept": BROWSER})
    assert answer.mimetype == PROBLEM


def test_a_kiosk_that_knows_its_token_is_let_in(site: Site, astray: FlaskClient) -> None:
    """Negative control: the gate itself opens."""
    token = api_of(site).bearer("kiosk").headers["Authorization"].removeprefix("Bearer ")
    assert astray.get(f"/gated/?device={token}", headers={"Accept": BROWSER}).status_code == 303
