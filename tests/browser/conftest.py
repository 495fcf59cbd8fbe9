"""Chromium, a pretend hall behind a real server, and pages whose consoles must stay silent."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from tests import system_parts
from tests.browser.screens import AXE
from tests.kiosk_ui.fake_desk import FakeDesk
from tests.kiosk_ui.serving import kiosk_app, served

# A name that is no loopback address to a browser, so that it trusts a page there no more than one on the internet.
PUBLIC_NAME = "hall.test"
ARGUMENTS = (
    f"--host-resolver-rules=MAP {PUBLIC_NAME} 127.0.0.1",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
Size = tuple[int, int]


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(
        executable_path=system_parts.path_of("chromium"), headless=True, args=list(ARGUMENTS)
    )
    yield browser
    browser.close()


@dataclass
class Screen:
    """One kiosk's screen: what it shows, and what its console complained about."""

    context: BrowserContext
    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        self.page.goto(self.address + path)


Opened = Callable[..., Screen]


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
def address(desk: FakeDesk) -> Iterator[str]:
    with served(kiosk_app(desk)) as address:
        yield address


@pytest.fixture
def screen(browser: Browser, address: str) -> Iterator[Opened]:
    """Opens a screen of some size at the first page; afterwards no console may have said anything about CSP."""
    screens: list[Screen] = []

    def opened(size: Size = (1080, 1920), path: str = "/kiosk/") -> Screen:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, has_touch=True, reduced_motion="reduce"
        )
        context.add_init_script(path=AXE)
        screen = Screen(context, context.new_page(), address)
        screen.page.set_default_timeout(15_000)
        screen.page.on("console", lambda message: screen.complaints.append(message.text))
        screen.page.on("pageerror", lambda error: screen.complaints.append(str(error)))
        screens.append(screen)
        screen.open(path)
        return screen

    yield opened
    for one in screens:
        one.context.close()
    blocked = ("Content Security Policy", "Error:", "is not defined", "404")
    assert [text for one in screens for text in one.complaints if any(word in text for word in blocked)] == []
