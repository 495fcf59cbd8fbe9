"""The key page without a browser: who gets it, and what stands in it (AC-01, AC-04)."""

import re

import pytest
from flask.testing import FlaskClient

from appliance.billing.tariff_store import PAYMENT_TERMS
from appliance.billing.terms import Method, PaymentTerms, Policy
from appliance.booking.actions import paying
from appliance.booking.actions.desk import expire_stale_holds
from appliance.booking.actions.paying import Payment
from appliance.booking.bookings import Booking
from appliance.foundation.instants import HOUR, MINUTE
from appliance.storage import versioned
from tests.builders import TEN, Site
from tests.storage.test_ledgers import card_of_anna
from tests.web.pages.desk import desk_app
from tests.web.pages.fake_doors import FakeDoors

BROWSER = {"Accept": "text/html", "Accept-Language": "en"}


@pytest.fixture
def guest(site: Site) -> FlaskClient:
    return desk_app(site, FakeDoors()).test_client()


def link(site: Site, booking: Booking) -> str:
    return f"/k/{booking.id}?sig={site.side.links.token(booking.id)}"


def test_the_page_has_its_own_bookings_key_and_nobody_between_keeps_it(guest: FlaskClient, site: Site) -> None:
    """AC-01"""
    mine, other = site.book(TEN), site.book(TEN)
    answer = guest.get(link(site, mine), headers=BROWSER)
    (digits,) = re.findall(r"<strong>([\d ]+)</strong>", answer.text)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert [digits.replace(" ", "")] == site.pins(mine.id)
    assert site.pins(other.id)[0] not in answer.text.replace(" ", "")
    assert len(re.findall(r"data-unlock=", answer.text)) == 2


def test_without_the_signature_of_this_very_booking_there_is_nothing(guest: FlaskClient, site: Site) -> None:
    """AC-01: neither by a wrong link nor by another one's nor for a signed-in member of staff."""
    mine, other = site.book(TEN), site.book(TEN)
    sig = site.side.links.token(other.id)
    for path in (f"/k/{mine.id}", f"/k/{mine.id}?sig=", f"/k/{mine.id}?sig={sig}", f"/k/{mine.id}?sig=å", "/k/x?sig=y"):
        answer = guest.get(path, headers=BROWSER)
        assert (answer.status_code, site.pins(mine.id)[0] in answer.text.replace(" ", "")) == (404, False), path


@pytest.mark.parametrize("ending", ["cancelled", "over"])
def test_a_booking_without_keys_says_so_and_runs_no_script(guest: FlaskClient, site: Site, ending: str) -> None:
    """AC-04"""
    booking = site.book(TEN)
    if ending == "cancelled":
        site.cancel(booking.id)
    else:
        site.clock.set(TEN + 3 * HOUR)
    page = guest.get(link(site, booking), headers=BROWSER).text
    assert f"This booking is {ending}." in page
    assert "<script" not in page
    assert "data-unlock" not in page


def test_a_booking_that_waits_for_its_payment_says_so_and_then_has_its_key(guest: FlaskClient, site: Site) -> None:
    """DY-21: no key is shown before, nor once it was not paid in time."""
    with site.side.book.write(site.side.scope, "test") as tx:
        service = site.side.desk.catalogues.current(tx).service("padel")
        assert service is not None
        versioned.add(tx, PAYMENT_TERMS, PaymentTerms(service.id, Policy.PREPAY, pay_within_minutes=20))
    booked, lapsed = site.try_book(site.wish(TEN)), site.try_book(site.wish(TEN))
    assert isinstance(booked, Booking)
    assert isinstance(lapsed, Booking)
    page = guest.get(link(site, booked), headers=BROWSER).text
    assert "Not paid yet: your key comes with the payment." in page
    assert "data-unlock" not in page
    paying.pay(site.side.desk, booked.id, Payment(Method.CASH), "test")
    assert "data-unlock" in guest.get(link(site, booked), headers=BROWSER).text
    site.clock.advance(20 * MINUTE)
    with site.side.book.write(site.side.scope, "test") as tx:
        expire_stale_holds(tx)
    assert "This booking was not paid in time." in guest.get(link(site, lapsed), headers=BROWSER).text


@pytest.mark.feature("DY-37")
def test_the_page_tells_what_is_left_of_the_card_that_paid(guest: FlaskClient, site: Site) -> None:
    """DY-37: live, for its customer."""
    card_of_anna(site)
    first = site.book(TEN + HOUR)
    assert "Klippkort: 4 left" in guest.get(link(site, first), headers=BROWSER).text
    site.book(TEN + 2 * HOUR)
    assert "Klippkort: 3 left" in guest.get(link(site, first), headers=BROWSER).text
