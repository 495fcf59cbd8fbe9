"""The key page on phones with real WebCrypto, before the real doors: the changing code and *Unlock* (AC-04, AC-05)."""

import io
import json
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from tests.browser.conftest import PUBLIC_NAME
from tests.browser.relay import relayed
from tests.waiting import until
from tests.whole_unit.demo_api import Booked, Json
from tests.whole_unit.demo_unit import Demo, running_demo

pytestmark = [
    pytest.mark.browser,
    pytest.mark.whole_unit,
    pytest.mark.slow,
    pytest.mark.needs("chromium"),
]
STEP_S = 30
DEAD_S = 90
COURT = "court-1"

_EXPORTED = """async ([module, booking]) => {
  const {kept} = await import(module);
  const key = (await kept(booking)).privateKey;
  const told = await Promise.allSettled(['jwk', 'pkcs8', 'raw'].map(as => crypto.subtle.exportKey(as, key)));
  return told.map(one => one.status);
}"""
_FORGED = """async ([module, id, door, challenge]) => {
  const {answer, make} = await import(module);
  return answer(await make('forged', async () => id), door, challenge);
}"""


@dataclass
class Phone:
    """A browser profile of its own, with a booking's link open in it."""

    context: BrowserContext
    page: Page
    presented: list[Json] = field(default_factory=list)

    def note(self, sent: Request) -> None:
        """What this phone presents, as it went out."""
        if "/presentations" in sent.url:
            self.presented.append(json.loads(sent.post_data or ""))

    def unlock(self, door: str, granted: str = "true") -> str:
        """Touch *Unlock* at a door; the sentence that stands there then."""
        panel = self.page.locator(".key-door", has=self.page.locator(f"h3:text-is('{door}')"))
        panel.locator("button").tap()
        expect(panel.locator("[data-told]")).to_have_attribute("data-granted", granted)
        return panel.locator("[data-words]").inner_text()

    def scan(self) -> str:
        """The one code in a screenshot of the page."""
        expect(self.page.locator("[data-qr]")).to_have_attribute("data-is", "changing")
        with Image.open(io.BytesIO(self.page.screenshot())) as picture:
            codes = [code.text for code in zxingcpp.read_barcodes(picture.convert("L"))]
        assert len(codes) == 1, "exactly one code on the screen"
        return codes[0]

    def module(self) -> str:
        """The address of the page's module that keeps keys."""
        source = self.page.locator("script[type=module]").get_attribute("src") or ""
        return source.rpartition("/")[0] + "/phone_key.js"

    def phones(self) -> list[str]:
        return self.page.locator("[data-phone-list] span").all_inner_texts()


class Hall:
    """A demo and the phones before its doors."""

    def __init__(self, demo: Demo, browser: Browser, ending: ExitStack) -> None:
        self.demo = demo
        self._browser = browser
        self._ending = ending
        self.complaints: list[str] = []
        self.names = {door["slug"]: door["name"] for door in demo.api.ask("GET", "/doors").body["doors"]}

    def link(self, booking: Booked) -> str:
        shown = self.demo.api.ask("GET", f"/bookings/{booking.id}?cancel_code={booking.cancel_code}")
        return str(shown.body["links"]["page"])

    def query(self, booking: Booked) -> str:
        return f"booking={booking.id}&sig={self.link(booking).partition('sig=')[2]}"

    def phone(self, booking: Booked, locale: str = "sv-SE", address: str = "", **options: Any) -> Phone:
        context = self._browser.new_context(
            viewport={"width": 390, "height": 844},
            device_scale_factor=2,
            has_touch=True,
            locale=locale,
            reduced_motion="reduce",
            **options,
        )
        self._ending.callback(context.close)
        phone = Phone(context, context.new_page())
        phone.page.set_default_timeout(20_000)
        phone.page.on("console", lambda message: self.complaints.append(message.text))
        phone.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        phone.page.on("request", phone.note)
        link = self.link(booking)
        phone.page.goto(link.replace(self.demo.line["web"], address) if address else link)
        return phone

    def released(self, door: str) -> bool:
        """Whether a door is unlocked in a moment: a lock on the bus needs one."""
        return until(lambda: self.demo.state(door) == "released", 4)

    def answer(self, booking: Booked, door: str, value: str) -> str:
        """What a door says to an answer that somebody sends over the link; the exact reason from its journal."""
        name = str(uuid.uuid4())
        body = {"kind": "mobile", "value": value, "presentation_id": name}
        told = self.demo.api.ask("POST", f"/doors/{door}/presentations?{self.query(booking)}", body)
        assert told.status == 200, told
        return str(self.demo.entry(name)["after"]["reason"])


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    with running_demo() as demo:
        yield demo


@pytest.fixture
def hall(demo: Demo, browser: Browser) -> Iterator[Hall]:
    with ExitStack() as ending:
        hall = Hall(demo, browser, ending)
        yield hall
    wrong = ("Content Security Policy", "Error", "is not defined", "404", "500")
    assert [text for text in hall.complaints if any(word in text for word in wrong)] == []


