"""The page of the walk in a browser: by keyboard and by touch, and anew by itself when the door has seen something."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from appliance.foundation.clock import FakeClock
from appliance.web.pages.blueprint import pages
from appliance.web.pages.reception import Visitor
from tests.access.bookings import document, door
from tests.access.rig import Rig, eventually, rigged
from tests.browser import screens
from tests.kiosk_ui.fake_desk import FakeDesk
from tests.kiosk_ui.serving import kiosk_app, served
from tests.web.pages.fake_doors import FakeDoors, FakeReception

pytestmark = [pytest.mark.browser, pytest.mark.needs("chromium")]
TARGET = 44


@dataclass
class Walk:
    """The page on a phone, and the doors behind it."""

    page: Page
    rig: Rig
    clock: FakeClock


@pytest.fixture
def walk(browser: Browser) -> Iterator[Walk]:
    clock = FakeClock()
    with rigged(clock) as rig:
        rig.start_with_plan(document(door(0, "entrance", name="Entré"), door(1, "court-1", name="Bana 1")))
        app = kiosk_app(FakeDesk())
        reception = FakeReception(Visitor("staff:1", "anna"))
        app.register_blueprint(pages(FakeDoors(), reception, demo=False, walked=rig.client))
        context = browser.new_context(viewport={"width": 390, "height": 844}, locale="sv-SE", has_touch=True)
        context.add_init_script(path=screens.AXE)
        complaints: list[str] = []
        with served(app) as address:
            page = context.new_page()
            page.on("console", lambda message: complaints.append(message.text))
            page.goto(f"{address}/commission")
            yield Walk(page, rig, clock)
            context.close()
        assert complaints == []


def sound(page: Page) -> None:
    small = [one for one in screens.small_targets(page, TARGET) if "checkbox" not in one]
    assert screens.violations(page) + small + screens.cut_off(page) == []


def test_a_phone_walks_over_the_doors(walk: Walk) -> None:
    """DR-12: what the door sees ends a step before one's eyes."""
    page = walk.page
    sound(page)
    page.get_by_role("button", name="Börja").tap()
    expect(page.locator("h2").first).to_have_text("Entré: Slutbleck")
    sound(page)
    page.get_by_role("button", name="Lås upp nu").tap()
    eventually(lambda: walk.rig.client.doors()[0].state == "released", "the release")
    page.get_by_role("button", name="Ja, det gjorde det").tap()
    walk.clock.advance(5.1)
    expect(page.locator("h2").first).to_have_text("Entré: Kontakt, öppen", timeout=10_000)
    page.get_by_role("button", name="Lås upp nu").tap()
    eventually(lambda: walk.rig.client.doors()[0].state == "released", "the release")
    walk.rig.client.hand("entrance", "open")
    expect(page.locator("h2").first).to_have_text("Entré: Kontakt, stängd", timeout=10_000)
    sound(page)
    page.get_by_role("button", name="Avsluta och underteckna").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="PDF")).to_be_visible()
    sound(page)
