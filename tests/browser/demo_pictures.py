"""Pictures of the demo for the README: `python -m tests.browser.demo_pictures` writes them into `docs/images`."""

import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.system_parts import path_of
from tests.waiting import until
from tests.whole_unit.demo_unit import Demo, running_demo

IMAGES = Path(__file__).parents[2] / "docs" / "images"
COLOURS = 128
QUARTER_S = 900
NOON_S = 11 * 3600


def furnish(demo: Demo) -> None:
    """Early afternoon of an ordinary day, some courts taken, one door just unlocked, one open."""
    demo.clock.set(demo.clock.now() // 86_400 * 86_400 + 86_400 + NOON_S + 120)
    for number in range(14):
        demo.book(f"court-{number % 4 + 1}", after_s=number * 2 * QUARTER_S)
    for court in ("court-2", "court-3"):
        booking = demo.book(court)
        demo.clock.set(max(demo.clock.now(), booking.valid_from))
        demo.present(court, "qr", booking.qr)
    key = demo.book("court-1")
    demo.clock.set(max(demo.clock.now(), key.valid_from))
    demo.present("entrance", "qr", key.qr)


def save(picture: bytes, name: str, width: int) -> None:
    """Scaled, and with few colours: the files are in everybody's clone."""
    with Image.open(io.BytesIO(picture)) as whole:
        size = (width, round(whole.height * width / whole.width))
        scaled = whole.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    scaled.quantize(COLOURS, dither=Image.Dither.NONE).save(IMAGES / name, optimize=True)


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with running_demo() as demo, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path_of("chromium"), args=["--no-sandbox"])
        furnish(demo)
        kiosk = browser.new_page(viewport={"width": 1080, "height": 1920}, locale="en-GB")
        kiosk.goto(demo.line["kiosk"])
        kiosk.locator("button[name=language][value=en]").click()
        kiosk.wait_for_load_state("networkidle")
        save(kiosk.screenshot(), "kiosk-home.png", 540)
        doors = browser.new_page(viewport={"width": 1440, "height": 900}, locale="en-GB")
        doors.goto(demo.line["doors"])
        key = demo.book_open("court-4")
        demo.present("entrance", "qr", key.qr)
        demo.present("court-4", "qr", key.qr)
        doors.locator("[data-door=entrance] [data-act=open]").click()
        doors.locator("[data-door=court-1] [data-act=force]").click()
        assert until(lambda: demo.state("entrance") == "open")
        doors.wait_for_selector("[data-door=court-4][data-state=released]")
        doors.wait_for_selector("[data-door=court-1][data-state=forced]")
        save(doors.screenshot(full_page=True), "doors.png", 1200)
        browser.close()


if __name__ == "__main__":
    main()
