"""The screens of extras and questions in every size: axe finds nothing, fingers hit, nothing is cut off."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from tests.browser import screens
from tests.browser.conftest import Opened, Size
from tests.browser.screens import PHONE, PHONE_TARGET, SIZES, TARGET, follow
from tests.kiosk_ui.fake_desk import BESIDE, FIELDS, FakeDesk

pytestmark = [pytest.mark.browser, pytest.mark.needs("chromium")]


def walk(page: Page, language: str) -> Iterator[str]:
    """Extras, then each question, then the contact with the summary; each is yielded while it stands there."""
    if page.locator("html").get_attribute("lang") != language:
        follow(page, f"button[name=language][value={language}]")
    follow(page, ".tile-book")
    follow(page, page.locator("button.time").nth(1))
    page.locator("[data-stepper]").nth(1).locator("[data-step='1']").tap()
    yield "extras"
    follow(page, ".button-go")
    follow(page, "button[name=resource]")
    yield "question in words"
    for sign in "a17":
        page.locator(f"[data-writes='{sign}']").tap()
    follow(page, ".button-go")
    yield "question with choices"
    follow(page, "button[value=Van]")
    yield "question for a day"
    follow(page, ".button-go")
    yield "question to tick"
    follow(page, "button[value=yes]")
    yield "contact"


@pytest.mark.feature("DY-65", "DY-61")
@pytest.mark.parametrize(("language", "size"), [("sv", SIZES[0]), ("en", SIZES[1]), ("fr", SIZES[2]), ("fr", PHONE)])
def test_extras_and_questions_are_sound(screen: Opened, desk: FakeDesk, language: str, size: Size) -> None:
    """DY-61, DY-65: and what was touched is what is booked."""
    desk.offered = (BESIDE,)
    page = screen(size).page
    found = {}
    for name in walk(page, language):
        least = TARGET if size in SIZES else PHONE_TARGET
        wrong = screens.violations(page) + screens.small_targets(page, least)
        wrong += screens.cut_off(page) + screens.overlapping(page)
        if wrong:
            found[name] = wrong
    assert found == {}
    assert next(iter(desk.holds.values())).extras == (("Racket", 2),)


def walk_row(page: Page, language: str) -> Iterator[str]:
    """Two in a row: extras, one question, the contact with the summary."""
    if page.locator("html").get_attribute("lang") != language:
        follow(page, f"button[name=language][value={language}]")
    follow(page, ".tile-book")
    page.goto(page.url.partition("?")[0] + "?row=2")
    follow(page, page.locator("button.time").nth(1))
    page.locator("[data-stepper]").nth(1).locator("[data-step='1']").tap()
    yield "extras"
    follow(page, ".button-go")
    yield "question to tick"
    follow(page, "button[value=yes]")
    yield "contact"


@pytest.mark.feature("DY-65", "DY-61", "DY-56")
@pytest.mark.parametrize(("language", "size"), [("sv", SIZES[0]), ("fr", SIZES[2]), ("fr", PHONE)])
def test_extras_and_questions_of_a_row_are_sound(screen: Opened, desk: FakeDesk, language: str, size: Size) -> None:
    """DY-61, DY-65, DY-56: without a time that runs out, for a row is not held."""
    desk.offered = (replace(BESIDE, fields=FIELDS[-1:], most_in_a_row=3),)
    page = screen(size).page
    found = {}
    for name in walk_row(page, language):
        least = TARGET if size in SIZES else PHONE_TARGET
        wrong = screens.violations(page) + screens.small_targets(page, least)
        wrong += screens.cut_off(page) + screens.overlapping(page)
        if wrong:
            found[name] = wrong
    assert found == {}


@pytest.mark.feature("DY-66")
def test_a_stepper_goes_from_none_to_the_least_and_no_further_than_the_most(screen: Opened, desk: FakeDesk) -> None:
    """DY-66: rackets are taken by two to four, or none."""
    desk.offered = (BESIDE,)
    page = screen((1024, 600)).page
    follow(page, ".tile-book")
    follow(page, page.locator("button.time").nth(1))
    racket = page.locator("[data-stepper]").nth(1)
    less, more, shown = racket.locator("[data-step='-1']"), racket.locator("[data-step='1']"), racket.locator("output")
    expect(less).to_be_disabled()
    for wanted in ("2", "3", "4"):
        more.tap()
        expect(shown).to_have_text(wanted)
    expect(more).to_be_disabled()
    for wanted in ("3", "2", "0"):
        less.tap()
        expect(shown).to_have_text(wanted)
