"""How the key page stands on phones and desks, and what it offers where the browser may not unlock (AC-04, AC-05)."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests import builders
from tests.browser import screens
from tests.browser.relay import relayed
from tests.builders import TEN, Site
from tests.kiosk_ui.serving import served
from tests.web.pages.desk import desk_app
from tests.web.pages.fake_doors import FakeDoors

pytestmark = [pytest.mark.browser, pytest.mark.needs("chromium")]
SIZES = [(390, 844), (1280, 800)]


@dataclass
class Guest:
    """A browser at the link of a booking."""

    site: Site
    page: Page
    address: str

    def link(self, language: str = "sv", host: str = "") -> str:
        booking = self.site.book(TEN)
        sig = self.site.side.links.token(booking.id)
        return f"{host or self.address}/k/{booking.id}?sig={sig}&lang={language}"

    def lapses(self) -> list[str]:
        """What is not sound about the page as it stands."""
        page = self.page
        return [*map(str, screens.violations(page)), *screens.small_targets(page, 44), *screens.cut_off(page)]


@pytest.fixture
def guest(browser: Browser, tmp_path: Path) -> Iterator[Guest]:
    context, complaints = browser.new_context(has_touch=True, reduced_motion="reduce"), list[str]()
    context.add_init_script(path=screens.AXE)
    with builders.site(tmp_path / "data") as site, served(desk_app(site, FakeDoors())) as address:
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        yield Guest(site, page, address)
        context.close()
    assert [text for text in complaints if "Content Security Policy" in text] == []


@pytest.mark.parametrize("language", ["sv", "en", "fr"])
@pytest.mark.parametrize("size", SIZES)
def test_the_page_is_sound_in_every_size_and_language(guest: Guest, size: tuple[int, int], language: str) -> None:
    """AC-05: as it opens, with a verdict and a phone on it, with longer words, and after the booking."""
    page = guest.page
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(guest.link(language))
    expect(page.locator("[data-qr]")).to_have_attribute("data-is", "changing")
    assert guest.lapses() == []
    page.locator("[data-unlock]").last.tap()
    expect(page.locator("[data-told][data-granted=false]")).not_to_be_empty()
    expect(page.locator("[data-phone-list] button")).to_have_count(1)
    assert guest.lapses() == []
    screens.lengthen(page)
    assert screens.cut_off(page) == []
    guest.site.clock.set(TEN + 24 * 3600)
    page.reload()
    expect(page.locator("[data-unlock]")).to_have_count(0)
    assert guest.lapses() == []


@pytest.mark.parametrize("language", ["sv", "en", "fr"])
def test_a_plain_link_shows_pin_and_pass_and_says_why_it_cannot_unlock(guest: Guest, language: str) -> None:
    """AC-05: a browser gives no keys to a page that came without TLS from another machine."""
    with relayed(guest.address, tls=False) as host:
        guest.page.goto(guest.link(language, host))
        expect(guest.page.locator("[data-when-plain]")).to_contain_text("https")
        expect(guest.page.locator("[data-unlock]").first).to_be_hidden()
        expect(guest.page.locator("[data-qr]")).to_have_attribute("data-is", "plain")
        with Image.open(io.BytesIO(guest.page.screenshot())) as picture:
            (code,) = zxingcpp.read_barcodes(picture.convert("L"))
        assert code.text.startswith("PV1")
        assert guest.lapses() == []


def test_a_browser_that_keeps_nothing_says_what_to_use_instead(guest: Guest) -> None:
    """AC-05: as some do in a private window."""
    guest.page.add_init_script("IDBFactory.prototype.open = () => { throw new DOMException('not here'); }")
    guest.page.goto(guest.link())
    guest.page.locator("[data-unlock]").first.tap()
    told = guest.page.locator("[data-told][data-granted=false]")
    expect(told).to_contain_text("Webbläsaren sparar inga nycklar. Använd PIN eller QR-koden.")
    expect(guest.page.locator("[data-qr]")).to_have_attribute("data-is", "changing")
