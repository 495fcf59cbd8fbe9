"""A service that takes SMS by the published interface of 46elks, and delivers nothing. An emulator, not a server.

`POST /a1/sms` with form fields from, to and message and basic auth answers what https://46elks.com/docs/send-sms shows.
A hand asks {"act": "look"} for all that came. Faults are those of `http_service`, on the channel `sms`.
"""

import argparse
import base64
import json
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs

from drivers.emulators.faults import script_at
from drivers.emulators.http_service import KINDS, HttpEmulator, Reply, Request
from drivers.emulators.sink_options import password_in, sink_options

CHANNELS: Final = ("sms",)
_PATH: Final = "/a1/sms"


@dataclass(slots=True)
class SmsSink:
    """Everything that came."""

    user: str
    password: str
    keep: Path | None = None
    channels: tuple[str, ...] = CHANNELS
    kept: list[dict[str, object]] = field(default_factory=list)

    def channel(self, _request: Request) -> str:
        return "sms"

    def reply(self, request: Request) -> Reply:
        credential = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {credential}":
            return Reply(401)
        if request.path != _PATH:
            return Reply(404)
        form = {name: values[-1] for name, values in parse_qs(request.body.decode(errors="replace")).items()}
        to, message = form.get("to", ""), form.get("message", "")
        if not (to.startswith("+") and to[1:].isdecimal() and form.get("from") and message):
            return Reply(400)
        sms: dict[str, object] = {"from": form["from"], "to": to, "message": message}
        answer = {**sms, "id": f"s{len(self.kept)}", "status": "created", "direction": "outgoing", "parts": 1}
        return Reply(200, answer, then=lambda: self._taken(sms))

    def hand(self, message: dict[str, object]) -> dict[str, object]:
        return {"ok": message.get("act") == "look", "kept": self.kept}

    def _taken(self, sms: dict[str, object]) -> None:
        self.kept.append(sms)
        if self.keep is not None:
            with self.keep.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(sms, ensure_ascii=False) + "\n")


def parser() -> argparse.ArgumentParser:
    """Its options."""
    journal = "file to append each call to, as JSON lines"
    options = sink_options("sms", "Keeps the SMS it is given; no service.", journal=journal, user="emulated")
    options.add_argument("--keep", type=Path, help="file to append each SMS to, as JSON lines")
    options.add_argument("--control", type=Path, help="socket for a hand at the emulator")
    return options


def main(given: Sequence[str]) -> int:
    """Run until SIGTERM or SIGINT; prints one line of JSON when ready."""
    said = parser().parse_args(given)
    faults = script_at(said.faults, CHANNELS, KINDS)
    with said.journal.open("a", encoding="utf-8") as journal:
        emulator = HttpEmulator(SmsSink(said.user, password_in(said.password_file), said.keep), faults, journal)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: emulator.lines.stop())
        emulator.run(said.port, said.control, "sms")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
