"""A guest whose code did not come: who is believed, who is slowed down, and what is on record (AC-10, AC-19, BM-26)."""

import json
from dataclasses import replace

import pytest

from appliance.access.throttle import FREE_TRIES, LONGEST_LOCK_S, QUIET_S, WRONG_A_DAY
from appliance.booking.bookings import Booking
from appliance.boot.web import unit_of
from appliance.foundation.instants import DAY, HOUR, MINUTE
from appliance.foundation.refusals import Refusal
from appliance.web import help_desk
from appliance.web.help_desk import NOT_RECOGNISED, PERSON_TRIES, Proof, ProofKind
from tests.builders import ANNA, BO, TEN, Site
from tests.web.api_client import Api, codes

CIA = replace(ANNA, name="Cia Ek", birth_year=1987)


def recover(site: Site, reached_at: str, kind: ProofKind, value: str, kiosk: str = "hall") -> Booking | Refusal:
    return help_desk.recover(unit_of(site.settings, site.side), Proof(reached_at, kind, value), kiosk)


def on_record(site: Site) -> list[tuple[str, str, dict[str, str]]]:
    """(actor, verb, what) of each line of the help desk."""
    rows = site.rows("SELECT actor, verb, after FROM journal WHERE entity = 'help_desk' ORDER BY seq")
    return [(str(actor), str(verb), json.loads(str(after))) for actor, verb, after in rows]


@pytest.mark.feature("BM-26")
@pytest.mark.parametrize("typed", ["070-174 06 05", "+46701740605"])
def test_phone_and_birth_year_find_the_own_booking_whose_key_opens_next(site: Site, typed: str) -> None:
    """BM-26: the nearest one, and it is on record."""
    by_phone = replace(CIA, email=None, email_match=None)
    site.book(TEN + 5 * HOUR, by_phone)
    nearest = site.book(TEN, by_phone)
    found = recover(site, typed, "birth_year", "1987")
    assert isinstance(found, Booking)
    assert found.id == nearest.id
    assert on_record(site) == [("kiosk:hall", "key_shown", {"by": "birth_year", "kiosk": "hall"})]


@pytest.mark.feature("BM-26")
@pytest.mark.parametrize("reached_at", ["Anna.Ek@Example.se", "0701740605"])
def test_mail_or_phone_and_the_number_find_it_too(site: Site, reached_at: str) -> None:
    """BM-26: however the number is typed."""
    hers = site.book(TEN)
    found = recover(site, reached_at, "number", hers.number.lower().replace("-", " "))
    assert isinstance(found, Booking)
    assert found.id == hers.id


@pytest.mark.feature("BM-26")
def test_whoever_fits_nothing_hears_what_the_refused_hear(site: Site) -> None:
    """BM-26: unknown, wrong year, no year in the register, another's number, over, cancelled: one answer for all."""
    born, plain, his = site.book(TEN, CIA), site.book(TEN, ANNA), site.book(TEN + 2 * HOUR, BO)
    gone = site.book(TEN + 4 * HOUR, ANNA)
    site.cancel(gone.id)
    tries: list[tuple[str, ProofKind, str]] = [
        ("nobody@example.se", "birth_year", "1987"),
        ("anna.ek@example.se", "birth_year", "1988"),
        ("anna.ek@example.se", "birth_year", "None"),
        ("anna.ek@example.se", "birth_year", ""),
        ("anna.ek@example.se", "number", his.number),
        ("bo@example.se", "number", plain.number),
        ("anna.ek@example.se", "number", gone.number),
        ("not a contact", "number", born.number),
    ]
    for count, (reached_at, kind, value) in enumerate(tries):
        assert recover(site, reached_at, kind, value, f"kiosk-{count}") == NOT_RECOGNISED, (reached_at, value)
    assert {verb for _, verb, _ in on_record(site)} == {"key_refused"}
    assert "example.se" not in json.dumps(on_record(site))


