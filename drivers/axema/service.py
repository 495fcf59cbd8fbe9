"""VAKA Online as its public API presents it: credentials, and a call for each thing that can be asked (DR-05)."""

import threading
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from appliance.foundation.clock import Clock
from appliance.foundation.instants import Interval
from drivers.axema import messages
from drivers.axema.messages import Reservation, Token, Week
from drivers.axema.settings import AxemaSettings
from drivers.contract import DriverRefused, DriverUnreachable
from drivers.transports.https_client import Deadline, Dial, HttpsClient
from drivers.vendor_answers import Answer, settled

VENDOR: Final = "VAKA Online"
RENEW_BEFORE_S: Final = 60.0
PAGES_LIMIT: Final = 200
FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}
JSON: Final = {"Content-Type": "application/json"}
UNREADABLE: Final = f"{VENDOR} answered with something that is not what its pages describe"
TOKEN_ADVICE: Final = dict.fromkeys((400, 401), "does not accept client id and secret; make new ones in its portal")
CALL_ADVICE: Final = {
    401: "does not accept our API key; ask the system's owner for a new approval",
    403: "does not allow us this; tick 'Allow external opening' on the door, and check the access group of our account",
}


class VakaOnline:
    """Every method raises `DriverUnreachable` or `DriverRefused`, and returns what could be read otherwise."""

    def __init__(self, settings: AxemaSettings, clock: Clock, dial: Dial | None = None) -> None:
        self._settings = settings
        self._clock = clock
        self._api = HttpsClient(settings.api, dial)
        self._tokens = HttpsClient(settings.tokens, dial)
        self._lock = threading.Lock()
        self._token: Token | None = None
        self._token_ends = 0.0

    def reserve(self, resource_id: str, window: Interval, deadline: Deadline) -> str:
        """Ask for a reservation of our user's; the correlation of its result."""
        body = messages.reservation_request(self._settings.user_id, resource_id, window)
        return self._accepted(self._call("POST", "/v1/reservations", deadline, body))

    def cancel(self, reservation_id: str, deadline: Deadline) -> str | None:
        """Ask for the end of a reservation; the correlation of its result, None when there is no such reservation."""
        answer = self._call("DELETE", f"/v1/reservations/{reservation_id}", deadline, passes=frozenset({404}))
        return None if answer.status == 404 else self._accepted(answer)

    def unlock(self, door_id: str, deadline: Deadline) -> str:
        """Ask for a door to be unlocked; the correlation of its result."""
        path = f"/v1/doors/{quote(door_id, safe='')}/remotecontrols/unlock"
        return self._accepted(self._call("POST", path, deadline))

    def reservations(self, deadline: Deadline) -> list[Reservation]:
        """Every reservation of the VAKA system, page by page."""
        found: list[Reservation] = []
        following: str | None = None
        for _ in range(PAGES_LIMIT):
            page = messages.parse_page(
                self._call("GET", messages.listing_path(self._settings.system_id, following), deadline).body
            )
            if page is None:
                raise DriverUnreachable(UNREADABLE)
            found += page.reservations
            following = page.following
            if following is None:
                return found
        raise DriverRefused(
            f"{VENDOR} lists more than {PAGES_LIMIT * messages.PAGE_SIZE} reservations; remove old ones"
        )

    def schedules(self, deadline: Deadline) -> dict[str, Week]:
        """Every weekly reservation schedule of the VAKA system, by id."""
        found: dict[str, Week] = {}
        following: str | None = None
        for _ in range(PAGES_LIMIT):
            read = messages.parse_schedules(
                self._call("GET", messages.schedules_path(self._settings.system_id, following), deadline).body
            )
            if read is None:
                raise DriverUnreachable(UNREADABLE)
            found |= read[0]
            following = read[1]
            if following is None:
                break
        return found

    def sign_in(self, deadline: Deadline) -> None:
        """Make sure of a token that is good for a while."""
        self._bearer(deadline)

    def _accepted(self, answer: Answer) -> str:
        correlation = messages.parse_accepted(answer.body) if answer.status == 202 else None
        if correlation is None:
            raise DriverUnreachable(UNREADABLE)
        return correlation

    def _call(
        self, method: str, path: str, deadline: Deadline, body: bytes = b"", passes: frozenset[int] = frozenset()
    ) -> Answer:
        """One call, with a fresh token once when the server takes the old one for expired, as its clock may differ."""
        answer = self._asked(method, path, deadline, body)
        if answer.status == 401:
            with self._lock:
                self._token = None
            answer = self._asked(method, path, deadline, body)
        return answer if answer.status in passes else settled(answer, VENDOR, CALL_ADVICE)

    def _asked(self, method: str, path: str, deadline: Deadline, body: bytes) -> Answer:
        bearer = self._bearer(deadline)
        credentials = {"Authorization": f"Bearer {bearer}", "x-api-key": self._settings.api_key}
        headers: Mapping[str, str] = {**credentials, **(JSON if body else {})}
        return self._api.ask(method, path, deadline.left_s(), headers, body)

    def _bearer(self, deadline: Deadline) -> str:
        with self._lock:
            if self._token is None or self._clock.monotonic() >= self._token_ends:
                settings = self._settings
                form = messages.token_request(settings.client_id, settings.client_secret, settings.scope)
                answer = settled(self._tokens.ask("POST", "", deadline.left_s(), FORM, form), VENDOR, TOKEN_ADVICE)
                token = messages.parse_token(answer.body)
                if token is None:
                    raise DriverUnreachable(UNREADABLE)
                self._token = token
                self._token_ends = self._clock.monotonic() + max(1.0, token.life_s - RENEW_BEFORE_S)
            return self._token.text
