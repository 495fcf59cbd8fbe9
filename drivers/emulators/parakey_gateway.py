"""A gateway of ours before Parakey's cloud: grants become keys of people's accounts, by its public calls (DR-06).

`portvakt emulate parakey --broker`. A real gateway would make the same calls over TLS; here both are one process. A
device is the alias of an access.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from drivers.emulators.cloud_book import CloudBook, Done
from drivers.emulators.http_service import Request
from drivers.emulators.key_book import Act, Key, SystemRefused
from drivers.emulators.parakey_cloud import Parakey


@dataclass(slots=True)
class ParakeyGateway(CloudBook):
    """Grants are told apart by the tag of their keys."""

    kind = "parakey"
    cloud: Parakey | None = None

    @property
    def parakey(self) -> Parakey:
        if self.cloud is None:
            raise SystemRefused("there is no cloud")
        return self.cloud

    @property
    def devices(self) -> tuple[str, ...]:
        return tuple(access.alias for access in self.parakey.accesses)

    def ask(self, former: Key | None, wanted: Key | None, done: Done) -> None:
        grant = wanted.grant if wanted is not None else former.grant if former is not None else ""
        body = {"delete": [{"aliasTag": grant}], "insert": _items(wanted)}
        headers = {self.parakey.token_header: self.parakey.token}
        reply = self.parakey.reply(Request("POST", "/manageAccess", {}, headers, json.dumps(body).encode()))
        if reply.status != 200:
            raise SystemRefused(f"Parakey refuses the key (status {reply.status})")
        if reply.then is not None:
            reply.then()
        done("")

    def has(self, key: Key) -> bool:
        held = [
            (one["access"]["aliasId"], one["user"]["email"], one["startDate"], one["endDate"])
            for one in self.parakey.keys
            if one["aliasTag"] == key.grant and isinstance(one["access"], dict) and isinstance(one["user"], dict)
        ]
        return sorted(held) == sorted((device, key.email, _text(key.start), _text(key.end)) for device in key.devices)

    def passages(self, first: int, now: int) -> list[dict[str, object]]:
        """When a door was opened, and when the cloud learned of it."""
        return [
            {"id": log["id"], "device": _device(log), "what": "granted", "at": _instant(log["timestamp"]),
             "heard_at": _instant(log["createdAt"]), "grant": self._grant_of(log), "reason": ""}
            for log in self.parakey.logs[first:]
        ]  # fmt: skip

    def acts(self) -> dict[str, Act]:
        """Those of `parakey_cloud.py`."""
        return {act: partial(self._acted, act) for act in ("open", "offline", "online", "remove")}

    def to_json(self) -> dict[str, Any]:
        return {**CloudBook.to_json(self), "cloud": self.parakey.keys, "logs": self.parakey.logs}

    def take(self, kept: dict[str, Any]) -> None:
        CloudBook.take(self, kept)
        self.parakey.keys, self.parakey.logs = list(kept["cloud"]), list(kept["logs"])

    def clear(self) -> None:
        CloudBook.clear(self)
        self.parakey.keys.clear()

    def _acted(self, act: str, asked: dict[str, Any]) -> dict[str, object]:
        return self.parakey.hand({**asked, "act": act})

    def _grant_of(self, log: dict[str, object]) -> str | None:
        user, device = log["user"], _device(log)
        email = user["email"] if isinstance(user, dict) else ""
        return next((k.grant for k in self.applied.values() if k.email == email and device in k.devices), None)


def _items(key: Key | None) -> list[dict[str, object]]:
    if key is None:
        return []
    times = {"startDate": _text(key.start), "endDate": _text(key.end), "aliasTag": key.grant}
    return [{"access": {"aliasId": device}, "user": {"email": key.email}, **times} for device in key.devices]


def _device(log: dict[str, object]) -> str:
    device = log["device"]
    return str(device["id"]).removeprefix("lock-") if isinstance(device, dict) else ""


def _text(instant: int) -> str:
    return datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _instant(text: object) -> int:
    return int(datetime.fromisoformat(str(text)).timestamp())
