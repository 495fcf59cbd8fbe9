"""A person at the kiosk without a screen: follows links, presses buttons of forms, reads what stands there."""

import re
from html import unescape

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.kiosk_ui.fake_desk import FakeDesk
from tests.kiosk_ui.serving import kiosk_app


class Person:
    """One browser at the kiosk; `page` is what it shows."""

    def __init__(self, desk: FakeDesk | Flask) -> None:
        self.client: FlaskClient = (desk if isinstance(desk, Flask) else kiosk_app(desk)).test_client()
        self.answer: TestResponse = self.open("/kiosk/")

    @property
    def page(self) -> str:
        return unescape(self.answer.get_data(as_text=True)).replace("\N{NO-BREAK SPACE}", " ")

    @property
    def where(self) -> str:
        return self.answer.request.path

    @property
    def heading(self) -> str:
        found = re.search(r"<h1>(.*?)</h1>", self.page, re.DOTALL)
        return re.sub(r"<[^>]+>", "", found[1]).strip() if found else ""

    @property
    def token(self) -> str:
        found = re.search(r'name="form_token" value="([^"]+)"', self.page)
        return found[1] if found else ""

    def open(self, address: str) -> TestResponse:
        self.answer = self.client.get(address, follow_redirects=True)
        return self.answer

    def press(self, address: str, **fields: str) -> TestResponse:
        """Send a form of the page in hand."""
        form = {"form_token": self.token, **fields}
        self.answer = self.client.post(address, data=form, follow_redirects=True)
        return self.answer

    def value(self, name: str, at: int = 0) -> str:
        """What the button or field called `name` would send; the one at that place when there are several."""
        found: list[str] = re.findall(rf'name="{name}" value="([^"]*)"', self.page)
        return found[at]