@pytest.mark.feature("AC-04")
def test_the_code_of_a_screenshot_opens_once_and_the_next_one_is_another(hall: Hall) -> None:
    """AC-04: at its own doors only; half a minute later the page shows a new code by itself, which opens again."""
    booking = hall.demo.book_open(COURT)
    phone = hall.phone(booking)
    first = phone.scan()
    assert first.startswith("PV2")
    assert hall.demo.reason("court-3", "qr", first) == "wrong_door"
    assert hall.demo.reason(COURT, "qr", first) == "granted"
    assert hall.demo.reason(COURT, "qr", first) == "replayed"
    assert until(lambda: phone.scan() != first, STEP_S + 10)
    assert hall.demo.reason(COURT, "qr", phone.scan()) == "granted"


@pytest.mark.feature("AC-04")
def test_a_screenshot_is_dead_after_ninety_seconds(hall: Hall) -> None:
    """AC-04: it is good for one more step, as long as a person needs to the reader; never for ninety seconds."""
    booking = hall.demo.book_open(COURT)
    taken = hall.phone(booking).scan()
    hall.demo.clock.set(hall.demo.clock.now() + STEP_S - 1)
    assert hall.demo.reason(COURT, "qr", taken) == "granted"
    unused = hall.phone(booking).scan()
    hall.demo.clock.set(hall.demo.clock.now() + DEAD_S)
    told = hall.demo.present(COURT, "qr", unused)
    assert (told["verdict"], told["reason"]) == ("denied", "static_refused")
    assert hall.demo.reason(COURT, "qr", hall.phone(booking).scan()) == "granted", "the booking itself is still good"


@pytest.mark.feature("AC-05")
def test_unlock_opens_with_a_key_that_no_script_can_read_out(hall: Hall) -> None:
    """AC-05: both doors of the booking; a court of somebody else's is not even offered."""
    booking = hall.demo.book_open(COURT)
    phone = hall.phone(booking)
    assert phone.page.locator(".key-door h3").all_inner_texts() == [hall.names["entrance"], hall.names[COURT]]
    for door in ("entrance", COURT):
        assert hall.demo.locked(door)
        assert phone.unlock(hall.names[door]).startswith("Välkommen")
        assert hall.released(door)
    assert phone.page.evaluate(_EXPORTED, [phone.module(), booking.id]) == ["rejected"] * 3
    phone.page.reload()
    expect(phone.page.locator("[data-phone-list] span")).to_have_text(["Den här telefonen"])
    assert phone.unlock(hall.names[COURT]).startswith("Välkommen"), "the key is kept over a reload"
    assert len(phone.phones()) == 1


@pytest.mark.feature("AC-05")
def test_what_a_phone_answered_is_worth_nothing_again_or_elsewhere(hall: Hall) -> None:
    """AC-05: neither a second time nor at the other door of the same booking, to which it was not given."""
    booking = hall.demo.book_open(COURT)
    phone = hall.phone(booking)
    phone.unlock(hall.names[COURT])
    value = phone.presented[-1]["value"]
    assert hall.answer(booking, COURT, value) == "replayed"
    assert hall.answer(booking, "entrance", value) == "bad_signature"


@pytest.mark.feature("AC-05")
def test_a_browser_without_the_key_cannot_answer_for_it(hall: Hall) -> None:
    """AC-05: another profile knows the link and the key's id, and signs with a key of its own."""
    booking = hall.demo.book_open(COURT)
    owner = hall.phone(booking)
    owner.unlock(hall.names[COURT])
    key_id = owner.presented[-1]["value"].split(".")[2]
    other = hall.phone(booking)
    asked = hall.demo.api.ask("POST", f"/doors/{COURT}/challenges?{hall.query(booking)}", {}).body
    forged = other.page.evaluate(_FORGED, [other.module(), key_id, asked["door"], asked["challenge"]])
    assert hall.answer(booking, COURT, forged) == "bad_signature"
    asked = hall.demo.api.ask("POST", f"/doors/{COURT}/challenges?{hall.query(booking)}", {}).body
    signed = owner.page.evaluate(
        "async ([module, booking, door, challenge]) => { const {answer, kept} = await import(module);"
        " return answer(await kept(booking), door, challenge); }",
        [owner.module(), booking.id, asked["door"], asked["challenge"]],
    )
    assert hall.answer(booking, COURT, signed) == "granted", "the same steps with the key open"


@pytest.mark.feature("AC-05")
def test_a_lost_phone_is_removed_from_another_one_and_opens_nothing(hall: Hall) -> None:
    """AC-05"""
    booking = hall.demo.book_open(COURT)
    lost, other = hall.phone(booking), hall.phone(booking)
    lost.unlock(hall.names[COURT])
    other.page.reload()
    expect(other.page.locator("[data-phone-list] span")).to_have_text(["En annan telefon"])
    other.page.get_by_role("button", name="Ta bort: En annan telefon").tap()
    expect(other.page.locator("[data-phones-told]")).to_have_text(
        "Telefonen är borttagen. Den öppnar ingenting längre."
    )
    expect(other.page.locator("[data-phones]")).to_be_hidden()
    assert lost.unlock(hall.names[COURT], "false").startswith("Nyckeln gäller inte längre")
    assert other.unlock(hall.names[COURT]).startswith("Välkommen")


