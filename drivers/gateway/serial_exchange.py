"""The way to a gateway over a serial line: the unit is the master, one frame each way at a time (PROTOCOL.md).

A request is never sent twice as two: the same frame goes again until its answer is there, or nobody knows.
"""

import secrets
import threading
from collections.abc import Callable
from typing import Final

from appliance.foundation.clock import Clock
from appliance.foundation.ids import Uuid7
from drivers.contract import DriverHealth, DriverUnreachable
from drivers.gateway import messages
from drivers.gateway.exchange import Comes, Hears
from drivers.gateway.frames import (
    LARGEST_PAYLOAD,
    NONCE_BYTES,
    Direction,
    Frame,
    FrameReader,
    FrameType,
    is_genuine,
    sealed_frame,
    session_key,
)
from drivers.gateway.messages import Reply, Request
from drivers.supervision import SupervisedLink
from drivers.transports.serial_port import SerialPort

ANSWER_S: Final = 0.5
TRIES: Final = 3
POLL_S: Final = 0.2
READ_S: Final = 0.05
NO_SESSION: Final = b"\x02"
NO_ANSWER: Final = "the gateway does not answer on the line; check its power, the cable and the two wires of the bus"
OTHER_KEY: Final = "the gateway's answers are not made with our key; install the same link key at both ends"


class _NoSession(DriverUnreachable):
    """The gateway knows of no session: it was started anew."""


class SerialExchange:
    """One serial line; an `Exchange`. `open_port` makes the port anew for each connection."""

    def __init__(self, name: str, open_port: Callable[[], SerialPort], key: bytes, clock: Clock) -> None:
        self.room = LARGEST_PAYLOAD
        self._open_port = open_port
        self._key = key
        self._clock = clock
        self._ids = Uuid7()
        self._turn = threading.Lock()
        self._port: SerialPort | None = None
        self._reader = FrameReader()
        self._session = b""
        self._counter = 0
        self._hears: Hears = _unheard
        self._comes: Comes = _nobody
        self._woken = threading.Event()
        self._link = SupervisedLink(f"gateway-{name}", self._serve, self._woken.set, clock)

    def start(self, hears: Hears, comes: Comes) -> None:
        self._hears, self._comes = hears, comes
        self._link.start()

    def ask(self, request: Request, seconds: float) -> Reply:
        payload = messages.request_bytes(request, self._ids.new())
        if not self._turn.acquire(timeout=seconds):
            raise DriverUnreachable("the line to the gateway is busy")
        try:
            if self._port is None or not self._session:
                raise DriverUnreachable(self._link.health().fault or NO_ANSWER)
            return self._exchanged(self._port, payload)
        finally:
            self._turn.release()

    def health(self) -> DriverHealth:
        return self._link.health()

    def stop(self) -> None:
        self._link.stop()
        self._hears, self._comes = _unheard, _nobody

    def _serve(self, link: SupervisedLink) -> None:
        port = self._open_port()
        try:
            with self._turn:
                self._port = port
                self._greet(port)
            self._comes(True)
            link.came_online()
            while not link.stopping.is_set():
                for notice in messages.notices_of(self.ask({"op": "poll", "room": self.room}, 5.0)) or ():
                    self._hears(notice)
                link.seen()
                link.stopping.wait(POLL_S)
        finally:
            with self._turn:
                self._port, self._session = None, b""
            port.close()
            self._comes(False)

    def _greet(self, port: SerialPort) -> None:
        """Begin a session."""
        ours = secrets.token_bytes(NONCE_BYTES)
        self._session, self._counter = b"", 0
        hello = ours + self._clock.now().to_bytes(8, "big")
        sent = sealed_frame(FrameType.HELLO, 0, hello, self._key, Direction.TO_GATEWAY)
        frame = self._answered(port, sent, FrameType.WELCOME, 0)
        if len(frame.payload) != NONCE_BYTES or not is_genuine(frame, self._key, Direction.TO_UNIT, ours):
            raise DriverUnreachable(OTHER_KEY)
        self._session = session_key(self._key, ours, frame.payload)

    def _exchanged(self, port: SerialPort, payload: bytes) -> Reply:
        self._counter += 1
        sent = sealed_frame(FrameType.REQUEST, self._counter, payload, self._session, Direction.TO_GATEWAY)
        try:
            frame = self._answered(port, sent, FrameType.REPLY, self._counter)
        except DriverUnreachable:
            # Nobody knows whether it arrived; whatever is still on the line belongs to a session that is over.
            self._session = b""
            raise
        reply = messages.parse_reply(frame.payload)
        if reply is None:
            raise DriverUnreachable("the gateway answers what cannot be read; update the unit or the gateway")
        return reply

    def _answered(self, port: SerialPort, sent: bytes, wanted: FrameType, counter: int) -> Frame:
        for _ in range(TRIES):
            port.discard()
            self._reader.reset()
            port.write(sent)
            frame = self._read(port, wanted, counter)
            if frame is not None:
                return frame
        raise DriverUnreachable(NO_ANSWER)

    def _read(self, port: SerialPort, wanted: FrameType, counter: int) -> Frame | None:
        """The answer; None when it did not come, or something was damaged."""
        deadline = self._clock.monotonic() + ANSWER_S
        while self._clock.monotonic() < deadline and not self._link.stopping.is_set():
            for frame in self._reader.feed(port.read(2048)):
                if frame.type is FrameType.NAK:
                    if frame.payload == NO_SESSION and wanted is FrameType.REPLY:
                        raise _NoSession("the gateway was started anew; saying hello again")
                    return None
                if frame.type is wanted and frame.counter == counter and self._is_ours(frame):
                    return frame
        return None

    def _is_ours(self, frame: Frame) -> bool:
        # A welcome is judged by who said hello.
        return frame.type is FrameType.WELCOME or is_genuine(frame, self._session, Direction.TO_UNIT)


def _unheard(_notice: object) -> None:
    return None


def _nobody(_online: bool) -> None:
    return None
