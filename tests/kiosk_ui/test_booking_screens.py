"""KI-02: a walk-in books in four touches, and every way it can go wrong leads on."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from appliance.foundation.refusals import Refusal
from kiosk_ui.desk import NO_ANSWERS, BookingView
from tests.kiosk_ui.fake_desk import CANCEL_CODE, CLASS, HOLD_S, QR, FakeDesk
from tests.kiosk_ui.touching import Person


def choose_time(person: Person, at: int = 1) -> None:
    person.open("/kiosk/time")
    person.press("/kiosk/time", service="padel-id", minutes="60", start=person.value("start", at))


def choose_place(person: Person) -> None:
    choose_time(person)
    person.press("/kiosk/place", resource=person.value("resource"))


def book(person: Person, contact: str = "0701234567", by: str = "phone") -> None:
    choose_place(person)
    person.press("/kiosk/contact", by=by, contact=contact)


def test_a_booking_takes_time_place_contact_and_shows_the_key(person: Person, desk: FakeDesk) -> None:
    """KI-02, AC-01, AC-03."""
    choose_time(person)
    assert (person.where, person.heading) == ("/kiosk/place", "Var?")
    person.press("/kiosk/place", resource=person.value("resource"))
    assert (person.where, person.heading) == ("/kiosk/contact", "Hur når vi dig?")
    assert "240 kr inkl. 13,58 kr moms</strong> · Betala på plats" in person.page
    assert "Hålls åt dig i" in person.page
    person.press("/kiosk/contact", by="phone", contact="0701234567")
    assert (person.where, person.heading) == ("/kiosk/key", "Den är din.")
    for words in ("048 271", CANCEL_CODE, "Entré, Bana", "från 14:00 till 15:30", "shape-rendering", "Steg 4 av 4"):
        assert words in person.page
    assert QR not in person.page
    assert len(desk.bookings) == 1
    assert desk.holds == {}


def test_steps_and_prices_are_told_in_words(person: Person) -> None:
    """KI-01, KI-02."""
    person.open("/kiosk/time")
    assert "Steg 1 av 4: tid · priser inkl. 6 % moms" in person.page
    assert "60 min · 240 kr" in person.page


def test_now_comes_first(person: Person) -> None:
    person.open("/kiosk/time")
    assert person.page.index("Nu</strong>") < person.page.index("14:15")
    assert "14:00–15:00 · 240 kr · 2 lediga" in person.page


def test_days_can_be_turned_but_not_beyond_what_can_be_booked(person: Person) -> None:
    person.open("/kiosk/time")
    assert "day=2026-11-26" in person.page
    assert "day=2026-11-24" not in person.page
    person.open("/kiosk/time?day=1999-01-01")
    assert "day=2026-11-24" not in person.page
    person.open("/kiosk/time?day=2099-01-01")
    assert "2027-01-25" in person.page
    assert "2027-01-27" not in person.page


@pytest.mark.parametrize("query", ["day=x&minutes=-1&service=nobody&part=%00", "day=2026-11-26&minutes=9999999999"])
def test_a_made_up_address_shows_a_screen_all_the_same(person: Person, query: str) -> None:
    assert person.open(f"/kiosk/time?{query}").status_code == 200


@pytest.mark.parametrize("start", ["", "abc", "-5", "9" * 30, "1"])
def test_a_made_up_start_leads_back_to_the_times(person: Person, start: str) -> None:
    person.open("/kiosk/time")
    person.press("/kiosk/time", service="padel-id", minutes="60", start=start)
    assert person.where in ("/kiosk/time", "/kiosk/place")


def test_a_time_that_was_taken_meanwhile_says_so(person: Person, desk: FakeDesk) -> None:
    choose_time(person)
    resource = person.value("resource")
    choice = Person(desk)
    choose_time(choice)
    choice.press("/kiosk/place", resource=resource)
    person.press("/kiosk/place", resource=resource)
    assert person.where == "/kiosk/time"
    assert "Någon hann före" in person.page
    person.open("/kiosk/time")
    assert "Någon hann före" not in person.page


def test_a_hold_that_ran_out_says_so_and_keeps_the_choice(person: Person, desk: FakeDesk) -> None:
    choose_place(person)
    desk.clock.advance(HOLD_S)
    person.press("/kiosk/contact", by="phone", contact="0701234567")
    assert person.where == "/kiosk/time"
    assert "minuterna tog slut" in person.page


def test_a_hold_that_ran_out_on_the_screen_leads_back_by_itself(person: Person, desk: FakeDesk) -> None:
    choose_place(person)
    desk.clock.advance(HOLD_S)
    person.open("/kiosk/contact")
    assert person.where == "/kiosk/time"


@pytest.mark.parametrize(
    ("by", "typed", "words"), [("phone", "12", "Telefonnumret"), ("email", "not-an", "E-postadressen")]
)
def test_a_wrong_contact_is_asked_again_once_with_what_was_typed(
    person: Person, desk: FakeDesk, by: str, typed: str, words: str
) -> None:
    book(person, typed, by)
    assert person.where == "/kiosk/contact"
    assert words in person.page
    assert f'value="{typed}"' in person.page
    assert 'aria-invalid="true"' in person.page
    assert desk.bookings == {}
    person.open(f"/kiosk/contact?by={by}")
    assert f'value="{typed}"' not in person.page


def test_only_one_court_left_skips_the_question(person: Person, desk: FakeDesk) -> None:
    desk.taken["court-2"] = desk.taken["court-4"]
    choose_time(person)
    assert person.where == "/kiosk/contact"


def test_choosing_again_gives_the_first_time_back(person: Person, desk: FakeDesk) -> None:
    choose_place(person)
    choose_place(person)
    assert len(desk.holds) == 1


def test_a_class_asks_how_many(person: Person) -> None:
    person.open("/kiosk/time?service=morning-class")
    person.press("/kiosk/time", service=CLASS.id, minutes="60", start=person.value("start"))
    assert person.heading == "Hur många?"
    assert "6 platser" in person.page
    assert "720 kr" in person.page
    assert "7 platser kvar" in person.page
    person.press("/kiosk/place", quantity="3")
    assert "3 platser" in person.page
    assert "Boka för 360 kr" in person.page


@pytest.mark.parametrize("quantity", ["", "0x3", "99999999999999"])
def test_a_made_up_number_of_places_books_nothing(person: Person, desk: FakeDesk, quantity: str) -> None:
    choose_time(person)
    person.press("/kiosk/place", quantity=quantity)
    assert person.where == "/kiosk/time"
    assert desk.holds == {}


def test_ending_the_visit_gives_the_held_time_back_and_forgets_the_key(person: Person, desk: FakeDesk) -> None:
    """KI-08."""
    choose_place(person)
    assert desk.holds
    person.press("/kiosk/reset")
    assert desk.holds == {}
    book(person)
    person.press("/kiosk/reset")
    for path in ("/kiosk/key", "/kiosk/booking", "/kiosk/contact", "/kiosk/cancel"):
        person.open(path)
        assert "048" not in person.page
        assert CANCEL_CODE not in person.page


@pytest.mark.parametrize("path", ["/kiosk/place", "/kiosk/contact"])
def test_a_step_without_the_one_before_leads_to_the_first(person: Person, path: str) -> None:
    person.open(path)
    assert person.where == "/kiosk/time"


def test_nothing_to_book_and_nothing_free_have_screens_of_their_own(person: Person, desk: FakeDesk) -> None:
    desk.taken = {slug: desk.taken["court-4"] * 1 for slug in desk.taken}
    desk.offered = (replace(CLASS),)
    desk.clock.advance(6 * 3600)
    person.open("/kiosk/time")
    assert "Inget är ledigt den dagen." in person.page
    desk.offered = ()
    person.open("/kiosk/time")
    assert "Inget kan bokas här ännu." in person.page


def test_a_refusal_at_the_last_step_leads_back_with_its_reason(person: Person) -> None:
    class Closed(FakeDesk):
        def book(
            self, hold_id: str, name: str, email: str, phone: str, answers: Mapping[str, str] = NO_ANSWERS
        ) -> BookingView | Refusal:
            return Refusal("closed")

    somebody = Person(Closed())
    book(somebody)
    assert somebody.where == "/kiosk/time"
    assert "Det är stängt då." in somebody.page
