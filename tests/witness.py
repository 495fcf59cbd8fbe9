"""Witnesses outside the door process: what really went over the bus and over the wire. Nothing of ours is believed.

`CommandWitness` is an MQTT client of its own that judges each command by the published description alone
(`drivers/mqtt_lock/PROTOCOL.md`). `read_edges` and `Pulse` read what the process that plays the pins wrote down.
"""

import base64
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from paho.mqtt.client import Client, MQTTMessage, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion

from tests.waiting import until

SIGNED = ("facility", "door", "id", "verb", "release_s", "issued_at", "not_after")


def machine_time() -> float:
    """Seconds since 1970 by the machine's own clock."""
    return time.clock_gettime(time.CLOCK_REALTIME)


@dataclass(frozen=True, slots=True)
class SeenCommand:
    """One message on a command topic. `wrong` names what is wrong with it, empty when it is in order."""

    at: float
    topic: str
    id: str
    verb: str
    release_s: int
    not_after: int
    retained: bool
    wrong: str


class CommandWitness:
    """Listens to every command on a broker from `__enter__` on.

    now: seconds since 1970 by which expiry is judged, where the world of the test goes by a clock of its own.
    """

    def __init__(
        self,
        host: str,
        port: int,
        key: Ed25519PublicKey,
        client_id: str = "witness",
        now: Callable[[], float] = machine_time,
    ) -> None:
        self._key = key
        self._now = now
        self._seen: list[SeenCommand] = []
        self._listening = threading.Event()
        self._client = Client(CallbackAPIVersion.VERSION2, client_id=client_id, protocol=MQTTv311)
        self._client.on_connect = lambda client, *_: client.subscribe("portvakt/v1/+/door/+/command", qos=1)
        self._client.on_subscribe = lambda *_: self._listening.set()
        self._client.on_message = lambda _client, _data, message: self._seen.append(self._judged(message))
        self._client.reconnect_delay_set(1, 1)
        self._client.connect(host, port)

    def __enter__(self) -> Self:
        self._client.loop_start()
        assert self._listening.wait(10), "the witness cannot listen"
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _fault: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def commands(self, verb: str | None = None, door: str | None = None) -> list[SeenCommand]:
        """What was seen so far, by verb and door."""
        return [
            seen
            for seen in list(self._seen)
            if verb in (None, seen.verb) and (door is None or seen.topic.split("/")[4] == door)
        ]

    def saw(self, presentation_id: str, seconds: float = 5.0) -> bool:
        """Whether a command with this id came by, now or within `seconds`."""
        return until(lambda: any(seen.id == presentation_id for seen in self.commands()), seconds)

    def wrongs(self) -> list[SeenCommand]:
        """Every command that no lock should obey."""
        return [seen for seen in self.commands() if seen.wrong]

    def _judged(self, message: MQTTMessage) -> SeenCommand:
        at = self._now()
        try:
            order = json.loads(message.payload)
            text = "\n".join(["portvakt door command v1", *(str(order[name]) for name in SIGNED)])
            signature = base64.urlsafe_b64decode(order["sig"] + "==")
            facts = (str(order["id"]), str(order["verb"]), int(order["release_s"]), int(order["not_after"]))
        except (ValueError, KeyError, TypeError):
            return SeenCommand(at, message.topic, "", "", 0, 0, message.retain, "malformed")
        try:
            self._key.verify(signature, text.encode())
        except InvalidSignature:
            return SeenCommand(at, message.topic, *facts, message.retain, "bad signature")
        return SeenCommand(at, message.topic, *facts, message.retain, self._fault(message, order, at))

    def _fault(self, message: MQTTMessage, order: dict[str, object], at: float) -> str:
        topic = f"portvakt/v1/{order['facility']}/door/{order['door']}/command"
        not_after, issued_at = order["not_after"], order["issued_at"]
        assert isinstance(not_after, int)
        assert isinstance(issued_at, int)
        checks = {
            "retained": message.retain,
            "on another door's topic": message.topic != topic,
            "expired": at >= not_after,
            "lives too long": not_after - issued_at > 120,
        }
        return ", ".join(name for name, wrong in checks.items() if wrong)


@dataclass(frozen=True, slots=True)
class EdgeLine:
    """One change of level of one pin. `at` in seconds since 1970, by the clock of the process that plays the pins."""

    at: float
    pin: int
    level: int
    by: str


@dataclass(frozen=True, slots=True)
class Pulse:
    """A pin that was high and is low again; `ended_by` says who dropped it. `end` is None while it lasts."""

    start: float
    end: float | None
    ended_by: str


def read_edges(path: Path, pin: int | None = None) -> list[EdgeLine]:
    """Every edge written so far, of one pin or of all."""
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    edges = [EdgeLine(line["at_us"] / 1e6, line["pin"], line["level"], line["by"]) for line in lines]
    return [edge for edge in edges if pin in (None, edge.pin)]


def read_pulses(path: Path, pin: int, active: int = 1) -> list[Pulse]:
    """Each time the pin was at its active level."""
    pulses: list[Pulse] = []
    start: float | None = None
    for edge in read_edges(path, pin):
        if edge.level == active and start is None:
            start = edge.at
        elif edge.level != active and start is not None:
            pulses.append(Pulse(start, edge.at, edge.by))
            start = None
    return [*pulses, Pulse(start, None, "")] if start is not None else pulses
