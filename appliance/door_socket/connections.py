"""Connections to one Unix socket of the door process, kept open between questions and made again when they break."""

import queue
import socket
from collections.abc import Mapping
from typing import Self

from appliance.door_socket.wire import ANSWER_LIMIT, Garbled, decode, encode
from appliance.foundation.errors import NeedsAttention, Retryable

Answer = dict[str, object]


class DoorUnreachable(Retryable):
    """The door process did not answer: not running, starting, or too busy."""


class DoorRefused(NeedsAttention):
    """The door process understood, and said that the question itself is wrong.

    code: stable. message: what is wrong, in English. field: of what in the question; empty for the whole of it.
    """

    def __init__(self, code: str, message: str, field: str = "") -> None:
        super().__init__(f"{field}: {message}" if field else message)
        self.code = code
        self.message = message
        self.field = field


class _Closed(DoorUnreachable):
    """The other end closed the connection, perhaps before it read our question."""

    def __init__(self) -> None:
        super().__init__("the door process closed the connection")


class Connection:
    """One connection. Not thread-safe; the pool lends it to one thread at a time."""

    def __init__(self, path: str, timeout_s: float) -> None:
        self._path = path
        self._timeout_s = timeout_s
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(timeout_s)
        self._rest = b""
        try:
            self._socket.connect(path)
        except OSError as fault:
            self._socket.close()
            raise DoorUnreachable(f"the door process does not listen at {path}: {fault}") from fault

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def send(self, message: Mapping[str, object]) -> None:
        try:
            self._socket.sendall(encode(message))
        except (BrokenPipeError, ConnectionResetError) as fault:
            raise _Closed() from fault
        except OSError as fault:
            raise DoorUnreachable(f"the door process does not take questions: {fault}") from fault

    def receive(self, timeout_s: float | None = None) -> Answer:
        self._socket.settimeout(timeout_s or self._timeout_s)
        while b"\n" not in self._rest:
            try:
                piece = self._socket.recv(65536)
            except ConnectionResetError as fault:
                raise _Closed() from fault
            except OSError as fault:
                raise DoorUnreachable(f"the door process does not answer: {fault}") from fault
            if not piece:
                raise _Closed()
            self._rest += piece
            if len(self._rest) > ANSWER_LIMIT:
                raise DoorUnreachable("the answer is too long")
        line, _, self._rest = self._rest.partition(b"\n")
        try:
            answer = decode(line)
        except Garbled as fault:
            raise DoorUnreachable(f"the answer is {fault}") from fault
        return _checked(answer)

    def close(self) -> None:
        self._socket.close()


class ConnectionPool:
    """Idle connections to one socket, at most `size`; more are made when needed and closed after use."""

    def __init__(self, path: str, timeout_s: float, size: int) -> None:
        self._path = path
        self._timeout_s = timeout_s
        self._idle: queue.LifoQueue[Connection] = queue.LifoQueue(size)

    def connection(self) -> Connection:
        return Connection(self._path, self._timeout_s)

    def ask(self, message: Mapping[str, object], timeout_s: float | None = None) -> Answer:
        """One question, one answer. Asked once more on a fresh connection if an idle one turns out to be closed."""
        try:
            idle = self._idle.get_nowait()
        except queue.Empty:
            return self._ask_fresh(message, timeout_s)
        try:
            return self._ask_on(idle, message, timeout_s)
        except _Closed:
            return self._ask_fresh(message, timeout_s)

    def close(self) -> None:
        while True:
            try:
                self._idle.get_nowait().close()
            except queue.Empty:
                return

    def _ask_fresh(self, message: Mapping[str, object], timeout_s: float | None) -> Answer:
        return self._ask_on(self.connection(), message, timeout_s)

    def _ask_on(self, line: Connection, message: Mapping[str, object], timeout_s: float | None) -> Answer:
        try:
            line.send(message)
            answer = line.receive(timeout_s)
        except DoorRefused:
            self._put_back(line)
            raise
        except DoorUnreachable:
            line.close()
            raise
        self._put_back(line)
        return answer

    def _put_back(self, line: Connection) -> None:
        try:
            self._idle.put_nowait(line)
        except queue.Full:
            line.close()


def _checked(answer: Answer) -> Answer:
    if answer.get("ok") is True:
        return answer
    error = answer.get("error")
    if isinstance(error, dict):
        raise DoorRefused(str(error.get("code", "")), str(error.get("message", "")), str(error.get("field", "")))
    raise DoorUnreachable("the answer is neither a yes nor an error")