@pytest.mark.feature("AC-05")
@pytest.mark.parametrize(
    ("locale", "early", "late"),
    [
        ("sv-SE", "Din tid har inte börjat", "Din tid är slut"),
        ("en-GB", "Your time has not begun", "Your time has ended"),
        ("fr-FR", "Votre créneau n", "Votre créneau est terminé"),
    ],
)
def test_a_no_is_said_in_the_guests_language(hall: Hall, locale: str, early: str, late: str) -> None:
    """AC-05: too early, with the time from which it opens; and too late."""
    booking = hall.demo.book("court-2", after_s=2 * 3600)
    phone = hall.phone(booking, locale)
    shown = phone.page.locator(".key-facts dd").last.inner_text()
    told = phone.unlock(hall.names["court-2"], "false")
    assert told.startswith(early), told
    retry_at = hall.demo.present("court-2", "qr", booking.qr)["retry_at"]
    assert retry_at[11:16] in told
    assert retry_at[11:13].lstrip("0") in shown
    hall.demo.clock.set(booking.valid_to)
    assert phone.unlock(hall.names["court-2"], "false").startswith(late)


@pytest.mark.feature("AC-05")
def test_a_moved_booking_opens_again_and_a_cancelled_one_does_not(hall: Hall) -> None:
    """AC-05: the phone binds itself anew to the keys of the moved booking, as its holder still has the link."""
    booking = hall.demo.book("court-4", after_s=26 * 3600)
    phone = hall.phone(booking)
    phone.unlock(hall.names["court-4"], "false")
    later = next(
        slot["start"]
        for slot in hall.demo.api.slots(booking.start + 3600, booking.start + 24 * 3600)
        if booking.court in {hall.demo.api.courts()[id_] for id_ in slot["resources"]}
    )
    body = {"start": later, "cancel_code": booking.cancel_code}
    moved = hall.demo.api.ask("POST", f"/bookings/{booking.id}/move", body)
    assert moved.status == 200, moved
    assert phone.unlock(hall.names["court-4"], "false").startswith("Din tid har inte börjat")
    assert hall.demo.cancel(booking).status == 200
    assert phone.unlock(hall.names["court-4"], "false").startswith("Bokningen är avbokad")
    phone.page.reload()
    expect(phone.page.locator("h1")).to_have_text("Bokningen är avbokad.")
    expect(phone.page.locator(".key-code, .key-doors")).to_have_count(0)


@pytest.mark.feature("AC-04", "AC-01")
def test_without_scripts_there_are_the_pin_and_a_plain_pass(hall: Hall) -> None:
    booking = hall.demo.book_open(COURT)
    page = hall.phone(booking, java_script_enabled=False).page
    assert page.locator(".key-pin strong").inner_text().replace(" ", "") == booking.pin
    with Image.open(io.BytesIO(page.screenshot())) as picture:
        (code,) = zxingcpp.read_barcodes(picture.convert("L"))
    assert code.text == booking.qr
    assert hall.demo.reason(COURT, "qr", code.text) == "granted"
    for button in page.locator("[data-unlock]").all():
        expect(button).to_be_hidden()


@pytest.mark.feature("AC-05")
def test_unlock_works_through_the_internet_as_well(hall: Hall) -> None:
    """AC-05: behind a relay with TLS and a name of its own, which sees nothing that it could use again."""
    booking = hall.demo.book_open(COURT)
    with relayed(hall.demo.line["web"], tls=True) as address:
        phone = hall.phone(booking, address=address, ignore_https_errors=True)
        assert phone.page.url.startswith(f"https://{PUBLIC_NAME}:")
        assert phone.unlock(hall.names[COURT]).startswith("Välkommen")
        assert hall.released(COURT)
        assert hall.answer(booking, COURT, phone.presented[-1]["value"]) == "replayed"


@pytest.mark.feature("AC-04", "AC-05")
def test_without_a_network_the_code_goes_on_and_unlock_says_so(hall: Hall) -> None:
    """AC-04: an open page makes good codes by itself, and what cannot be had without a network is said."""
    booking = hall.demo.book_open(COURT)
    phone = hall.phone(booking)
    first = phone.scan()
    phone.context.set_offline(True)
    assert "PIN" in phone.unlock(hall.names[COURT], "false")
    assert until(lambda: phone.scan() != first, STEP_S + 10)
    assert hall.demo.reason(COURT, "qr", phone.scan()) == "granted"
    phone.context.set_offline(False)
    phone.page.route("**/presentations?*", lambda route: route.fulfill(status=502, body="<html>Bad gateway"))
    assert phone.unlock(hall.names["entrance"], "false").startswith("Anläggningen nås inte")
    hall.complaints.clear()
