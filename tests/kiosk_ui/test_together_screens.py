"""Several in a row and the waiting list at the kiosk: few touches, no names, and words for every no."""

from dataclasses import replace

import pytest

from appliance.foundation.instants import day_bounds, local_date
from appliance.foundation.refusals import Refusal
from tests.kiosk_ui.fake_desk import CANCEL_CODE, COURTS, PADEL, ZONE, FakeDesk
from tests.kiosk_ui.touching import Person

IN_A_ROW = replace(PADEL, most_in_a_row=3, waiting=True)


@pytest.fixture
def offering(desk: FakeDesk) -> FakeDesk:
    desk.offered = (IN_A_ROW,)
    return desk


def full(desk: FakeDesk) -> None:
    today = day_bounds(local_date(desk.now(), ZONE), ZONE)
    desk.taken = {slug: [today] for slug in COURTS}


def choose_row(person: Person) -> None:
    person.open("/kiosk/time?row=2")
    person.press("/kiosk/time", service="padel-id", minutes="60", row="2", start=person.value("start", 1))


@pytest.mark.feature("DY-56")
def test_two_in_a_row_take_a_time_and_a_contact(offering: FakeDesk, person: Person) -> None:
    """DY-56: one price, one place, and for each a key and a code that cancels it here."""
    person.open("/kiosk/time")
    assert "2 i rad" in person.page
    choose_row(person)
    assert (person.where, person.heading) == ("/kiosk/row", "Hur når vi dig?")
    assert "2 × 60 min" in person.page
    assert "480 kr</strong>" in person.page
    person.press("/kiosk/row", by="phone", contact="1")
    assert "Kontrollera siffrorna" in person.page
    person.press("/kiosk/row", by="phone", contact="0701234567")
    assert person.where == "/kiosk/row/keys"
    assert person.page.count("048 271") == 2
    assert person.page.count(CANCEL_CODE) == 2
    person.open("/kiosk/row")
    assert person.where == "/kiosk/time"


@pytest.mark.feature("DY-56")
def test_who_was_slower_is_told_and_chooses_again(offering: FakeDesk, person: Person) -> None:
    """DY-56: nothing is booked of a row of which one time is gone."""
    choose_row(person)
    full(offering)
    person.press("/kiosk/row", by="phone", contact="0701234567")
    assert person.where == "/kiosk/time"
    assert "hann före" in person.page
    assert offering.bookings == {}
    person.open("/kiosk/time?row=9")
    assert person.where == "/kiosk/time"


@pytest.mark.feature("DY-18")
def test_who_finds_nothing_free_waits_with_one_screen(offering: FakeDesk, person: Person) -> None:
    """DY-18: the place among those who wait, and nobody's name or number."""
    offering.waiting.append("bo@example.se")
    full(offering)
    person.open("/kiosk/time")
    assert "Ställ dig på väntelistan" in person.page
    person.open("/kiosk/wait?service=padel&minutes=60&day=2026-11-25")
    assert (person.where, person.heading) == ("/kiosk/wait", "Hur når vi dig?")
    person.press("/kiosk/wait", by="email", contact="nobody")
    assert person.where == "/kiosk/wait"
    assert "E-postadressen" in person.page
    person.press("/kiosk/wait", by="phone", contact="0701234567")
    assert (person.where, person.heading) == ("/kiosk/waiting", "Du väntar, på plats 2.")
    assert "bo@example.se" not in person.page
    assert "0701234567" not in person.page


@pytest.mark.feature("DY-18")
def test_a_list_that_takes_nobody_says_so(offering: FakeDesk, person: Person) -> None:
    """DY-18: no list, or who waits already; without a choice it leads to the times."""
    person.open("/kiosk/wait")
    assert person.where == "/kiosk/time"
    offering.wait_answer = Refusal("waits_already")
    person.open("/kiosk/wait?service=padel&minutes=60&day=2026-11-25")
    person.press("/kiosk/wait", by="phone", contact="0701234567")
    assert person.where == "/kiosk/time"
    assert "Du väntar redan på detta." in person.page
    offering.offered = (PADEL,)
    full(offering)
    person.open("/kiosk/time")
    assert "Ställ dig på väntelistan" not in person.page
    person.open("/kiosk/waiting")
    assert person.where == "/kiosk/"
    person.open("/kiosk/row/keys")
    assert person.where == "/kiosk/"
