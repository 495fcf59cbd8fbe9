"""A licensed API as its mapping file describes it: signs in, makes the calls of one operation, reads lists (DR-04)."""

import base64
import threading
from collections.abc import Iterator, Mapping
from typing import Final

from drivers.contract import DriverRefused, DriverUnreachable
from drivers.rco.calls import CallPattern, found_at
from drivers.rco.mapping import ApiMapping, Reading, SignInKind
from drivers.strict_json import list_of, object_of
from drivers.transports.https_client import Deadline, HttpsClient
from drivers.vendor_answers import Answer, settled

VENDOR: Final = "the RCO server"
LARGEST_ANSWER: Final = 4 * 1024 * 1024
PAGES_LIMIT: Final = 1000
JSON: Final = {"Content-Type": "application/json"}
UNREADABLE: Final = f"{VENDOR} answers with something else than the mapping file describes; mend the file"
CREDENTIALS: Final = {401: "does not accept user and secret; renew them in the settings of this controller"}


class LicensedApi:
    """Every method raises `DriverUnreachable` or `DriverRefused`, and returns what could be read otherwise."""

    def __init__(self, mapping: ApiMapping, client: HttpsClient, user: str, secret: str) -> None:
        self._mapping = mapping
        self._client = client
        self._user, self._secret = user, secret
        self._lock = threading.Lock()
        self._token = ""

    def act(self, operation: str, values: Mapping[str, object], deadline: Deadline) -> None:
        """Make the calls of one operation, in order."""
        known = dict(values)
        for call in self._mapping.acts.get(operation, ()):
            if call.is_due(known):
                known = call.kept(self._answered(call, known, deadline), known)

    def pages(self, reading: Reading, values: Mapping[str, object], deadline: Deadline) -> Iterator[list[object]]:
        """The items of a list, page by page."""
        after: object = ""
        for _ in range(PAGES_LIMIT):
            answer = self._answered(reading.call, {**values, "next": after}, deadline)
            items = found_at(answer, reading.items)
            if not isinstance(items, list):
                raise DriverRefused(UNREADABLE)
            yield items
            following = found_at(answer, reading.whole["next"]) if "next" in reading.whole else None
            if following in (None, "", False):
                return
            if following == after:
                break
            after = following
        raise DriverUnreachable(f"the list of {VENDOR} does not end; trying again")

    def answer(self, reading: Reading, values: Mapping[str, object], deadline: Deadline) -> object:
        """The whole answer of one call that reads."""
        return self._answered(reading.call, values, deadline)

    def _answered(self, call: CallPattern, values: Mapping[str, object], deadline: Deadline) -> object:
        answer = self._asked(call, values, deadline)
        if answer.status == 401 and self._mapping.sign_in.kind is SignInKind.TOKEN:
            with self._lock:
                self._token = ""
            answer = self._asked(call, values, deadline)
        if answer.status in call.absent:
            return None
        return _document(settled(answer, VENDOR, CREDENTIALS))

    def _asked(self, call: CallPattern, values: Mapping[str, object], deadline: Deadline) -> Answer:
        return self._said(call, values, self._credentials(deadline), deadline)

    def _said(
        self, call: CallPattern, values: Mapping[str, object], headers: Mapping[str, str], deadline: Deadline
    ) -> Answer:
        body = call.content(values)
        sent = {**headers, **(JSON if body else {})}
        return self._client.ask(call.method.value, call.target(values), deadline.left_s(), sent, body)

    def _credentials(self, deadline: Deadline) -> dict[str, str]:
        sign_in = self._mapping.sign_in
        if sign_in.kind is SignInKind.NONE:
            return {}
        if sign_in.kind is SignInKind.BASIC:
            pair = base64.b64encode(f"{self._user}:{self._secret}".encode()).decode()
            return {"Authorization": f"Basic {pair}"}
        secret = self._secret if sign_in.kind is SignInKind.HEADER else self._signed_in(deadline)
        return {sign_in.header: sign_in.prefix + secret}

    def _signed_in(self, deadline: Deadline) -> str:
        with self._lock:
            if not self._token:
                known: dict[str, object] = {"user": self._user, "secret": self._secret}
                for call in self._mapping.sign_in.calls:
                    if call.is_due(known):
                        answer = settled(self._said(call, known, {}, deadline), VENDOR, CREDENTIALS)
                        known = call.kept(_document(answer), known)
                token = known.get("token")
                if not isinstance(token, str) or not token or not token.isascii() or not token.isprintable():
                    raise DriverRefused(f"{VENDOR} gave no token where the mapping file says it does; mend the file")
                self._token = token
            return self._token


def _document(answer: Answer) -> object:
    """The JSON in an answer; None for an empty one."""
    if not answer.body.strip():
        return None
    listed = list_of(answer.body, LARGEST_ANSWER)
    found = object_of(answer.body, LARGEST_ANSWER) if listed is None else listed
    if not found and answer.body.strip() not in (b"{}", b"[]"):
        raise DriverUnreachable(f"{VENDOR} did not answer as a whole")
    return found
