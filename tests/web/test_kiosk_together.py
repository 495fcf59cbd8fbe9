"""The kiosk over a real unit: in a row, waiting, and a card that pays, so that no screen asks for money."""

from dataclasses import replace

import pytest

from appliance.booking.services import Several
from appliance.customers.contacts import Contact
from appliance.foundation.errors import Invalid
from appliance.foundation.instants import HOUR, MINUTE, Instant
from appliance.foundation.refusals import Refusal
from appliance.web.kiosk_desk import KioskDesk
from appliance.web.unit import EXTENSION
from kiosk_ui.choices import Choice, Extras
from kiosk_ui.desk import RowView, WaitView
from tests.booking.test_waiting import LESSON, guest, join, keep_list
from tests.builders import MONDAY, NOW, TEN
from tests.kiosk_ui.serving import kiosk_over
from tests.kiosk_ui.touching import Person
from tests.several import allow
from tests.web.api_client import Api
from tests.web.extra_world import WARM_UP, added
from tests.web.pages.desk import desk_app
from tests.web.pages.fake_doors import FakeDoors
from tests.web.test_entitlements_api import CARD, granted, left

PHONE = "070-174 06 05"


@pytest.fixture
def desk(api: Api) -> KioskDesk:
    allow(api.site, "padel", Several(most_in_a_row=3))
    return KioskDesk(api.app.extensions[EXTENSION], None)


def padel(desk: KioskDesk) -> str:
    return next(each.id for each in desk.services() if each.slug == "padel")


def two(desk: KioskDesk, start: Instant | None = None, extras: Extras = ()) -> Choice:
    """Two hours of padel in a row on Monday."""
    return Choice(padel(desk), 60, MONDAY, start, extras, 2)


@pytest.mark.feature("DY-56")
def test_a_row_at_the_kiosk_is_one_order_on_one_court(api: Api, desk: KioskDesk) -> None:
    """DY-56: only starts at which all of it fits; the price of all; a key for each."""
    for court in range(1, 5):
        api.site.book(TEN + 2 * HOUR, guest(court), resource=f"court-{court}")
    times = {time.start: time for time in desk.row_times(two(desk))}
    assert TEN in times
    assert TEN + HOUR not in times
    assert times[TEN].price.amount == 64_000
    made = desk.book_row(two(desk, TEN), "", PHONE)
    assert isinstance(made, RowView)
    assert len({each.pin for each in made.bookings}) == 2
    assert len({each.place_names for each in made.bookings}) == 1
    assert made.total.amount == 64_000
    assert all(desk.booking(each.cancel_code) == each for each in made.bookings)
    link = made.link.removeprefix("http://unit.test")
    assert link.startswith("/o/")
    assert desk.row_times(replace(two(desk), in_a_row=9)) == ()
    late = desk.book_row(two(desk, TEN + HOUR), "", PHONE)
    assert isinstance(late, Refusal)
    assert api.site.rows("SELECT kind FROM booking_order") == [("row",)]


@pytest.mark.feature("DY-61", "DY-67", "DY-56")
def test_a_row_at_the_kiosk_has_extras_and_answers_with_each_time(api: Api, desk: KioskDesk) -> None:
    """DY-61, DY-67, DY-56: only starts at which all of it fits; without the answer that is needed nothing is booked."""
    for court in range(1, 5):
        api.site.book(TEN + 2 * HOUR, guest(court), resource=f"court-{court}")
    staff = api.staff()
    added(staff, "/fields", slug="plate", label="Bil", kind="text", required=True, service="padel")
    warm_up = added(staff, "/extras", **WARM_UP)
    extras = ((warm_up["id"], 1),)
    assert TEN in {time.start for time in desk.row_times(two(desk))}
    times = {time.start: time for time in desk.row_times(two(desk, None, extras))}
    start = TEN - 30 * MINUTE
    assert TEN not in times
    assert (times[start].end, times[start].price.amount) == (TEN + 2 * HOUR, 2 * 37_000)
    with pytest.raises(Invalid) as refused:
        desk.book_row(two(desk, start, extras), "", PHONE)
    assert [(error.field, error.code) for error in refused.value.errors] == [("plate", "missing")]
    assert api.site.rows("SELECT count(*) FROM booking_order") == [(0,)]
    made = desk.book_row(two(desk, start, extras), "", PHONE, {"plate": "ABC 123"})
    assert isinstance(made, RowView)
    assert (made.total.amount, [each.end for each in made.bookings]) == (74_000, [start + 75 * MINUTE, TEN + 2 * HOUR])
    kept = "SELECT count(*) FROM booking_answer JOIN booking ON booking_id = id WHERE order_id IS NOT NULL"
    assert api.site.rows(kept) == [(2,)]


