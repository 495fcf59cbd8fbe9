"""SMS over the HTTP interface of 46elks (https://46elks.com/docs/send-sms): `POST /a1/sms`, form fields, basic auth.

Status 200 takes the message. What else an answer means follows RFC 9110; 402 and 403 may be an account without credit,
so that a message waits rather than being lost. The address is a setting: another service that speaks the same, or the
emulator, can stand in its place.
"""

import base64
import http.client
import json
import ssl
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode, urlsplit

from appliance.messaging.channels.contract import Accepted, Away, Outcome, Outgoing, PutOff, TurnedDown
from appliance.messaging.sms_text import parts
from appliance.messaging.templates import Way

ANSWER_S: Final = 10.0
_LARGEST_ANSWER: Final = 64 * 1024
_PATH: Final = "/a1/sms"
_LATER: Final = frozenset({http.client.PAYMENT_REQUIRED, http.client.FORBIDDEN, http.client.TOO_MANY_REQUESTS})


@dataclass(frozen=True, slots=True)
class SmsService:
    """Who takes SMS. url: its base address. sender: at most 11 letters and digits, or an E.164 number."""

    url: str
    sender: str
    user: str
    password: str = field(default="", repr=False)
    tls: ssl.SSLContext | None = None


class SmsChannel:
    """SMS by one service, a call each."""

    way = Way.SMS

    def __init__(self, service: SmsService, answer_s: float = ANSWER_S) -> None:
        self._service = service
        self._answer_s = answer_s

    def send(self, outgoing: Outgoing) -> Outcome:
        try:
            status, body = self._called(outgoing)
        except (OSError, http.client.HTTPException) as fault:
            return Away(type(fault).__name__)
        if status == http.client.OK:
            return Accepted(_parts(body) or parts(outgoing.text))
        if status in (http.client.UNAUTHORIZED, http.client.NOT_FOUND) or 300 <= status < 400:
            return Away(f"http {status}")
        if status in _LATER:
            return PutOff(f"http {status}")
        return Away(f"http {status}") if status >= 500 else TurnedDown(f"http {status}")

    def rest(self) -> None:
        """Nothing is held open between two messages."""

    def _called(self, outgoing: Outgoing) -> tuple[int, bytes]:
        base = urlsplit(self._service.url)
        form = {"from": self._service.sender, "to": outgoing.to, "message": outgoing.text}
        credential = base64.b64encode(f"{self._service.user}:{self._service.password}".encode()).decode()
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Authorization": f"Basic {credential}",
            # Not in their interface: whoever stands in for them can tell a repeated call by it.
            "Idempotency-Key": outgoing.id,
        }
        line = self._line(base.scheme, base.hostname or "", base.port)
        try:
            line.request("POST", base.path.rstrip("/") + _PATH, urlencode(form).encode(), headers)
            answer = line.getresponse()
            return answer.status, answer.read(_LARGEST_ANSWER)
        finally:
            line.close()

    def _line(self, scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
        if scheme == "https":
            tls = self._service.tls or ssl.create_default_context()
            return http.client.HTTPSConnection(host, port, timeout=self._answer_s, context=tls)
        return http.client.HTTPConnection(host, port, timeout=self._answer_s)


def _parts(body: bytes) -> int:
    """How many parts the service counted; 0 when it did not say."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return 0
    count = found.get("parts") if isinstance(found, dict) else None
    return count if isinstance(count, int) and count > 0 else 0
