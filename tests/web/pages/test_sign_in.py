"""Signing in by form: in, out, no, and never to another site."""

import pytest
from flask.testing import FlaskClient

from appliance.web.pages.blueprint import pages
from tests.kiosk_ui.fake_desk import FakeDesk
from tests.kiosk_ui.serving import kiosk_app
from tests.web.pages.fake_doors import CSRF, PASSWORD, FakeDoors, FakeReception


@pytest.fixture
def client() -> FlaskClient:
    app = kiosk_app(FakeDesk())
    app.register_blueprint(pages(FakeDoors(), FakeReception(), demo=False))
    return app.test_client()


def sign_in(client: FlaskClient, password: str = PASSWORD, **fields: str) -> str:
    answer = client.post("/sign-in", data={"user": "anna", "password": password, **fields})
    return f"{answer.status_code} {answer.headers.get('Location', '')}".strip()


def test_the_right_password_leads_on_with_a_session(client: FlaskClient) -> None:
    assert sign_in(client) == "303 /doors"
    page = client.get("/doors").get_data(as_text=True)
    assert CSRF in page
    assert client.get("/sign-in").headers["Location"] == "/doors"


def test_a_wrong_password_is_asked_again_without_it(client: FlaskClient) -> None:
    answer = client.post(
        "/sign-in", data={"user": "anna", "password": "guess-guess"}, headers={"Accept-Language": "sv"}
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 401
    assert "hör inte ihop" in page
    assert 'value="anna"' in page
    assert "guess-guess" not in page
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("wanted", ["https://evil.example", "//evil.example", "/\\evil", "", "javascript:alert(1)"])
def test_nobody_is_sent_to_another_site(client: FlaskClient, wanted: str) -> None:
    assert sign_in(client, next=wanted) == "303 /doors"


def test_one_is_sent_back_to_where_one_was(client: FlaskClient) -> None:
    assert sign_in(client, next="/doors?lang=fr") == "303 /doors?lang=fr"


def test_signing_out_ends_it(client: FlaskClient) -> None:
    sign_in(client)
    assert client.post("/sign-out", data={"csrf_token": CSRF}).headers["Location"] == "/sign-in"
    assert client.get("/doors").status_code == 303


@pytest.mark.parametrize(("language", "words"), [("sv", "Logga in"), ("en", "Sign in"), ("fr", "Se connecter")])
def test_the_page_speaks_the_language_of_the_browser(client: FlaskClient, language: str, words: str) -> None:
    page = client.get("/sign-in", headers={"Accept-Language": language}).get_data(as_text=True)
    assert words in page
    assert f'<html lang="{language}"' in page
