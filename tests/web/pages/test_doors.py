"""The wall of doors: what a contact says is drawn and told, and a door moves only for who may move it."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from appliance.access.reasons import Reason
from appliance.foundation.i18n import LANGUAGES, text
from appliance.web.pages.blueprint import pages
from appliance.web.pages.door_history import MOVE_WORDS, REASON_WORDS, STATE_WORDS, lines
from appliance.web.pages.reception import Visitor
from tests.builders import STOCKHOLM
from tests.kiosk_ui.fake_desk import FakeDesk
from tests.kiosk_ui.serving import kiosk_app
from tests.web.pages.fake_doors import PIN, FakeDoors, FakeReception, event

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
    assert demo.get("/doors/states").get_json() == {
        **{"away": True, "doors": [], "controllers": [], "happened": []},
        "live": "",
    }


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
    demo.post("/doors/court-1/present", json={"value": "26:468ACE"}, headers=FROM_THE_PAGE)
    assert [one[1:3] for one in doors.presented[1:]] == [("qr", "PV1ABC"), ("card", "26:468ACE")]


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
    answer = real.post("/doors/entrance/release", json={"reason": " Glömd \n jacka "}, headers=SWEDISH)
    assert answer.get_json()["granted"] is True
    assert answer.get_json()["sentence"] == "Upplåst i 5 s. Ditt skäl är antecknat."
    assert doors.released == [("entrance", "staff:1", "Glömd jacka")]
    assert real.post("/doors/entrance/release", json={"reason": "  "}).status_code == 403


@pytest.mark.parametrize(("reason", "said"), [("lockdown", "dörren är spärrad"), ("door_fault", "dörren svarade inte")])
def test_staff_hears_why_a_door_was_not_released(
    real: FlaskClient, doors: FakeDoors, reception: FakeReception, reason: str, said: str
) -> None:
    reception.seen = Visitor("staff:1", "anna")
    doors.release_reason = reason
    answer = real.post("/doors/entrance/release", json={"reason": "x"}, headers=SWEDISH).get_json()
    assert (answer["granted"], answer["sentence"]) == (False, f"Inte upplåst: {said}.")


def test_the_exit_button_says_that_it_was_pressed(demo: FlaskClient) -> None:
    """AC-11: the leaf does not move by it, so nothing else on the page would."""
    answer = demo.post("/doors/court-1/hand", json={"act": "rex"}, headers=FROM_THE_PAGE | SWEDISH)
    assert answer.get_json() == {"granted": True, "sentence": "Utgångsknappen trycktes in."}


HISTORY = [
    event(6, "denied_flood", reader="kiosk@entrance", reason="flood", count=7),
    event(5, "denied", kind="staff", actor="staff:1", why="Städning", reason="lockdown"),
    event(4, "opened", is_move=True),
    event(3, "granted", kind="staff", actor="staff:1", why="Glömd jacka", reason="granted"),
    event(2, "denied", kind="pin", reader="kiosk@entrance", reason="ended", booking_number="SP-1041"),
    event(1, "granted", kind="qr", reader="wall@entrance", reason="granted", booking_number="SP-1042"),
]


def test_the_history_says_when_who_how_and_why(demo: FlaskClient, doors: FakeDoors) -> None:
    """AC-11, AC-19: grants, denials and moves, by the clock on the facility's wall and with the exact reason."""
    doors.events = [*HISTORY]
    told = demo.get("/doors/states?lang=sv").get_json()
    assert {line["at"] for line in told["happened"]} == {"2026-11-24 23:30:05"}
    assert [(line["tone"], line["what"], line["how"]) for line in told["happened"]] == [
        ("denied", "Entré: Nekades 7 gånger till", "kiosk"),
        ("denied", "Entré: Nekades: dörren är spärrad", "Personal · anna · Städning"),
        ("move", "Entré: Öppnades", ""),
        ("granted", "Entré: Släpptes in", "Personal · anna · Glömd jacka"),
        ("denied", "Entré: Nekades: tiden är slut", "PIN · kiosk · Bokning SP-1041"),
        ("granted", "Entré: Släpptes in", "QR-kod · wall · Bokning SP-1042"),
    ]
    assert [door["since"] for door in told["doors"]] == [""] * 5
    doors.set("entrance", "open")
    assert demo.get("/doors/states").get_json()["doors"][0]["since"] == "23:30:05"
    page = demo.get("/doors", headers=SWEDISH).get_data(as_text=True)
    assert "Entré: Nekades: tiden är slut" in page


def test_a_denial_is_news_although_no_door_moved(demo: FlaskClient, doors: FakeDoors) -> None:
    first = demo.get("/doors/states")
    doors.events = HISTORY[4:]
    again = demo.get("/doors/states", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, len(again.get_json()["happened"])) == (200, 2)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_and_move_has_words_for_staff(language: str) -> None:
    events = [event(1, "denied", kind="pin", reason=reason) for reason in Reason]
    events += [event(1, verb, is_move=True) for verb in MOVE_WORDS]
    told = lines(events, {"entrance-id": "Entré"}, {}, language, STOCKHOLM)
    assert len(told) == len(Reason) + len(MOVE_WORDS)
    assert len({text(language, words) for words in REASON_WORDS.values()}) == len(Reason)


def test_a_door_that_its_schedule_frees_was_opened_by_nobody() -> None:
    told = lines(
        [event(1, "granted", kind="schedule", reader="schedule", reason="granted")],
        {"entrance-id": "Entré"}, {}, "sv", STOCKHOLM,
    )  # fmt: skip
    assert told[0]["how"] == "Schema"


def test_what_nobody_at_a_door_would_notice_is_no_news() -> None:
    events = [event(1, "configured", is_move=True), event(2, "opened", is_move=True, door_id="gone-id")]
    assert lines(events, {"entrance-id": "Entré"}, {}, "en", STOCKHOLM) == []
