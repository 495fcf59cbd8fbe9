"""The password page in a browser: after a first sign-in and by choice, by keyboard, on a phone and at a desk."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests import builders
from tests.browser import screens
from tests.builders import ADMIN, Site
from tests.kiosk_ui.serving import served
from tests.web.pages.desk import desk_app
from tests.web.pages.fake_doors import FakeDoors

pytestmark = [pytest.mark.browser, pytest.mark.needs("chromium")]
NEW = "nio små hästar"
SIZES = [(390, 844), (820, 1180), (1280, 900)]


@dataclass
class Desk:
    """A browser at the desk of a unit."""

    site: Site
    page: Page
    address: str

    def sign_in(self, password: str) -> None:
        self.page.goto(f"{self.address}/doors")
        self.page.get_by_label("Användarnamn").fill(ADMIN)
        self.page.get_by_label("Lösenord").fill(password)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def type_by_keyboard(self, *typed: str) -> None:
        """Into the first field, which has the focus, and those after it, and off with it; no mouse is touched."""
        expect(self.page.locator("#old")).to_be_focused()
        for words in typed:
            self.page.keyboard.type(words)
            self.page.keyboard.press("Tab")
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def lapses(self) -> list[str]:
        """What is not sound about the page as it stands."""
        page = self.page
        return [*map(str, screens.violations(page)), *screens.small_targets(page, 44), *screens.cut_off(page)]


def _context(browser: Browser) -> BrowserContext:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, locale="sv-SE", reduced_motion="reduce"
    )
    context.add_init_script(path=screens.AXE)
    return context


@pytest.fixture
def desk(browser: Browser, tmp_path: Path) -> Iterator[Desk]:
    context, complaints = _context(browser), list[str]()
    with builders.site(tmp_path / "data") as site, served(desk_app(site, FakeDoors())) as address:
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        yield Desk(site, page, address)
        context.close()
    assert [text for text in complaints if "Content Security Policy" in text] == []


def test_a_first_sign_in_ends_at_the_doors_with_a_password_of_ones_own(desk: Desk) -> None:
    """SH-10: nothing before it, and no other way on than to leave."""
    password = desk.site.one_time_password()
    desk.sign_in(password)
    expect(desk.page.locator("h1")).to_have_text("Byt lösenord")
    expect(desk.page.locator(".told")).to_contain_text("engångslösenord")
    expect(desk.page.get_by_role("link", name="Tillbaka")).to_have_count(0)
    desk.page.goto(f"{desk.address}/doors")
    expect(desk.page.locator("h1")).to_have_text("Byt lösenord")
    desk.type_by_keyboard(password, NEW, NEW)
    expect(desk.page.locator("h1")).to_have_text("Lösenordet är bytt")
    expect(desk.page.locator("main")).to_contain_text("På alla andra ställen där du var inloggad är du nu utloggad.")
    assert desk.lapses() == []
    desk.page.keyboard.press("Enter")
    expect(desk.page.locator("h1")).to_have_text("Dörrar")


def test_staff_finds_the_page_beside_signing_out_and_is_told_every_mistake(desk: Desk) -> None:
    desk.sign_in(desk.site.password)
    desk.page.get_by_role("link", name="Byt lösenord").tap()
    desk.type_by_keyboard("a guess", "a guess", "guess")
    expect(desk.page.locator(".field-wrong p")).to_have_count(4)
    expect(desk.page.get_by_role("alert")).to_have_text("Lösenordet byttes inte.")
    expect(desk.page.get_by_label("Nuvarande lösenord")).to_be_focused()
    expect(desk.page.get_by_label("Nuvarande lösenord")).to_have_accessible_description(
        "Det här är inte ditt nuvarande lösenord."
    )
    assert [field.input_value() for field in desk.page.locator("input[type=password]").all()] == [""] * 3
    desk.page.get_by_role("link", name="Tillbaka").tap()
    expect(desk.page.locator("h1")).to_have_text("Dörrar")


@pytest.mark.parametrize("language", ["sv", "en", "fr"])
@pytest.mark.parametrize("size", SIZES)
def test_the_page_is_sound_in_every_size_and_language(desk: Desk, size: tuple[int, int], language: str) -> None:
    page = desk.page
    page.set_viewport_size({"width": size[0], "height": size[1]})
    desk.sign_in(desk.site.password)
    page.goto(f"{desk.address}/doors?lang={language}")
    assert desk.lapses() == []
    page.goto(f"{desk.address}/password?lang={language}")
    assert desk.lapses() == []
    page.locator("form").first.evaluate("(form, spoken) => { form.action += '?lang=' + spoken }", language)
    desk.type_by_keyboard("a guess", "a guess", "guess")
    expect(page.locator(".field-wrong")).to_have_count(3)
    expect(page.locator("html")).to_have_attribute("lang", language)
    assert desk.lapses() == []
    screens.lengthen(page)
    assert screens.cut_off(page) == []
