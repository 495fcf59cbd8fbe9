"""Booking several at once at the console in a browser: by keyboard alone, on a phone and at a desk, sound."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from appliance.booking.answer_store import KIND
from appliance.booking.custom_fields import CustomField, FieldKind
from appliance.booking.extra_store import kind
from appliance.booking.extras import Extra
from appliance.booking.services import Several
from appliance.boot.web import unit_of
from appliance.foundation.money import Money
from appliance.storage import versioned
from tests.booking.test_waiting import guest
from tests.browser import screens
from tests.browser.test_console_pages import SIZES, Staff, signed_in
from tests.builders import TEN, Site
from tests.several import allow, open_ahead

pytestmark = [pytest.mark.browser, pytest.mark.needs("chromium")]
WEEK = 7 * 24 * 3600


def ask_and_offer(site: Site) -> None:
    """A question of each shape, none of which must be answered, and something that takes a quarter of an hour."""
    with site.side.book.write(site.side.scope, "test") as tx:
        levels = ("Nybörjare", "Van")
        versioned.add(tx, KIND, CustomField("", "level", "Nivå", FieldKind.CHOICE, choices=levels, help="Ungefär."))
        versioned.add(tx, KIND, CustomField("", "rules", "Jag har läst ordningsreglerna", FieldKind.CHECKBOX))
        versioned.add(tx, KIND, CustomField("", "plate", "Registreringsnummer", pattern="AAA 99N"))
        versioned.add(tx, kind("SEK"), Extra("", "Uppvärmning", Money(5_000, "SEK"), minutes=15, most=2))


@pytest.fixture
def staff(browser: Browser, tmp_path: Path) -> Iterator[Staff]:
    with signed_in(browser, tmp_path / "data") as somebody:
        allow(somebody.site, "padel", Several(series=True, most_in_a_row=4, chains=True))
        open_ahead(somebody.site)
        ask_and_offer(somebody.site)
        somebody.site.book(TEN - 3600)
        for number in range(4):
            somebody.site.book(TEN + WEEK, guest(number))
        yield somebody


def plan(staff: Staff) -> None:
    """Anna's Mondays, up to the plan of every date, by keyboard."""
    page = staff.page
    page.locator("#typed").fill("Ann")
    page.keyboard.press("Enter")
    expect(page.locator("[name=customer]:checked")).to_have_count(1)
    page.locator("#day").fill("2026-11-30")
    page.locator("#time").fill("10:00")
    page.locator("#times").fill("3")
    page.locator("button[value=plan]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("button[value=book]")).to_be_focused()


def own(staff: Staff) -> str:
    """The page that a customer has of what was booked together."""
    [(order,)] = staff.site.rows("SELECT id FROM booking_order")
    return f"/o/{order}?sig={unit_of(staff.site.settings, staff.site.side).links.token(str(order))}"


@pytest.mark.parametrize("language", ["sv", "en", "fr"])
@pytest.mark.parametrize("size", SIZES)
def test_every_page_is_sound_in_every_size_and_language(staff: Staff, size: tuple[int, int], language: str) -> None:
    """DY-46, DY-54, DY-56: nothing for axe, nothing too small, nothing cut off, also with longer words."""
    page = staff.page
    page.set_viewport_size({"width": size[0], "height": size[1]})
    staff.open(f"/admin/book/series?lang={language}")
    plan(staff)
    assert staff.lapses() == []
    page.locator("button[value=book]").click()
    page.wait_for_url("**/admin/orders/*")
    order = page.url.removeprefix(staff.address)
    admin = (order, f"{order}/cancel", "/admin/book/row?typed=Ann", "/admin/book/visit?leg-1=padel&leg-2=padel")
    set_up = ("/admin/setup/admissions", f"/admin/setup/admissions/{staff.site.world.facility.id}")
    for path in (*admin, *set_up):
        staff.open(path)
        expect(page.locator("html")).to_have_attribute("lang", language)
        assert staff.lapses() == [], path
        screens.lengthen(page)
        assert screens.cut_off(page) == [], path


@pytest.mark.parametrize("language", ["sv", "en", "fr"])
@pytest.mark.parametrize("size", SIZES)
def test_every_page_for_customers_is_sound(staff: Staff, size: tuple[int, int], language: str) -> None:
    """DY-46, DY-55, DY-18: the same of what is booked on the web; one gets there by keyboard."""
    page = staff.page
    page.set_viewport_size({"width": size[0], "height": size[1]})
    staff.open(f"/book/series?day=2026-11-30&time=12:00&lang={language}")
    page.locator("#times").fill("3")
    page.locator("button[value=plan]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#dates-title")).to_be_focused()
    assert staff.lapses() == []
    page.locator("#phone").fill("0701740605")
    page.locator("button[value=book]").click()
    page.wait_for_url("**/o/*")
    web = ("/book?day=2026-11-30&time=10:00", "/book/row", "/book/visit?leg-1=padel&leg-2=padel")
    for path in (own(staff), *web):
        staff.open(path)
        expect(page.locator("html")).to_have_attribute("lang", language)
        assert staff.lapses() == [], path
        screens.lengthen(page)
        assert screens.cut_off(page) == [], path


@pytest.mark.feature("DY-50")
def test_a_series_is_booked_by_keyboard_alone_with_one_date_left_out(staff: Staff) -> None:
    """DY-50: the plan has the focus on its button; Shift+Tab leads back to the boxes, Space leaves one out."""
    page = staff.page
    staff.open("/admin/book/series")
    plan(staff)
    expect(page.locator(".preview [data-mark=warn]")).to_have_count(1)
    page.keyboard.press("Shift+Tab")
    expect(page.locator("[name='date-2026-12-14']")).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/orders/*")
    expect(page.get_by_role("status")).to_contain_text("2 bokningar är gjorda")
