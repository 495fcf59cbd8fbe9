"""Set-up in the console: readiness, and forms of every kind, whose second editor is told."""

import re
from dataclasses import replace

import pytest

from appliance.config import MailSettings
from appliance.foundation.instants import DAY
from appliance.messaging.events import OF_CUSTOMERS
from appliance.web.kiosk_desk import KioskDesk
from appliance.web.unit import EXTENSION
from tests.builders import ADMIN, TEN
from tests.web.admin.staff import Desk, signed_in
from tests.web.api_client import Api, api_of

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


@pytest.mark.feature("BM-04")
def test_a_channel_that_is_off_is_told_where_people_are_told_by_it(desk: Desk) -> None:
    """BM-04, DY-63: a warning that keeps nothing from being booked, gone where it is configured or nobody is told."""
    page = desk.get("/admin/setup")
    assert "It can be booked." in page
    assert "who leaves only a telephone number is told nothing." in page
    staff = api_of(desk.site).staff()

    def told(api: Api) -> list[tuple[str, bool, str]]:
        blockers = api.get("/readiness").get_json()["blockers"]
        return [(each["code"], each["blocks"], each["link"]) for each in blockers if each["code"].endswith("_off")]

    assert told(staff) == [("mail_off", False, "/admin/messages"), ("sms_off", False, "/admin/messages")]
    mailing = replace(desk.site.settings, mail=MailSettings("127.0.0.1", "hall@example.se"))
    assert [each[0] for each in told(api_of(replace(desk.site, settings=mailing)).staff())] == ["sms_off"]
    silent = {"reminder_hours": 24, "language": "en", "silent": [str(each) for each in OF_CUSTOMERS], "version": 0}
    assert staff.put("/message-settings", silent).status_code == 200
    assert told(staff) == []


@pytest.mark.feature("BRP-10")
def test_what_is_taken_away_is_asked_once_more_and_archived(desk: Desk) -> None:
    """BRP-10, BRP-22: a service with bookings is offered no more; its page says so."""
    page = thing(desk, "services", "Padel")
    assert "is taken away" in desk.post(f"{page}/remove", version="1")
    assert ">Padel</a>" in desk.get("/admin/setup/services")
    desk.post(f"{page}/remove", version="1", confirmed="yes")
    assert ">Padel</a>" not in desk.get("/admin/setup/services")
    assert "This is archived" in desk.get(page)


@pytest.mark.feature("BRP-23")
@pytest.mark.parametrize(
    ("typed", "kept"), [("8", "08:00"), ("8.30", "08:30"), ("0730", "07:30"), ("7 h 15", "07:15"), ("19:05", "19:05")]
)
def test_a_time_of_day_is_read_as_people_write_it(desk: Desk, typed: str, kept: str) -> None:
    """BRP-23."""
    hours = f"/admin/setup/hours/{desk.site.settings.facility_id}"
    desk.post(hours, 200, version="0", **{"lines.0.from_minute": typed, "lines.0.to_minute": "22"})
    page = desk.get(hours)
    assert f'value="{kept}"' in page
    assert 'value="22:00"' in page


@pytest.mark.feature("BRP-23")
def test_a_time_that_is_none_is_told_once_beside_the_row_it_stands_in(desk: Desk) -> None:
    """BRP-23: a row of two days is two lines of the API; the mistake in the second row is told in the second."""
    hours = f"/admin/setup/hours/{desk.site.settings.facility_id}"
    rows = {"lines.0.from_minute": "8", "lines.0.to_minute": "22", "lines.1.from_minute": "late"}
    page = desk.post(hours, 422, version="0", **rows, **{"lines.1.to_minute": "22"})
    assert page.count("Write a time of day, such as 18:00.") == 1
    assert 'id="lines.1.from_minute-wrong"' in page
    assert "whole number" not in page


