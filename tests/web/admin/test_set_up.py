"""Set-up in the console: readiness, and forms of every kind, whose second editor is told."""

import re

import pytest

from tests.builders import ADMIN
from tests.web.admin.staff import Desk
from tests.web.api_client import api_of

SHEETS = (
    *("resources", "pools", "services", "classes", "absences", "rules", "prices", "categories"),
    *("products", "fee", "payment", "extras", "fields"),
)


def thing(desk: Desk, sheet: str, name: str) -> str:
    """The address of a thing, as its list leads there."""
    found = re.search(rf'<a href="([^"]+)">{name}</a>', desk.get(f"/admin/setup/{sheet}"))
    assert found, name
    return found[1]


@pytest.mark.feature("BRP-19", "BRP-23")
def test_every_kind_has_a_list_with_search_and_a_form_with_help(desk: Desk) -> None:
    """BRP-19, BRP-23."""
    for sheet in SHEETS:
        assert "<h1>" in desk.get(f"/admin/setup/{sheet}")
        assert "field-hint" in desk.get(f"/admin/setup/{sheet}/new") or sheet == "categories"
    found = desk.get("/admin/setup/resources?q=bana 2")
    assert (">Bana 2</a>" in found, ">Bana 1</a>" in found) == (True, False)
    assert desk.client.get("/admin/setup/nothing").status_code == 404


@pytest.mark.feature("BRP-10", "BRP-18")
def test_ok_saves_and_the_second_editor_is_told_by_whom(desk: Desk) -> None:
    """BRP-10, BRP-18: a rule is picked by its name; an unknown one is refused and all that was typed stays."""
    closes = {"windows.public.latest.value": "2", "windows.public.latest.unit": "hours"}
    desk.post("/admin/setup/rules/new", 200, name="Members first", **closes)
    page = thing(desk, "services", "Padel")
    shown = desk.get(page)
    assert '<option value="Members first">' in shown
    pool = re.search(r'<option value="([^"]+)" selected>courts', shown)
    assert pool
    form = {"name": "Padel", "kind": "individual", "slug": "padel", "durations.0.minutes": "60"}
    form |= {"durations.0.amount": "200,50", "needs.0.pool": pool[1], "needs.0.quantity": "1"}
    refused = desk.post(page, 422, version="1", rule="Nothing like it", **form)
    assert "There is no such rule." in refused
    assert "Nothing like it" in refused
    assert "saved" in desk.post(page, 200, version="1", rule="members FIRST", **form)
    assert "200.5" in desk.get(page)
    assert f"{ADMIN} changed this meanwhile" in desk.post(page, 409, version="1", rule="", **form)
    rule = desk.get(thing(desk, "rules", "Members first"))
    assert "By the web: at any time until 2 hours before the start." in rule


@pytest.mark.feature("BM-04")
def test_missing_hours_are_exactly_one_blocker(desk: Desk) -> None:
    """BM-04: named once, with the page where it is mended, over the API and in the console alike."""
    hours = f"/admin/setup/hours/{desk.site.settings.facility_id}"
    desk.post(hours, 200, version="0")
    page = desk.get("/admin/setup")
    assert re.findall(r'data-mark="bad">([^<]+)<', page) == ["There are no opening hours."]
    told = api_of(desk.site).staff().get("/readiness").get_json()
    assert told["can_be_booked"] is False
    [missing] = [each for each in told["blockers"] if each["blocks"]]
    assert (missing["code"], missing["link"]) == ("no_hours", f"/admin/setup/hours/{desk.site.settings.facility_id}")
    week = {"lines.0.from_minute": "06:00", "lines.0.to_minute": "23:00"}
    desk.post(missing["link"], 200, version="1", **week)
    assert "It can be booked." in desk.get("/admin/setup")
    assert 'value="23:00"' in desk.get(missing["link"])


@pytest.mark.feature("BRP-10")
def test_what_is_taken_away_is_asked_once_more_and_archived(desk: Desk) -> None:
    """BRP-10, BRP-22: a service with bookings is offered no more; its page says so."""
    page = thing(desk, "services", "Padel")
    assert "is taken away" in desk.post(f"{page}/remove", version="1")
    assert ">Padel</a>" in desk.get("/admin/setup/services")
    desk.post(f"{page}/remove", version="1", confirmed="yes")
    assert ">Padel</a>" not in desk.get("/admin/setup/services")
    assert "This is archived" in desk.get(page)
