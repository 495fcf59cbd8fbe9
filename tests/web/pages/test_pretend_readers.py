"""Pretend readers on the wall of doors: drawn with lamp and forms, used through their emulators, in a demo alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pytest
from flask.testing import FlaskClient

from appliance.door_socket.answers import ReaderView
from appliance.door_socket.connections import DoorRefused
from appliance.foundation.i18n import LANGUAGES, text
from appliance.web.pages.blueprint import pages
from appliance.web.pages.pretend_readers import LAMP_WORDS, SIDE_WORDS, AtReader
from tests.kiosk_ui.fake_desk import FakeDesk
from tests.kiosk_ui.serving import kiosk_app
from tests.web.pages.fake_doors import FakeDoors, FakeReception

FROM_THE_PAGE = {"X-Portvakt-Page": "doors"}
SWEDISH = {"Accept-Language": "sv"}


@dataclass
class FakeReaders:
    """A keypad at the entrance, what was presented at it, and a card that lies ready."""

    at: AtReader = field(default_factory=lambda: AtReader(("keys", "card"), "dark"))
    presented: list[tuple[str, str, str]] = field(default_factory=list)
    member: str = "anna@example.org"
    card: str = "26:468ACE"

    def at_controllers(self) -> Mapping[str, Sequence[str]]:
        return {}

    def at_controller(self, controller: str, act: str, value: str) -> str:
        raise DoorRefused("hand", "no")

    def at_readers(self) -> Mapping[str, AtReader]:
        return {"keypad": self.at}

    def at_reader(self, reader: str, way: str, value: str) -> None:
        if reader != "keypad" or way not in self.at.ways:
            raise DoorRefused("hand", "no")
        self.presented.append((reader, way, value))


@pytest.fixture
def doors() -> FakeDoors:
    doors = FakeDoors()
    keypad = ReaderView("r", "keypad", "Knappsats", "osdp", "outside", True, "")
    doors.views["entrance"] = replace(doors.views["entrance"], readers=(keypad,))
    return doors


@pytest.fixture
def readers() -> FakeReaders:
    return FakeReaders()


@pytest.fixture
def demo(doors: FakeDoors, readers: FakeReaders) -> FlaskClient:
    app = kiosk_app(FakeDesk())
    app.register_blueprint(pages(doors, FakeReception(), demo=True, pretend=readers))
    return app.test_client()


def test_a_reader_is_drawn_at_its_door_with_what_it_takes(demo: FlaskClient) -> None:
    """DR-07"""
    page = demo.get("/doors", headers=SWEDISH).get_data(as_text=True)
    assert page.count("data-reader=") == 1
    for part in ('data-reader="keypad"', "osdp, utsidan", "Lampan släckt", 'data-key="#"', 'data-way="card"'):
        assert part in page, part
    assert 'data-way="qr"' not in page


def test_its_lamp_and_buzzer_are_told_to_a_page_that_asks_again(demo: FlaskClient, readers: FakeReaders) -> None:
    first = demo.get("/doors/states?lang=en")
    readers.at = AtReader(("keys",), "green", sounds=True)
    again = demo.get("/doors/states?lang=en", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 200
    (shown,) = again.get_json()["doors"][0]["readers"]
    assert (shown["lamp"], shown["lamp_words"], shown["sound"]) == ("green", "Lamp green", "Buzzer sounds")


def test_a_reader_that_is_away_is_said_with_what_to_do(demo: FlaskClient, doors: FakeDoors) -> None:
    (keypad,) = doors.views["entrance"].readers
    away = replace(keypad, online=False, fault="look at the cable")
    doors.views["entrance"] = replace(doors.views["entrance"], readers=(away,))
    page = demo.get("/doors", headers=SWEDISH).get_data(as_text=True)
    assert "Inte ansluten" in page
    assert "look at the cable" in page


def test_what_is_presented_goes_to_the_reader_and_not_to_the_unit(
    demo: FlaskClient, doors: FakeDoors, readers: FakeReaders
) -> None:
    """DR-07"""
    told = demo.post("/doors/readers/keypad", json={"way": "keys", "value": "4"}, headers=FROM_THE_PAGE)
    assert told.status_code == 200
    assert readers.presented == [("keypad", "keys", "4")]
    assert doors.presented == []


def test_a_reader_takes_what_it_can_read_and_only_from_the_page(demo: FlaskClient, readers: FakeReaders) -> None:
    card = {"way": "card", "value": "26:1"}
    assert demo.post("/doors/readers/keypad", json=card).status_code == 403
    assert demo.post("/doors/readers/keypad", json={"way": "fault"}, headers=FROM_THE_PAGE).status_code == 403
    qr = demo.post("/doors/readers/keypad", json={"way": "qr", "value": "A"}, headers=FROM_THE_PAGE | SWEDISH)
    assert (qr.status_code, qr.get_json()["sentence"]) == (409, "Läsaren tar inte emot det här.")
    assert demo.post("/doors/readers/else", json=card, headers=FROM_THE_PAGE).status_code == 409
    assert readers.presented == []


def test_no_hand_reaches_a_reader_of_a_real_unit(doors: FakeDoors) -> None:
    app = kiosk_app(FakeDesk())
    app.register_blueprint(pages(doors, FakeReception(), demo=False))
    card = {"way": "card", "value": "26:1"}
    assert app.test_client().post("/doors/readers/keypad", json=card, headers=FROM_THE_PAGE).status_code == 403


def test_lamps_and_sides_are_told_in_three_languages() -> None:
    for words in (LAMP_WORDS, SIDE_WORDS):
        for language in LANGUAGES:
            assert len({text(language, each) for each in words.values()}) == len(words)
