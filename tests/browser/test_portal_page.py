"""The portal in a browser: where something is free, near a facility or near the visitor, on a phone and at a desk."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Geolocation, Page, expect

from tests import builders
from tests.browser import screens
from tests.browser.test_console_pages import SIZES
from tests.kiosk_ui.serving import served
from tests.web.organisation import BELOW, organisation

pytestmark = [pytest.mark.browser, pytest.mark.needs("chromium")]
NEAR_NORTH: Geolocation = {"latitude": 59.3571, "longitude": 18.0152}


@pytest.fixture
def page(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """A visitor at the portal, whose browser knows where it is and says it to whoever is allowed to ask."""
    context = browser.new_context(has_touch=True, locale="en-GB", geolocation=NEAR_NORTH, reduced_motion="reduce")
    context.add_init_script(path=screens.AXE)
    complaints = list[str]()
    with builders.site(tmp_path / "data") as site, organisation(site) as both, served(both.app) as address:
        context.grant_permissions(["geolocation"], origin=address)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(address)
        page.wait_for_url("**/facilities")
        yield page
        context.close()
    assert complaints == []


def names(page: Page) -> list[str]:
    """The facilities from top to bottom."""
    return page.locator(".storefront h2").all_inner_texts()


def test_a_visitor_finds_the_nearest_free_time_and_books_it(page: Page) -> None:
    """DY-59: near me, by one press; from there to the key of that facility."""
    page.locator("#day").fill("2026-11-30")
    page.locator("#time").fill("10:00")
    page.get_by_role("button", name="Show").click()
    assert names(page) == ["Norra Hallen", "Södra Padel"], "without a place of one's own: the same time, by name"
    page.locator("#near").select_option("sodra-padel")
    page.get_by_role("button", name="Show").click()
    assert names(page) == ["Södra Padel", "Norra Hallen"]
    page.get_by_role("button", name="Near me").click()
    page.wait_for_url("**near=here**")
    assert names(page) == ["Norra Hallen", "Södra Padel"]
    # To a hundred metres; nobody needs to know more exactly where somebody is.
    assert "at=59.357%2C18.015" in page.url
    page.get_by_role("link", name="Book here: Norra Hallen").click()
    expect(page.locator("#time")).to_have_value("10:00")
    page.locator("#email").fill("anna.ek@example.se")
    page.get_by_role("button", name="Book", exact=True).click()
    page.wait_for_url(f"**{BELOW}/k/**")
    expect(page.locator("body")).to_contain_text("Norra Hallen")


@pytest.mark.parametrize("language", ["sv", "en", "fr"])
@pytest.mark.parametrize("size", SIZES)
def test_the_portal_is_sound_in_every_size_and_language(page: Page, size: tuple[int, int], language: str) -> None:
    """DY-58: nothing for axe, nothing too small to touch, nothing cut off, also with longer words."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(f"{page.url}?lang={language}&near=norra-hallen")
    expect(page.locator("html")).to_have_attribute("lang", language)
    assert screens.violations(page) == []
    assert screens.small_targets(page, 24) == []
    assert screens.cut_off(page) == []
    screens.lengthen(page)
    assert screens.cut_off(page) == []
