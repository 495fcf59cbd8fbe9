"""KI-01, KI-07, KI-10: every screen, in every language and size: axe finds nothing, fingers hit, nothing is cut off."""

from collections.abc import Callable, Iterator

import pytest

from tests.browser import screens
from tests.browser.conftest import Opened, Size
from tests.browser.screens import NARROWEST, PHONE, PHONE_TARGET, SIZES, TARGET, follow, walk, walk_together
from tests.kiosk_ui.fake_desk import FakeDesk

pytestmark = [pytest.mark.browser, pytest.mark.needs("chromium")]
ROUTINE = [
    *(("sv", size) for size in SIZES),
    ("en", (1280, 800)),
    ("fr", (1024, 600)),
    ("fr", PHONE),
    ("sv", NARROWEST),
]
MATRIX = [(language, size) for language in ("sv", "en", "fr") for size in SIZES]


def faults(
    screen: Opened,
    desk: FakeDesk,
    language: str,
    size: Size,
    comfort: tuple[str, ...] = (),
    way: Callable[..., Iterator[str]] = walk,
) -> dict[str, list[str]]:
    """What is wrong on which screen of a walk."""
    shown = screen(size)
    found: dict[str, list[str]] = {}
    page = shown.page
    least = TARGET if size in SIZES else PHONE_TARGET
    for name in way(page, shown.address, desk, language, comfort):
        wrong = (
            screens.violations(page)
            + screens.small_targets(page, least)
            + screens.cut_off(page)
            + screens.overlapping(page)
        )
        if "[name=reach]" in comfort and name not in ("comfort-sheet", "help-sheet"):
            wrong += screens.too_high(page)
        if wrong:
            found[name] = wrong
    return found


@pytest.mark.parametrize(("language", "size"), ROUTINE)
def test_every_screen_is_sound(screen: Opened, desk: FakeDesk, language: str, size: Size) -> None:
    assert faults(screen, desk, language, size) == {}


@pytest.mark.parametrize(("language", "size"), ROUTINE)
def test_rows_and_waiting_are_sound(screen: Opened, desk: FakeDesk, language: str, size: Size) -> None:
    """DY-56, DY-18."""
    assert faults(screen, desk, language, size, way=walk_together) == {}


@pytest.mark.long
@pytest.mark.parametrize("comfort", [(), ("[value='1']", "[name=contrast]"), ("[value='2']",), ("[name=reach]",)])
@pytest.mark.parametrize(("language", "size"), MATRIX)
def test_every_screen_is_sound_however_it_is_adapted(
    screen: Opened, desk: FakeDesk, language: str, size: Size, comfort: tuple[str, ...]
) -> None:
    """KI-10: the whole matrix, with larger text, strongest contrast and low reach."""
    assert faults(screen, desk, language, size, comfort) == {}
    assert faults(screen, desk, language, size, comfort, walk_together) == {}


@pytest.mark.parametrize("size", [pytest.param(size, marks=pytest.mark.long) for size in SIZES[:2]] + [SIZES[2]])
def test_words_may_be_four_tenths_longer(screen: Opened, desk: FakeDesk, size: Size) -> None:
    """KI-01: a language that runs longer is not cut off."""
    assert misfits(screen, desk, "en", size) == {}


@pytest.mark.long
@pytest.mark.parametrize("way", [walk, walk_together])
def test_longer_words_fit_in_the_largest_text_too(
    screen: Opened, desk: FakeDesk, way: Callable[..., Iterator[str]]
) -> None:
    """KI-01, KI-10: in French, on the smallest screen, where a day's name alone is as wide as its column."""
    assert misfits(screen, desk, "fr", (1024, 600), ("[value='2']",), way) == {}


def misfits(
    screen: Opened,
    desk: FakeDesk,
    language: str,
    size: Size,
    comfort: tuple[str, ...] = (),
    way: Callable[..., Iterator[str]] = walk,
) -> dict[str, list[str]]:
    """What does not fit on which screen of a walk when every word is longer."""
    shown = screen(size)
    found: dict[str, list[str]] = {}
    for name in way(shown.page, shown.address, desk, language, comfort):
        screens.lengthen(shown.page)
        wrong = screens.cut_off(shown.page) + screens.overlapping(shown.page)
        if wrong:
            found[name] = wrong
    return found


@pytest.mark.parametrize("language", ["sv", "fr"])
@pytest.mark.parametrize("size", [(1280, 800), (1024, 768)])
def test_the_key_is_seen_without_scrolling(screen: Opened, language: str, size: Size) -> None:
    """KI-06: PIN, QR code, cancel code and the button that ends it, all at once."""
    page = screen(size).page
    for where in (f"[value={language}]", ".tile-book", ".tile-now", "button[name=resource]"):
        follow(page, where)
    page.locator("#contact").fill("0701234567")
    follow(page, ".button-go")
    assert page.locator(".qr").bounding_box() is not None
    assert page.evaluate("document.documentElement.scrollHeight") <= size[1]


def test_a_screen_that_is_not_sound_is_found(screen: Opened) -> None:
    """The checks can fail: small target, picture without words, text that does not fit, two at one place."""
    page = screen((1024, 600)).page
    page.evaluate(
        """() => {
          const narrow = Object.assign(document.createElement('button'), {textContent: 'A very long word indeed'});
          narrow.style.cssText = 'width: 30px; height: 30px; white-space: nowrap; overflow: hidden; position: absolute';
          document.querySelector('h1').before(narrow, new Image(8, 8));
        }"""
    )
    assert any("image-alt" in one for one in screens.violations(page))
    assert any("30x30" in one for one in screens.small_targets(page))
    assert any("very long" in one for one in screens.cut_off(page))
    assert any("very long" in one for one in screens.overlapping(page))
