"""HTTP on loopback for the emulators of vendors' servers, with what can go wrong on the way. An emulator, not a server.

What a service is told to answer can be spoiled by a fault (`faults.py`), by the channel that the service names:

    error         status 500, and nothing done      too_many     status 429, and nothing done
    error_after   status 500, and all done          slow         the answer comes after delay_ms
    cut           the connection ends in mid-body   half_json    half the body, as if it were all
    never_applied answered as if done, never done   expired      status 401, and nothing done
    drop          no answer, and nothing done       duplicate    done twice
    delay         done and answered after delay_ms

Of these drop, duplicate and delay are also for calls that the emulator itself makes (webhooks).

Each call is a line of the journal: {"at_us", "call", "status", "fault"}; never a token, an address or a body.
"""

import contextlib
import http.client
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final, Protocol, TextIO
from urllib.parse import parse_qs, urlsplit

from drivers.emulators.faults import Fault, FaultScript, fault_of
from drivers.emulators.line_server import LineServer, Peer

KINDS: Final = (
    "error", "error_after", "too_many", "slow", "cut", "half_json", "never_applied", "expired", "drop", "duplicate",
    "delay",
)  # fmt: skip
INSTEAD: Final = {"error": 500, "too_many": 429, "expired": 401}
LARGEST_REQUEST: Final = 1024 * 1024
WEBHOOK_S: Final = 15.0


@dataclass(frozen=True, slots=True)
class Request:
    """One call. Names of headers are in lower case; of names that are repeated in the query the last counts."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, object]:
        """The object in the body; empty for anything else."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered. `then` is done when no fault keeps it from being done, before the answer leaves."""

    status: int
    content: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    then: Callable[[], None] | None = None


class Service(Protocol):
    """What stands behind the server. Its methods are called one at a time."""

    channels: tuple[str, ...]

    def channel(self, request: Request) -> str:
        """By which of the channels a fault script counts this call."""

    def reply(self, request: Request) -> Reply:
        """The answer; changes nothing but by `then`."""

    def hand(self, message: dict[str, object]) -> dict[str, object]:
        """A hand does something; what it sees."""


class HttpEmulator:
    """A service on a port of loopback, with a control socket and a journal."""

    def __init__(self, service: Service, faults: FaultScript, journal: TextIO) -> None:
        self.service = service
        self.lines = LineServer()
        self.lock = threading.RLock()
        self._faults = faults
        self._journal = journal

    def run(self, port: int, control: Path | None, name: str) -> None:
        """Serve until the line server is stopped; prints one line of JSON when ready."""
        server = _Server(("127.0.0.1", port), _handler(self))
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        if control is not None:
            self.lines.listen(control, self)
        print(json.dumps({"ready": True, "emulator": name, "port": server.server_address[1]}), flush=True)
        self.lines.run()
        server.shutdown()
        server.server_close()

    def heard(self, peer: Peer, message: dict[str, object]) -> None:
        with self.lock:
            if message.get("act") == "clear":
                self._faults.faults.clear()
            if message.get("act") == "fault":
                peer.send(self._planned({name: value for name, value in message.items() if name != "act"}))
            else:
                peer.send(self.service.hand(message))

    def gone(self, peer: Peer) -> None:
        return None

    def answered(self, request: Request) -> tuple[Reply, Fault | None]:
        """The reply to a call and the fault to spoil it with; what the call asks for has been done, or not."""
        with self.lock:
            fault = self._faults.due(self.service.channel(request))
            kind = fault.kind if fault else ""
            reply = Reply(INSTEAD[kind]) if kind in INSTEAD else self.service.reply(request)
            if reply.then is not None and kind == "delay" and fault is not None:
                self.lines.later(fault.delay_s, partial(self.locked, reply.then))
            elif reply.then is not None and kind not in ("never_applied", "drop"):
                for _ in range(2 if kind == "duplicate" else 1):
                    reply.then()
            if kind == "error_after":
                reply = Reply(500)
            self.note({"call": f"{request.method} {request.path}", "status": reply.status, "fault": kind})
        return reply, fault

    def call_out(self, channel: str, url: str, headers: Mapping[str, str], content: object) -> None:
        """Call somebody else's webhook, in a thread of its own, as often and as late as the faults say."""
        with self.lock:
            fault = self._faults.due(channel)
        kind = fault.kind if fault else ""
        times = {"drop": 0, "duplicate": 2}.get(kind, 1)
        for _ in range(times):
            self.lines.later(fault.delay_s if fault else 0.0, lambda: self._post(channel, url, headers, content))

    def locked(self, act: Callable[[], None]) -> None:
        """Do something to the service while nobody else does."""
        with self.lock:
            act()

    def note(self, line: dict[str, object]) -> None:
        """Write a line of the journal."""
        with self.lock:
            self._journal.write(json.dumps({"at_us": time.time_ns() // 1000, **line}) + "\n")
            self._journal.flush()

    def _post(self, channel: str, url: str, headers: Mapping[str, str], content: object) -> None:
        body = json.dumps(content).encode()
        sent = {"Content-Type": "application/json", **headers}
        threading.Thread(target=self._posting, args=(channel, url, sent, body), daemon=True).start()

    def _posting(self, channel: str, url: str, headers: Mapping[str, str], body: bytes) -> None:
        parts, status = urlsplit(url), 0
        with contextlib.suppress(OSError, http.client.HTTPException):
            line = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=WEBHOOK_S)
            line.request("POST", parts.path, body, dict(headers))
            status = line.getresponse().status
            line.close()
        self.note({"call": channel, "status": status})

    def _planned(self, table: dict[str, object]) -> dict[str, object]:
        try:
            self._faults.add(fault_of(table, self.service.channels, KINDS))
        except ValueError as wrong:
            return {"ok": False, "error": str(wrong)}
        return {"ok": True}


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever hangs up on an emulator is no news."""


def _handler(emulator: HttpEmulator) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def handle_one(self) -> None:
            length = self.headers.get("Content-Length", "0")
            size = min(int(length), LARGEST_REQUEST) if length.isdigit() else 0
            parts = urlsplit(self.path)
            query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(self.command, parts.path, query, headers, self.rfile.read(size))
            self._send(*emulator.answered(request))

        do_GET = do_POST = do_PUT = do_DELETE = handle_one

        def _send(self, reply: Reply, fault: Fault | None) -> None:
            kind = fault.kind if fault else ""
            self.close_connection = True
            if kind == "drop":
                return
            if fault is not None and kind in ("slow", "delay"):
                threading.Event().wait(fault.delay_s)
            body = b"" if reply.content is None else json.dumps(reply.content).encode()
            length, sent = len(body), body[: len(body) // 2] if kind in ("cut", "half_json") else body
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(max(1, length) if kind == "cut" else len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, format: str, *args: object) -> None:
            return None

    return Handler
