"""One's own profile in a browser (DY-33)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests import builders
from tests.browser.test_console_pages import SIZES, Staff
from tests.browser.test_set_up_pages import signed_in

pytestmark = [pytest.mark.browser, pytest.mark.needs("chromium")]


@pytest.fixture
def staff(browser: Browser, tmp_path: Path) -> Iterator[Staff]:
    with builders.site(tmp_path / "data") as site, signed_in(browser, site, "en-GB") as staff:
        yield staff


@pytest.mark.feature("DY-33")
@pytest.mark.parametrize("language", ["sv", "en", "fr"])
@pytest.mark.parametrize("size", SIZES)
def test_ones_own_profile_is_sound_on_a_phone_and_on_a_desk(staff: Staff, size: tuple[int, int], language: str) -> None:
    """DY-33: nothing for axe, nothing too small to touch, nothing cut off: the form, its mistakes, and the address."""
    page = staff.page
    page.set_viewport_size({"width": size[0], "height": size[1]})
    staff.open(f"/admin/me?lang={language}")
    assert staff.lapses() == []
    page.locator("#email").fill("kim@")
    page.locator("form.form .button-lit").click()
    page.locator(".form-wrong").wait_for()
    assert staff.lapses() == []
    page.locator("form[action='/admin/me/calendar'] button").click()
    page.locator(".address").wait_for()
    assert staff.lapses() == []
    staff.open("/admin/me")
    assert staff.lapses() == []
