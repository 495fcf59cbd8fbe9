"""Messages in a browser: the pages of staff with the preview that follows, and the page behind a cancel link."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from appliance.boot.messaging_side import addresses_of
from tests import builders
from tests.browser import screens
from tests.browser.test_console_pages import SIZES, Staff
from tests.browser.test_set_up_pages import signed_in
from tests.builders import TEN
from tests.kiosk_ui.serving import served
from tests.messaging.mail_sink import mail_sink, post
from tests.web.pages.desk import desk_app
from tests.web.pages.fake_doors import FakeDoors

pytestmark = [pytest.mark.browser, pytest.mark.needs("chromium")]
WORDS = "/admin/messages/words/confirmation?audience=client&channel=email"


@pytest.fixture
def staff(browser: Browser, tmp_path: Path) -> Iterator[Staff]:
    with builders.site(tmp_path / "data") as site, mail_sink(tmp_path / "mail") as mail:
        booked = site.book(TEN)
        post(site, mail).deliver()
        site.cancel(booked.id)
        with signed_in(browser, site, "en-GB") as staff:
            yield staff


@pytest.mark.feature("DY-62")
def test_the_preview_follows_what_is_typed(staff: Staff) -> None:
    """DY-62: live, with a sample; a mistake is told there, and nothing is saved until OK."""
    staff.open(f"{WORDS}&language=en")
    page = staff.page
    preview = page.locator("[data-preview]")
    expect(preview).to_contain_text("Hello Åsa!")
    page.locator("#body").fill("Welcome {client_name} to {service_name}")
    expect(preview).to_contain_text("Welcome Åsa O'Neill to Padel")
    page.locator("#body").fill("Welcome {nobody}")
    expect(preview).to_contain_text("There is a mistake in the words.")
    page.locator("#body").fill("Welcome {client_name}")
    expect(preview).to_contain_text("Welcome Åsa O'Neill")
    assert staff.site.rows("SELECT count(*) FROM message_template") == [(0,)]
    page.get_by_role("button", name="OK").click()
    expect(page.get_by_role("status").first).to_contain_text("saved")
    assert staff.site.rows("SELECT body FROM message_template") == [("Welcome {client_name}",)]


@pytest.mark.parametrize("language", ["sv", "en", "fr"])
@pytest.mark.parametrize("size", SIZES)
def test_every_page_of_messages_is_sound(staff: Staff, size: tuple[int, int], language: str) -> None:
    """SH-10: nothing for axe, nothing too small to touch, nothing cut off."""
    staff.page.set_viewport_size({"width": size[0], "height": size[1]})
    staff.open(f"/admin/messages?lang={language}")
    for path in ("/admin/messages", "/admin/messages/settings", WORDS, WORDS.replace("email", "sms")):
        staff.open(path)
        assert staff.lapses() == [], path


@pytest.mark.feature("DY-64")
@pytest.mark.parametrize("size", SIZES)
def test_the_page_behind_a_cancel_link_asks_first(browser: Browser, tmp_path: Path, size: tuple[int, int]) -> None:
    """DY-64: opened, it only asks; its button cancels; sound on a phone and on a desk."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, reduced_motion="reduce")
    context.add_init_script(path=screens.AXE)
    with builders.site(tmp_path / "data") as site, served(desk_app(site, FakeDoors())) as address:
        page, booked = context.new_page(), site.book(TEN)
        page.goto(addresses_of(address, site.side.links).cancel(booked.id) + "&lang=en")
        expect(page.locator("h1")).to_have_text("Cancel the booking?")
        found = [*map(str, screens.violations(page)), *screens.small_targets(page, 44), *screens.cut_off(page)]
        assert found == []
        assert site.status(booked.id) == "confirmed"
        page.get_by_role("button", name="Yes, cancel it").click()
        expect(page.locator("h1")).to_have_text("The booking is cancelled.")
        assert site.status(booked.id) == "cancelled"
        context.close()
