"""The wall of doors and the sign-in in a browser: live, by hand, and sound."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from playwright.sync_api import Browser, Page, expect

from appliance.foundation.clock import FakeClock
from appliance.web.live import LiveHub
from appliance.web.pages.blueprint import pages
from appliance.web.pages.door_history import STATE_WORDS
from tests.browser import screens
from tests.kiosk_ui.fake_desk import FakeDesk
from tests.kiosk_ui.serving import kiosk_app, served
from tests.waiting import until
from tests.web.pages.fake_doors import PASSWORD, FakeDoors, FakeReception
from tests.web.pages.fake_world import GYM, FakeWorld

pytestmark = [pytest.mark.browser, pytest.mark.needs("chromium")]


@dataclass
class Wall:
    """The page, the doors behind it, and the hub that tells of them."""

    page: Page
    address: str
    doors: FakeDoors
    hub: LiveHub
    world: FakeWorld

    def state_of(self, slug: str) -> str | None:
        return self.page.locator(f"[data-door={slug}]").get_attribute("data-state")


@pytest.fixture
def wall(browser: Browser) -> Iterator[Wall]:
    doors, hub, world = FakeDoors(vendors=[GYM]), LiveHub(FakeClock()), FakeWorld()
    hub.start()
    app = kiosk_app(FakeDesk(), live=f"http://127.0.0.1:{hub.port}")
    app.register_blueprint(pages(doors, FakeReception(), demo=True, live=hub, pretend=world))
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="sv-SE", reduced_motion="reduce")
    context.add_init_script(path=screens.AXE)
    complaints: list[str] = []
    with served(app) as address:
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(f"{address}/doors")
        yield Wall(page, address, doors, hub, world)
        context.close()
    hub.stop()
    assert [text for text in complaints if "Content Security Policy" in text] == []


@pytest.mark.parametrize("state", sorted(set(STATE_WORDS) - {"locked"}))
def test_a_door_changes_before_ones_eyes(wall: Wall, state: str) -> None:
    """AC-11: what the contact says is on the wall at once, without asking."""
    expect(wall.page.locator("[data-live-line]")).to_have_text("Direkt")
    wall.doors.set("entrance", state)
    wall.hub.publish("door", {"door": "entrance"})
    expect(wall.page.locator("[data-door=entrance]")).to_have_attribute("data-state", state)
    expect(wall.page.locator("[data-happened] li")).to_have_count(1)
    assert screens.violations(wall.page) == []


def test_without_a_stream_the_page_asks(wall: Wall) -> None:
    expect(wall.page.locator("[data-live-line]")).to_have_text("Direkt")
    wall.hub.stop()
    wall.doors.set("court-1", "forced")
    expect(wall.page.locator("[data-door=court-1]")).to_have_attribute("data-state", "forced", timeout=10_000)


def test_a_pretend_door_is_pushed_and_shut_by_hand(wall: Wall) -> None:
    door = wall.page.locator("[data-door=court-1]")
    door.get_by_role("button", name="Tryck upp").click()
    expect(door.locator("[data-told]")).to_have_text("Dörren ger inte efter.")
    door.locator("input").fill("048271")
    door.get_by_role("button", name="Visa nyckel").click()
    expect(door.locator("[data-told]")).to_contain_text("Välkommen.")
    expect(door).to_have_attribute("data-state", "released")
    door.get_by_role("button", name="Tryck upp").click()
    expect(door).to_have_attribute("data-state", "open")
    door.get_by_role("button", name="Stäng").click()
    expect(door).to_have_attribute("data-state", "locked")


def test_the_life_of_a_grant_changes_before_ones_eyes(wall: Wall) -> None:
    """DR-11: only what is confirmed is drawn as such, at the door and in the count of its controller."""
    grant = wall.page.locator("[data-door=court-1] [data-grants] li")
    expect(grant).to_have_attribute("data-life", "accepted")
    confirmed = replace(GYM.grants[0], state="confirmed")
    wall.doors.vendors = [replace(GYM, counts={"confirmed": 1}, grants=(confirmed,))]
    wall.hub.publish("door", {"door": "court-1"})
    expect(grant).to_have_attribute("data-life", "confirmed")
    expect(wall.page.locator(".life [data-life=confirmed] [data-count]")).to_have_text("1")


def test_a_card_is_held_up_and_a_controller_cut_off_by_the_keyboard_alone(wall: Wall) -> None:
    """AC-06, DR-04"""
    for where in ("[data-door=court-2] .member-card", "[data-controller=gym] [data-does=cut_off]"):
        wall.page.locator(where).focus()
        wall.page.keyboard.press("Enter")
    expect(wall.page.locator("[data-controller=gym] [data-told]")).to_have_text("Klart.")
    assert until(lambda: wall.doors.presented == [("court-2", "card", "26:468ACE", "wall@court-2")])
    assert wall.world.done == [("gym", "cut_off", "")]


def test_staff_signs_in_and_opens_with_a_reason(wall: Wall) -> None:
    """AC-19."""
    page = wall.page
    page.get_by_role("link", name="Logga in").click()
    assert screens.violations(page) == []
    page.get_by_label("Användarnamn").fill("anna")
    page.get_by_label("Lösenord").fill(PASSWORD)
    page.keyboard.press("Enter")
    door = page.locator("[data-door=entrance]")
    door.get_by_label("Varför personalen öppnar").fill("Glömd jacka")
    door.get_by_role("button", name="Lås upp").click()
    expect(door).to_have_attribute("data-state", "released")
    assert wall.doors.released == [("entrance", "staff:1", "Glömd jacka")]


@pytest.mark.parametrize("size", [(390, 844), (1280, 900)])
def test_the_wall_is_sound_on_a_phone_and_at_a_desk(wall: Wall, size: tuple[int, int]) -> None:
    wall.page.set_viewport_size({"width": size[0], "height": size[1]})
    for address in ("/doors", "/sign-in", "/doors?lang=fr"):
        wall.page.goto(wall.address + address)
        assert screens.violations(wall.page) == []
        assert screens.small_targets(wall.page, 44) == []
        assert screens.cut_off(wall.page) == []
