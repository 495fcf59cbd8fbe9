"""Booking on the web by forms alone: once, several at once, and waiting."""

import html
import re
from dataclasses import dataclass

import pytest
from flask.testing import FlaskClient

from appliance.booking.services import Several
from appliance.foundation.instants import DAY, HOUR
from tests.booking.test_telling import tell
from tests.booking.test_waiting import fill, guest, join, keep_list
from tests.builders import BO, TEN, Site
from tests.several import allow, open_ahead
from tests.web.api_client import api_of
from tests.web.pages.desk import desk_app
from tests.web.pages.fake_doors import FakeDoors
from tests.web.test_admission_api import admit

WEEK = 7 * DAY
MINE = {"name": "Anna Ek", "phone": "070-174 06 05"}
FIRST = {"day": "2026-11-30", "time": "10:00"}


@dataclass
class Visitor:
    """Somebody with a browser that reads English and runs no script."""

    client: FlaskClient

    def get(self, path: str) -> str:
        answer = self.client.get(path, headers={"Accept-Language": "en"})
        assert answer.status_code == 200, answer.text
        return answer.get_data(as_text=True)

    def send(self, path: str, fields: dict[str, str], status: int = 200) -> str:
        """What the browser shows after a form, wherever it was led on to."""
        answer = self.client.post(path, data=fields, headers={"Accept-Language": "en"}, follow_redirects=True)
        assert answer.status_code == status, answer.text
        return answer.get_data(as_text=True)


@pytest.fixture
def visitor(site: Site) -> Visitor:
    allow(site, "padel", Several(series=True, most_in_a_row=4, chains=True))
    open_ahead(site)
    return Visitor(desk_app(site, FakeDoors()).test_client())


def planned(page: str) -> dict[str, str]:
    """What a browser would send back of the plan that it shows."""
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    assert seen, page
    return {"seen": seen[1], **dict(re.findall(r'name="(date-[^"]+)" value="(\d+)" checked', page))}


def test_a_time_is_booked_on_the_web_and_leads_to_its_key(visitor: Visitor, site: Site) -> None:
    """No sign-in and no script; every mistake beside its field; sent twice, booked once."""
    page = visitor.get("/book?day=2026-11-30&time=10:00")
    assert f'value="{TEN}" checked' in page
    assert "320\N{NO-BREAK SPACE}kr" in page
    wrong = visitor.send("/book", {"act": "book", "start": str(TEN), "phone": "12"}, 422)
    assert "This is not a telephone number." in wrong
    once = re.search(r'name="once" value="([^"]+)"', page)
    assert once
    fields = {"act": "book", "start": str(TEN), "once": once[1], **MINE}
    for _ in range(2):
        assert "Your key" in visitor.send("/book", fields)
    assert site.rows("SELECT channel, count(*) FROM booking GROUP BY channel") == [("public", 1)]


@pytest.mark.feature("DY-46", "DY-50")
def test_a_customer_repeats_a_booking_and_leaves_one_date_out(visitor: Visitor, site: Site) -> None:
    """DY-46, DY-50: the plan tells what is free, moved or not possible; then one commit and one page of it all."""
    for court in range(1, 5):
        site.book(TEN + WEEK, BO, resource=f"court-{court}")
    asked = {**FIRST, "every": "1", "cadence": "weekly", "times": "3"}
    page = visitor.send("/book/series", {"act": "plan", **asked})
    assert [page.count(f">{word}<") for word in ("Free", "Another time")] == [2, 1]
    ticked = planned(page)
    del ticked["date-2026-12-14"]
    nobody = visitor.send("/book/series", {"act": "book", **asked, **ticked}, 422)
    assert "Enter an e-mail address or a telephone number." in nobody
    order = visitor.send("/book/series", {"act": "book", **asked, **ticked, **MINE})
    assert "Your bookings" in order
    assert order.count('aria-label="Key of') == 2
    assert "Monday 14 December 2026" in order
    key = re.search(r'href="(/k/[^"]+)"', order)
    assert key
    assert "Your key" in visitor.get(html.unescape(key[1]))
    [(order_id,)] = site.rows("SELECT id FROM booking_order")
    assert visitor.client.get(f"/o/{order_id}?sig=x").status_code == 404
    cancel = re.search(r'href="[^"]*(/k/[^"]+/cancel[^"]+)" aria-label="Cancel ', order)
    assert cancel
    assert "Cancel the booking?" in visitor.get(html.unescape(cancel[1]))
    assert "The booking is cancelled." in visitor.send(html.unescape(cancel[1]), {"act": "cancel"})
    assert site.rows("SELECT status, count(*) FROM booking WHERE order_id IS NOT NULL GROUP BY status") == [
        ("cancelled", 1),
        ("confirmed", 1),
    ]


