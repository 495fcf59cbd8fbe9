"""The page of the walk, over a whole door process with simulated doors."""

import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from appliance.foundation.clock import FakeClock
from appliance.web.pages.blueprint import pages
from appliance.web.pages.reception import Visitor
from tests.access.bookings import document, door, uuid
from tests.access.rig import Rig, eventually, rigged
from tests.kiosk_ui.fake_desk import FakeDesk
from tests.kiosk_ui.serving import kiosk_app
from tests.web.pages.fake_doors import FakeDoors, FakeReception

STAFF = Visitor("staff:1", "anna")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def rig(clock: FakeClock) -> Iterator[Rig]:
    with rigged(clock) as made:
        made.start_with_plan(document(door(0, "entrance", name="L'entrée"), door(1, "court-1", name="Bana 1")))
        yield made


@pytest.fixture
def reception() -> FakeReception:
    return FakeReception(STAFF)


@pytest.fixture
def browser(rig: Rig, reception: FakeReception) -> FlaskClient:
    app = kiosk_app(FakeDesk())
    app.register_blueprint(pages(FakeDoors(), reception, demo=False, walked=rig.client))
    return app.test_client()


def shown(browser: FlaskClient, language: str = "en") -> str:
    return browser.get(f"/commission?lang={language}").get_data(as_text=True)


def step_of(page: str) -> str:
    found = re.search(r'name="step" value="([^"]*)"', page)
    assert found is not None
    return found[1]


def press(browser: FlaskClient, what: str, **form: str) -> int:
    """Send a form of the page as it is now."""
    return browser.post(f"/commission/{what}", data={"step": step_of(shown(browser)), **form}).status_code


def test_staff_walk_over_a_door_and_take_the_record_away(browser: FlaskClient, rig: Rig, clock: FakeClock) -> None:
    """DR-12."""
    assert browser.get("/commission/record.pdf").status_code == 404
    assert 'href="/commission"' in browser.get("/doors").get_data(as_text=True)
    assert "L&#39;entrée" in shown(browser)
    assert press(browser, "begin", door=uuid(100)) == 303
    assert press(browser, "pulse") == 303
    eventually(lambda: rig.client.doors()[0].state == "released", "the release")
    assert "Did it let go?" in shown(browser)
    assert press(browser, "answer", word="yes") == 303
    clock.advance(5.1)
    eventually(lambda: "Contact, open" in shown(browser), "the lock")
    page = shown(browser, "sv")
    assert "Steg 3 av 5" in page
    assert re.search(r"Låser igen: <strong>Godkänd</strong> <span>[45]\.\d s", page)
    assert press(browser, "finish") == 303
    paper = browser.get("/commission/record.pdf?lang=sv")
    assert paper.mimetype == "application/pdf"
    assert paper.data.startswith(b"%PDF")
    record = browser.get("/commission/record.json").get_json()
    assert record["by"] == STAFF.actor
    assert [step["result"] for step in record["doors"][0]["steps"]] == ["passed", "passed", *["not_done"] * 3]
    assert record["key"] in shown(browser)


def test_a_form_that_is_late_changes_nothing(browser: FlaskClient) -> None:
    """DR-12, control."""
    press(browser, "begin")
    late = step_of(shown(browser))
    assert press(browser, "answer", word="skip") == 303
    before = step_of(shown(browser))
    assert browser.post("/commission/answer", data={"step": late, "word": "skip"}).status_code == 303
    assert step_of(shown(browser)) == before


def test_a_door_that_may_not_be_released_says_so(browser: FlaskClient, rig: Rig) -> None:
    press(browser, "begin")
    rig.client.mode("entrance", "lockdown", STAFF.actor, "drill")
    answer = browser.post("/commission/pulse?lang=sv", data={"step": step_of(shown(browser))})
    assert answer.status_code == 409
    assert "Dörren låstes inte upp: lockdown" in answer.get_data(as_text=True)


def test_nobody_else_walks(browser: FlaskClient, reception: FakeReception, rig: Rig) -> None:
    """DR-12, control."""
    reception.seen = None
    assert browser.get("/commission").headers["Location"] == "/sign-in?next=/commission"
    for what in ("begin", "pulse", "answer", "finish"):
        assert browser.post(f"/commission/{what}").status_code == 403
    assert browser.get("/commission/record.json").status_code == 403
    assert rig.client.ask_commissioning("look")["walk"] is None


def test_a_door_process_that_is_away_is_said(browser: FlaskClient, rig: Rig) -> None:
    rig.stop()
    assert "Dörrprocessen svarar inte." in shown(browser, "sv")
