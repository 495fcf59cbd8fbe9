"""KI-02, KI-04, KI-06: a walk-in books by touch, takes the key off the screen, and shows it at the door."""

import io

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opened
from tests.browser.screens import follow
from tests.kiosk_ui.fake_desk import CANCEL_CODE, PIN, QR, FakeDesk

pytestmark = [pytest.mark.browser, pytest.mark.needs("chromium")]
MOST_STEPS = 5
# Between two keys of a scanner and of a hand, and longer than the silence that ends a scan: the page's milliseconds.
SCANNER_MS, HAND_MS, SILENCE_MS = 5, 60, 200


def pause(page: Page) -> None:
    """From now on the page's clock stands still, and moves only when it is told to."""
    page.clock.install(time="2026-11-25T14:10:00")
    page.reload()
    page.clock.pause_at("2026-11-25T14:10:10")


def type_keys(page: Page, keys: list[str], apart_ms: int) -> None:
    """Press real keys, so and so far apart, and then none for a while."""
    for key in keys:
        page.keyboard.press(key)
        page.clock.run_for(apart_ms)
    page.clock.run_for(SILENCE_MS)


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
    page.clock.run_for(28_000)
    expect(page.locator("[data-left]")).to_have_text("4 min 32 s")
    desk.clock.advance(301)
    # A touch now and then: the person is there, only slow.
    for _ in range(7):
        page.mouse.click(5, 5)
        page.clock.run_for(40_000)
    expect(page.locator(".notice")).to_contain_text("minuterna tog slut")


@pytest.mark.parametrize(("path", "end"), [("/kiosk/", []), ("/kiosk/pin", ["Enter"])])
def test_a_scanner_may_be_used_at_once(screen: Opened, desk: FakeDesk, path: str, end: list[str]) -> None:
    """KI-04, DR-09: fast typing is a scan, whatever has the focus, with or without Enter at its end."""
    page = screen((1024, 600), path).page
    pause(page)
    with page.expect_navigation(url="**/verdict"):
        type_keys(page, [*QR, *end], SCANNER_MS)
    assert [presented[:3] for presented in desk.presented] == [("entrance", "qr", QR)]
    expect(page.locator("h1")).to_have_text("Välkommen")


@pytest.mark.parametrize("path", ["/kiosk/", "/kiosk/pin"])
def test_slow_typing_is_no_scan(screen: Opened, desk: FakeDesk, path: str) -> None:
    """KI-04: the same signs, typed by a hand."""
    shown = screen((1024, 600), path)
    pause(shown.page)
    type_keys(shown.page, [*QR.replace("2", "A"), "Tab"], HAND_MS)
    assert desk.presented == []
    assert shown.page.url == shown.address + path


HOSTILE = {
    "the address bar": ["Control+l", *"HTTPS", "Enter"],
    "a chord inside a pass": [*QR[:20], "Control+w", *QR[20:], "Enter"],
    "a function key inside a pass": [*QR[:30], "F5", *QR[30:], "Enter"],
    "a walk through the buttons": ["Tab", "Tab", "Tab", "Enter", "Tab", "Enter"],
    "a pass too short": [*"PV1ABC", "Enter"],
    "a foreign sign": [*(QR[:40] + "-" + QR[40:]), "Enter"],
    "small letters": [*QR.lower(), "Enter"],
    "a pass too long": [*(QR * 3), "Enter"],
    "bare digits": [*"048271", "Enter"],
    "an address": [*"https://example.org/", "Enter"],
    "a script": [*"javascript:document.title=1", "Enter"],
    "an end to the program": ["Alt+F4"],
    "another tab": ["Control+t", *"HTTPS", "Enter"],
    "the browser's tools": ["F12", "Control+Shift+i", "F1"],
    "anew, and without its frame": ["F5", "F11", "Control+r"],
}


@pytest.mark.parametrize("path", ["/kiosk/", "/kiosk/pin"])
def test_a_hostile_code_with_key_chords_does_nothing(screen: Opened, desk: FakeDesk, path: str) -> None:
    """DR-09, KI-04: as the scanner types it; and the next good code is read."""
    shown = screen((1024, 600), path)
    pause(shown.page)
    shown.page.evaluate("() => { window.isSame = true; document.title = 'as it was'; }")
    for name, keys in HOSTILE.items():
        type_keys(shown.page, keys, SCANNER_MS)
        assert desk.presented == [], name
        assert (len(shown.context.pages), shown.page.url) == (1, shown.address + path), name
        assert shown.page.evaluate("() => [window.isSame, document.title]") == [True, "as it was"], name
        shown.page.locator("body").evaluate("() => document.activeElement.blur()")
    with shown.page.expect_navigation(url="**/verdict"):
        type_keys(shown.page, [*QR], SCANNER_MS)


CHORDS = [
    "ctrl+t",
    "ctrl+w",
    "ctrl+l",
    "ctrl+o",
    "ctrl+p",
    "alt+F4",
    "alt+ArrowLeft",
    "meta+r",
    "+F1",
    "+F5",
    "+F11",
    "+F12",
]
STRIKE = """chord => {
  const [held, key] = chord.split("+");
  const options = { key, bubbles: true, cancelable: true, [`${held || "none"}Key`]: true };
  return (document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent("keydown", options));
}"""


@pytest.mark.parametrize(
    ("path", "takes_words"),
    [("/kiosk/", False), ("/kiosk/pin", False), ("/kiosk/code", True), ("/kiosk/time", True)],
)
def test_no_chord_reaches_the_browser_from_any_page(screen: Opened, path: str, takes_words: bool) -> None:
    """DR-09: also where words are typed; letters and Tab get through there, as the control."""
    page = screen((1024, 600), path).page
    assert [chord for chord in CHORDS if page.evaluate(STRIKE, chord)] == []
    if takes_words:
        assert page.evaluate(STRIKE, "+a")
        assert page.evaluate(STRIKE, "+Tab")


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


@pytest.mark.parametrize(("motion", "animation"), [("no-preference", "shake"), ("reduce", "none")])
def test_the_dots_of_a_wrong_pin_shake_unless_one_would_rather_not(screen: Opened, motion: str, animation: str) -> None:
    """KI-07, KI-10."""
    page = screen((1280, 800), "/kiosk/pin").page
    page.emulate_media(reduced_motion="reduce" if motion == "reduce" else "no-preference")
    page.locator("[data-digit='1']").tap()
    follow(page, "[data-digit-end]")
    expect(page.locator(".dots.is-wrong")).to_have_css("animation-name", animation)


def test_the_door_is_chosen_by_touch(screen: Opened, desk: FakeDesk) -> None:
    page = screen((1080, 1920), "/kiosk/pin").page
    page.locator(".choice", has_text="Bana 2").tap()
    page.locator("[data-digit='1']").tap()
    follow(page, "[data-digit-end]")
    assert desk.presented[0][0] == "court-2"
