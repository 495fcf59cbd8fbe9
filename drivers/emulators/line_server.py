"""JSON lines over Unix sockets, in one thread, with timers: what the emulators are steered and wired through.

A line is at most 4 KiB of UTF-8 JSON, an object, ended by a newline. Whoever sends anything else is told
`{"error": "malformed"}` and cut off.
"""

import contextlib
import heapq
import itertools
import json
import os
import selectors
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

LONGEST_LINE: Final = 4096
LONGEST_PATH: Final = 107
BACKLOG: Final = 64


class Peer:
    """One connection."""

    def __init__(self, connection: socket.socket, service: "Service") -> None:
        self.connection = connection
        self.service = service
        self.buffer = b""
        self.closed = False

    def send(self, *messages: dict[str, object]) -> None:
        """A line out for each, in one go; a peer that does not read is cut off rather than waited for."""
        lines = (json.dumps(message, separators=(",", ":")).encode() + b"\n" for message in messages)
        try:
            self.connection.sendall(b"".join(lines))
        except OSError:
            self.closed = True


class Service(Protocol):
    """What stands behind one socket."""

    def heard(self, peer: Peer, message: dict[str, object]) -> None:
        """One well-formed line came in."""

    def gone(self, peer: Peer) -> None:
        """The connection ended, however it ended."""


class LineServer:
    """Serves any number of sockets and timers until `stop` is called."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._planning = threading.Lock()
        self._paths: list[Path] = []
        self._stopping = False
        self._wake_out, self._wake_in = socket.socketpair()
        self._wake_out.setblocking(False)
        self._selector.register(self._wake_out, selectors.EVENT_READ)

    def listen(self, path: Path, service: Service) -> None:
        """Serve `service` at `path`, with rights for owner and group; an old socket there is replaced."""
        if len(os.fsencode(path)) > LONGEST_PATH:
            raise OSError(f"the socket path {path} is longer than {LONGEST_PATH} bytes; use a shorter folder")
        path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(str(path))
        path.chmod(0o660)
        listener.listen(BACKLOG)
        listener.setblocking(False)
        self._paths.append(path)
        self._selector.register(listener, selectors.EVENT_READ, service)

    def watch(self, descriptor: int, act: Callable[[], None]) -> None:
        """Call `act` whenever there is something to read, such as from a pty; in the server's thread."""
        self._selector.register(descriptor, selectors.EVENT_READ, act)

    def unwatch(self, descriptor: int) -> None:
        """Leave it alone; it may be closed then. A server that has ended has done so already."""
        with contextlib.suppress(KeyError):
            self._selector.unregister(descriptor)

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        """Call `act` in the server's thread after so many seconds; may be called from any thread."""
        with self._planning:
            heapq.heappush(self._timers, (time.monotonic() + seconds, next(self._order), act))
        self._wake()

    def stop(self) -> None:
        """End `run` soon; may be called from a signal handler or any thread."""
        self._stopping = True
        self._wake()

    def run(self) -> None:
        """Serve until stopped, then close and remove everything."""
        while not self._stopping:
            for key, _ in self._selector.select(self._until_next_timer()):
                self._ready(key)
            while (act := self._due()) is not None:
                act()
        for key in list(self._selector.get_map().values()):
            if isinstance(key.fileobj, socket.socket):
                key.fileobj.close()
        self._selector.close()
        self._wake_in.close()
        for path in self._paths:
            path.unlink(missing_ok=True)

    def _ready(self, key: selectors.SelectorKey) -> None:
        if not isinstance(key.fileobj, socket.socket):
            key.data()
            return
        if key.fileobj is self._wake_out:
            self._wake_out.recv(4096)
        elif isinstance(key.data, Peer):
            self._read(key.data)
        else:
            self._accept(key.fileobj, key.data)

    def _accept(self, listener: socket.socket, service: Service) -> None:
        try:
            connection, _ = listener.accept()
        except OSError:  # it was gone before we came
            return
        connection.settimeout(0.2)
        self._selector.register(connection, selectors.EVENT_READ, Peer(connection, service))

    def _read(self, peer: Peer) -> None:
        try:
            fresh = peer.connection.recv(65536)
        except OSError:
            fresh = b""
        peer.buffer += fresh
        while not peer.closed and b"\n" in peer.buffer:
            line, peer.buffer = peer.buffer.split(b"\n", 1)
            self._take(peer, line)
        if len(peer.buffer) > LONGEST_LINE:
            self._take(peer, peer.buffer)
        if not fresh or peer.closed:
            self._selector.unregister(peer.connection)
            peer.connection.close()
            peer.service.gone(peer)

    def _take(self, peer: Peer, line: bytes) -> None:
        message = parsed(line)
        if message is None:
            peer.send({"error": "malformed"})
            peer.closed = True
        else:
            peer.service.heard(peer, message)

    def _until_next_timer(self) -> float | None:
        with self._planning:
            return max(0.0, self._timers[0][0] - time.monotonic()) if self._timers else None

    def _due(self) -> Callable[[], None] | None:
        with self._planning:
            if self._stopping or not self._timers or self._timers[0][0] > time.monotonic():
                return None
            return heapq.heappop(self._timers)[2]

    def _wake(self) -> None:
        with contextlib.suppress(OSError):
            self._wake_in.send(b"w")


def parsed(line: bytes) -> dict[str, object] | None:
    """The object in a line, or None for anything else."""
    if len(line) > LONGEST_LINE:
        return None
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, dict) else None
