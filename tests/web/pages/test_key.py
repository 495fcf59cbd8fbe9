"""The key page without a browser: who gets it, and what stands in it (AC-01, AC-04)."""

import re

import pytest
from flask.testing import FlaskClient

from appliance.booking.bookings import Booking
from appliance.foundation.instants import HOUR
from tests.builders import TEN, Site
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
