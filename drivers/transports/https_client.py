"""Calls to a vendor's server: one connection a call, bounded in time and size, certificates checked (DR-05, DR-06).

Nothing is retried here and no redirect is followed: only who made a call knows whether it may be made twice. Plain HTTP
is for an emulator on this machine.
"""

import http.client
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from appliance.foundation.clock import Clock
from drivers.contract import DriverRefused, DriverUnreachable
from drivers.vendor_answers import Answer

LARGEST_BODY: Final = 4 * 1024 * 1024
CHUNK: Final = 64 * 1024
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
LONGEST_URL: Final = 300

Dial = Callable[[str, int, float], http.client.HTTPConnection]
"""Makes a connection, not yet open, to a host and port with a time-out in seconds."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server is. `prefix` is what stands before every path, without a slash at its end."""

    host: str
    port: int
    prefix: str
    secure: bool


class Deadline:
    """What is left of the seconds that something may take, however many calls it needs."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._end = clock.monotonic() + seconds

    def left_s(self) -> float:
        """Seconds until the end; `DriverUnreachable` when there are none."""
        left = self._end - self._clock.monotonic()
        if left <= 0:
            raise DriverUnreachable("the server is too slow")
        return left


def parse_address(url: str) -> Address | None:
    """The address in a URL, None for one that is not HTTPS, or plain HTTP on this machine."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    host = parts.hostname or ""
    named = bool(host) and not (parts.query or parts.fragment or parts.username or parts.password)
    if not named or len(url) > LONGEST_URL or not url.isascii() or any(sign <= " " for sign in url):
        return None
    if parts.scheme != "https" and not (parts.scheme == "http" and host in LOOPBACK):
        return None
    secure = parts.scheme == "https"
    return Address(host, port or (443 if secure else 80), parts.path.rstrip("/"), secure)


class HttpsClient:
    """Asks one server. Holds no connection, and so may be used from any thread."""

    def __init__(self, address: Address, dial: Dial | None = None) -> None:
        self._address = address
        self._dial = dial or (_dial_secure if address.secure else http.client.HTTPConnection)

    def ask(
        self, method: str, path: str, seconds: float, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Answer:
        """The answer, whatever its status, within `seconds` from the first byte of the connection to the last.

        Raises `DriverUnreachable` when there is none, or not a whole one: nobody knows then what became of the call.
        """
        where = self._address
        try:
            with closing(self._dial(where.host, where.port, seconds)) as connection:
                connection.connect()
                with _ended_after(connection, seconds):
                    sent = {"Accept": "application/json", "Connection": "close", **(headers or {})}
                    connection.request(method, where.prefix + path, body or None, sent)
                    with connection.getresponse() as response:
                        names = {name.lower(): value for name, value in response.getheaders()}
                        return Answer(response.status, names, _whole(response))
        except ssl.SSLCertVerificationError as foreign:
            raise DriverRefused(
                f"the certificate of {where.host} is not one this unit trusts ({foreign.verify_message}); check the "
                "address, and the unit's date"
            ) from foreign
        except (OSError, http.client.HTTPException, ValueError) as lost:
            raise DriverUnreachable(f"{where.host} did not answer as a whole ({_name(lost)})") from lost


def _dial_secure(host: str, port: int, seconds: float) -> http.client.HTTPConnection:
    return http.client.HTTPSConnection(host, port, timeout=seconds, context=ssl.create_default_context())


@contextmanager
def _ended_after(connection: http.client.HTTPConnection, seconds: float) -> Iterator[None]:
    """A socket's time-out counts from each byte; this one ends a server that drips."""
    line = connection.sock

    def cut() -> None:
        try:
            line.shutdown(socket.SHUT_RDWR)
        except OSError:  # it had ended by itself
            return

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _whole(response: http.client.HTTPResponse) -> bytes:
    body = bytearray()
    while fresh := response.read(CHUNK):
        body += fresh
        if len(body) > LARGEST_BODY:
            raise ValueError("more than is reasonable")
    if response.length:
        raise http.client.IncompleteRead(bytes(body), response.length)
    return bytes(body)


def _name(fault: Exception) -> str:
    """What went wrong without what was being sent: the text of a fault may hold the address and more."""
    if isinstance(fault, TimeoutError):
        return "no answer in time"
    return getattr(fault, "strerror", None) or type(fault).__name__
