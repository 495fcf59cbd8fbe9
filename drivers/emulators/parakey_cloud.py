"""Parakey's cloud, its locks and its phones as the help pages describe them, in memory. An emulator, not Parakey's.

Each behaviour names its article at help.parakey.co. Paths, statuses and the shape of a listing are not public: here
they are ours, and settings of the driver.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from drivers.emulators.http_service import Reply, Request

CHANNELS: Final = ("manage", "events", "keys", "webhook")
USUAL_LIMIT: Final = 100


@dataclass(slots=True)
class Access:
    """207 Parakey resources: what controls one or more locks. Restricted: it has a time restriction of its own.

    205: a key is open to integrations only where that was allowed, and is found by its alias id.
    """

    alias: str
    id: str
    restricted: bool = False
    allows_api: bool = True
    online: bool = True
    kept: list[dict[str, object]] = field(default_factory=list)


def access_of(text: str) -> Access:
    """Read `hall-court-1,restricted` or `hall-court-1,no-api`; ValueError says what is wrong."""
    alias, *marks = text.split(",")
    if not alias or not set(marks) <= {"restricted", "no-api"}:
        raise ValueError("an access is ALIAS[,restricted][,no-api]")
    return Access(alias, f"access-{alias}", "restricted" in marks, "no-api" not in marks)


@dataclass(slots=True)
class Parakey:
    """What Parakey knows. `tell` posts an event log to the webhook that was set up."""

    token: str
    token_header: str
    accesses: list[Access]
    now: Callable[[], float]
    tell: Callable[[dict[str, object]], None]
    channels: tuple[str, ...] = CHANNELS
    skew_s: float = 0.0
    version: int = 0
    users: dict[str, str] = field(default_factory=dict)
    keys: list[dict[str, object]] = field(default_factory=list)
    logs: list[dict[str, object]] = field(default_factory=list)

    def channel(self, request: Request) -> str:
        if request.method != "GET":
            return "manage"
        return "events" if request.path == "/eventLogs" else "keys"

    def reply(self, request: Request) -> Reply:
        if request.headers.get(self.token_header) != self.token:
            return Reply(401)
        match request.method, request.path:
            case "POST", "/manageAccess":
                return self._manage(request.json())
            case "GET", "/eventLogs":
                return self._events(request)
            case "GET", "/accessKeys":
                return Reply(200, list(self.keys))
        return Reply(404)

    def hand(self, message: dict[str, object]) -> dict[str, object]:
        """`look`; `clear` every key; `open` a door with a person's phone; cut an access's locks `offline` or bring them
        `online`; `touch` what an ETag is made of without news; `skew` the clock; `remove` a key behind everyone's
        back."""
        match message:
            case {"act": "look"}:
                return {"ok": True, "keys": self.keys, "users": sorted(self.users), "logs": len(self.logs)}
            case {"act": "open", "email": str(email), "access": str(alias)}:
                return self._open(email, alias)
            case {"act": ("offline" | "online") as act, "access": str(alias)}:
                self._reach(alias, act == "online")
            case {"act": "clear"}:
                self.keys.clear()
                self.skew_s = 0
            case {"act": "touch"}:
                self.version += 1
            case {"act": "skew", "seconds": int(seconds)}:
                self.skew_s = seconds
            case {"act": "remove", "tag": str(tag)}:
                self.keys = [key for key in self.keys if key["aliasTag"] != tag]
            case _:
                return {"ok": False, "error": "no such act"}
        return {"ok": True}

    def _manage(self, body: dict[str, object]) -> Reply:
        """204 Manage user access: `delete` and `insert`, here in this order, and all of it or nothing."""
        inserts, deletes = body.get("insert", []), body.get("delete", [])
        if not isinstance(inserts, list) or not isinstance(deletes, list):
            return Reply(400, {"error": "insert and delete are lists"})
        tags = [item.get("aliasTag") for item in deletes if isinstance(item, dict)]
        fresh: list[dict[str, object]] = []
        for item in inserts:
            key, wrong = self._key(item)
            if key is None:
                return Reply(422, {"error": wrong})
            fresh.append(key)

        def done() -> None:
            self.keys = [key for key in self.keys if key["aliasTag"] not in tags] + fresh
            for key in fresh:
                # 204: a person is created by the first key; a known one's name and password are never overwritten.
                user = key["user"]
                if isinstance(user, dict):
                    self.users.setdefault(str(user["email"]), "invited")

        return Reply(200, {"inserted": len(fresh)}, then=done)

    def _key(self, item: object) -> tuple[dict[str, object] | None, str]:
        match item:
            case {"access": {} as access, "user": {"email": str(email)}, **rest}:
                found = self._access({str(name): value for name, value in access.items()})
                if found is None or not found.allows_api:
                    return None, f"unknown access for {email}"
                # 207: start and expiration can be set only if the access has no time restrictions.
                if found.restricted and ("startDate" in rest or "endDate" in rest):
                    return None, f"access {found.alias} is time restricted"
                times = {"startDate": rest.get("startDate"), "endDate": rest.get("endDate")}
                named = {"access": {"id": found.id, "aliasId": found.alias}, "user": {"email": email}}
                return {"id": secrets.token_hex(5), **named, **times, "aliasTag": rest.get("aliasTag", "")}, ""
        return None, "an item needs an access and a user"

    def _access(self, given: Mapping[str, object]) -> Access | None:
        return next(
            (one for one in self.accesses if one.alias == given.get("aliasId") or one.id == given.get("accessId")), None
        )

    def _events(self, request: Request) -> Reply:
        """209 Event log polling: an ETag that changes with the answer, 304 for one that is still right."""
        etag = f'"{len(self.logs)}-{self.version}"'
        if request.headers.get("if-none-match") == etag:
            return Reply(304, headers={"ETag": etag})
        limit = request.query.get("limit", str(USUAL_LIMIT))
        if not limit.isdigit() or int(limit) < 1:
            return Reply(400)
        since = request.query.get("startDate", "")
        found = [log for log in reversed(self.logs) if str(log["createdAt"]) >= since]
        return Reply(200, found[: int(limit)], {"ETag": etag})

    def _open(self, email: str, alias: str) -> dict[str, object]:
        """The phone opens over Bluetooth, without the internet; a lock that is alone keeps what happened (209)."""
        access = self._access({"aliasId": alias})
        moment = _text(self.now())
        fit = any(
            key["user"] == {"email": email}
            and key["access"] == {"id": access.id, "aliasId": access.alias}
            and str(key["startDate"]) <= moment < str(key["endDate"])
            for key in self.keys
            if access is not None
        )
        if access is None or not fit:
            return {"ok": False, "error": "no key"}
        log: dict[str, object] = {"id": secrets.token_hex(5), "timestamp": moment, "device": {"id": f"lock-{alias}"}}
        access.kept.append({**log, "user": {"email": email}})
        self._reach(alias, access.online)
        return {"ok": True}

    def _reach(self, alias: str, online: bool) -> None:
        """209: `timestamp` is when a door was opened, `createdAt` when the cloud learned of it, late and in bulk."""
        for access in self.accesses:
            if access.alias == alias:
                access.online = online
                while online and access.kept:
                    log = {**access.kept.pop(0), "createdAt": _text(self.now() + self.skew_s)}
                    self.logs.append(log)
                    self.tell(log)


def _text(instant: float) -> str:
    return datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
