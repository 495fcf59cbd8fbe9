"""Starting the other ends: emulators and brokers as real processes, and talking to their control sockets."""

import json
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from drivers.local_broker import LocalBroker, answers, free_port
from tests.system_parts import path_of

ROOT = Path(__file__).parents[2]


class Program:
    """A Python module run as a process; ready when it has printed its first line."""

    def __init__(self, module: str, arguments: Sequence[object]) -> None:
        self._command = [sys.executable, "-m", module, *(str(argument) for argument in arguments)]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, cwd=ROOT)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"{self._command} ended before it was ready"
        assert json.loads(line)["ready"] is True

    def kill(self) -> None:
        """kill -9, as a power cut would."""
        self._end(hard=True)

    def stop(self) -> int:
        """SIGTERM; its exit code."""
        return self._end(hard=False)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _end(self, hard: bool) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        if hard:
            process.kill()
        else:
            process.terminate()
        assert process.stdout is not None
        process.stdout.close()
        return process.wait(10)


def told(control: Path, **message: object) -> dict[str, object]:
    """What a control socket answers to one message."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(5)
        line.connect(str(control))
        line.sendall(json.dumps(message).encode() + b"\n")
        answer = json.loads(line.makefile("rb").readline())
    assert isinstance(answer, dict)
    return answer


class Mosquitto:
    """The broker that a site has, with a store on disk; the same verbs as `LocalBroker`."""

    def __init__(self, folder: Path) -> None:
        self.host = "127.0.0.1"
        self.port = free_port()
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        settings = self._folder / "mosquitto.conf"
        lines = (
            f"listener {self.port} {self.host}",
            "allow_anonymous true",
            "persistence true",
            f"persistence_location {self._folder}/",
            "autosave_on_changes true",
            "autosave_interval 1",
            "user root",
        )
        settings.write_text("\n".join(lines) + "\n")
        with (self._folder / "mosquitto.log").open("ab") as log:
            command = [str(path_of("mosquitto")), "-c", str(settings)]
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        assert answers(self.host, self.port, 10, self._process), "mosquitto did not start"

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            self._process = None

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None


AnyBroker = LocalBroker | Mosquitto
