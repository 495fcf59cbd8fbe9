"""The door process's two Unix sockets: a thread a connection, a question a line, an answer a line (DR-13).

Garbage is answered with an error and the connection closed; nothing that comes in can stop the process.
"""

import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from appliance.door_socket.wire import ASK_LIMIT, Garbled, decode, encode, socket_path
from appliance.foundation.errors import Invalid, NeedsAttention, PortvaktError, Retryable

CONNECTIONS: Final = 64
LINE_S: Final = 5.0
IDLE_S: Final = 300.0
MODE: Final = 0o660
log = logging.getLogger(__name__)

Answer = Mapping[str, object]
Answers = Answer | Iterator[Answer]
Operations = Mapping[str, Callable[[Mapping[str, object]], Answers]]


class SocketServer:
    """One socket and what may be asked on it. An operation that answers with an iterator streams until it ends."""

    def __init__(self, run: Path, name: str, operations: Operations, stopping: threading.Event) -> None:
        self._path = socket_path(run, name)
        self._operations = operations
        self._stopping = stopping
        self._places = threading.BoundedSemaphore(CONNECTIONS)
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._thread = threading.Thread(target=self._accept, name=f"door-{name}", daemon=True)

    def start(self) -> None:
        """Bind and begin to answer. A socket file left behind by a process that died is replaced."""
        fresh = self._path + "~"
        try:
            Path(fresh).unlink(missing_ok=True)
            self._listener.bind(fresh)
            os.chmod(fresh, MODE)
            self._listener.listen(CONNECTIONS)
            # Nobody ever sees a socket with the wrong rights, or a name without a socket.
            os.replace(fresh, self._path)
        except OSError as fault:
            raise NeedsAttention(f"cannot listen at {self._path}: {fault}") from fault
        self._thread.start()

    def stop(self) -> None:
        """Close the socket and every connection."""
        Path(self._path).unlink(missing_ok=True)
        with self._lock:
            connections = [self._listener, *self._open]
        for connection in connections:
            _shut(connection)
        self._thread.join(1.0)

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                # Closed by stop, or out of descriptors: the next round tells which.
                if self._stopping.wait(0.05):
                    return
                continue
            if not self._places.acquire(blocking=False):
                _refuse(connection, "busy", "too many connections")
                continue
            threading.Thread(target=self._serve, args=(connection,), name="door-question", daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.add(connection)
        try:
            with connection:
                self._answer_all(connection)
        except OSError:
            # The other end went away; it asks again on a new connection if it cares.
            log.debug("a connection ended")
        finally:
            with self._lock:
                self._open.discard(connection)
            self._places.release()

    def _answer_all(self, connection: socket.socket) -> None:
        rest = b""
        while not self._stopping.is_set():
            line, rest = _read_line(connection, rest)
            if line is None:
                return
            try:
                ask = decode(line)
            except Garbled as fault:
                _refuse(connection, "garbled", str(fault))
                return
            answer = self._answered(ask)
            if isinstance(answer, Mapping):
                connection.sendall(encode(answer))
            else:
                for part in answer:
                    connection.sendall(encode({"ok": True, **part}))
                return

    def _answered(self, ask: Mapping[str, object]) -> Answers:
        operation = self._operations.get(str(ask.get("op")))
        if operation is None:
            return _error("no_such_op", "there is no such operation on this socket")
        try:
            answer = operation(ask)
        except Invalid as wrong:
            first = wrong.errors[0]
            return _error(first.code, first.message, first.field)
        except Retryable as fault:
            return _error("retry", str(fault))
        except PortvaktError as fault:
            return _error("refused", str(fault))
        except Exception:
            # The rim: a mistake in one operation is logged and answered, and the process goes on.
            log.exception("operation %s failed", ask.get("op"))
            return _error("bug", "the door process made a mistake; see its log")
        return {"ok": True, **answer} if isinstance(answer, Mapping) else answer


def _read_line(connection: socket.socket, rest: bytes) -> tuple[bytes | None, bytes]:
    """The next line and what came behind it; None at the end, or when the line is too long or too slow."""
    while b"\n" not in rest:
        if len(rest) > ASK_LIMIT:
            _refuse(connection, "too_long", f"a line is at most {ASK_LIMIT} bytes")
            return None, b""
        connection.settimeout(LINE_S if rest else IDLE_S)
        try:
            piece = connection.recv(ASK_LIMIT)
        except TimeoutError:
            if rest:
                _refuse(connection, "too_slow", f"a line must be whole within {LINE_S:.0f} s")
            return None, b""
        if not piece:
            return None, b""
        rest += piece
    line, _, rest = rest.partition(b"\n")
    if len(line) > ASK_LIMIT:
        _refuse(connection, "too_long", f"a line is at most {ASK_LIMIT} bytes")
        return None, b""
    connection.settimeout(LINE_S)
    return line, rest


def _error(code: str, message: str, field: str = "") -> Answer:
    return {"ok": False, "error": {"code": code, "message": message, "field": field}}


def _refuse(connection: socket.socket, code: str, message: str) -> None:
    try:
        connection.settimeout(LINE_S)
        connection.sendall(encode(_error(code, message)))
    except OSError:
        log.debug("nobody heard: %s", message)
    _shut(connection)


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        log.debug("already closed")
    connection.close()