@pytest.mark.feature("BRP-23")
def test_a_price_rule_is_typed_as_prices_are(desk: Desk) -> None:
    """BRP-23: an amount in units with decimals, with or without its currency; percent as percent."""
    rule = {"effect": "amount", "service": "padel", "duration": "60"}
    desk.post("/admin/setup/prices/new", 200, name="Evening", value="160,50 kr", **rule)
    desk.post("/admin/setup/prices/new", 200, name="Half", effect="percent", value="50")
    kept = desk.api().get("/price-rules").get_json()["price_rules"]
    assert {each["name"]: each["value"] for each in kept} == {"Evening": 16050, "Half": 50}
    assert 'value="160.5"' in desk.get(thing(desk, "prices", "Evening"))
    assert 'value="50"' in desk.get(thing(desk, "prices", "Half"))
    wrong = desk.post("/admin/setup/prices/new", 422, name="None", value="cheap", **rule)
    assert "Write an amount, such as 120 or 120.50." in wrong


@pytest.mark.feature("BRP-23")
def test_a_class_without_days_is_told_so_in_words(desk: Desk) -> None:
    """BRP-23; and whoever comes from there to add a class finds it chosen."""
    refused = desk.post("/admin/setup/classes/new", 422, minute_of_day="18")
    assert "Choose at least one day." in refused
    chosen = desk.get("/admin/setup/services/new?kind=class")
    assert '<option value="class" selected>' in chosen


@pytest.mark.feature("BRP-23")
def test_a_group_may_be_called_as_people_call_it(desk: Desk) -> None:
    """BRP-23: its short name is made of what was typed."""
    desk.post("/admin/setup/pools/new", 200, slug="Halva hallar Ö")
    assert thing(desk, "pools", "halva-hallar-o")


@pytest.mark.feature("SB-19")
def test_a_resource_that_is_booked_gets_no_parts(desk: Desk) -> None:
    """SB-19: its parts would be free while it is booked whole; the form says until when, and what to do."""
    booked = desk.site.book(TEN)
    whole = booked.resource_ids[0]
    refused = desk.post("/admin/setup/resources/new", 422, name="Half A", kind="unit", parent=whole)
    assert "is booked until 2026-11-30 11:00. Move or cancel what is booked of it" in refused
    desk.site.clock.advance(TEN + 3600 - desk.site.clock.now())
    morning = signed_in(desk.site)
    morning.post("/admin/setup/resources/new", 200, name="Half A", kind="unit", parent=whole)
    later = desk.site.book(TEN + DAY)
    assert whole not in later.resource_ids
    [half] = set(later.resource_ids)
    # Who points at the half and wants what takes the whole gets the whole.
    assert f'<option value="{whole}" selected>' in morning.get(f"/admin/book?service=padel&on={half}")


@pytest.mark.feature("BRP-22")
def test_customers_see_the_services_in_the_order_that_staff_chose(desk: Desk) -> None:
    """BRP-22, DY-15: moved up in the console; the kiosk, the page and the API follow, and a new one stands last."""

    def order() -> list[list[str]]:
        api = api_of(desk.site)
        told = [each["slug"] for each in api.get("/services").get_json()["services"]]
        page = desk.client.get("/book", headers={"Accept-Language": "en"}).text
        chosen = page[page.index('name="service"') : page.index("</select>", page.index('name="service"'))]
        at_kiosk = [each.slug for each in KioskDesk(api.app.extensions[EXTENSION], None).services()]
        return [told, re.findall(r'value="([a-z-]+)"', chosen), at_kiosk]

    assert order() == [["padel", "padel-class"]] * 3
    page = desk.get("/admin/setup/services")
    assert page.count("Move up") == 1
    up = re.search(r'action="(/admin/setup/services/[^"]+/up)"', page)
    assert up
    desk.post(up[1])
    assert order() == [["padel-class", "padel"]] * 3
    place = re.search(r'<input[^>]*name="position"[^>]*>', desk.get("/admin/setup/services/new"))
    assert place
    assert 'value="2"' in place[0]
    assert "Move up" not in desk.get("/admin/setup/services?q=padel")
    assert desk.client.post("/admin/setup/rules/x/up").status_code in (403, 404)
