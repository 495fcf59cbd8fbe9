"""KI-06, BM-25: who knows the cancel code sees the booking and its key, and may end it after one more question."""

from dataclasses import replace

import pytest

from appliance.foundation.money import Money
from appliance.foundation.refusals import Refusal
from kiosk_ui.refusal_texts import refusal_text
from tests.kiosk_ui.fake_desk import AFTERNOON, CANCEL_CODE, ZONE, FakeDesk, booking_of
from tests.kiosk_ui.touching import Person


@pytest.fixture
def booked(desk: FakeDesk) -> FakeDesk:
    start = desk.now() + 3600
    hold = desk.hold("padel-id", start, 60, "court-3", 1)
    assert not isinstance(hold, Refusal)
    desk.bookings[CANCEL_CODE] = booking_of(hold, "SP-1041")
    return desk


def find(person: Person, code: str = CANCEL_CODE) -> None:
    person.open("/kiosk/code")
    person.press("/kiosk/code", code=code)


def test_the_booking_is_shown_with_its_key(person: Person, booked: FakeDesk) -> None:
    find(person, f" {CANCEL_CODE.lower()} ")
    assert person.where == "/kiosk/booking"
    for words in ("Bokning SP-1041", "048 271", "Bana 3", "Avboka"):
        assert words in person.page


@pytest.mark.parametrize("code", ["", "   ", "K7QF", "x" * 10_000, "'; --"])
def test_a_wrong_code_is_asked_again(person: Person, booked: FakeDesk, code: str) -> None:
    find(person, code)
    assert person.where == "/kiosk/code"
    assert "Ingen bokning finns kvar för den koden." in person.page


def test_cancelling_asks_once_and_then_says_it_is_done(person: Person, booked: FakeDesk) -> None:
    find(person)
    person.open("/kiosk/cancel")
    assert person.heading == "Avboka den här tiden?"
    assert "Det kostar inget att avboka nu." in person.page
    person.press("/kiosk/cancel")
    assert (person.where, person.heading) == ("/kiosk/cancelled", "Bokning SP-1041 är avbokad.")
    find(person)
    assert person.heading == "Bokningen är avbokad."
    assert "048 271" not in person.page


def test_a_code_that_cancelling_used_up_is_answered_like_one_that_never_was(person: Person, booked: FakeDesk) -> None:
    """BM-22: who cancelled reads that it is cancelled, and who guesses learns nothing."""
    find(person)
    person.press("/kiosk/cancel")
    del booked.bookings[CANCEL_CODE]
    find(person)
    used_up = person.page.replace(CANCEL_CODE, "")
    find(person, "AAAA-BBBB-CCCC")
    assert person.page.replace("AAAA-BBBB-CCCC", "") == used_up
    assert "Har du avbokat är den avbokad" in used_up


def test_a_booking_whose_keys_have_ended_is_over(person: Person, booked: FakeDesk) -> None:
    """Its code still finds it, and nothing of it is offered any more."""
    ended = booked.bookings[CANCEL_CODE].keys_valid
    assert ended is not None
    booked.clock.advance(ended.end - booked.now() - 1)
    find(person)
    assert person.heading == "Din nyckel"
    booked.clock.advance(1)
    find(person)
    assert person.heading == "Bokningen är över."
    assert "048 271" not in person.page


def test_a_booking_that_begins_while_it_is_shown_is_checked_out_of(person: Person, booked: FakeDesk) -> None:
    """AC-07: what is offered is what is possible now, not what was when the code was typed."""
    find(person)
    assert "/kiosk/check-out" not in person.page
    late = replace(booked.bookings[CANCEL_CODE], cancel_refusal=Refusal("too_late_to_cancel"), check_out_refusal=None)
    booked.bookings[CANCEL_CODE] = late
    person.open("/kiosk/cancel")
    assert person.where == "/kiosk/booking"
    assert "Det är för sent att avboka här." in person.page
    assert "/kiosk/check-out" in person.page