@pytest.mark.feature("DY-18")
def test_who_waits_at_the_kiosk_waits_for_any_time_of_the_day(api: Api, desk: KioskDesk) -> None:
    """DY-18: refused while there is a place; then a place in the list, behind who was there before."""
    free = desk.wait(padel(desk), MONDAY, 60, "", PHONE)
    assert isinstance(free, Refusal)
    keep_list(api.site, "auto_book")
    still = desk.wait(padel(desk), MONDAY, 60, "", PHONE)
    assert isinstance(still, Refusal)
    assert still.reason == "not_full"
    closes = max(time.end for time in desk.times(padel(desk), MONDAY, 60))
    for hour in range(NOW, closes, 60 * MINUTE):
        for court in range(1, 5):
            if hour + HOUR <= closes:
                api.site.try_book(api.site.wish(hour, resource=f"court-{court}"), guest(court))
    assert desk.times(padel(desk), MONDAY, 60) == ()
    assert not isinstance(join(api.site, guest(20), TEN), Refusal)
    waits = desk.wait(padel(desk), MONDAY, 60, "", PHONE)
    assert isinstance(waits, WaitView)
    assert (waits.service_name, waits.day, waits.position) == ("Padel", MONDAY, 2)
    assert waits.link.startswith("http://unit.test/w/")
    again = desk.wait(padel(desk), MONDAY, 60, "", PHONE)
    assert isinstance(again, Refusal)
    assert again.reason == "waits_already"


def test_a_card_pays_at_the_kiosk_without_a_payment_screen(api: Api, desk: KioskDesk) -> None:
    """DY-23: time, place, contact, key; the key says that nothing is to be paid, and what is left of the card."""
    # Who holds it is known at the kiosk by what they type there, and by nothing that others could know of them.
    staff, first = api.staff(), api.site.book(TEN, Contact("", None, "+46701740605", None))
    granted(staff, str(first.customer_id), CARD)
    person = Person(kiosk_over(desk, api.site.clock))
    seen = []
    person.open("/kiosk/time")
    seen.append(person.where)
    person.press("/kiosk/time", service=padel(desk), minutes="60", row="1", start=str(TEN + 2 * HOUR))
    seen.append(person.where)
    person.press("/kiosk/place", resource=person.value("resource"))
    seen.append(person.where)
    person.press("/kiosk/contact", by="phone", contact=PHONE)
    seen.append(person.where)
    assert seen == ["/kiosk/time", "/kiosk/place", "/kiosk/contact", "/kiosk/key"]
    assert "Inget att betala" in person.page
    assert "8-kort: 7 kvar" in person.page
    assert "Betala på plats" not in person.page
    assert left(staff, str(first.customer_id)) == [7]


@pytest.mark.feature("DY-15")
def test_a_place_in_a_class_is_told_without_a_place_to_go_to(api: Api, desk: KioskDesk) -> None:
    """DY-15: what counts the places of a class is no court; neither the kiosk nor the key's page names it."""
    lesson = next(each for each in desk.services() if each.slug == "padel-class")
    held = desk.hold(lesson.id, LESSON, lesson.durations[0].minutes, None, 1)
    assert not isinstance(held, Refusal), held
    booked = desk.book(held.id, "", "anna@example.se", "")
    assert not isinstance(booked, Refusal), booked
    assert (held.place_names, booked.place_names) == ((), ())
    guest = desk_app(api.site, FakeDoors()).test_client()
    [(booking_id,)] = api.site.rows("SELECT id FROM booking WHERE number = ?", booked.number)
    at = f"/k/{booking_id}?sig={api.site.side.links.token(str(booking_id))}"
    page = guest.get(at, headers={"Accept-Language": "en"}).text
    assert ("<dt>What</dt>" in page, "<dt>Where</dt>" in page) == (True, False)
