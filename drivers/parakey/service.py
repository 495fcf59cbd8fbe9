"""One domain of Parakey's as its help pages describe it: a call for each thing that can be asked (DR-06)."""

from typing import Final
from urllib.parse import quote

from appliance.foundation.instants import Interval
from drivers.contract import DriverRefused, DriverUnreachable
from drivers.parakey import messages
from drivers.parakey.messages import AccessKey, Cursor, EventLog
from drivers.parakey.settings import ParakeySettings
from drivers.transports.https_client import Deadline, Dial, HttpsClient
from drivers.vendor_answers import Answer, settled, word

VENDOR: Final = "Parakey"
LOGS_LIMIT: Final = 1000
JSON: Final = {"Content-Type": "application/json"}
UNREADABLE: Final = f"{VENDOR} answered with something else than the settings of this controller describe"
CREDENTIALS: Final = "does not accept our token; make a new one under Settings, Integrations in its portal"
NOT_GIVEN: Final = (
    "Parakey refuses {accesses} ({said}); in its portal, see that each of these keys exists with this alias id, allows "
    "API integration, and has individual time restrictions: one with a time restriction of its own takes no others"
)


class Parakey:
    """Every method raises `DriverUnreachable` or `DriverRefused`, and returns what could be read otherwise."""

    def __init__(self, settings: ParakeySettings, dial: Dial | None = None) -> None:
        self._settings = settings
        self._client = HttpsClient(settings.api, dial)

    def access_of(self, device: str) -> dict[str, str]:
        """How an access is named to Parakey: by its id where that is set, else by our alias."""
        settings = self._settings
        if device in settings.accesses:
            return {"accessId": settings.accesses[device]}
        return {"aliasId": settings.alias_prefix + device}

    def insert(
        self, devices: tuple[str, ...], email: str, window: Interval, tag: str, push: bool, deadline: Deadline
    ) -> None:
        """Give a person a key to each of these."""
        settings, accesses = self._settings, [self.access_of(device) for device in devices]
        flags = {"sendPush": push, "sendInvitationEmail": settings.send_invitation}
        body = messages.insert_request(accesses, email, window, tag, settings.key_fields, flags)
        answer = self._manage(body, deadline)
        if answer.status in (400, 404, 409, 422):
            named = ", ".join(value for access in accesses for value in access.values())
            raise DriverRefused(NOT_GIVEN.format(accesses=named, said=_said(answer)))
        settled(answer, VENDOR, {401: CREDENTIALS})

    def delete(self, tag: str, deadline: Deadline) -> None:
        """Take back every key with this tag; that there is none is as good."""
        answer = self._manage(messages.delete_request(tag, self._settings.key_fields), deadline)
        if answer.status != 404:
            settled(answer, VENDOR, {401: CREDENTIALS})

    def keys(self, deadline: Deadline) -> list[AccessKey]:
        """Every access key of the domain."""
        found = messages.parse_keys(
            self._asked("GET", self._settings.keys_path, deadline).body, self._settings.key_fields, self._settings.items
        )
        if found is None:
            raise DriverUnreachable(UNREADABLE)
        return found

    def changed(self, etag: str, deadline: Deadline) -> tuple[str, list[EventLog]] | None:
        """The ETag and the newest event log; None when nothing changed since `etag` (article 209, step 1 and 2)."""
        headers = {"If-None-Match": etag} if etag else {}
        answer = self._asked("GET", f"{self._settings.events_path}?limit=1", deadline, headers)
        if answer.status == 304:
            return None
        return answer.headers.get("etag", ""), self._logs(answer)[0]

    def logs_since(self, cursor: Cursor, deadline: Deadline) -> tuple[list[EventLog], int]:
        """Event logs created at or after the cursor, and how many could not be read (article 209, step 3)."""
        since = quote(messages.instant_text(cursor.at_ms // 1000, cursor.at_ms % 1000), safe="")
        query = f"startDate={since}&orderBy=createdAt:DESC&limit={LOGS_LIMIT}"
        return self._logs(self._asked("GET", f"{self._settings.events_path}?{query}", deadline))

    def _logs(self, answer: Answer) -> tuple[list[EventLog], int]:
        found = messages.parse_logs(answer.body, self._settings.event_fields, self._settings.items)
        if found is None:
            raise DriverUnreachable(UNREADABLE)
        return found

    def _manage(self, body: bytes, deadline: Deadline) -> Answer:
        settings = self._settings
        headers = {settings.token_header: settings.token, **JSON}
        return self._client.ask(settings.manage_method.value, settings.manage_path, deadline.left_s(), headers, body)

    def _asked(self, method: str, path: str, deadline: Deadline, headers: dict[str, str] | None = None) -> Answer:
        sent = {self._settings.token_header: self._settings.token, **(headers or {})}
        return settled(self._client.ask(method, path, deadline.left_s(), sent), VENDOR, {401: CREDENTIALS})


def _said(answer: Answer) -> str:
    """What Parakey wrote, without the addresses of people."""
    text = word(answer.body.decode(errors="replace"))
    return messages.without_addresses(text) or f"status {answer.status}"
