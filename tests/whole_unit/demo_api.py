"""The HTTP API as somebody else's client sees it, and what its answers say."""

import http.client
import json
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias
from urllib.parse import urlencode, urlsplit

Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the API said; `body` is empty where it said nothing."""

    status: int
    body: Json


@dataclass(frozen=True, slots=True)
class Booked:
    """A booking as the person who made it holds it. Instants are UTC seconds, those of the keys' window."""

    id: str
    number: str
    court: str
    pin: str
    qr: str
    cancel_code: str
    start: int
    valid_from: int
    valid_to: int

    @property
    def doors(self) -> frozenset[str]:
        return frozenset({"entrance", self.court})


class Api:
    """A client of one web process. Raises OSError or HTTPException where nobody answers."""

    def __init__(self, url: str) -> None:
        self._host, self._path = urlsplit(url).netloc, urlsplit(url).path

    def ask(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None, seconds: float = 15
    ) -> Answer:
        with closing(http.client.HTTPConnection(self._host, timeout=seconds)) as line:
            text = None if body is None else json.dumps(body)
            line.request(
                method, f"{self._path}/api/v1{path}", text, {"Content-Type": "application/json", **(headers or {})}
            )
            answer = line.getresponse()
            read = answer.read()
        return Answer(answer.status, json.loads(read) if read else {})

    def slots(self, start: int, end: int, service: str = "padel") -> list[Json]:
        query = urlencode({"service": service, "from": rfc3339(start), "to": rfc3339(end)})
        found: list[Json] = self.ask("GET", f"/slots?{query}").body["slots"]
        return found

    def courts(self) -> dict[str, str]:
        """Slug of each court by its id."""
        resources = self.ask("GET", "/resources").body["resources"]
        return {resource["id"]: resource["slug"] for resource in resources}

    def health(self) -> Json:
        return self.ask("GET", "/health").body


def wish(start: str, resource: str, service: str = "padel", customer: Json | None = None) -> Json:
    """The body of a booking."""
    customer = customer or {"phone": "0701234567"}
    return {"service": service, "start": start, "resource": resource, "customer": customer}


def booked(body: Json, courts: Mapping[str, str]) -> Booked:
    """A booking from the answer that confirmed it."""
    keys = {key["kind"]: key for key in body["keys"]}
    return Booked(
        id=body["id"],
        number=body["number"],
        court=courts[body["resources"][0]],
        pin=keys["pin"]["code"],
        qr=keys["qr"]["token"],
        cancel_code=body["cancel_code"],
        start=instant(body["start"]),
        valid_from=instant(keys["pin"]["valid_from"]),
        valid_to=instant(keys["pin"]["valid_to"]),
    )


def instant(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def rfc3339(instant: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(instant))
