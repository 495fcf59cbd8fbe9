"""Several at once on the web with what the facility asks and what can be taken beside it, by forms alone."""

import re

import pytest

from appliance.booking.services import Several
from appliance.foundation.instants import HOUR
from tests.builders import TEN, Site
from tests.several import allow, open_ahead
from tests.web.api_client import Api, api_of
from tests.web.extra_world import RACKET, WARM_UP, added
from tests.web.pages.desk import desk_app
from tests.web.pages.fake_doors import FakeDoors
from tests.web.pages.test_book import FIRST, MINE, Visitor, planned
from tests.web.test_visits_api import add_salon

PLATE = {"slug": "plate", "label": "Bil", "kind": "text", "pattern": "AAA 99N", "required": True, "service": "padel"}


@pytest.fixture
def staff(site: Site) -> Api:
    allow(site, "padel", Several(series=True, most_in_a_row=4))
    open_ahead(site)
    staff = api_of(site).staff()
    added(staff, "/fields", **PLATE)
    return staff


@pytest.fixture
def visitor(site: Site, staff: Api) -> Visitor:
    return Visitor(desk_app(site, FakeDoors()).test_client())


def answers(staff: Api, site: Site) -> list[list[str]]:
    found = site.rows("SELECT id FROM booking ORDER BY starts")
    told = [staff.get(f"/bookings/{row[0]}").get_json()["answers"] for row in found]
    return [[each["value"] for each in of_one] for of_one in told]


@pytest.mark.feature("DY-61", "DY-67", "DY-46")
def test_a_series_asks_once_and_takes_the_extras_with_every_date(visitor: Visitor, staff: Api, site: Site) -> None:
    """DY-61, DY-67, DY-46: in every plan and price; what is missing stands beside its field and nothing is booked."""
    warm_up = added(staff, "/extras", **WARM_UP)
    extra = {f"extra-{warm_up['id']}": "1"}
    asked = {**FIRST, "every": "1", "cadence": "daily", "times": "2"}
    assert 'name="field-plate"' not in visitor.get("/book/series")
    page = visitor.send("/book/series", {"act": "plan", **asked, **extra})
    assert "10:00\N{EN DASH}11:15" in page
    assert "740\N{NO-BREAK SPACE}kr" in page
    assert 'name="field-plate"' in page
    sent = {"act": "book", **asked, **extra, **planned(page), **MINE}
    lacks = visitor.send("/book/series", sent, 422)
    assert re.search(r"field-wrong[^>]*>.{0,300}field-plate", lacks, re.DOTALL)
    assert "This is needed." in lacks
    wrong = visitor.send("/book/series", {**sent, "field-plate": "bil", "phone": "12"}, 422)
    assert 'value="bil"' in wrong
    for words in ("This does not look as it should: AAA 99N", "This is not a telephone number."):
        assert words in wrong
    other = visitor.send("/book/series", {**sent, **{f"extra-{warm_up['id']}": "0"}, "field-plate": "ABC 12D"})
    assert "10:00\N{EN DASH}11:00" in other
    assert site.rows("SELECT count(*) FROM booking") == [(0,)]
    order = visitor.send("/book/series", {**sent, "field-plate": "ABC 12D"})
    assert order.count('aria-label="Key of') == 2
    assert answers(staff, site) == [["ABC 12D"], ["ABC 12D"]]
    assert site.rows("SELECT ends - starts FROM booking") == [(75 * 60,), (75 * 60,)]


@pytest.mark.feature("DY-61", "DY-67", "DY-56")
def test_a_row_asks_once_and_takes_the_extras_each_time(visitor: Visitor, staff: Api, site: Site) -> None:
    """DY-61, DY-67, DY-56: only starts at which all of it fits, at the price of all of it."""
    warm_up, racket = added(staff, "/extras", **WARM_UP), added(staff, "/extras", **RACKET)
    row = {**FIRST, "count": "2", f"extra-{warm_up['id']}": "1", f"extra-{racket['id']}": "2"}
    page = visitor.send("/book/row", {"act": "look", **row})
    assert "10:00 to 12:30, 860\N{NO-BREAK SPACE}kr" in page
    lacks = visitor.send("/book/row", {"act": "book", "start": str(TEN), **row}, 422)
    for words in ("This is needed.", "Enter an e-mail address or a telephone number."):
        assert words in lacks
    once = visitor.send("/book", {"act": "book", "start": str(TEN)}, 422)
    for words in ("This is needed.", "Enter an e-mail address or a telephone number."):
        assert words in once
    assert site.rows("SELECT count(*) FROM booking") == [(0,)]
    made = visitor.send("/book/row", {"act": "book", "start": str(TEN), "field-plate": "ABC 12D", **row, **MINE})
    assert made.count('aria-label="Key of') == 2
    assert answers(staff, site) == [["ABC 12D"], ["ABC 12D"]]


@pytest.mark.feature("DY-61", "DY-67", "DY-54")
def test_a_chain_asks_what_its_services_ask_and_each_has_extras_of_its_own(
    visitor: Visitor, staff: Api, site: Site
) -> None:
    """DY-61, DY-67, DY-54: shown as soon as a service is chosen; what another service asks is not asked."""
    add_salon(site)
    added(staff, "/fields", slug="tone", label="Nyans", required=True, kind="checkbox", service="colour")
    tea = added(staff, "/extras", name="Te", amount=2_000, minutes=15, service="cut", most=2)
    chain = {**FIRST, "leg-1": "cut", "leg-2": "colour", f"extra-1-{tea['id']}": "2"}
    page = visitor.send("/book/visit", {"act": "look", **chain})
    assert f"extra-2-{tea['id']}" not in page
    assert "11:00 Colour" in page
    assert ('name="field-tone"' in page, 'name="field-plate"' in page) == (True, False)
    book = {"act": "book", "start": str(TEN), **chain, **MINE}
    assert "This is needed." in visitor.send("/book/visit", book, 422)
    made = visitor.send("/book/visit", {**book, "field-tone": "true"})
    assert made.count('aria-label="Key of') == 2
    assert answers(staff, site) == [[], ["yes"]]
    assert site.rows("SELECT starts FROM booking ORDER BY starts") == [(TEN,), (TEN + HOUR,)]
