"""A member of staff at the console, through Flask's test client, with doors that are played."""

import re
from dataclasses import dataclass, replace

from flask.testing import FlaskClient

from appliance.web.journal_walk import JournalWalk
from tests.builders import ADMIN, Site
from tests.web.api_client import Api, PlayedDoors, api_of
from tests.web.pages.desk import desk_app, desk_unit
from tests.web.pages.fake_doors import FakeDoors


@dataclass
class Desk:
    """A signed-in browser that reads English, and what its unit was asked."""

    site: Site
    doors: PlayedDoors
    client: FlaskClient
    headers: dict[str, str]
    walk: JournalWalk

    @property
    def actor(self) -> str:
        return f"staff:{self.site.rows('SELECT id FROM staff WHERE user = ?', ADMIN)[0][0]}"

    def get(self, path: str) -> str:
        answer = self.client.get(path, headers=self.headers)
        assert answer.status_code == 200, answer.text
        return answer.get_data(as_text=True)

    def get_led(self, path: str) -> str:
        """The same, wherever it leads on to."""
        return self.client.get(path, headers=self.headers, follow_redirects=True).get_data(as_text=True)

    def api(self) -> Api:
        """The API of the same unit, for the administrator."""
        return api_of(self.site).staff()

    def post(self, path: str, status: int = 200, **fields: str) -> str:
        """What the browser shows after a form, wherever it was led on to."""
        token = re.search(r'name="csrf-token" content="([0-9a-f]+)"', self.get("/admin/doors"))
        assert token
        data = {"csrf_token": token[1], **fields}
        answer = self.client.post(path, data=data, headers=self.headers, follow_redirects=True)
        assert answer.status_code == status, answer.text
        return answer.get_data(as_text=True)


def signed_in(site: Site, *, is_held: bool = False) -> Desk:
    """The administrator at a console; `is_held` during a legal hold."""
    doors = PlayedDoors(site)
    unit = desk_unit(site, doors)
    unit = replace(unit, retention=replace(unit.retention, held=is_held))
    client = desk_app(site, FakeDoors(), unit).test_client()
    client.post("/sign-in", data={"user": ADMIN, "password": site.password})
    return Desk(site, doors, client, {"Accept-Language": "en"}, unit.journal_walk)
