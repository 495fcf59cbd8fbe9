"""The way to an emulated gateway over MQTT: a real broker."""

import json
from functools import partial

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from paho.mqtt.client import Client, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion

from drivers.emulators.gateway_firmware import LOOK_S, MqttEnd
from drivers.emulators.gateway_program import EmulatedGateway


class Bus:
    """A real broker."""

    def __init__(
        self, gateway: EmulatedGateway, broker: tuple[str, int], facility: str, controller: str, key: Ed25519PublicKey
    ) -> None:
        self._gateway = gateway
        self._broker = broker
        self._base = f"portvakt/v1/{facility}/controller/{controller}"
        self._end = MqttEnd(gateway.firmware, facility, controller, key)
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
        client.on_connect = lambda *_: self._gateway.server.later(0, self._connected)
        client.on_message = lambda _client, _data, message: self._gateway.server.later(
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
        for delay, piece in self._gateway.spoiled("request", payload):
            self._gateway.server.later(delay, partial(self._heard, piece))

    def _heard(self, payload: bytes) -> None:
        reply, op = self._end.heard(payload)
        self._gateway.note(op)
        if reply is not None:
            self._say("reply", reply)

    def _look_around(self) -> None:
        self._gateway.firmware.look_around()
        for notice in self._gateway.firmware.taken_notices(1 << 20):
            self._say("notice", json.dumps(notice).encode())
        self._gateway.server.later(LOOK_S, self._look_around)

    def _say(self, channel: str, payload: bytes) -> None:
        for delay, leaving in self._gateway.spoiled(channel, payload):
            self._gateway.server.later(delay, partial(self._publish, channel, leaving))

    def _publish(self, channel: str, payload: bytes) -> None:
        self._client.publish(f"{self._base}/{channel}", payload, qos=1)
