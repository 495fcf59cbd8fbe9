"""Set-up in a browser, as somebody new to it does it: by the wizard, and by its forms."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from appliance.boot import demo_world
from appliance.boot.booking_side import open_booking_side, prepare
from appliance.foundation.clock import FakeClock
from appliance.identity.signing_in import give_password
from tests import builders
from tests.browser import screens
from tests.browser.test_console_pages import SIZES, Staff
from tests.builders import ADMIN, NOW, Site, unit_settings
from tests.kiosk_ui.serving import served
from tests.web.api_client import PlayedDoors
from tests.web.pages.desk import desk_app, desk_unit
from tests.web.pages.fake_doors import FakeDoors

pytestmark = [pytest.mark.browser, pytest.mark.needs("chromium")]
PAGES = ("start", "setup", "setup/facility", "setup/hours", "setup/doors", "setup/rules/new", "setup/services/new",
         "setup/resources", "setup/resources/new", "setup/classes/new", "setup/absences/new", "setup/prices/new",
         "setup/products/new", "setup/extras/new", "setup/fields/new", "setup/kiosks")  # fmt: skip


@contextmanager
def fresh_site(data: Path) -> Iterator[Site]:
    """A unit at its first start: a facility that nobody described yet."""
    made, clock = demo_world.world(1), FakeClock(NOW)
    settings = unit_settings(data, made)
    prepare(settings, None, clock)
    side = open_booking_side(settings, clock)
    with side.book.write(side.scope, "test") as tx:
        password = give_password(tx, ADMIN, one_time=False)
    opened = Site(settings, made, clock, side, password)
    try:
        yield opened
    finally:
        opened.close()


@contextmanager
def signed_in(browser: Browser, site: Site, locale: str, app: Flask | None = None) -> Iterator[Staff]:
    """The administrator, wherever signing in leads; at the console and the API where no more is wanted."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale=locale, reduced_motion="reduce")
    context.add_init_script(path=screens.AXE)
    with served(app or desk_app(site, FakeDoors(), desk_unit(site, PlayedDoors(site)))) as address:
        page = context.new_page()
        page.goto(f"{address}/sign-in")
        page.locator("#user").fill(ADMIN)
        page.locator("#password").fill(site.password)
        page.keyboard.press("Enter")
        page.wait_for_url("**/admin/**")
        yield Staff(site, page, address)
        context.close()


@pytest.fixture
def newcomer(browser: Browser, tmp_path: Path) -> Iterator[Staff]:
    with fresh_site(tmp_path / "data") as site, signed_in(browser, site, "en-GB") as staff:
        yield staff


@pytest.fixture
def furnished(browser: Browser, tmp_path: Path) -> Iterator[Staff]:
    with builders.site(tmp_path / "data") as site, signed_in(browser, site, "en-GB") as staff:
        yield staff


@dataclass
class Counted:
    """A page whose inputs are counted: each field filled and each button pressed."""

    page: Page
    inputs: int = 0

    def fill(self, name: str, value: str) -> None:
        self.inputs += 1
        self.page.locator(f'[name="{name}"]').fill(value)

    def go_on(self) -> None:
        self.inputs += 1
        with self.page.expect_navigation():
            self.page.locator(".content .button-lit").click()


@pytest.mark.feature("BM-03")
def test_a_fresh_unit_is_bookable_after_twelve_inputs_at_most(newcomer: Staff) -> None:
    """BM-03: signing in leads there; each step has a default; who is interrupted goes on at the same step."""
    page, hand = newcomer.page, Counted(newcomer.page)
    expect(page).to_have_url(f"{newcomer.address}/admin/start")
    hand.fill("name", "Badmintonhallen")
    hand.go_on()
    hand.go_on()
    newcomer.open("/admin/doors")
    newcomer.open("/admin/")
    expect(page.locator("h1")).to_have_text("Something to book")
    hand.go_on()
    hand.fill("amount", "180")
    hand.go_on()
    hand.go_on()
    expect(page.locator("h1")).to_have_text("A test booking")
    assert newcomer.lapses() == []
    hand.go_on()
    expect(page.get_by_role("status")).to_contain_text("Booked:")
    assert hand.inputs <= 12
    newcomer.open("/admin/setup")
    expect(page.locator("h2").first).to_have_text("It can be booked.")
    [(count,)] = newcomer.site.rows("SELECT count(*) FROM booking WHERE status = 'confirmed'")
    assert count == 1


@pytest.mark.parametrize("language", ["sv", "en", "fr"])
@pytest.mark.parametrize("size", SIZES)
def test_every_set_up_page_is_sound(furnished: Staff, size: tuple[int, int], language: str) -> None:
    """SH-10, BRP-23: nothing for axe, nothing too small, nothing cut off."""
    furnished.page.set_viewport_size({"width": size[0], "height": size[1]})
    furnished.open(f"/admin/setup?lang={language}")
    for path in PAGES:
        furnished.open(f"/admin/{path}")
        expect(furnished.page.locator("html")).to_have_attribute("lang", language)
        assert furnished.lapses() == [], path


def add(staff: Staff, sheet: str, **fields: str | list[str]) -> None:
    """Fill in the form of something new by the names that its fields have on the page, and press OK."""
    staff.open(f"/admin/setup/{sheet}/new")
    fill_in(staff.page, **fields)


def fill_in(page: Page, **fields: str | list[str]) -> None:
    """The form of a thing, new or not, and OK."""
    for name, value in fields.items():
        field = page.locator(f'.content [name="{name.replace("__", ".")}"]')
        if isinstance(value, list):
            for words in value:
                field.locator("xpath=..").filter(has_text=words).first.click()
        elif field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(label=value)
        else:
            field.fill(str(value))
    with page.expect_navigation():
        page.get_by_role("button", name="OK").click()
    assert page.locator(".form-wrong").count() == 0, page.locator(".content").inner_text()
    expect(page.get_by_role("status")).to_contain_text("saved")