@pytest.mark.feature("DY-55", "DY-56")
def test_a_row_and_a_chain_are_chosen_first_and_their_times_fit_all(visitor: Visitor, site: Site) -> None:
    """DY-55, DY-56: the first step says what, the second offers starts of the whole."""
    row = {**FIRST, "count": "3"}
    assert "10:00 to 13:00, 960" in visitor.send("/book/row", {"act": "look", **row})
    assert visitor.send("/book/row", {"act": "book", "start": str(TEN), **row, **MINE}).count('aria-label="Key of') == 3
    chain = {"leg-1": "padel", "leg-2": "padel", "minutes-2": "90"}
    assert "Choose at least two services." in visitor.send("/book/visit", {"act": "book", "leg-1": "padel"}, 422)
    page = visitor.get("/book/visit?leg-1=padel&leg-2=padel&minutes-2=90&day=2026-11-30&time=14:00")
    assert "14:00 to 16:30" in page
    at = str(TEN + 4 * HOUR)
    assert visitor.send("/book/visit", {"act": "book", "start": at, **chain, **MINE}).count('aria-label="Key of') == 2
    for court in range(1, 5):
        site.book(TEN + 8 * HOUR, BO, resource=f"court-{court}")
    late = visitor.send("/book/visit", {"act": "book", "start": str(TEN + 8 * HOUR), **chain, **MINE}, 409)
    assert "This time is taken." in late


@pytest.mark.feature("DY-18")
def test_who_finds_nothing_free_waits_and_sees_the_place_without_names(visitor: Visitor, site: Site) -> None:
    """DY-18: the page tells one's place; the offer is taken there, or left."""
    keep_list(site, "offer")
    fill(site)
    join(site, guest(1))
    page = visitor.get("/book?day=2026-11-30&time=10:00")
    assert "This time is taken." in page
    assert "Wait for this time" in page
    mine = visitor.send("/book", {"act": "wait", **FIRST, **MINE})
    assert "You wait, in place 2." in mine
    assert "Gäst" not in mine
    [(entry,)] = site.rows("SELECT w.id FROM waiting w JOIN customer c ON c.id = w.customer_id WHERE name = 'Anna Ek'")
    sig = re.search(r'name="sig" value="([^"]+)"', mine)
    assert sig
    assert "You wait no longer." in visitor.send(f"/w/{entry}", {"act": "leave", "sig": sig[1]})
    assert visitor.client.get(f"/w/{entry}?sig=x").status_code == 404


@pytest.mark.feature("BM-05", "DY-14")
def test_strangers_are_refused_and_hidden_services_are_not_there(visitor: Visitor, site: Site) -> None:
    """BM-05, DY-14: the same answer for everybody who may not; a link lets one in."""
    staff = api_of(site).staff()
    admit(staff, "padel", who_may_book="register_only")
    fields = {"act": "book", "start": str(TEN), **MINE}
    refused = visitor.send("/book", fields, 409)
    assert 'role="alert"' in refused
    admit(staff, "padel", visibility="link")
    assert ">Padel<" not in visitor.get("/book")
    link = staff.get("/services/padel").get_json()["link"].partition("link=")[2]
    assert ">Padel<" in visitor.get(f"/book?service=padel&link={link}")
    assert "Your key" in visitor.send("/book", {**fields, "service": "padel", "link": link})
    admit(staff, "padel", leads_to="contact")
    assert "This is not booked here. Ask for it." in visitor.get("/book?service=padel")


def test_who_waits_where_all_are_told_is_told_what_that_means_and_led_to_the_time(visitor: Visitor, site: Site) -> None:
    """DY-19: the page says before one waits that nothing is kept, and when a place is free it leads to booking it."""
    keep_list(site, "notify_all")
    taken = fill(site)
    means = "All who wait are told when a place is free. Nothing is kept: who books first has it."
    assert means in visitor.get("/book?day=2026-11-30&time=10:00")
    mine = visitor.send("/book", {"act": "wait", **FIRST, **MINE})
    assert means in mine
    [(entry,)] = site.rows("SELECT id FROM waiting")
    sig = re.search(r'name="sig" value="([^"]+)"', mine)
    assert sig
    site.cancel(taken[0].id)
    tell(site)
    told = visitor.get(f"/w/{entry}?sig={sig[1]}")
    assert "You were told that this time is free." in told
    link = re.search(r'href="(/book[^"]+)"', told)
    assert link
    assert f'value="{TEN}" checked' in visitor.get(html.unescape(link[1]))