def test_a_booking_that_staff_cancels_while_it_is_shown_is_gone(person: Person, booked: FakeDesk) -> None:
    find(person)
    del booked.bookings[CANCEL_CODE]
    person.open("/kiosk/booking")
    assert person.where == "/kiosk/code"
    assert "Har du avbokat är den avbokad" in person.page


def test_who_cannot_check_out_yet_is_not_sent_to_cancel() -> None:
    """Whether one may still cancel is the rule's to say: between its last minute and the start one may do neither."""
    said = refusal_text(Refusal("not_begun", AFTERNOON + 60), "sv", AFTERNOON, ZONE)
    assert said == "Du kan checka ut när din tid har börjat. Det går från 14:11."


def test_what_cancelling_costs_is_said_first(person: Person, booked: FakeDesk) -> None:
    booked.bookings[CANCEL_CODE] = replace(booked.bookings[CANCEL_CODE], cancel_fee=Money(5000, "SEK"))
    find(person)
    person.open("/kiosk/cancel")
    assert "Det kostar 50 kr att avboka nu." in person.page


def test_too_late_to_cancel_is_said_instead_of_offered(person: Person, booked: FakeDesk) -> None:
    late = replace(booked.bookings[CANCEL_CODE], cancel_refusal=Refusal("too_late_to_cancel"))
    booked.bookings[CANCEL_CODE] = late
    find(person)
    assert "Det är för sent att avboka här." in person.page
    assert "/kiosk/cancel" not in person.page
    person.open("/kiosk/cancel")
    assert person.where == "/kiosk/booking"


def test_a_cancel_that_is_refused_at_the_last_moment_says_why(person: Person, booked: FakeDesk) -> None:
    find(person)
    person.open("/kiosk/cancel")
    booked.cancel_answer = Refusal("not_cancellable")
    person.press("/kiosk/cancel")
    assert person.where == "/kiosk/booking"
    assert "Bokningen kan inte längre avbokas." in person.page


def test_who_leaves_is_asked_once_and_told_until_when_the_keys_open(person: Person, booked: FakeDesk) -> None:
    """AC-07: from the screen of the booking, in two touches."""
    booked.bookings[CANCEL_CODE] = replace(booked.bookings[CANCEL_CODE], check_out_refusal=None)
    find(person)
    assert "/kiosk/check-out" in person.page
    person.open("/kiosk/check-out")
    assert person.heading == "Har ni gått?"
    person.press("/kiosk/check-out")
    assert person.where == "/kiosk/checked-out"
    assert "PIN-koden och QR-koden öppnar till 14:20." in person.page
    find(person)
    assert person.heading == "Bokningen är över."
    assert "/kiosk/check-out" not in person.page


def test_before_its_start_a_booking_cannot_be_left(person: Person, booked: FakeDesk) -> None:
    """AC-07: it is not offered, and an address typed by hand leads back."""
    find(person)
    assert "/kiosk/check-out" not in person.page
    person.open("/kiosk/check-out")
    assert person.where == "/kiosk/booking"


def test_a_check_out_that_is_refused_at_the_last_moment_says_why(person: Person, booked: FakeDesk) -> None:
    """AC-07: the booking ended while the question stood there."""
    booked.bookings[CANCEL_CODE] = replace(booked.bookings[CANCEL_CODE], check_out_refusal=None)
    find(person)
    person.open("/kiosk/check-out")
    booked.check_out_answer = Refusal("already_ended")
    person.press("/kiosk/check-out")
    assert person.where == "/kiosk/booking"
    assert "Bokningen är över." in person.page


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [("/kiosk/booking", "/kiosk/code"), ("/kiosk/cancelled", "/kiosk/"), ("/kiosk/checked-out", "/kiosk/")],
)
def test_a_screen_without_its_booking_leads_on(person: Person, path: str, leads_to: str) -> None:
    person.open(path)
    assert person.where == leads_to


@pytest.mark.parametrize("path", ["/kiosk/cancel", "/kiosk/check-out"])
def test_ending_without_a_booking_leads_to_the_code(person: Person, path: str) -> None:
    person.press(path)
    assert person.where == "/kiosk/code"
