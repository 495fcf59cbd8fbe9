"""The emulated RCO gateway over MQTT, through a real broker. Loaded only where there is one: paho takes its time."""

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from paho.mqtt.client import Client, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion

from drivers.emulators.gateway_firmware import LOOK_S, MqttEnd

if TYPE_CHECKING:
    from drivers.emulators.rco import EmulatedRco


class Bus:
    """The system's gateway at a broker. public_key: file of the unit's, PEM."""

    def __init__(
        self, rco: "EmulatedRco", broker: tuple[str, int], facility: str, controller: str, public_key: Path
    ) -> None:
        self._rco = rco
        self._broker = broker
        self._base = f"portvakt/v1/{facility}/controller/{controller}"
        self._end = MqttEnd(rco.firmware, facility, controller, _public_key(public_key))
        self._client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"gateway-{facility}-{controller}",
            clean_session=False,
            protocol=MQTTv311,
        )

    def start(self) -> None:
        client = self._client
        client.will_set(f"{self._base}/availability", b"offline", qos=1, retain=True)
        client.reconnect_delay_set(1, 2)
        client.connect_timeout = 1.0
        client.on_connect = lambda *_: self._rco.server.later(0, self._connected)
        client.on_message = lambda _client, _data, message: self._rco.server.later(
            0, partial(self._arrived, bytes(message.payload))
        )
        client.connect_async(*self._broker, keepalive=10)
        client.loop_start()
        self._look_around()

    def stop(self) -> None:
        self._client.publish(f"{self._base}/availability", b"offline", qos=1, retain=True)
        self._client.disconnect()
        self._client.loop_stop()

    def _connected(self) -> None:
        self._client.subscribe(f"{self._base}/command", qos=1)
        self._client.publish(f"{self._base}/availability", b"online", qos=1, retain=True)

    def _arrived(self, payload: bytes) -> None:
        for delay, piece in self._rco.spoiled("request", payload):
            self._rco.server.later(delay, partial(self._heard, piece))

    def _heard(self, payload: bytes) -> None:
        reply, op = self._end.heard(payload)
        self._rco.note(op)
        if reply is not None:
            self._say("reply", reply)

    def _look_around(self) -> None:
        self._rco.firmware.look_around()
        for notice in self._rco.firmware.taken_notices(1 << 20):
            self._say("notice", json.dumps(notice).encode())
        self._rco.server.later(LOOK_S, self._look_around)

    def _say(self, channel: str, payload: bytes) -> None:
        for delay, leaving in self._rco.spoiled(channel, payload):
            self._rco.server.later(delay, partial(self._publish, channel, leaving))

    def _publish(self, channel: str, payload: bytes) -> None:
        self._client.publish(f"{self._base}/{channel}", payload, qos=1)


def _public_key(file: Path) -> Ed25519PublicKey:
    key = load_pem_public_key(file.read_bytes())
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("not an Ed25519 key")
    return key
