"""A walk through every screen of the kiosk, and what must hold on each: axe, targets, nothing cut off."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Locator, Page

from appliance.booking.services import WaitingMode
from appliance.foundation.instants import Interval
from appliance.foundation.money import Money
from appliance.foundation.refusals import Refusal
from appliance.web.waiting_words import WAITING_MEANS
from kiosk_ui.desk import HoldView, VerdictView
from tests.kiosk_ui.fake_counter import TEN_CARD
from tests.kiosk_ui.fake_desk import AFTERNOON, CANCEL_CODE, COURTS, PADEL, FakeDesk, booking_of

AXE: Final = Path(__file__).parent / "vendor" / "axe.min.js"
SIZES: Final = ((1080, 1920), (1280, 800), (1024, 600))
PHONE: Final = (390, 844)
NARROWEST: Final = (360, 740)
TARGET: Final = 64
# On a phone the letters stand as close as on its own keyboard; the least that WCAG 2.2 allows (2.5.8).
PHONE_TARGET: Final = 24
TAGS: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

_SMALL = """least => [...document.querySelectorAll('a, button, input:not([type=hidden]), [role=button]')]
  .filter(one => one.checkVisibility({visibilityProperty: true}) && !one.closest('dialog:not([open])'))
  .map(one => [one, one.getBoundingClientRect()])
  .filter(([, box]) => box.width < least - 0.5 || box.height < least - 0.5)
  .map(([one, box]) => `${one.outerHTML.slice(0, 90)} ${Math.round(box.width)}x${Math.round(box.height)}`)"""

_CUT = """() => {
  const kinds = 'a, button, .choice span, h1, h2, p, dd, dt, th, td, li, label';
  const unseen = '.sr, dialog:not([open]), [hidden]';
  const shown = one => one.checkVisibility({visibilityProperty: true}) && !one.closest(unseen);
  const boxes = [...document.querySelectorAll(kinds)].filter(shown);
  const cut = boxes.filter(one => one.scrollWidth > one.clientWidth + 2
      || one.scrollHeight > one.clientHeight + parseFloat(getComputedStyle(one).fontSize) / 2)
    .filter(one => getComputedStyle(one).display !== 'inline').map(one => one.outerHTML.slice(0, 120));
  const page = document.documentElement;
  if (page.scrollWidth > innerWidth) cut.push(`the page is ${page.scrollWidth} wide on ${innerWidth}`);
  return cut;
}"""

# What of a thing can be seen: a list that scrolls shows only its own stretch.
_SEEN = """const seen = one => {
  let {left, top, right, bottom} = one.getBoundingClientRect();
  for (let around = one.parentElement; around; around = around.parentElement) {
    if (getComputedStyle(around).overflowY === 'visible') continue;
    const box = around.getBoundingClientRect();
    [left, top] = [Math.max(left, box.left), Math.max(top, box.top)];
    [right, bottom] = [Math.min(right, box.right), Math.min(bottom, box.bottom)];
  }
  return {left, top, right, bottom};
};"""

_TOO_HIGH = """reach => {
  SEEN
  return [...document.querySelectorAll('a, button, .choice')]
    .filter(one => one.checkVisibility({visibilityProperty: true}) && !one.closest('dialog:not([open])'))
    .map(one => [one, seen(one)])
    .filter(([, box]) => box.bottom > box.top && box.top < innerHeight - reach)
    .map(([one, box]) => `${one.textContent.trim().slice(0, 40)} at ${Math.round(box.top)}`);
}""".replace("SEEN", _SEEN)

_OVERLAPPING = """() => {
  SEEN
  const clipped = one => one && (getComputedStyle(one).clipPath !== 'none' || clipped(one.parentElement));
  const named = one => one.textContent.trim().slice(0, 40) || one.outerHTML.slice(0, 60);
  const kinds = 'a, button, .choice, h1, .summary, .held, .notice, .question, .dots, .qr, .wall-clock, .whereabouts';
  const boxes = [...document.querySelectorAll(kinds)]
    .filter(one => one.checkVisibility({visibilityProperty: true}) && !one.closest('dialog, .sr') && !clipped(one))
    .map(one => [one, seen(one)]);
  const found = [];
  boxes.forEach(([a, x], at) => boxes.slice(at + 1).forEach(([b, y]) => {
    if (a.contains(b) || b.contains(a)) return;
    const wide = Math.min(x.right, y.right) - Math.max(x.left, y.left);
    const high = Math.min(x.bottom, y.bottom) - Math.max(x.top, y.top);
    if (wide > 2 && high > 2) found.push(`${named(a)} over ${named(b)}`);
  }));
  return found;
}""".replace("SEEN", _SEEN)

# Swedish and French run longer than English: words grow by four tenths, names and numbers of the hall stay.
_LENGTHEN = """() => {
  // Sheets open over the screen that was lengthened already, and its words with it.
  if (document.documentElement.dataset.lengthened) return;
  document.documentElement.dataset.lengthened = 'yes';
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const kept = '[data-wall-clock], .pin-digits, .code, .languages, .help-address, svg, script';
    if (node.parentElement.closest(kept) || !/[a-zåäö]{3}/i.test(node.data)) continue;
    node.data = node.data.replace(/[\\p{L}]{3,}/gu, word => word + 'å'.repeat(Math.ceil(word.length * 0.4)));
  }
}"""


def walk_together(
    page: Page, address: str, desk: FakeDesk, language: str = "sv", comfort: tuple[str, ...] = ()
) -> Iterator[str]:
    """The same through what is booked in a row and waited for: a walk of its own, so that none takes too long."""
    for part in (_row, _waiting, _buying):
        _begin(page, address, language, comfort)
        yield from part(page, address, desk)


def walk(
    page: Page, address: str, desk: FakeDesk, language: str = "sv", comfort: tuple[str, ...] = ()
) -> Iterator[str]:
    """Go through the screens one after the other; the name of each is yielded while it stands there.

    `comfort` are the choices of the sheet that adapts the screen, as selectors. They and the language end with a visit.
    """
    for part in (_sheets, _booking, _own_booking, _lost, _leaving, _class, _doors):
        _begin(page, address, language, comfort)
        if part is _sheets:
            yield "first screen"
        yield from part(page, address, desk)
    desk.state = replace(desk.state, central="away")
    desk.door_states["court-1"] = "held_open"
    _begin(page, address, language, comfort)
    yield "banner"


def _begin(page: Page, address: str, language: str, comfort: tuple[str, ...]) -> None:
    page.goto(f"{address}/kiosk/")
    if page.locator("html").get_attribute("lang") != language:
        follow(page, f"button[name=language][value={language}]")
    if comfort:
        page.locator("[data-opens=comfort-sheet]").tap()
        for choice in comfort:
            page.locator(f"#comfort-sheet {choice}").check(force=True)
        follow(page, "#comfort-sheet .button-lit")


def follow(page: Page, where: Locator | str) -> None:
    """Touch something and wait for the screen it leads to."""
    target = page.locator(where).first if isinstance(where, str) else where
    with page.expect_navigation():
        target.tap()


def _sheets(page: Page, _address: str, _desk: FakeDesk) -> Iterator[str]:
    for name in ("comfort-sheet", "help-sheet"):
        page.locator(f"[data-opens={name}]").tap()
        yield name
        page.locator(f"#{name} [data-closes]").first.tap()


def _booking(page: Page, _address: str, _desk: FakeDesk) -> Iterator[str]:
    follow(page, ".tile-book")
    yield "time"
    follow(page, page.locator("button.time").nth(1))
    yield "place"
    follow(page, "button[name=resource]")
    yield "contact by phone"
    follow(page, "a[href*='by=email']")
    yield "contact by e-mail"
    page.locator(".field input").fill("nobody")
    follow(page, ".button-go")
    page.locator(".notice").wait_for()
    yield "contact asked again"
    page.locator(".field input").fill("anna@example.se")
    follow(page, ".button-go")
    page.wait_for_url("**/key")
    yield "key"
    follow(page, ".button-go")


def _row(page: Page, address: str, desk: FakeDesk) -> Iterator[str]:
    before, taken = desk.offered, {slug: list(spans) for slug, spans in desk.taken.items()}
    desk.offered = (replace(PADEL, most_in_a_row=4, waiting=True),)
    page.goto(f"{address}/kiosk/time?row=3&day=2026-11-27")
    yield "time of a row"
    follow(page, page.locator("button.time").nth(1))
    yield "contact of a row"
    page.locator(".field input").fill("0701740605")
    follow(page, ".button-go")
    page.wait_for_url("**/row/keys")
    yield "keys of a row"
    follow(page, ".button-go")
    desk.offered, desk.taken = before, taken


def _buying(page: Page, address: str, desk: FakeDesk) -> Iterator[str]:
    """DY-23: a card, from the first screen to whom to pay."""
    desk.sold = (TEN_CARD, replace(TEN_CARD, id="free", price=Money(0, "SEK")))
    page.reload()
    yield "first screen that sells"
    follow(page, ".tile-buy")
    yield "which card"
    follow(page, "button[name=product]")
    yield "contact of who buys"
    page.locator("#contact").fill("0701234567")
    follow(page, ".button-go")
    yield "bought"
    desk.sold = ()


def _waiting(page: Page, address: str, desk: FakeDesk) -> Iterator[str]:
    before, taken = desk.offered, desk.taken
    means = WAITING_MEANS[WaitingMode.NOTIFY_ALL]
    desk.offered = (replace(PADEL, most_in_a_row=4, waiting=True, waiting_means=means),)
    desk.taken = {slug: [Interval(0, AFTERNOON * 2)] for slug in COURTS}
    page.goto(f"{address}/kiosk/time?day=2026-11-27")
    yield "nothing free"
    follow(page, "a.button-go")
    yield "waiting by phone"
    follow(page, "a[href*='by=email']")
    yield "waiting by e-mail"
    page.goto(f"{address}/kiosk/wait")
    page.locator(".field input").fill("0701740605")
    follow(page, ".button-go")
    page.wait_for_url("**/waiting")
    yield "place in the waiting list"
    follow(page, ".button-go")
    desk.offered, desk.taken = before, taken


def _own_booking(page: Page, address: str, desk: FakeDesk) -> Iterator[str]:
    desk.bookings[CANCEL_CODE] = booking_of(_held(desk, 2), "SP-1041")
    page.goto(f"{address}/kiosk/code")
    yield "cancel code"
    page.locator(".field input").fill(CANCEL_CODE)
    follow(page, ".button-go")
    yield "my booking"
    follow(page, "a.button-no")
    yield "cancel"
    follow(page, "button.button-no")
    yield "cancelled"
    follow(page, ".button-go")


def _lost(page: Page, address: str, desk: FakeDesk) -> Iterator[str]:
    desk.recover_answer = Refusal("not_recognised")
    page.goto(f"{address}/kiosk/lost?by=email")
    yield "lost code by e-mail"
    page.goto(f"{address}/kiosk/lost")
    yield "lost code by phone"
    page.locator(".field input").fill("0701740605")
    follow(page, ".button-go")
    page.goto(f"{address}/kiosk/lost/proof?by=number")
    yield "proof by number"
    page.goto(f"{address}/kiosk/lost/proof")
    page.locator(".field input").fill("1987")
    follow(page, ".button-go")
    page.locator(".notice").wait_for()
    yield "proof asked again"


def _leaving(page: Page, address: str, desk: FakeDesk) -> Iterator[str]:
    # Just begun: it may be cancelled still and left already, which is the most that one screen has to offer.
    desk.bookings[CANCEL_CODE] = replace(booking_of(_held(desk, 3), "SP-1042"), check_out_refusal=None)
    page.goto(f"{address}/kiosk/code")
    page.locator(".field input").fill(CANCEL_CODE)
    follow(page, ".button-go")
    yield "my running booking"
    follow(page, "a[href$=check-out]")
    yield "check out"
    follow(page, "button.button-no")
    yield "checked out"
    follow(page, ".button-go")


def _held(desk: FakeDesk, in_hours: int) -> HoldView:
    hold = desk.hold("padel-id", desk.now() + in_hours * 3600, 60, None, 1)
    if isinstance(hold, Refusal):
        raise AssertionError(hold)
    return hold


def _class(page: Page, address: str, _desk: FakeDesk) -> Iterator[str]:
    page.goto(f"{address}/kiosk/time?service=morning-class&day=2026-11-27")
    yield "time of a class"
    follow(page, "button.time")
    yield "places of a class"
    page.goto(f"{address}/kiosk/time?day=2026-11-27&part=evening")
    yield "another day"


def _doors(page: Page, address: str, desk: FakeDesk) -> Iterator[str]:
    for reason, retry_at in (("granted", None), ("too_early", AFTERNOON + 5 * 86_400), ("unknown", None)):
        desk.verdict = VerdictView(reason == "granted", reason, "Entré", 5, retry_at, 2)
        page.goto(f"{address}/kiosk/pin")
        for digit in "048271":
            page.locator(f"[data-digit='{digit}']").tap()
        if reason == "granted":
            page.locator("[data-digit-show]").tap()
            yield "PIN"
        follow(page, "[data-digit-end]")
        page.wait_for_url("**/verdict")
        yield f"verdict {reason}"


def violations(page: Page) -> list[str]:
    """What axe finds; the routine rules and best practice, no exceptions."""
    result: dict[str, Any] = page.evaluate("tags => axe.run(document, {runOnly: tags})", TAGS)
    return [f"{one['id']}: {node['html'][:120]}" for one in result["violations"] for node in one["nodes"]]


def small_targets(page: Page, least: int = TARGET) -> list[str]:
    """What is there to touch and smaller than `least` pixels either way."""
    return list(page.evaluate(_SMALL, least))


def cut_off(page: Page) -> list[str]:
    """Texts that do not fit their boxes, and a page wider than its screen."""
    return list(page.evaluate(_CUT))


def overlapping(page: Page) -> list[str]:
    """Things that lie over each other."""
    return list(page.evaluate(_OVERLAPPING))


def too_high(page: Page, reach: int = 700) -> list[str]:
    """What there is to touch above the lowest `reach` pixels of the screen."""
    return list(page.evaluate(_TOO_HIGH, reach))


def lengthen(page: Page) -> None:
    """Make every word four tenths longer."""
    page.evaluate(_LENGTHEN)