@pytest.mark.feature("BM-26")
def test_a_booking_of_somebody_who_knows_the_contact_opens_nobody_elses(site: Site) -> None:
    """BM-26: whoever books in another's name with a birth year of their own gets their own booking back, not hers."""
    hers = site.book(TEN, ANNA)
    theirs = site.book(TEN + 3 * HOUR, replace(ANNA, birth_year=1990))
    assert theirs.customer_id != hers.customer_id
    found = recover(site, "anna.ek@example.se", "birth_year", "1990")
    assert isinstance(found, Booking)
    assert found.id == theirs.id


@pytest.mark.feature("BM-26")
def test_a_kiosk_is_slowed_down_as_a_reader_is_and_a_restart_changes_nothing(site: Site) -> None:
    """AC-10, BM-26: five free tries, then a pause of 30 s that doubles; other kiosks go on."""
    hers = site.book(TEN, CIA)
    for count in range(FREE_TRIES):
        assert recover(site, f"x{count}@example.se", "birth_year", "1987") == NOT_RECOGNISED
    opened = site.reopened()
    try:
        locked = recover(opened, "anna.ek@example.se", "birth_year", "1987")
        assert locked == Refusal("recovery_locked", site.clock.now() + 30)
        assert isinstance(recover(opened, "anna.ek@example.se", "birth_year", "1987", "other"), Booking)
    finally:
        opened.close()
    site.clock.advance(30)
    found = recover(site, "anna.ek@example.se", "birth_year", "1987")
    assert isinstance(found, Booking)
    assert found.id == hers.id


@pytest.mark.feature("BM-26")
def test_a_birth_year_is_not_guessed_in_a_day(site: Site) -> None:
    """BM-26: five wrong ones for one person at all kiosks together, then even the right one waits for tomorrow."""
    site.book(TEN + 30 * HOUR, CIA)
    for count in range(PERSON_TRIES):
        assert recover(site, "anna.ek@example.se", "birth_year", str(1950 + count), f"k{count}") == NOT_RECOGNISED
    assert recover(site, "anna.ek@example.se", "birth_year", "1987", "fresh") == NOT_RECOGNISED
    site.clock.advance(DAY)
    assert isinstance(recover(site, "anna.ek@example.se", "birth_year", "1987", "fresh"), Booking)


@pytest.mark.feature("BM-26")
def test_one_kiosk_that_is_never_left_alone_is_slowed_to_a_try_a_minute(site: Site) -> None:
    """AC-10, BM-26: after forty wrong ones in a day, also when the pauses are waited for."""
    for count in range(WRONG_A_DAY):
        assert recover(site, f"p{count}@example.se", "birth_year", "1987") == NOT_RECOGNISED
        site.clock.advance(LONGEST_LOCK_S)
    site.clock.advance(QUIET_S)
    assert recover(site, "more@example.se", "birth_year", "1987") == NOT_RECOGNISED
    again = recover(site, "more@example.se", "birth_year", "1987")
    assert again == Refusal("recovery_locked", site.clock.now() + MINUTE)


@pytest.mark.feature("BM-26")
def test_a_birth_year_comes_with_a_booking_and_stands_nowhere_in_clear(api: Api) -> None:
    """BM-26: sealed in the journal like a name."""
    customer = {"name": "Anna Ek", "email": "anna.ek@example.se", "birth_year": 1987}
    made = api.booked(TEN, customer=customer)
    assert api.site.rows("SELECT birth_year FROM customer") == [(1987,)]
    assert not [row for row in api.site.rows("SELECT after FROM journal") if "1987" in str(row[0])]
    assert isinstance(recover(api.site, "anna.ek@example.se", "birth_year", "1987"), Booking)
    assert made["number"]
    wrong = api.post("/bookings", api.booking(TEN + HOUR, customer={**customer, "birth_year": 1799}))
    assert codes(wrong) == {("customer.birth_year", "out_of_range")}
