"""The live hub: server-sent events beside waitress, on a port and in a thread of its own (WHATWG HTML, section 9.2).

An open stream would occupy one of waitress's few threads for as long as it lasts; here it costs some kilobytes. Events
are hints: a page that gets one asks for the state itself, so that a lost event costs nothing. A stream is opened with a
ticket that the page was given; it is good for `TICKET_S` seconds, for one origin, and tells nothing.
"""

import asyncio
import hashlib
import hmac
import json
import logging
import secrets
from collections import deque
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Final
from urllib.parse import parse_qs, urlsplit

from appliance.foundation.clock import Clock

TICKET_S: Final = 60
HEARTBEAT_S: Final = 15.0
QUEUE: Final = 64
REMEMBERED: Final = 256
CLIENTS: Final = 500
_REQUEST_BYTES: Final = 8192
_REQUEST_S: Final = 5.0
_START_S: Final = 5.0
_RETRY_MS: Final = 1500

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LiveEvent:
    """Something happened. `number` counts from 1 for as long as the hub lives."""

    number: int
    name: str
    data: str

    def encoded(self) -> bytes:
        return f"id: {self.number}\nevent: {self.name}\ndata: {self.data}\n\n".encode()


@dataclass(eq=False, slots=True)
class _Stream:
    """One listener: a bounded queue that loses its oldest event rather than wait for a slow reader."""

    waiting: deque[LiveEvent] = field(default_factory=lambda: deque(maxlen=QUEUE))
    woken: asyncio.Event = field(default_factory=asyncio.Event)


class LiveHub:
    """Streams events to pages. `publish` may be called from any thread, also before `start` and after `stop`."""

    def __init__(self, clock: Clock, host: str = "127.0.0.1", port: int = 0) -> None:
        self._clock = clock
        self._host = host
        self._wanted_port = port
        self._key = secrets.token_bytes(32)
        self._loop = asyncio.new_event_loop()
        self._streams: set[_Stream] = set()
        self._past: deque[LiveEvent] = deque(maxlen=REMEMBERED)
        self._number = 0
        self._port = 0
        self._ready = Event()
        self._stopping = asyncio.Event()
        self._thread = Thread(target=self._run, name="live-hub", daemon=True)

    @property
    def port(self) -> int:
        """Where it listens; 0 before `start`."""
        return self._port

    def start(self) -> None:
        """Listen; an OSError when the port is taken."""
        self._thread.start()
        if not self._ready.wait(_START_S) or not self._port:
            raise OSError(f"the live hub cannot listen on {self._host}:{self._wanted_port}")

    def stop(self) -> None:
        """End every stream and the thread."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join(_START_S)

    def publish(self, name: str, data: Mapping[str, object]) -> None:
        """Tell every listening page; nothing personal belongs here."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._publish, name, json.dumps(data))

    def ticket(self, origin: str) -> str:
        """What a page of `origin` shows to be let in."""
        ends = int(self._clock.monotonic()) + TICKET_S
        return f"{ends}.{self._seal(ends, origin)}"

    def _seal(self, ends: int, origin: str) -> str:
        return hmac.digest(self._key, f"{ends} {origin}".encode(), hashlib.sha256).hex()

    def _admits(self, ticket: str, origin: str) -> bool:
        ends, _, seal = ticket.partition(".")
        if not (ends.isascii() and ends.isdigit() and len(ends) < 16):
            return False
        is_ours = hmac.compare_digest(seal.encode(), self._seal(int(ends), origin).encode())
        return is_ours and self._clock.monotonic() < int(ends)

    def _publish(self, name: str, data: str) -> None:
        self._number += 1
        event = LiveEvent(self._number, name, data)
        self._past.append(event)
        for stream in self._streams:
            stream.waiting.append(event)
            stream.woken.set()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        except OSError as taken:
            _log.warning("live hub: %s", taken)
        finally:
            self._ready.set()
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._client, self._host, self._wanted_port, limit=_REQUEST_BYTES)
        self._port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stopping.wait()
        server.close()
        for stream in self._streams:
            stream.woken.set()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        if others:
            await asyncio.wait(others, timeout=1.0)

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _REQUEST_S)
            async for piece in self._answer(head):
                writer.write(piece)
                await writer.drain()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            # A page that went away or never asked properly; it will come again by itself.
            _log.debug("live hub: a listener went away")
        finally:
            writer.close()

    async def _answer(self, head: bytes) -> AsyncIterator[bytes]:
        target, headers = _request(head)
        origin = headers.get("origin", "")
        ticket = parse_qs(urlsplit(target).query).get("ticket", [""])[0]
        if not self._admits(ticket, origin) or len(self._streams) >= CLIENTS:
            yield b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            return
        yield (
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\nConnection: close\r\n"
            f"Access-Control-Allow-Origin: {origin}\r\nVary: Origin\r\nX-Content-Type-Options: nosniff\r\n\r\n"
            f"retry: {_RETRY_MS}\n: here\n\n"
        ).encode()
        stream = _Stream()
        for event in self._missed(headers.get("last-event-id", "")):
            yield event.encoded()
        self._streams.add(stream)
        try:
            async for piece in self._events(stream):
                yield piece
        finally:
            self._streams.discard(stream)

    async def _events(self, stream: _Stream) -> AsyncIterator[bytes]:
        while not self._stopping.is_set():
            try:
                await asyncio.wait_for(stream.woken.wait(), HEARTBEAT_S)
            except TimeoutError:
                yield b": still here\n\n"
                continue
            stream.woken.clear()
            while stream.waiting:
                yield stream.waiting.popleft().encoded()

    def _missed(self, last: str) -> list[LiveEvent]:
        """What a returning page missed; one `resync` when that is no longer remembered."""
        if not (last.isascii() and last.isdigit() and len(last) < 16):
            return []
        first = int(last) + 1
        remembered = [event for event in self._past if event.number >= first]
        if first > self._number + 1 or (first <= self._number and (not remembered or remembered[0].number != first)):
            return [LiveEvent(self._number, "resync", "{}")]
        return remembered


def _request(head: bytes) -> tuple[str, dict[str, str]]:
    lines = head.decode("latin-1").split("\r\n")
    method, _, rest = lines[0].partition(" ")
    headers = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if colon:
            headers[name.strip().lower()] = value.strip()
    return (rest.partition(" ")[0] if method == "GET" else "", headers)
