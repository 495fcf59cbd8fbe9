"""A member of staff at the API of a demo."""

import http.client
import json
from contextlib import closing
from urllib.parse import urlsplit

from tests.whole_unit.demo_api import Json
from tests.whole_unit.demo_unit import Demo


class Staff:
    """The administrator, signed in."""

    def __init__(self, demo: Demo) -> None:
        self._demo = demo
        with closing(http.client.HTTPConnection(urlsplit(demo.line["web"]).netloc, timeout=15)) as line:
            line.request(
                "POST", "/api/v1/session", json.dumps(demo.line["admin"]), {"Content-Type": "application/json"}
            )
            answer = line.getresponse()
            said = json.loads(answer.read())
            cookie = str(answer.headers["Set-Cookie"]).partition(";")[0]
        self._headers = {"Cookie": cookie, "X-CSRF-Token": str(said["csrf_token"])}

    def ask(self, method: str, path: str, body: object = None) -> Json:
        """The body of a good answer."""
        answer = self._demo.api.ask(method, path, body, self._headers)
        assert answer.status in (200, 201, 204), answer
        return answer.body
