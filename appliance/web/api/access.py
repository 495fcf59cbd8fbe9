"""Who may make a call: each check of the caller beside the credentials that it takes, as OpenAPI describes them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from appliance.web.callers import CSRF_HEADER, SAFE, SESSION_COOKIE, caller, owned_session, presenter, staff
from appliance.web.unit import Unit

SESSION: Final = "session"
CSRF: Final = "csrf"
KIOSK: Final = "kiosk"
READER: Final = "reader"
LINK: Final = "link"
NONE: Final = ""

# OpenAPI 3.1, security scheme object.
SCHEMES: Mapping[str, Mapping[str, str]] = {
    SESSION: {
        "type": "apiKey",
        "in": "cookie",
        "name": SESSION_COOKIE,
        "description": "A staff session, begun by POST /session.",
    },
    CSRF: {
        "type": "apiKey",
        "in": "header",
        "name": CSRF_HEADER,
        "description": "What belongs to a staff session, from the answer to POST /session; goes with all but reading.",
    },
    KIOSK: {"type": "http", "scheme": "bearer", "description": "The device token of a kiosk."},
    LINK: {
        "type": "apiKey",
        "in": "query",
        "name": "sig",
        "description": "The signature of the link of a booking, beside `booking`; good for its phone alone.",
    },
    READER: {"type": "http", "scheme": "bearer", "description": "The device token of a reader."},
}


@dataclass(frozen=True, slots=True)
class Access:
    """The check that a call begins with, and the credentials of which it takes any one; `NONE` lets strangers in."""

    check: Callable[[Unit], object]
    takes: tuple[str, ...]

    def security(self, method: str) -> list[dict[str, list[str]]]:
        """The security requirements of an operation; a session that changes something brings its CSRF token too."""
        return [self._requirement(scheme, method) for scheme in self.takes]

    def _requirement(self, scheme: str, method: str) -> dict[str, list[str]]:
        together = [scheme] if scheme != NONE else []
        if scheme == SESSION and method.upper() not in SAFE:
            together.append(CSRF)
        return {name: [] for name in together}


# Strangers too; who is known gets a channel of their own.
ANYBODY: Final = Access(caller, (NONE, SESSION, KIOSK))
STAFF: Final = Access(staff, (SESSION,))
# Also who has to change a one-time password first.
SESSION_OWNER: Final = Access(owned_session, (SESSION,))
A_PRESENTER: Final = Access(presenter, (READER, LINK))
