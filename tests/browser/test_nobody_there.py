"""KI-08, KI-09: nobody there, nothing left; the unit away, and the screen says what still works."""

from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opened, Screen
from tests.browser.screens import follow
from tests.kiosk_ui.fake_desk import CANCEL_CODE, FakeDesk

pytestmark = [pytest.mark.browser, pytest.mark.needs("chromium")]
SIZE = (1024, 600)


def booked(screen: Opened) -> Screen:
    """A screen with a key on it, its clock in our hands."""
    shown = screen(SIZE)
    shown.page.clock.install()
    for where in (".tile-book", ".tile-now", "button[name=resource]"):
        follow(shown.page, where)
    shown.page.locator("#contact").fill("0701234567")
    follow(shown.page, ".button-go")
    return shown


def wait(page: Page, seconds: int) -> None:
    """Nobody touches anything for a while."""
    page.clock.run_for(seconds * 1000)


def test_a_question_comes_first_and_any_touch_stays(screen: Opened) -> None:
    page = booked(screen).page
    wait(page, 44)
    expect(page.locator("#idle-sheet")).to_be_hidden()
    wait(page, 2)
    expect(page.locator("#idle-sheet")).to_be_visible()
    wait(page, 10)
    expect(page.locator("[data-idle-left]")).to_have_text("9")
    page.locator("[data-stay]").tap()
    expect(page.locator("#idle-sheet")).to_be_hidden()
    wait(page, 40)
    expect(page.locator("#idle-sheet")).to_be_hidden()
    expect(page.locator(".pin-digits")).to_be_visible()


def test_nothing_personal_is_left_in_page_or_history(screen: Opened) -> None:
    shown = booked(screen)
    page = shown.page
    with page.expect_navigation(url="**/kiosk/"):
        wait(page, 66)
    expect(page.locator("h1")).to_have_text("Vad vill du göra?")
    kept = page.evaluate("[...Object.values(localStorage), ...Object.values(sessionStorage)]")
    assert set(kept) <= {"/kiosk/"}
    for _ in range(4):
        page.go_back()
        shown_text = page.locator("html").inner_html()
        assert "048 271" not in shown_text
        assert CANCEL_CODE not in shown_text
        assert "0701234567" not in shown_text


def test_who_asked_for_more_time_gets_it(screen: Opened) -> None:
    """KI-10."""
    shown = screen(SIZE)
    shown.page.clock.install()
    shown.page.locator("[data-opens=comfort-sheet]").tap()
    shown.page.locator("[name=more_time]").check(force=True)
    follow(shown.page, "#comfort-sheet .button-lit")
    follow(shown.page, ".tile-book")
    wait(shown.page, 170)
    expect(shown.page.locator("#idle-sheet")).to_be_hidden()
    wait(shown.page, 12)
    expect(shown.page.locator("#idle-sheet")).to_be_visible()


def test_the_first_screen_rests_and_the_touch_that_wakes_it_does_nothing_else(screen: Opened) -> None:
    shown = screen(SIZE)
    page = shown.page
    page.clock.install()
    page.reload()
    wait(page, 61)
    expect(page.locator("body.is-resting .wake")).to_be_visible()
    place = (700, 300)
    page.touchscreen.tap(*place)
    expect(page.locator(".wake")).to_be_hidden()
    assert page.url.endswith("/kiosk/")
    with page.expect_navigation():
        page.touchscreen.tap(*place)
    assert page.url.endswith("/kiosk/pin")


def test_another_language_rests_in_swedish(screen: Opened) -> None:
    shown = screen(SIZE)
    shown.page.clock.install()
    follow(shown.page, "button[name=language][value=fr]")
    with shown.page.expect_navigation():
        wait(shown.page, 61)
    expect(shown.page.locator("html")).to_have_attribute("lang", "sv")


@pytest.mark.parametrize(("typed", "seconds"), [("048271", 9), ("471147", 13)])
def test_a_verdict_makes_way_for_the_next_person(screen: Opened, typed: str, seconds: int) -> None:
    """KI-07."""
    shown = screen(SIZE, "/kiosk/pin")
    page = shown.page
    page.clock.install()
    for digit in typed:
        page.locator(f"[data-digit='{digit}']").tap()
    follow(page, "[data-digit-end]")
    with page.expect_navigation(url="**/kiosk/"):
        wait(page, seconds)
    expect(page.locator("h1")).to_have_text("Vad vill du göra?")


def test_the_banner_comes_and_goes_by_itself(screen: Opened, desk: FakeDesk) -> None:
    """KI-09."""
    page = screen(SIZE).page
    page.clock.install()
    page.reload()
    expect(page.locator(".banner p:visible")).to_have_count(0)
    for state, words in (
        (replace(desk.state, central="away"), "Inget nätverk."),
        (replace(desk.state, doors_answer=False), "Dörrarna svarar inte skärmen."),
        (replace(desk.state, booking_works=False), "Bokningen är pausad"),
    ):
        desk.state = state
        wait(page, 3)
        expect(page.locator(".banner p:visible")).to_contain_text(words)
    expect(page.locator(".tile-book")).to_contain_text("Pausad just nu")
    desk.state = replace(desk.state, booking_works=True)
    wait(page, 3)
    expect(page.locator(".banner p:visible")).to_have_count(0)


def test_a_unit_that_is_gone_is_said_and_its_return_noticed(screen: Opened) -> None:
    """KI-09: the web process dies; the screen stays, says so, and recovers without being loaded again."""
    shown = screen(SIZE)
    page = shown.page
    page.clock.install()
    page.reload()
    shown.context.set_offline(True)
    for _ in range(3):
        wait(page, 3)
    expect(page.locator("[data-when=web_away]")).to_be_visible()
    shown.context.set_offline(False)
    wait(page, 3)
    expect(page.locator("[data-when=web_away]")).to_be_hidden()
    shown.complaints.clear()


def test_a_visit_that_ends_while_the_unit_is_gone_leaves_nothing_on_the_screen(screen: Opened) -> None:
    shown = booked(screen)
    shown.context.set_offline(True)
    wait(shown.page, 66)
    expect(shown.page.locator(".pin-digits")).to_have_count(0)
    assert CANCEL_CODE not in shown.page.locator("html").inner_html()
    shown.context.set_offline(False)
    with shown.page.expect_navigation(url="**/kiosk/"):
        wait(shown.page, 3)
    shown.complaints.clear()
