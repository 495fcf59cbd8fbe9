"""KI-03, KI-04, KI-07: a key is presented once, at the right door, and the verdict is read out."""

import pytest

from appliance.access.reasons import Reason
from appliance.foundation.i18n import LANGUAGES
from kiosk_ui.desk import VerdictView
from tests.kiosk_ui.fake_desk import AFTERNOON, PIN, QR, FakeDesk
from tests.kiosk_ui.touching import Person


def present(person: Person, value: str, kind: str = "pin", **fields: str) -> None:
    person.open("/kiosk/pin")
    fields.setdefault("presentation_id", person.value("presentation_id"))
    person.press("/kiosk/present", kind=kind, value=value, **fields)


@pytest.mark.parametrize(("kind", "value"), [("pin", PIN), ("qr", QR)])
def test_a_key_opens_the_door_beside_the_kiosk(person: Person, desk: FakeDesk, kind: str, value: str) -> None:
    present(person, value, kind)
    assert desk.presented[0][:3] == ("entrance", kind, value)
    assert person.heading == "Välkommen"
    assert "Entré är upplåst." in person.page
    assert "Upplåst i 5 s" in person.page
    assert value not in person.page


def test_another_door_can_be_chosen_and_is_remembered_for_the_visit(person: Person, desk: FakeDesk) -> None:
    present(person, "1111", door="court-2")
    present(person, "1112")
    assert [door for door, *_ in desk.presented] == ["court-2", "entrance"] or desk.presented[1][0] == "court-2"
    person.open("/kiosk/pin?door=court-3")
    assert 'value="court-3" checked' in person.page


def test_a_form_sent_twice_is_one_presentation(person: Person, desk: FakeDesk) -> None:
    person.open("/kiosk/pin")
    fields = {
        "kind": "pin",
        "value": PIN,
        "presentation_id": person.value("presentation_id"),
        "form_token": person.token,
    }
    for _ in range(2):
        person.client.post("/kiosk/present", data=fields)
    assert len({presentation for *_, presentation in desk.presented}) == 1


def test_a_made_up_presentation_id_is_replaced(person: Person, desk: FakeDesk) -> None:
    present(person, PIN, presentation_id="'; drop table")
    assert len(desk.presented[0][3]) == 36


def test_nothing_typed_asks_nothing(person: Person, desk: FakeDesk) -> None:
    present(person, "")
    assert desk.presented == []
    assert person.where == "/kiosk/pin"


def test_a_very_long_value_is_cut_before_it_is_asked(person: Person, desk: FakeDesk) -> None:
    present(person, "4" * 5000)
    assert len(desk.presented[0][2]) == 512


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_has_a_screen_in_three_languages(person: Person, desk: FakeDesk, language: str) -> None:
    """KI-07."""
    person.press("/kiosk/language", language=language, back="/kiosk/")
    headings = set()
    for reason in Reason:
        desk.verdict = VerdictView(reason is Reason.GRANTED, reason, "Entré", 5, AFTERNOON + 1980, None)
        present(person, "4711")
        assert (person.answer.status_code, person.where) == (200, "/kiosk/verdict")
        assert "{door}" not in person.page
        headings.add(person.heading)
    assert len(headings) == len(Reason)


def test_too_early_says_when_the_door_opens(person: Person, desk: FakeDesk) -> None:
    desk.verdict = VerdictView(False, "too_early", "Entré", None, AFTERNOON + 1980, None)
    present(person, PIN)
    assert "Entré öppnar för dig från 14:43." in person.page
    desk.verdict = VerdictView(False, "too_early", "Entré", None, AFTERNOON + 5 * 86_400, None)
    present(person, PIN)
    assert "måndag 30 november 14:10" in person.page


def test_tries_that_are_left_are_counted(person: Person, desk: FakeDesk) -> None:
    """KI-03."""
    desk.verdict = VerdictView(False, "unknown", "Entré", None, None, 2)
    present(person, "4711")
    assert "2 försök kvar." in person.page
    assert 'class="dots is-wrong"' in person.page
    desk.verdict = VerdictView(False, "unknown", "Entré", None, None, 0)
    present(person, "4711")
    assert "Inga försök kvar just nu." in person.page
    desk.verdict = VerdictView(False, "too_early", "Entré", None, None, None)
    present(person, "4711")
    assert "försök kvar" not in person.page


def test_a_verdict_without_a_presentation_leads_home(person: Person) -> None:
    person.open("/kiosk/verdict")
    assert person.where == "/kiosk/"


def test_the_pad_is_that_of_a_phone(person: Person) -> None:
    """KI-03."""
    person.open("/kiosk/pin")
    digits = [piece.split('"')[0] for piece in person.page.split('data-digit="')[1:]]
    assert "".join(digits) == "1234567890"
