"""A gateway of ours before VAKA Online: grants become reservations on its slots, asked for by its public calls (DR-05).

`portvakt emulate axema --broker`. A real gateway would make the same calls over TLS; here both are one process. Which
door has which resource is the gateway's own setting: `--resource-of DOOR=RESOURCE`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from drivers.emulators.cloud_book import CloudBook, Done
from drivers.emulators.http_service import Reply, Request
from drivers.emulators.key_book import Key, SystemRefused
from drivers.emulators.vaka_online import Cloud

Slot = tuple[str, str, str]
"""Resource, first and last moment as the API writes them."""


@dataclass(slots=True)
class AxemaGateway(CloudBook):
    """Doors without a resource hold nothing: there VAKA is only asked to unlock."""

    kind = "axema"
    cloud: Cloud | None = None
    resources: Mapping[str, str] = field(default_factory=dict)
    _open: dict[str, tuple[set[str], list[str], Done]] = field(default_factory=dict)

    @property
    def vaka(self) -> Cloud:
        if self.cloud is None:
            raise SystemRefused("there is no cloud")
        return self.cloud

    @property
    def devices(self) -> tuple[str, ...]:
        return self.vaka.place.doors

    def ask(self, former: Key | None, wanted: Key | None, done: Done) -> None:
        before, after = self._slots(former), self._slots(wanted)
        if wanted is not None and not after and any(device in self.resources for device in wanted.devices):
            raise SystemRefused("VAKA has no slot within this time")
        held = self._held()
        calls = [self._call("DELETE", f"/v1/reservations/{held[slot]}") for slot in before - after if slot in held]
        calls += [
            self._call("POST", "/v1/reservations", _body(self.vaka.place.user, slot)) for slot in after - set(held)
        ]
        correlations = {str(reply.content["correlationId"]) for reply in calls if isinstance(reply.content, dict)}
        if not correlations:
            done("")
        waiting = (set(correlations), list[str](), done)
        self._open.update(dict.fromkeys(correlations, waiting))
        for reply in calls:
            if reply.then is not None:
                reply.then()

    def has(self, key: Key) -> bool:
        return self._slots(key) <= set(self._held())

    def unlock(self, device: str, seconds: int, mono: float) -> None:
        reply = self._call("POST", f"/v1/doors/{device}/remotecontrols/unlock")
        if reply.then is not None:
            reply.then()

    def told(self, event: dict[str, object]) -> None:
        """A webhook event: one of the calls of a change is done; the last one ends it."""
        correlation, data = str(event["correlationId"]), event["eventData"]
        if correlation not in self._open or not isinstance(data, dict):
            return
        waiting, wrong, done = self._open.pop(correlation)
        waiting.discard(correlation)
        if data["succeded"] is not True:
            wrong.append(f"{data['errorCode']}: {data['errorDescription']}")
        if not waiting:
            done("; ".join(wrong))

    def to_json(self) -> dict[str, Any]:
        return {**CloudBook.to_json(self), "reservations": self.vaka.reservations}

    def take(self, kept: dict[str, Any]) -> None:
        CloudBook.take(self, kept)
        self.vaka.reservations = dict(kept["reservations"])

    def clear(self) -> None:
        CloudBook.clear(self)
        self.vaka.reservations.clear()

    def _slots(self, key: Key | None) -> set[Slot]:
        if key is None:
            return set()
        resources = [self.resources[device] for device in key.devices if device in self.resources]
        times = self.vaka.slots_within(key.start, key.end)
        return {(resource, start, end) for resource in resources for start, end in times}

    def _held(self) -> dict[Slot, str]:
        ours = [one for one in self.vaka.reservations.values() if one["userId"] == self.vaka.place.user]
        return {(str(one["resourceId"]), str(one["startTime"]), str(one["endTime"])): str(one["id"]) for one in ours}

    def _call(self, method: str, path: str, body: bytes = b"") -> Reply:
        """One call of the public API, signed in as a gateway is."""
        place = self.vaka.place
        form = {"grant_type": "client_credentials", "client_id": place.client_id, "client_secret": place.client_secret}
        token = self.vaka.reply(Request("POST", "/token", {}, {}, urlencode(form).encode())).content
        bearer = token["access_token"] if isinstance(token, dict) else ""
        headers = {"authorization": f"Bearer {bearer}", "x-api-key": place.api_key}
        return self.vaka.reply(Request(method, path, {}, headers, body))


def _body(user: str, slot: Slot) -> bytes:
    resource, start, end = slot
    return json.dumps({"userId": user, "resourceId": resource, "startTime": start, "endTime": end}).encode()
