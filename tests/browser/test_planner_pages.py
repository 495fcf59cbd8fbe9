"""The planner and booking for a customer, in a browser: by keyboard alone, on a phone and at a desk, sound."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from appliance.customers.contacts import Contact
from appliance.foundation.instants import HOUR
from tests.booking.test_waiting import guest, keep_list
from tests.browser import screens
from tests.browser.test_console_pages import SIZES, Staff, signed_in
from tests.builders import BO, TEN

pytestmark = [pytest.mark.browser, pytest.mark.needs("chromium")]
MOST_INPUTS = 12


@pytest.fixture
def staff(browser: Browser, tmp_path: Path) -> Iterator[Staff]:
    with signed_in(browser, tmp_path / "data") as somebody:
        yield somebody


@pytest.mark.parametrize("language", ["sv", "en", "fr"])
@pytest.mark.parametrize("size", SIZES)
def test_every_page_is_sound_in_every_size_and_language(staff: Staff, size: tuple[int, int], language: str) -> None:
    """PH-04, SH-10: nothing for axe, nothing too small to touch, nothing cut off, also with longer words."""
    keep_list(staff.site, "offer")
    booked = staff.site.book(TEN)
    for number in range(3):
        staff.site.book(TEN, guest(number))
    staff.site.book(TEN + 8 * HOUR, BO, service="padel-class", quantity=2)
    staff.page.set_viewport_size({"width": size[0], "height": size[1]})
    staff.open(f"/admin/planner?lang={language}")
    paths = ("planner", "planner?view=week", "book?day=2026-11-30", f"book?at={TEN}", "waiting")
    for path in (*paths, f"bookings/{booked.id}", f"bookings/{booked.id}/cancel"):
        staff.open(f"/admin/{path}")
        expect(staff.page.locator("html")).to_have_attribute("lang", language)
        assert staff.lapses() == [], path
        screens.lengthen(staff.page)
        assert screens.cut_off(staff.page) == [], path


@pytest.mark.parametrize("view", ["day", "week"])
def test_who_has_no_name_stands_in_one_line_of_a_cell(staff: Staff, view: str) -> None:
    """DY-26: a long address is shortened, not broken; all of it is in the title, and for whoever listens."""
    address = "margareta.von-essen-lindqvist.ordforande@badmintonforeningen.example.se"
    staff.site.book(TEN, Contact("", address, None, address))
    staff.page.set_viewport_size({"width": 1280, "height": 800})
    staff.open(f"/admin/planner?view={view}")
    shown = staff.page.locator("[data-planner] .planner-address")
    expect(shown).to_have_text(address)
    expect(shown).to_have_attribute("title", address)
    height, line, cut = shown.evaluate(
        "one => [one.clientHeight, parseFloat(getComputedStyle(one).fontSize) * 2, one.scrollWidth > one.clientWidth]"
    )
    assert (height < line, cut) == (True, True)
    assert (staff.lapses(), screens.cut_off(staff.page)) == ([], [])


def test_a_known_customer_is_booked_by_keyboard_with_at_most_twelve_presses(staff: Staff) -> None:
    """DY-26: `n` in the planner, three letters, Enter from who to what to when, and Enter books."""
    staff.site.book(TEN)
    staff.open("/admin/planner")
    keys = Presses(staff.page)
    keys.press("n")
    staff.page.wait_for_url("**/admin/book**")
    expect(staff.page.locator("#typed")).to_be_focused()
    keys.press("a", "n", "n")
    expect(staff.page.locator("#book-people input:checked")).to_have_count(1)
    keys.press("Enter")
    expect(staff.page.locator("#book-people input:checked")).to_be_focused()
    keys.press("Enter")
    expect(staff.page.locator("#service")).to_be_focused()
    keys.press("Enter")
    expect(staff.page.locator("#book-times input:checked")).to_be_focused()
    keys.press("Enter")
    staff.page.wait_for_url("**/admin/bookings/*")
    expect(staff.page.get_by_role("status")).to_contain_text("Bokad som")
    assert keys.count <= MOST_INPUTS
    rows = staff.site.rows("SELECT channel FROM booking ORDER BY created_at, channel")
    assert sorted(rows) == [("public",), ("staff",)]


def test_on_a_phone_a_customer_is_booked_with_three_taps_and_three_letters(staff: Staff) -> None:
    """BM-29, PH-04: the list of the day, the form, and back at the booking."""
    staff.site.book(TEN)
    page = staff.page
    page.set_viewport_size({"width": 390, "height": 844})
    staff.open("/admin/planner")
    expect(page.locator(".planner-list").get_by_text("Anna Ek")).to_be_visible()
    expect(page.locator("[data-planner]")).to_be_hidden()
    page.get_by_role("link", name="Ny bokning").last.tap()
    page.locator("#typed").tap()
    page.keyboard.type("Ann")
    expect(page.locator("#book-people input:checked")).to_have_count(1)
    page.get_by_role("button", name="Boka", exact=True).tap()
    expect(page.get_by_role("status")).to_contain_text("Bokad som")


def test_a_booking_is_moved_in_the_planner_by_keyboard_and_taken_back(staff: Staff) -> None:
    """DY-26, BM-21: m, arrows, Enter; Escape leaves it where it is."""
    booked = staff.site.book(TEN, resource="court-1")
    page = staff.page
    staff.open("/admin/planner")
    page.locator(f"[data-booking='{booked.id}']").focus()
    for key in ("m", "ArrowRight", "Escape"):
        page.keyboard.press(key)
    expect(page.locator(".planner-frame")).to_have_count(0)
    expect(page.locator("[data-told]")).to_have_text("Den stannar där den är.")
    for key in ("m", *["ArrowRight"] * 4, "ArrowDown"):
        page.keyboard.press(key)
    expect(page.locator("[data-told]")).to_contain_text("Bana 2, 11:00")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("11:00–12:00, Bana 2")
    [(starts, place)] = staff.site.rows("SELECT starts, resource_id FROM claim WHERE active = 1")
    assert (starts, place) == (TEN + HOUR, staff.site.resource("court-2"))


def test_arrows_go_from_cell_to_cell_and_enter_opens(staff: Staff) -> None:
    """DY-26: one stop of the Tab key; a free cell leads to a booking at its place and time."""
    booked = staff.site.book(TEN, resource="court-1")
    page = staff.page
    staff.open("/admin/planner")
    expect(page.locator("[data-planner] [data-stop][tabindex='0']")).to_have_count(1)
    page.locator(f"[data-booking='{booked.id}']").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(":focus")).to_have_attribute("aria-label", "10:00")
    page.keyboard.press("ArrowUp")
    expect(page.locator(f"[data-booking='{booked.id}']")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.locator(":focus")).to_have_attribute("aria-label", "11:00")
    page.keyboard.press("n")
    page.wait_for_url("**/admin/book?at=*")
    expect(page.locator("#on")).to_have_value(staff.site.resource("court-1"))
    expect(page.locator("#book-times input:checked")).to_have_value(str(TEN + HOUR))
    staff.open("/admin/planner")
    page.locator(f"[data-booking='{booked.id}']").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/admin/bookings/{booked.id}")


def test_without_script_a_customer_is_booked_too(staff: Staff, browser: Browser) -> None:
    """DY-26: find, then book; the same form."""
    staff.site.book(TEN)
    plain = browser.new_context(java_script_enabled=False, storage_state=staff.page.context.storage_state())
    page = plain.new_page()
    page.goto(f"{staff.address}/admin/book?lang=sv")
    page.locator("#typed").fill("Ann")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Boka", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Bokad som")
    plain.close()


class Presses:
    """Counts what is pressed."""

    def __init__(self, page: Page) -> None:
        self.count = 0
        self._page = page

    def press(self, *keys: str) -> None:
        for key in keys:
            self.count += 1
            self._page.keyboard.press(key)
