"""I did not get my code, at the kiosk: two questions, one answer for all who fit nothing, and the key."""

import pytest

from appliance.foundation.refusals import Refusal
from tests.kiosk_ui.fake_desk import CANCEL_CODE, FakeDesk, booking_of
from tests.kiosk_ui.touching import Person


@pytest.fixture
def booked(desk: FakeDesk) -> FakeDesk:
    hold = desk.hold("padel-id", desk.now() + 3600, 60, "court-3", 1)
    assert not isinstance(hold, Refusal)
    desk.bookings[CANCEL_CODE] = booking_of(hold, "SP-1041")
    return desk


def ask(person: Person, kind: str, proof: str) -> None:
    person.open("/kiosk/lost")
    person.press("/kiosk/lost", contact="070 174 06 05", by="phone")
    person.press("/kiosk/lost/proof", by=kind, proof=proof)


@pytest.mark.feature("BM-26")
@pytest.mark.parametrize(("kind", "proof"), [("birth_year", "1987"), ("number", "7Q2F-9ZK4")])
def test_the_key_is_shown_to_whom_it_belongs(person: Person, booked: FakeDesk, kind: str, proof: str) -> None:
    """BM-26."""
    person.open("/kiosk/code")
    assert "/kiosk/lost" in person.page
    ask(person, kind, proof)
    assert person.where == "/kiosk/booking"
    assert "048 271" in person.page
    assert booked.recovered == [("070 174 06 05", kind, proof)]


@pytest.mark.feature("BM-26")
@pytest.mark.parametrize(
    ("reason", "words"),
    [("not_recognised", "Det stämmer inte"), ("recovery_locked", "För många försök")],
)
def test_who_fits_nothing_is_told_and_shown_nothing(person: Person, booked: FakeDesk, reason: str, words: str) -> None:
    """BM-26, AC-10."""
    booked.recover_answer = Refusal(reason, booked.now() + 30 if reason == "recovery_locked" else None)
    ask(person, "birth_year", "1987")
    assert person.where == "/kiosk/lost/proof"
    assert words in person.page
    assert "048 271" not in person.page


@pytest.mark.feature("BM-26")
def test_nothing_typed_asks_again_and_nothing_typed_stays_behind(person: Person, booked: FakeDesk) -> None:
    """BM-26: what one typed goes with the visit, and stands in no address."""
    ask(person, "birth_year", "  ")
    assert person.where == "/kiosk/lost/proof"
    assert booked.recovered == []
    person.press("/kiosk/reset")
    person.open("/kiosk/lost/proof")
    assert person.where == "/kiosk/lost"
    assert "070 174" not in person.page
