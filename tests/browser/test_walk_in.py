"""KI-02, KI-04, KI-06: a walk-in books by touch, takes the key off the screen, and shows it at the door."""

import io
from datetime import timedelta

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opened
from tests.browser.screens import follow
from tests.kiosk_ui.fake_desk import CANCEL_CODE, PIN, QR, FakeDesk

pytestmark = [pytest.mark.browser, pytest.mark.needs("chromium")]
MOST_STEPS = 5
# Between two key presses of a scanner; a machine under load may be slower than any scanner, then it is tried again.
FAST_MS = 30
TRIES = 8

_LISTEN = """() => {
  window.gaps = []; let last = null;
  addEventListener('keydown', event => { if (last !== null) window.gaps.push(event.timeStamp - last); last = event.timeStamp; }, {capture: true});
}"""


def scan(page: Page, address: str, path: str, keys: list[str]) -> None:
    """Type like a scanner: every key within `FAST_MS` of the one before."""
    for _ in range(TRIES):
        page.goto(address + path)
        page.evaluate(_LISTEN)
        for key in keys:
            page.keyboard.press(key)
        gaps: list[float] = page.evaluate("window.gaps ?? []")
        if max(gaps, default=0) < FAST_MS:
            return
    pytest.fail("this machine never typed as fast as a scanner")


@pytest.mark.parametrize("size", [(1080, 1920), (1024, 600)])
def test_a_walk_in_books_in_at_most_five_steps(screen: Opened, desk: FakeDesk, size: tuple[int, int]) -> None:
    """KI-02: time, place, contact, key; typing a number is one step."""
    page = screen(size).page
    steps = 0
    for where in (".tile-book", ".tile-now", "button[name=resource]"):
        follow(page, where)
        steps += 1
    for digit in "0701234567":
        page.locator(f"[data-writes='{digit}']").tap()
    follow(page, ".button-go")
    steps += 1
    assert steps <= MOST_STEPS
    expect(page.locator(".pin-digits")).to_have_text("048 271")
    expect(page.locator("dd.code")).to_have_text(CANCEL_CODE)
    assert len(desk.bookings) == 1


@pytest.mark.parametrize("size", [(1080, 1920), (1280, 800), (1024, 600)])
def test_the_qr_code_on_the_screen_is_the_key(screen: Opened, size: tuple[int, int]) -> None:
    """AC-03, KI-06: read from a picture of the whole screen by a decoder that is not ours."""
    page = screen(size).page
    for where in (".tile-book", ".tile-now", "button[name=resource]"):
        follow(page, where)
    page.locator("#contact").fill("0701234567")
    follow(page, ".button-go")
    box = page.locator(".qr svg").bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 290
    with Image.open(io.BytesIO(page.screenshot())) as picture:
        assert [code.text for code in zxingcpp.read_barcodes(picture.convert("L"))] == [QR]


def test_the_letters_of_the_on_screen_keyboard_are_typed(screen: Opened) -> None:
    page = screen((1024, 600)).page
    for where in (".tile-book", ".tile-now", "button[name=resource]", "a[href*='by=email']"):
        follow(page, where)
    for sign in "åsa@x.se":
        page.locator(f"[data-writes='{sign}']").tap()
    page.locator("[data-deletes]").tap()
    expect(page.locator("#contact")).to_have_value("åsa@x.s")
    page.keyboard.type("e")
    expect(page.locator("#contact")).to_have_value("åsa@x.se")


def test_a_held_time_counts_down_in_words_and_is_given_back(screen: Opened, desk: FakeDesk) -> None:
    shown = screen((1080, 1920))
    page = shown.page
    page.clock.install()
    for where in (".tile-book", ".tile-now", "button[name=resource]"):
        follow(page, where)
    expect(page.locator("[data-left]")).to_contain_text("min")
    page.clock.run_for(timedelta(seconds=28))
    expect(page.locator("[data-left]")).to_have_text("4 min 32 s")
    desk.clock.advance(301)
    # A touch now and then: the person is there, only slow.
    for _ in range(7):
        page.mouse.click(5, 5)
        page.clock.run_for(timedelta(seconds=40))
    expect(page.locator(".notice")).to_contain_text("minuterna tog slut")


@pytest.mark.parametrize("path", ["/kiosk/", "/kiosk/pin"])
@pytest.mark.parametrize("end", [["Enter"], []])
def test_a_scanner_may_be_used_at_once(screen: Opened, desk: FakeDesk, path: str, end: list[str]) -> None:
    """KI-04, DR-09: fast typing is a scan, whatever has the focus, with or without Enter at its end."""
    shown = screen((1024, 600))
    scan(shown.page, shown.address, path, [*QR, *end])
    shown.page.wait_for_url("**/verdict")
    assert {presented[:3] for presented in desk.presented} == {("entrance", "qr", QR)}
    expect(shown.page.locator("h1")).to_have_text("Välkommen")


def test_slow_typing_is_no_scan(screen: Opened, desk: FakeDesk) -> None:
    """KI-04."""
    shown = screen((1024, 600))
    shown.page.keyboard.type(QR[:24], delay=60)
    shown.page.keyboard.press("Enter")
    shown.open("/kiosk/pin")
    assert desk.presented == []


@pytest.mark.parametrize(
    "keys",
    [
        ["Control+l", *"HTTPS", "Enter"],
        [*QR[:20], "Control+w", *QR[20:], "Enter"],
        [*QR[:30], "F5", *QR[30:], "Enter"],
        ["Tab", "Tab", "Tab", "Enter", "Tab", "Enter"],
        [*"PV1ABC", "Enter"],
        [*(QR[:40] + "-" + QR[40:]), "Enter"],
        [*QR.lower(), "Enter"],
        [*(QR * 3), "Enter"],
        [*"048271", "Enter"],
    ],
)
def test_a_hostile_code_with_key_chords_does_nothing(screen: Opened, desk: FakeDesk, keys: list[str]) -> None:
    """DR-09, KI-04."""
    shown = screen((1024, 600))
    scan(shown.page, shown.address, "/kiosk/", keys)
    shown.page.locator("h1", has_text="Vad vill du göra?").wait_for()
    assert desk.presented == []
    assert len(shown.context.pages) == 1
    assert shown.page.url == f"{shown.address}/kiosk/"


def test_a_keypad_types_the_pin_as_fingers_do(screen: Opened, desk: FakeDesk) -> None:
    """KI-03: digits, Delete and Enter or # of a connected keypad."""
    shown = screen((1024, 600), "/kiosk/pin")
    page = shown.page
    page.keyboard.type("0489", delay=60)
    page.keyboard.press("Backspace", delay=60)
    expect(page.locator(".dots .is-typed")).to_have_count(3)
    page.locator("[data-digit-show]").tap()
    expect(page.locator(".dots")).to_have_text("048")
    page.keyboard.type("271", delay=60)
    with page.expect_navigation():
        page.keyboard.press("#")
    assert desk.presented[0][:3] == ("entrance", "pin", PIN)


def test_the_door_is_chosen_by_touch(screen: Opened, desk: FakeDesk) -> None:
    page = screen((1080, 1920), "/kiosk/pin").page
    page.locator(".choice", has_text="Bana 2").tap()
    page.locator("[data-digit='1']").tap()
    follow(page, "[data-digit-end]")
    assert desk.presented[0][0] == "court-2"
