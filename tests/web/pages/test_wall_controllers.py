"""Controllers on the wall of doors: the life of each grant in words, what is late, and the hand of a demo (DR-11)."""

from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from appliance.access.grant_life import LifeState
from appliance.foundation.i18n import LANGUAGES, text
from appliance.web.pages.blueprint import pages
from appliance.web.pages.reception import Visitor
from appliance.web.pages.wall_controllers import ACT_WORDS, COUNT_WORDS, LIFE_WORDS
from tests.builders import NOW
from tests.kiosk_ui.fake_desk import FakeDesk
from tests.kiosk_ui.serving import kiosk_app
from tests.web.pages.fake_doors import FakeDoors, FakeReception
from tests.web.pages.fake_world import GYM, FakeWorld

FROM_THE_PAGE = {"X-Portvakt-Page": "doors"}


@pytest.fixture
def doors() -> FakeDoors:
    return FakeDoors(vendors=[GYM])


@pytest.fixture
def world() -> FakeWorld:
    return FakeWorld()


@pytest.fixture
def demo(doors: FakeDoors, world: FakeWorld) -> FlaskClient:
    app = kiosk_app(FakeDesk())
    app.register_blueprint(pages(doors, FakeReception(), demo=True, pretend=world))
    return app.test_client()


def shown(demo: FlaskClient, language: str = "en") -> tuple[dict[str, list[dict[str, str]]], dict[str, object]]:
    """The grants of each door, and the controller, as a page that asks again hears of them."""
    seen = demo.get(f"/doors/states?lang={language}").get_json()
    return {door["slug"]: door["grants"] for door in seen["doors"]}, seen["controllers"][0]


def test_a_grant_is_shown_at_its_door_and_accepted_is_not_called_working(demo: FlaskClient) -> None:
    """DR-11"""
    grants, controller = shown(demo)
    assert [grant["words"] for grant in grants["court-1"]] == ["Accepted: nobody knows yet whether it works"]
    assert grants["court-2"] == []
    counts = controller["counts"]
    assert isinstance(counts, list)
    assert {one["state"]: one["count"] for one in counts if one["count"]} == {"accepted": 1}
    page = demo.get("/doors", headers={"Accept-Language": "en"}).get_data(as_text=True)
    assert page.count('data-life="confirmed"') == 1, "the count, which is 0, and no grant"
    assert 'data-life="accepted"><time>' in page


def test_a_person_is_alerted_before_the_guest_arrives(demo: FlaskClient, doors: FakeDoors) -> None:
    """DR-11: what is needed within the hour and not confirmed is said with its time, to a page that asks again too."""
    first = demo.get("/doors/states?lang=sv")
    assert shown(demo)[1]["late"] == ""
    doors.vendors = [replace(GYM, late=2, late_from=NOW + 600)]
    again = demo.get("/doors/states?lang=sv", headers={"If-None-Match": first.headers["ETag"]})
    assert again.get_json()["controllers"][0]["late"].startswith(
        "2 nycklar är inte bekräftade, den första behövs från "
    )


def test_a_controller_that_is_away_says_what_to_do(demo: FlaskClient, doors: FakeDoors) -> None:
    """DR-11"""
    doors.vendors = [replace(GYM, online=False, fault="check the cable")]
    page = demo.get("/doors", headers={"Accept-Language": "en"}).get_data(as_text=True)
    assert 'data-controller="gym" data-state="offline"' in page
    assert "check the cable" in page


def test_a_lock_that_only_its_own_app_opens_is_not_pretended_to_take_keys(demo: FlaskClient, doors: FakeDoors) -> None:
    """DR-06"""
    assert 'id="key-court-1"' in demo.get("/doors").get_data(as_text=True)
    doors.vendors = [replace(GYM, unlocks=False)]
    page = demo.get("/doors", headers={"Accept-Language": "en"}).get_data(as_text=True)
    assert 'id="key-court-1"' not in page
    assert "app on the guest" in page


def test_a_hand_does_what_the_emulator_offers_and_only_from_the_page(demo: FlaskClient, world: FakeWorld) -> None:
    """DR-04"""
    swipe = {"act": "swipe", "value": "26:468ACE"}
    assert demo.post("/doors/controllers/gym", json=swipe).status_code == 403
    for wrong in ({"act": "swipe"}, {"act": "fault", "value": "x"}, {}):
        assert demo.post("/doors/controllers/gym", json=wrong, headers=FROM_THE_PAGE).status_code == 403
    assert demo.post("/doors/controllers/else", json={"act": "night"}, headers=FROM_THE_PAGE).status_code == 409
    world.verdict = "denied"
    answer = demo.post("/doors/controllers/gym", json=swipe, headers=FROM_THE_PAGE | {"Accept-Language": "en"})
    assert answer.get_json() == {"sentence": "The controller did not let the person in.", "granted": False}
    world.verdict = ""
    assert demo.post("/doors/controllers/gym", json={"act": "cut_off"}, headers=FROM_THE_PAGE).get_json()["granted"]
    assert world.done == [("gym", "swipe", "26:468ACE"), ("gym", "cut_off", "")]


def test_staff_of_a_real_unit_see_controllers_and_no_hand_is_there(doors: FakeDoors) -> None:
    """DR-11"""
    app = kiosk_app(FakeDesk())
    app.register_blueprint(pages(doors, FakeReception(Visitor("staff:1", "anna")), demo=False))
    page = app.test_client().get("/doors").get_data(as_text=True)
    assert 'data-controller="gym"' in page
    assert "data-does" not in page
    assert "data-fill" not in page
    cut = app.test_client().post("/doors/controllers/gym", json={"act": "cut_off"}, headers=FROM_THE_PAGE)
    assert cut.status_code == 403


def test_every_state_of_a_life_has_words_in_three_languages() -> None:
    """DR-11"""
    assert set(LIFE_WORDS) == {state.value for state in LifeState}
    assert set(COUNT_WORDS) == set(LIFE_WORDS) - {"removed"}
    for words in (LIFE_WORDS, COUNT_WORDS, ACT_WORDS):
        for language in LANGUAGES:
            assert len({text(language, each) for each in words.values()}) == len(words)
