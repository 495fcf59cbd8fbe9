"""`portvakt emulate mqtt-lock`: a lock over MQTT as a process of its own. An emulator, not a lock.

It signs in to a real broker with a session that the broker keeps, so that what was sent while it was away arrives late,
as it may with a real lock. Each command it meets is a line of its journal file: {"at_us": microseconds since 1970,
"verdict": "obeyed" | "refused" | "swallowed", "reason", "id", "verb"}, and each movement {"at_us", "bolt": "released"}.

The control socket takes {"act": ACT} with open, close, force, rex, tamper, tamper_over, jam, free, mute, speak, unplug,
plug; {"act": "fault", ...} with the names of a fault script; and {"act": "look"}.
"""

import argparse
import json
import secrets
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final, TextIO

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from paho.mqtt.client import Client, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion

from appliance.foundation.clock import Clock, PretendClock, SystemClock
from drivers.emulators.faults import FaultScript, fault_of, read_script
from drivers.emulators.line_server import LineServer, Peer
from drivers.emulators.lock_firmware import Body, Firmware

HEARTBEAT_S: Final = 60.0


class EmulatedLock:
    """The lock's radio, steel and hand; everything runs in the line server's thread but the network itself."""

    def __init__(
        self, start: Callable[[], Firmware], broker: tuple[str, int], faults: FaultScript, clock: Clock
    ) -> None:
        self.server = LineServer()
        self._start = start
        self._firmware = start()
        self._base = f"portvakt/v1/{self._firmware.facility}/door/{self._firmware.door}"
        self._broker = broker
        self._faults = faults
        self._clock = clock
        self._client: Client | None = None
        self._journal: TextIO | None = None
        self._refused_at = float("-inf")

    def run(self, journal: TextIO, control: Path | None) -> None:
        """Serve until the line server is stopped."""
        self._journal = journal
        if control is not None:
            self.server.listen(control, self)
        self._plug()
        self.server.later(HEARTBEAT_S, self._heartbeat)
        print(json.dumps({"ready": True, "emulator": "mqtt-lock"}), flush=True)
        self.server.run()
        self._unplug(orderly=True)

    def heard(self, peer: Peer, message: dict[str, object]) -> None:
        """The hand does something."""
        act = message.get("act")
        if act == "look":
            peer.send({"ok": True, **self._look()})
        elif act == "fault":
            peer.send(self._planned({name: value for name, value in message.items() if name != "act"}))
        elif act == "unplug":
            self._unplug(orderly=False)
            peer.send({"ok": True})
        elif act == "plug":
            self._plug()
            peer.send({"ok": True})
        else:
            happening, wrong = self._firmware.hand(str(act))
            peer.send({"ok": False, "error": wrong} if wrong else {"ok": True})
            if not wrong:
                self._happened(happening)
                self._settle()

    def gone(self, peer: Peer) -> None:
        return None

    def _look(self) -> dict[str, object]:
        body = self._firmware.body
        connected = self._client is not None and self._client.is_connected()
        return {"bolt_free": body.bolt_free, "leaf_open": body.leaf_open, "tamper": body.tamper, "online": connected}

    def _planned(self, table: dict[str, object]) -> dict[str, object]:
        try:
            self._faults.add(fault_of(table))
        except ValueError as wrong:
            return {"ok": False, "error": str(wrong)}
        return {"ok": True}

    def _plug(self) -> None:
        if self._client is not None:
            return
        self._firmware = self._start()
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"lock-{self._firmware.facility}-{self._firmware.door}",
            clean_session=False,
            protocol=MQTTv311,
        )
        client.will_set(f"{self._base}/availability", b"offline", qos=1, retain=True)
        client.reconnect_delay_set(1, 2)
        client.connect_timeout = 1.0
        client.on_connect = lambda *_: self.server.later(0, self._connected)
        client.on_message = lambda _client, _data, message: self._received(bytes(message.payload))
        client.connect_async(*self._broker, keepalive=10)
        self._client = client
        client.loop_start()

    def _unplug(self, orderly: bool) -> None:
        client, self._client = self._client, None
        if client is None:
            return
        connection = client.socket()
        if orderly:
            client.publish(f"{self._base}/availability", b"offline", qos=1, retain=True)
            client.disconnect()
        elif isinstance(connection, socket.socket):
            # Cut the line first, so that no goodbye is said and the broker speaks the last will.
            connection.shutdown(socket.SHUT_RDWR)
        client.on_connect = client.on_message = None
        client.loop_stop()
        self._firmware.body = Body(leaf_open=self._firmware.body.leaf_open)

    def _connected(self) -> None:
        if self._client is not None:
            self._client.subscribe(f"{self._base}/command", qos=1)
            self._client.publish(f"{self._base}/availability", b"online", qos=1, retain=True)
            self._report()

    def _received(self, payload: bytes) -> None:
        for delay, arrived in self._faults.passed("command", payload):
            self.server.later(delay, partial(self._obey, arrived))

    def _obey(self, payload: bytes) -> None:
        if self._client is None:
            return
        noted = self._firmware.command(payload, self._clock.now(), time.monotonic())
        self._note(noted)
        if noted["verdict"] == "refused" and time.monotonic() - self._refused_at >= 1:
            # One a second, so that whoever floods the lock does not flood the bus through it.
            self._refused_at = time.monotonic()
            self._happened("refused")
        if not self._settle() and noted["verdict"] == "obeyed":
            self._report()

    def _settle(self) -> bool:
        """Move the bolt to where it should be by now; whether it moved."""
        moved = self._firmware.settle(time.monotonic())
        if moved is not None:
            self._note({"bolt": moved})
            self._happened(moved)
        due = self._firmware.due_in(time.monotonic())
        if due is not None:
            self.server.later(due, self._settle_later)
        return moved is not None

    def _settle_later(self) -> None:
        self._settle()

    def _happened(self, kind: str | None) -> None:
        if kind is not None:
            self._say("event", self._firmware.event(kind), retain=False)
            if kind not in ("rex", "refused"):
                self._report()

    def _report(self) -> None:
        self._say("state", self._firmware.state(), retain=True)

    def _say(self, channel: str, payload: bytes, retain: bool) -> None:
        for delay, leaving in self._faults.passed(channel, payload):
            self.server.later(delay, partial(self._publish, channel, leaving, retain))

    def _publish(self, channel: str, payload: bytes, retain: bool) -> None:
        if self._client is not None:
            self._client.publish(f"{self._base}/{channel}", payload, qos=1, retain=retain)

    def _heartbeat(self) -> None:
        self._report()
        self.server.later(HEARTBEAT_S, self._heartbeat)

    def _note(self, line: dict[str, object]) -> None:
        if self._journal is not None:
            self._journal.write(json.dumps({"at_us": time.time_ns() // 1000, **line}) + "\n")
            self._journal.flush()


def parser() -> argparse.ArgumentParser:
    """The options of `portvakt emulate mqtt-lock`."""
    options = argparse.ArgumentParser("portvakt emulate mqtt-lock", description="A lock over MQTT as a process.")
    options.add_argument("--broker", type=_address, required=True, help="HOST:PORT")
    options.add_argument("--facility", required=True, help="the facility's slug")
    options.add_argument("--door", required=True, help="the door's slug")
    options.add_argument("--public-key", type=_public_key, required=True, help="PEM file of the unit's public key")
    options.add_argument("--journal", type=Path, required=True, help="file to append each command to, as JSON lines")
    options.add_argument("--control", type=Path, help="socket for a hand at the door")
    options.add_argument("--faults", type=_script, default=FaultScript(), help="TOML file of faults")
    options.add_argument("--clock-shift", type=Path, help="file that moves the clock, for a world with a pretend one")
    return options


def main(argv: Sequence[str]) -> int:
    """Run until SIGTERM or SIGINT; prints one line of JSON when ready."""
    arguments = parser().parse_args(argv)
    clock = PretendClock(arguments.clock_shift) if arguments.clock_shift else SystemClock()

    def start() -> Firmware:
        boot = secrets.token_hex(4)
        return Firmware(arguments.facility, arguments.door, arguments.public_key, boot, clock.now())

    lock = EmulatedLock(start, arguments.broker, arguments.faults, clock)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: lock.server.stop())
    with arguments.journal.open("a", encoding="utf-8") as journal:
        lock.run(journal, arguments.control)
    return 0


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host, int(port)


def _script(text: str) -> FaultScript:
    return read_script(Path(text))


def _public_key(text: str) -> Ed25519PublicKey:
    key = load_pem_public_key(Path(text).read_bytes())
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("not an Ed25519 key")
    return key


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
