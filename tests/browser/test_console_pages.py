"""The staff console in a browser: by keyboard and by thumb, at a desk and on a phone, in three languages, sound."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import builders
from tests.browser import screens
from tests.builders import ADMIN, TEN, Site
from tests.kiosk_ui.serving import served
from tests.web.api_client import PlayedDoors
from tests.web.pages.desk import desk_app, desk_unit
from tests.web.pages.fake_doors import FakeDoors, event

pytestmark = [pytest.mark.browser, pytest.mark.needs("chromium")]
SIZES = [(390, 844), (1280, 900)]


@dataclass
class Staff:
    """A signed-in member of staff before a screen."""

    site: Site
    page: Page
    address: str

    def open(self, path: str) -> None:
        self.page.goto(self.address + path)

    def lapses(self) -> list[str]:
        """What is not sound about the page as it stands."""
        page = self.page
        return [*map(str, screens.violations(page)), *screens.small_targets(page, 24), *screens.cut_off(page)]


@contextmanager
def signed_in(browser: Browser, data: Path) -> Iterator[Staff]:
    """The administrator before a screen of a furnished unit."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, has_touch=True, locale="sv-SE", reduced_motion="reduce"
    )
    context.add_init_script(path=screens.AXE)
    complaints = list[str]()
    with builders.site(data) as site:
        doors = PlayedDoors(site)
        doors.events = [event(1, "granted", door_id=doors.views[0].id, kind="pin", reason="granted")]
        with served(desk_app(site, FakeDoors(), desk_unit(site, doors))) as address:
            page = context.new_page()
            page.on("console", lambda message: complaints.append(message.text))
            page.goto(f"{address}/sign-in")
            page.locator("#user").fill(ADMIN)
            page.locator("#password").fill(site.password)
            page.keyboard.press("Enter")
            page.wait_for_url("**/admin/doors")
            yield Staff(site, page, address)
            context.close()
    assert [text for text in complaints if "Content Security Policy" in text] == []


@pytest.fixture
def staff(browser: Browser, tmp_path: Path) -> Iterator[Staff]:
    with signed_in(browser, tmp_path / "data") as somebody:
        yield somebody


@pytest.mark.parametrize("language", ["sv", "en", "fr"])
@pytest.mark.parametrize("size", SIZES)
def test_every_page_is_sound_in_every_size_and_language(staff: Staff, size: tuple[int, int], language: str) -> None:
    """SH-10: nothing for axe, nothing too small to touch, nothing cut off, also with words four tenths longer."""
    booked = staff.site.book(TEN)
    staff.page.set_viewport_size({"width": size[0], "height": size[1]})
    staff.open(f"/admin/doors?lang={language}")
    paths = ("doors", "doors/entrance", "desk", f"desk/{booked.id}", "devices", "devices/outputs/lamp")
    more = ("devices/areas/hall", "devices/controllers/gym", "journal", "journal/walk", "records")
    for path in (*paths, *more, f"records/{booked.customer_id}"):
        staff.open(f"/admin/{path}")
        expect(staff.page.locator("html")).to_have_attribute("lang", language)
        assert staff.lapses() == [], path
        screens.lengthen(staff.page)
        assert screens.cut_off(staff.page) == [], path


def test_one_gets_to_the_content_and_opens_a_door_by_keyboard_alone(staff: Staff) -> None:
    """AC-19: the skip link is the first stop; after the form the page says what came of it."""
    page = staff.page
    staff.open("/admin/doors/entrance")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
    page.locator("#release-reason").focus()
    page.keyboard.type("Glömd jacka")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Upplåst i 5 s")
    assert staff.lapses() == []


def test_a_mistake_has_the_focus_and_is_told_beside_its_field(staff: Staff) -> None:
    page = staff.page
    staff.open("/admin/doors/entrance")
    page.locator("#backup-minutes").evaluate("field => field.removeAttribute('max')")
    page.locator("#backup-reason").fill("Nyckel borta")
    page.locator("#backup-minutes").fill("900")
    page.get_by_role("button", name="Lämna ut en kod").click()
    expect(page.locator("#backup-minutes")).to_be_focused()
    expect(page.locator("#backup-minutes")).to_have_accessible_description("Välj ett tal från 1 till 240.")
    expect(page.locator("#backup-reason")).to_have_value("Nyckel borta")
    assert staff.lapses() == []


def test_a_lockdown_is_asked_once_more(staff: Staff) -> None:
    """AC-12."""
    page = staff.page
    staff.open("/admin/doors/entrance")
    page.locator("#mode").select_option("lockdown")
    page.locator("#mode-reason").fill("Inbrott")
    page.get_by_role("button", name="Gå vidare").click()
    expect(page.locator(".confirm-what")).to_contain_text("Ingen nyckel öppnar")
    assert staff.lapses() == []
    page.locator(".button-risky").click()
    expect(page.get_by_role("status")).to_contain_text("Spärr")


def test_on_a_phone_the_menu_unfolds_and_folds(staff: Staff) -> None:
    page = staff.page
    page.set_viewport_size({"width": 390, "height": 844})
    staff.open("/admin/doors")
    menu = page.get_by_role("button", name="Meny")
    expect(page.get_by_role("link", name="Hjälpdisk")).to_be_hidden()
    menu.tap()
    expect(menu).to_have_attribute("aria-expanded", "true")
    assert staff.lapses() == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Hjälpdisk")).to_be_hidden()
    menu.tap()
    page.get_by_role("link", name="Hjälpdisk").tap()
    expect(page.locator("h1")).to_have_text("Hjälpdisk")
