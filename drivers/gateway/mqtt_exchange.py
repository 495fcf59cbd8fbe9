"""The way to a gateway over the site's MQTT broker: signed commands that die after seconds (PROTOCOL.md)."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from appliance.foundation.clock import Clock
from appliance.foundation.errors import PortvaktError
from appliance.foundation.ids import Uuid7
from drivers.contract import DriverHealth, DriverUnreachable
from drivers.gateway import messages
from drivers.gateway.exchange import Comes, Hears
from drivers.gateway.messages import ControllerTopics, Reply, Request
from drivers.supervision import FaultMemory, SupervisedLink
from drivers.transports.mqtt_link import MqttLink

ROOM: Final = 32 * 1024
AGAIN_S: Final = 1.25
AWAY: Final = "the gateway is not connected to the broker; check its power and network"
SILENT: Final = "the gateway took a command and does not answer; check its clock and its copy of the unit's key"


class MqttExchange:
    """One gateway; an `Exchange` and a member of the shared link."""

    def __init__(self, topics: ControllerTopics, link: MqttLink, key: Ed25519PrivateKey, clock: Clock) -> None:
        self.room = ROOM
        self.topics: Sequence[str] = (topics.reply, topics.notice, topics.availability)
        self._topics = topics
        self._link = link
        self._key = key
        self._clock = clock
        self._ids = Uuid7()
        self._turn = threading.Lock()
        self._changed = threading.Condition()
        self._reply: Reply | None = None
        self._awaited = ""
        self._available = False
        self._told = False
        self._silent = False
        self._hears: Hears = _unheard
        self._comes: Comes = _nobody
        self._faults = FaultMemory(clock)
        # What follows a coming asks the gateway, which the broker's own thread must not wait for.
        self._arrivals = SupervisedLink(f"gateway-{topics.controller}", self._watch, self._wake, clock)

    def start(self, hears: Hears, comes: Comes) -> None:
        self._hears, self._comes = hears, comes
        self._link.attach(self)
        self._arrivals.start()

    def ask(self, request: Request, seconds: float) -> Reply:
        if not self._turn.acquire(timeout=seconds):
            raise DriverUnreachable("the gateway is busy")
        try:
            return self._exchanged(request, seconds)
        finally:
            self._turn.release()

    def health(self) -> DriverHealth:
        health = self._link.health()
        with self._changed:
            gateway = "" if self._available else AWAY
            fault = health.fault or gateway or (SILENT if self._silent else "")
            online = health.online and self._available and self._told
            return self._faults.noted(replace(health, online=online, fault=fault))

    def stop(self) -> None:
        self._arrivals.stop()
        self._link.detach(self)
        self._hears, self._comes = _unheard, _nobody

    def connected(self) -> None:
        """The broker is there; the retained word of the gateway follows."""

    def heard(self, topic: str, payload: bytes) -> None:
        if topic == self._topics.notice:
            notice = messages.parse_notice(payload)
            if notice is not None:
                self._hears(notice)
            return
        with self._changed:
            if topic == self._topics.availability:
                self._available = messages.parse_availability(payload) or False
            else:
                reply = messages.parse_reply(payload)
                if reply is not None and reply.re == self._awaited:
                    self._reply = reply
            self._changed.notify_all()

    def tick(self) -> None:
        return None

    def lost(self) -> None:
        with self._changed:
            self._available = False
            self._changed.notify_all()

    def _exchanged(self, request: Request, seconds: float) -> Reply:
        """Said again while there is no answer: the same id is the same request, and acted on once."""
        request_id = self._ids.new()
        with self._changed:
            if not self._available:
                raise DriverUnreachable(self._link.health().fault or AWAY)
            self._awaited, self._reply = request_id, None
        for wait in _waits(seconds):
            now = self._clock.now()
            self._link.publish(
                self._topics.command,
                messages.command_bytes(self._topics, request, request_id, now, self._key.sign),
            )
            with self._changed:
                if self._changed.wait_for(lambda: self._reply is not None or not self._available, wait):
                    break
        with self._changed:
            reply, self._awaited = self._reply, ""
            self._silent = reply is None and self._available
        if reply is None:
            raise DriverUnreachable(SILENT if self._silent else AWAY)
        return reply

    def _watch(self, link: SupervisedLink) -> None:
        """Tell of each coming and going, in a thread that may ask."""
        while not link.stopping.is_set():
            with self._changed:
                self._changed.wait_for(lambda: self._available is not self._told or link.stopping.is_set(), 0.5)
                changed, available = self._available is not self._told, self._available
            if changed and not link.stopping.is_set():
                try:
                    self._comes(available)
                except PortvaktError:
                    link.stopping.wait(1.0)
                    continue
                self._told = available
                if available:
                    link.came_online()

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()


def _waits(seconds: float) -> list[float]:
    """How long to wait for an answer each time that something is said, together `seconds`."""
    times = max(1, int(seconds / AGAIN_S))
    return [seconds / times] * times


def _unheard(_notice: object) -> None:
    return None


def _nobody(_online: bool) -> None:
    return None
