"""`portvakt emulate rco --port`: the R-CARD system over HTTP, as `drivers/rco/example_mapping.toml` describes it.

NOT RCO'S: paths, fields and words are ours, and begin with `/portvakt-emulator` so that nobody takes them for more. As
the real server may, it keeps no revisions and no order of ours: who comes last has the last word.
"""

import argparse
import secrets
import signal
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import unquote

from drivers.emulators.faults import script_at
from drivers.emulators.gateway_program import KeptFile, acted, look_at
from drivers.emulators.http_service import KINDS, HttpEmulator, Reply, Request
from drivers.emulators.key_book import Key
from drivers.emulators.rco_system import RcoSystem

CHANNELS: Final = ("sign_in", "put", "delete", "list", "doors", "passages")
BASE: Final = "portvakt-emulator"
TOKEN_HEADER: Final = "x-portvakt-emulator-token"  # noqa: S105


@dataclass(slots=True)
class RcoHttp:
    """The server's face. templates: the doors that each card template opens."""

    system: RcoSystem
    templates: dict[str, tuple[str, ...]]
    credentials: tuple[str, str]
    clock: Callable[[], float]
    mono: Callable[[], float]
    kept: KeptFile
    channels: tuple[str, ...] = CHANNELS
    skew_s: int = 0
    _tokens: set[str] = field(default_factory=set)

    def channel(self, request: Request) -> str:
        match request.method, *_parts(request):
            case "POST", _, "sign-in":
                return "sign_in"
            case "PUT", *_:
                return "put"
            case "DELETE", *_:
                return "delete"
            case "GET", _, "cards":
                return "list"
            case "GET", _, "passages":
                return "passages"
        return "doors"

    def reply(self, request: Request) -> Reply:
        if self.channel(request) == "sign_in":
            return self._sign_in(request)
        if request.headers.get(TOKEN_HEADER) not in self._tokens:
            return Reply(401)
        return self._read(request) if request.method == "GET" else self._changed(request)

    def hand(self, message: dict[str, object]) -> dict[str, object]:
        """What the hand of every gateway can do, with the power cut and the end of every token as acts."""
        asked: dict[str, Any] = dict(message)
        act = str(asked.pop("act", ""))
        try:
            if act == "look":
                return {"ok": True, **look_at(self.system)}
            if act == "power_cut":
                self.kept.power_fails = True
            elif act == "expire":
                self._tokens.clear()
            elif act == "skew":
                self.skew_s = int(asked["seconds"])
            elif act == "clear":
                self.skew_s = 0
                self.system.clear()
                self.kept.write()
            else:
                return {"ok": True, **(acted(self.system, act, asked, self._now(), self.kept) or {})}
        except (KeyError, ValueError, StopIteration) as wrong:
            return {"ok": False, "error": str(wrong) or act}
        return {"ok": True}

    def _read(self, request: Request) -> Reply:
        after = request.query.get("after", "")
        match _parts(request):
            case [_, "cards"]:
                return self._list(after)
            case [_, "doors"]:
                doors = [{"name": door["device"], **door} for door in self.system.doors(self.mono())]
                return Reply(200, {"doors": doors})
            case [_, "passages"]:
                return self._passages(after)
        return Reply(404)

    def _changed(self, request: Request) -> Reply:
        match request.method, *_parts(request):
            case "PUT", _, "cards", id_:
                return self._put(id_, request.json())
            case "DELETE", _, "cards", id_:
                known = id_ in self.system.keys or id_ in self.system.on_device()
                return Reply(204, then=lambda: self._drop(id_)) if known else Reply(404)
            case "POST", _, "doors", device, ("open" | "hold" | "lock") as act if device in self.system.devices:
                return Reply(204, then=lambda: self._door(device, act, request.json()))
        return Reply(404)

    def _now(self) -> int:
        return int(self.clock()) + self.skew_s

    def _sign_in(self, request: Request) -> Reply:
        asked = request.json()
        if (asked.get("who"), asked.get("secret")) != self.credentials:
            return Reply(401)
        token = secrets.token_urlsafe(24)
        return Reply(200, {"token": token}, then=lambda: self._tokens.add(token))

    def _put(self, id_: str, asked: dict[str, object]) -> Reply:
        match asked:
            case {"template": str(template), "card": str(card), "window": {"begins": str(begins), "ends": str(ends)}}:
                if template not in self.templates:
                    return Reply(422, {"error": "no such template"})
                number, devices = self.system.revision(id_) + 1, self.templates[template]
                key = Key(id_, number, devices, _instant(begins), _instant(ends), card, template=template)
                return Reply(200, {}, then=lambda: self._take(key))
        return Reply(400)

    def _take(self, key: Key) -> None:
        known = self.system.keys.get(key.grant)
        if known is None or replace(known, revision=key.revision) != key:
            self.system.put(key)
        self.kept.write()

    def _drop(self, id_: str) -> None:
        self.system.drop(id_, self.system.revision(id_) + 1)
        self.kept.write()

    def _door(self, device: str, act: str, asked: dict[str, object]) -> None:
        seconds = asked.get("seconds", 0)
        if act == "open":
            self.system.unlock(device, int(str(seconds)), self.mono())
        else:
            self.system.hold(device, int(str(seconds)) if act == "hold" else 0, self.mono())

    def _list(self, after: str) -> Reply:
        """Pages of a hundred."""
        listed = self.system.listing(after)[:100]
        known = {**self.system.on_device(), **self.system.keys}
        cards = [
            {"id": key.grant, "template": key.template, "card": key.card, "at_doors": "all" if at_doors else "some",
             "window": {"begins": _text(key.start), "ends": _text(key.end)}}
            for key, at_doors in ((known[str(one["grant"])], one["on_device"]) for one in listed)
        ]  # fmt: skip
        more = str(listed[-1]["grant"]) if len(listed) == 100 else ""
        return Reply(200, {"cards": cards, "more": more})

    def _passages(self, after: str) -> Reply:
        now = self._now()
        known = len(self.system.passages(0, now))
        first = int(after) if after.isdigit() else known
        shown = self.system.passages(first, now)
        passages = [
            {"number": one["id"], "door": one["device"], "passed": _text(one["at"]), "learned": _text(one["heard_at"]),
             "card_id": one["grant"], "why": one["reason"],
             "outcome": "let in" if one["what"] == "granted" else "turned away"}
            for one in shown
        ]  # fmt: skip
        until = self.system.complete_until(now)
        return Reply(200, {"passages": passages, "last": first + len(shown), "complete_until": _text(until)})


def run(given: argparse.Namespace, system: RcoSystem, clock: Callable[[], float], mono: Callable[[], float]) -> int:
    """Serve until SIGTERM or SIGINT; prints one line of JSON when ready."""
    faults = script_at(given.faults, CHANNELS, KINDS)
    with given.journal.open("a", encoding="utf-8") as journal:
        kept, credentials = KeptFile(given.kept, system), (given.user, given.secret)
        service = RcoHttp(system, dict(given.template), credentials, clock, mono, kept)
        emulator = HttpEmulator(service, faults, journal)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: emulator.lines.stop())
        emulator.run(given.port, given.control, "rco")
    return 0


def _parts(request: Request) -> list[str]:
    parts = [unquote(part) for part in request.path.strip("/").split("/")]
    return parts if parts[0] == BASE else [""]


def _instant(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def _text(instant: object) -> str:
    return datetime.fromtimestamp(int(str(instant)), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
