"""KI-01, KI-08 to KI-10: the first screen, its languages, the end of a visit, and what is said when things are away."""

import re
from dataclasses import replace

import pytest

from appliance.foundation.errors import Retryable
from kiosk_ui.desk import DoorState, FacilityView
from kiosk_ui.dialogue import COOKIE
from tests.kiosk_ui.fake_desk import FakeDesk
from tests.kiosk_ui.serving import kiosk_app
from tests.kiosk_ui.touching import Person


def test_the_first_screen_offers_four_things_with_price_and_vat(person: Person) -> None:
    """KI-01."""
    for words in ("Lås upp dörren", "Boka en tid", "Min bokning", "Hjälp", "från 120 kr inkl. moms", "Södra Padel"):
        assert words in person.page
    assert "14:10" in person.page
    assert "onsdag 25 november" in person.page


@pytest.mark.parametrize(
    ("language", "words"), [("sv", "Vad vill du göra?"), ("en", "What would you like"), ("fr", "Que souhaitez-vous")]
)
def test_languages_stand_under_their_own_names_and_last_for_the_visit(
    person: Person, language: str, words: str
) -> None:
    assert all(name in person.page for name in ("Svenska", "English", "Français"))
    person.press("/kiosk/language", language=language, back="/kiosk/")
    assert words in person.page
    assert f'<html lang="{language}"' in person.page
    person.open("/kiosk/pin")
    person.press("/kiosk/reset")
    assert "Vad vill du göra?" in person.page


def test_an_unknown_language_changes_nothing(person: Person) -> None:
    person.press("/kiosk/language", language="../xx", back="/kiosk/")
    assert "Vad vill du göra?" in person.page


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example", "/kiosk//evil", "/kiosk/\\evil", "/kiosk/\r\nX: y", ""]
)
def test_a_form_never_sends_the_browser_elsewhere(person: Person, back: str) -> None:
    answer = person.client.post("/kiosk/language", data={"form_token": person.token, "language": "en", "back": back})
    assert answer.headers["Location"] == "/kiosk/"


def test_comfort_lasts_for_the_visit(person: Person) -> None:
    """KI-10."""
    person.press("/kiosk/comfort", larger="2", contrast="on", reach="on", more_time="on", back="/kiosk/pin")
    assert person.where == "/kiosk/pin"
    for mark in ('data-text="2"', 'data-contrast="max"', 'data-reach="low"', 'data-patience="long"'):
        assert mark in person.page
    person.press("/kiosk/reset")
    assert 'data-text="0"' in person.page


def test_every_page_is_kept_nowhere_and_the_visit_is_out_of_reach(person: Person, desk: FakeDesk) -> None:
    """KI-08."""
    first = Person(desk).answer
    cookie = first.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Path=/kiosk/" in cookie
    for path in ("/kiosk/", "/kiosk/time", "/kiosk/pin", "/kiosk/code", "/kiosk/health"):
        assert person.open(path).headers["Cache-Control"] == "no-store"


def test_a_form_of_another_site_does_nothing(person: Person, desk: FakeDesk) -> None:
    person.press("/kiosk/present", form_token="guess", door="entrance", kind="pin", value="048271")
    assert desk.presented == []
    assert person.where == "/kiosk/"


def test_health_says_which_banner_and_begins_no_visit(desk: FakeDesk) -> None:
    """KI-09."""
    client = Person(desk).client
    client.delete_cookie(COOKIE, path="/kiosk/")
    for state, banner in (
        (desk.state, ""),
        (replace(desk.state, central="away"), "central_away"),
        (replace(desk.state, central="none"), ""),
        (replace(desk.state, booking_works=False), "booking_paused"),
        (replace(desk.state, doors_answer=False, booking_works=False), "doors_away"),
    ):
        desk.state = state
        answer = client.get("/kiosk/health")
        assert answer.get_json() == {"banner": banner, "now": desk.now()}
        assert "Set-Cookie" not in answer.headers


def test_the_banner_says_what_still_works(person: Person, desk: FakeDesk) -> None:
    """KI-09."""
    desk.state = replace(desk.state, central="away")
    person.open("/kiosk/")
    assert 'data-banner="central_away"' in person.page
    assert "Bokade tider öppnar dörren, och du kan boka här." in person.page


@pytest.mark.parametrize(
    ("states", "words"),
    [
        ({}, "Alla dörrar är låsta"),
        ({"entrance": "open"}, "Entré: öppen"),
        ({"court-1": "forced"}, "de andra är låsta"),
        (dict.fromkeys(("entrance", "court-1", "court-2", "court-3", "court-4"), "offline"), "Dörrarna svarar inte"),
    ],
)
def test_the_doors_are_told_in_one_line(
    person: Person, desk: FakeDesk, states: dict[str, DoorState], words: str
) -> None:
    desk.door_states.update(states)
    person.open("/kiosk/")
    assert words in person.page


def test_the_pulse_is_the_board_alone(person: Person) -> None:
    person.open("/kiosk/pulse")
    assert "<html" not in person.page
    assert "Ledig till 16:00" in person.page


def test_help_has_phone_and_address_for_112(person: Person) -> None:
    for words in ("08-123 45 67", "112", "Hallvägen 4, 121 62 Johanneshov"):
        assert words in person.page


def test_sounds_are_served(person: Person) -> None:
    answer = person.client.get("/kiosk/sounds/granted.wav")
    assert answer.content_type == "audio/wav"
    assert answer.data.startswith(b"RIFF")
    assert person.client.get("/kiosk/sounds/nothing.wav").status_code == 404


def test_a_unit_that_cannot_answer_gives_a_screen_that_tries_again() -> None:
    class Away(FakeDesk):
        is_away = False

        def facility(self) -> FacilityView:
            if self.is_away:
                raise Retryable("busy")
            return super().facility()

    desk = Away()
    person = Person(desk)
    desk.is_away = True
    assert person.open("/kiosk/time").status_code == 503
    assert "Ett ögonblick" in person.page
    assert 'http-equiv="refresh"' in person.page


def test_who_is_shown_no_page_has_no_visit(desk: FakeDesk) -> None:
    """KI-08: forms from nowhere begin nothing, so that they cannot push out the visit of somebody who is there."""
    person = Person(desk)
    stranger = kiosk_app(desk).test_client()
    for _ in range(3):
        answer = stranger.post("/kiosk/present", data={"kind": "pin", "value": "048271"})
        assert (answer.status_code, "Set-Cookie" in answer.headers) == (303, False)
    person.open("/kiosk/")
    assert "Set-Cookie" not in person.answer.headers


def test_what_never_changes_is_kept_for_ever_under_a_name_of_its_content(person: Person) -> None:
    styles = re.findall(r'href="(/kiosk/static/[0-9a-f]{12}/[\w.]+css)"', person.page)
    assert styles
    for style in styles:
        assert "immutable" in person.client.get(style, buffered=True).headers["Cache-Control"]
    gone = person.client.get(styles[0] + "x", buffered=True)
    assert (gone.status_code, "immutable" in gone.headers.get("Cache-Control", "")) == (404, False)
