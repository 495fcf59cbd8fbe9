"""The wall of doors: what a contact says is drawn and told, and a door moves only for who may move it."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from appliance.web.pages.blueprint import pages
from appliance.web.pages.doors import STATE_WORDS
from appliance.web.pages.reception import Visitor
from tests.kiosk_ui.fake_desk import FakeDesk
from tests.kiosk_ui.serving import kiosk_app
from tests.web.pages.fake_doors import PIN, FakeDoors, FakeReception

FROM_THE_PAGE = {"X-Portvakt-Page": "doors"}
SWEDISH = {"Accept-Language": "sv"}


def wall(doors: FakeDoors, reception: FakeReception, *, demo: bool) -> Flask:
    app = kiosk_app(FakeDesk())
    app.register_blueprint(pages(doors, reception, demo=demo))
    return app


@pytest.fixture
def doors() -> FakeDoors:
    return FakeDoors()


@pytest.fixture
def reception() -> FakeReception:
    return FakeReception()


@pytest.fixture
def demo(doors: FakeDoors, reception: FakeReception) -> FlaskClient:
    return wall(doors, reception, demo=True).test_client()


@pytest.fixture
def real(doors: FakeDoors, reception: FakeReception) -> FlaskClient:
    return wall(doors, reception, demo=False).test_client()


@pytest.mark.parametrize("state", sorted(STATE_WORDS))
def test_every_state_of_a_door_has_a_shape_and_a_word(demo: FlaskClient, doors: FakeDoors, state: str) -> None:
    """AC-11."""
    doors.set("entrance", state)
    page = demo.get("/doors", headers=SWEDISH).get_data(as_text=True)
    found = re.search(r'data-door="entrance" data-state="(\w+)".*?data-words>([^<]+)', page, re.DOTALL)
    assert found is not None
    assert found[1] == state
    states = demo.get("/doors/states?lang=sv").get_json()["doors"]
    assert states[0]["words"] == found[2]


def test_a_page_that_asks_again_hears_nothing_new(demo: FlaskClient, doors: FakeDoors) -> None:
    first = demo.get("/doors/states")
    again = demo.get("/doors/states", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    doors.set("court-1", "open")
    assert demo.get("/doors/states", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_a_door_process_that_is_away_is_said(demo: FlaskClient, doors: FakeDoors) -> None:
    doors.is_away = True
    assert "Dörrprocessen svarar inte." in demo.get("/doors", headers=SWEDISH).get_data(as_text=True)
    assert demo.get("/doors/states").get_json() == {"away": True, "doors": [], "live": ""}


def test_a_pretend_door_moves_by_hand(demo: FlaskClient, doors: FakeDoors) -> None:
    assert demo.post("/doors/court-1/hand", json={"act": "force"}, headers=FROM_THE_PAGE).status_code == 204
    assert doors.views["court-1"].state == "forced"
    assert demo.post("/doors/court-2/hand", json={"act": "open"}, headers=FROM_THE_PAGE).status_code == 409


@pytest.mark.parametrize(
    ("body", "headers"),
    [({"act": "open"}, {}), ({"act": "jam"}, FROM_THE_PAGE), ({}, FROM_THE_PAGE), ({"act": None}, FROM_THE_PAGE)],
)
def test_a_hand_from_elsewhere_or_of_another_kind_is_refused(
    demo: FlaskClient, body: dict[str, object], headers: dict[str, str]
) -> None:
    assert demo.post("/doors/court-1/hand", json=body, headers=headers).status_code == 403


def test_a_key_can_be_tried_at_each_door(demo: FlaskClient, doors: FakeDoors) -> None:
    answer = demo.post("/doors/court-1/present", json={"value": "048 271"}, headers=FROM_THE_PAGE | SWEDISH).get_json()
    assert answer["granted"] is True
    assert answer["sentence"].startswith("Välkommen.")
    assert doors.presented == [("court-1", "pin", PIN, "wall@court-1")]
    demo.post("/doors/court-1/present", json={"value": "PV1ABC"}, headers=FROM_THE_PAGE)
    assert doors.presented[1][1:3] == ("qr", "PV1ABC")


def test_outside_a_demo_nobody_looks_moves_or_tries(real: FlaskClient, doors: FakeDoors) -> None:
    answer = real.get("/doors")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in?next=/doors")
    assert real.get("/doors/states").status_code == 403
    for path, body in (("hand", {"act": "force"}), ("present", {"value": PIN}), ("release", {"reason": "x"})):
        assert real.post(f"/doors/court-1/{path}", json=body, headers=FROM_THE_PAGE).status_code == 403
    assert not doors.presented
    assert not doors.released


def test_staff_releases_a_door_and_says_why(real: FlaskClient, doors: FakeDoors, reception: FakeReception) -> None:
    """AC-19: a release by staff has an actor and a reason."""
    reception.seen = Visitor("staff:1", "anna")
    assert "Logga ut" in real.get("/doors", headers=SWEDISH).get_data(as_text=True)
    answer = real.post("/doors/entrance/release", json={"reason": " Glömd \n jacka "})
    assert answer.get_json()["granted"] is True
    assert doors.released == [("entrance", "staff:1", "Glömd jacka")]
    assert real.post("/doors/entrance/release", json={"reason": "  "}).status_code == 403
