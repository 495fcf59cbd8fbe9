"""Buying a card on the web and selling one in the console, in a browser: on a phone and at a desk, sound."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import screens
from tests.browser.test_console_pages import SIZES, Staff, signed_in
from tests.web.api_client import api_of
from tests.web.test_purchases_api import product

pytestmark = [pytest.mark.browser, pytest.mark.needs("chromium")]


@pytest.fixture
def staff(browser: Browser, tmp_path: Path) -> Iterator[Staff]:
    with signed_in(browser, tmp_path / "data") as somebody:
        api = api_of(somebody.site).staff()
        product(api, "public", "kiosk")
        monthly = {"kind": "subscription", "clips": None, "limit": {"most": 2, "per": "week"}, "valid_days": 30}
        product(api, "public", name="Månadsabonnemang", amount=39_900, **monthly)
        yield somebody


def sound(staff: Staff, path: str) -> None:
    staff.open(path)
    assert staff.lapses() == [], path
    screens.lengthen(staff.page)
    assert screens.cut_off(staff.page) == [], path


@pytest.mark.feature("DY-23")
@pytest.mark.parametrize("language", ["sv", "en", "fr"])
@pytest.mark.parametrize("size", SIZES)
def test_buying_and_selling_are_sound(staff: Staff, size: tuple[int, int], language: str) -> None:
    """DY-23: ordered by keyboard, paid in the console, sold there too; nothing for axe, nothing cut off."""
    page = staff.page
    page.set_viewport_size({"width": size[0], "height": size[1]})
    staff.open(f"/buy?lang={language}")
    assert staff.lapses() == []
    page.locator("[name=product]").first.focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("[name=product]").nth(1)).to_be_checked()
    page.locator("#phone").fill("0701740605")
    page.keyboard.press("Enter")
    page.wait_for_url("**/p/*")
    own = page.url.removeprefix(staff.address)
    for path in ("/book", "/buy", own, "/admin/purchases", "/admin/purchases?show=all", "/admin/purchases/sell"):
        sound(staff, path)
    staff.open("/admin/purchases")
    page.locator("tbody a").click()
    sold = page.url.removeprefix(staff.address)
    sound(staff, sold)
    staff.open(sold)
    page.locator("form[action$=pay] button").click()
    expect(page.locator("[data-mark=good]")).to_have_count(1)
    for path in (sold, own):
        sound(staff, path)
