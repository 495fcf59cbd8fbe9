"""A badminton hall from an empty unit, by what the pages say alone; then guests book one of each at its kiosk."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from appliance.booking.actions.scheduled import extend_sessions
from appliance.web.admin.blueprint import console
from appliance.web.app import make_app
from appliance.web.kiosk_desk import KioskDesk, home_door
from appliance.web.kiosk_gate import guard_kiosk, kiosk_name
from appliance.web.pages.blueprint import pages
from appliance.web.pages.key import key_page
from appliance.web.pages.reception import UnitReception
from kiosk_ui.blueprint import kiosk
from tests.browser.test_console_pages import Staff
from tests.browser.test_set_up_pages import add, fill_in, fresh_site, signed_in
from tests.builders import Site
from tests.web.api_client import PlayedDoors
from tests.web.pages.desk import desk_unit
from tests.web.pages.fake_doors import FakeDoors

pytestmark = [pytest.mark.browser, pytest.mark.needs("chromium"), pytest.mark.slow]
HALVES = ("Hall 1 A", "Hall 1 B", "Hall 2 A", "Hall 2 B")
TUESDAY, WEDNESDAY = "2026-12-01", "2026-12-02"


def hall_app(site: Site) -> Flask:
    """The console, and the kiosk of the same unit."""
    unit = desk_unit(site, PlayedDoors(site))
    screen = kiosk(KioskDesk(unit, home_door(unit), kiosk_name), unit.clock)
    guard_kiosk(screen, unit)
    reception = UnitReception(unit)
    faces = (pages(FakeDoors(), reception, demo=False), console(unit, reception), key_page(unit, reception))
    return make_app(unit, (screen, *faces))


@pytest.fixture
def manager(browser: Browser, tmp_path: Path) -> Iterator[Staff]:
    with fresh_site(tmp_path / "data") as site, signed_in(browser, site, "en-GB", hall_app(site)) as staff:
        yield staff


@pytest.mark.feature("BRP-23", "BM-03")
def test_somebody_new_sets_up_a_badminton_hall_and_guests_book_it(manager: Staff, browser: Browser) -> None:
    """BRP-23, BM-03: two halls of two halves, three services, a trainer with hours of their own, a class, prices."""
    go_through_the_wizard(manager)
    divide_the_halls(manager)
    describe_the_services(manager)
    plan_the_class(manager)
    open_the_ways(manager)
    assert manager.lapses() == []
    guest = at_the_kiosk(manager, browser)
    booked = {
        "half-a-hall": "160.50 kr",
        "whole-hall": "300 kr",
        "training-hour": "500 kr",
        "badminton-school": "80 kr",
    }
    for service, price in booked.items():
        assert f"for {price}" in book(guest, manager.address, service)
    guest.context.close()
    taken = manager.site.rows(
        "SELECT s.slug, group_concat(r.name, ', ') FROM booking b JOIN service s ON s.id = b.service_id"
        " JOIN claim c ON c.booking_id = b.id AND c.active = 1 JOIN resource r ON r.id = c.resource_id"
        " GROUP BY b.id ORDER BY r.name"
    )
    where = {service: set(str(names).split(", ")) for service, names in taken}
    assert where["whole-hall"] in ({"Hall 1 A", "Hall 1 B"}, {"Hall 2 A", "Hall 2 B"})
    assert "Tova" in where["training-hour"]
    assert len(where["training-hour"] & set(HALVES)) == len(where["half-a-hall"] & set(HALVES)) == 1
    assert where["badminton-school"] == {"School places"}
    move_the_whole_hall(manager, sorted(where["whole-hall"])[0])
    manager.open(f"/admin/planner?day={WEDNESDAY}")
    for resource in ("Hall 1 A", "Tova"):
        met = manager.page.get_by_role("row", name=resource).locator(".planner-meeting")
        expect(met).to_have_text("Badminton school")
    manager.open(f"/admin/planner?day={WEDNESDAY}&view=week")
    expect(manager.page.get_by_role("row", name="Tova")).to_contain_text("18:00–19:00 Badminton school")
    assert manager.lapses() == []


def move_the_whole_hall(manager: Staff, half: str) -> None:
    """By keyboard, from one half to a half of the other hall: it has both halves there."""
    page, other = manager.page, "Hall 2" if half.startswith("Hall 1") else "Hall 1"
    manager.open(f"/admin/planner?day={TUESDAY}")
    page.get_by_role("row", name=half).locator("[data-booking]").filter(has_text="Whole hall").focus()
    for key in ("m", *["ArrowLeft"] * 20, *["ArrowDown" if other == "Hall 2" else "ArrowUp"] * 2):
        page.keyboard.press(key)
    expect(page.locator("[data-told]")).to_contain_text(f"{other} A, 15:30")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text(f"15:30–17:00, {other} A, {other} B")


def press_ok(page: Page) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name="OK").click()
    assert page.locator(".form-wrong").count() == 0, page.locator(".content").inner_text()


def go_through_the_wizard(manager: Staff) -> None:
    """With its test booking, which is cancelled as the page says."""
    page = manager.page
    manager.open("/")
    expect(page).to_have_url(f"{manager.address}/admin/start")
    page.get_by_label("What the facility is called").fill("Fjäderbollen")
    press_ok(page)
    page.get_by_label("From").first.fill("8")
    page.get_by_label("Until").first.fill("22")
    press_ok(page)
    press_ok(page)
    page.get_by_label("What customers book").fill("Half a hall")
    page.get_by_label("Price").fill("120 kr")
    press_ok(page)
    press_ok(page)
    page.get_by_role("button", name="Book it").click()
    expect(page.get_by_role("status")).to_contain_text("cancel it")
    page.get_by_role("button", name="Cancel the booking").click()
    page.get_by_role("button", name="Cancel the booking").click()
    expect(page.get_by_role("status")).to_be_visible()


def divide_the_halls(manager: Staff) -> None:
    add(manager, "resources", name="Hall 2")
    for half in HALVES:
        add(manager, "resources", name=half, parent=half[:6])
    change(manager, "pools", "hall-1-group", slug="Whole halls", members=["Hall 2"])
    add(manager, "pools", slug="Half halls", members=list(HALVES))
    add(manager, "resources", name="Tova", kind="A person")
    add(manager, "pools", slug="Trainers", members=["Tova"])
    manager.open("/admin/setup/hours")
    page = manager.page
    page.get_by_role("link", name="Tova").click()
    page.get_by_label("From").first.fill("16")
    page.get_by_label("Until").first.fill("21")
    for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"):
        page.get_by_label(day).first.check()
    press_ok(page)


def describe_the_services(manager: Staff) -> None:
    change(manager, "services", "Half a hall", needs__0__pool="half-halls")
    hour, longer = {"durations__0__minutes": "60"}, {"durations__0__minutes": "90"}
    add(manager, "services", name="Whole hall", needs__0__pool="whole-halls", durations__0__amount="300", **longer)
    lesson = {"needs__0__pool": "trainers", "needs__1__pool": "half-halls", "durations__0__amount": "500"}
    add(manager, "services", name="Training hour", **lesson, **hour)
    evening = {"service": "Half a hall", "duration": "60", "from_minute": "17", "to_minute": "22"}
    add(manager, "prices", name="Evenings", value="160,50", **evening)


def plan_the_class(manager: Staff) -> None:
    """Led on from what a class lacks."""
    page = manager.page
    for lacking, name in (("Add a service that is a class first.", "Badminton school"),
                          ("Add a resource first: its places, and how many there are.", "School places")):  # fmt: skip
        manager.open("/admin/setup/classes/new")
        page.get_by_role("link", name=lacking).click()
        page.get_by_label("Name", exact=True).fill(name)
        amount = page.locator('[name="durations.0.amount"]' if "service" in lacking else '[name="capacity"]')
        amount.fill("80" if "service" in lacking else "12")
        press_ok(page)
    chosen: dict[str, str | list[str]] = {
        "minute_of_day": "18",
        "weekdays": ["Wednesday"],
        "occupies": ["Hall 1 A", "Tova"],
    }
    add(manager, "classes", service="Badminton school", places="School places", **chosen)
    manager.open("/admin/setup/classes")
    expect(page.get_by_text("Wednesday 18:00")).to_be_visible()
    [(plan,)] = manager.site.rows("SELECT id FROM session_plan")
    with manager.site.side.book.write(manager.site.side.scope, "job") as tx:
        extend_sessions(tx, str(plan))


def open_the_ways(manager: Staff) -> None:
    page = manager.page
    manager.open("/admin/setup")
    page.get_by_role("link", name=re.compile("Mend it: No door leads to")).first.click()
    for door in page.locator(".content input[type=checkbox]").all():
        door.check()
    press_ok(page)
    expect(page.locator("h2").first).to_have_text("It can be booked.")
    # What is left is that this hall tells nobody anything by mail or SMS, which keeps nobody from booking.
    expect(page.get_by_role("link", name=re.compile("Mend it: (?!E-mail|SMS)"))).to_have_count(0)


def change(staff: Staff, sheet: str, thing: str, **fields: str | list[str]) -> None:
    """The form of what is there already."""
    staff.open(f"/admin/setup/{sheet}")
    staff.page.get_by_role("link", name=thing).click()
    fill_in(staff.page, **fields)


def at_the_kiosk(manager: Staff, browser: Browser) -> Page:
    """A screen as wide as a phone that was made a kiosk from the console."""
    page = manager.page
    manager.open("/admin/setup")
    page.get_by_role("link", name="Kiosks").click()
    page.get_by_label("Name").fill("Entrance")
    page.get_by_role("button", name="Set up a kiosk").click()
    address = urlsplit(page.locator(".address").inner_text())
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, reduced_motion="reduce")
    screen = context.new_page()
    screen.goto(f"{manager.address}{address.path}?{address.query}")
    screen.get_by_role("button", name="English").click()
    expect(screen.locator("html")).to_have_attribute("lang", "en")
    return screen


def book(screen: Page, address: str, service: str) -> str:
    """The last time of its day at the kiosk, to the key; what the last button says."""
    day = WEDNESDAY if service == "badminton-school" else TUESDAY
    screen.goto(f"{address}/kiosk/time?service={service}&day={day}&part=evening")
    screen.locator("main button[name=start]").last.click()
    while urlsplit(screen.url).path != "/kiosk/contact":
        with screen.expect_navigation():
            screen.locator("main form button").first.click()
    screen.locator("main input[name=contact]").fill("0701234567")
    button = screen.get_by_role("button", name=re.compile("^Book for"))
    said = button.inner_text().replace("\u00a0", " ")
    button.click()
    expect(screen.locator("h1")).to_have_text("It is yours.")
    return said
