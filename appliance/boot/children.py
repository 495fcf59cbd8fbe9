"""Child processes that are started again when they end, with growing pauses, until they are stopped."""

import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from appliance.foundation.processes import end_with_parent

POLL_S = 0.1
FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 10.0
STEADY_S = 10.0
STOP_S = 5.0


@dataclass(slots=True)
class _Child:
    name: str
    command: Sequence[str]
    log: Path | None
    process: subprocess.Popen[bytes] | None = None
    pause_s: float = FIRST_PAUSE_S
    alive_s: float = 0.0
    wait_s: float = 0.0


@dataclass(slots=True)
class Children:
    """Keeps children running. Not thread-safe: one thread adds, keeps and stops. `tied` ones end with this process."""

    tied: bool = False
    stopping: threading.Event = field(default_factory=threading.Event)
    _children: list[_Child] = field(default_factory=list)

    def add(self, name: str, arguments: Sequence[str], log: Path | None = None) -> None:
        """Start `portvakt ARGUMENTS` and keep it running; what it says goes into `log`, else where ours goes."""
        child = _Child(name, [sys.executable, "-m", "appliance", *arguments], log)
        self._children.append(child)
        self._start(child)

    def keep(self) -> None:
        """Start again whatever ended, until `stopping` is set."""
        while not self.stopping.wait(POLL_S):
            for child in self._children:
                self._keep(child)

    def stop(self) -> None:
        """End them all in an orderly way, the last started first; kill what does not end in five seconds."""
        for child in reversed(self._children):
            if child.process is not None and child.process.poll() is None:
                child.process.send_signal(signal.SIGTERM)
        for child in reversed(self._children):
            if child.process is not None:
                try:
                    child.process.wait(STOP_S)
                except subprocess.TimeoutExpired:
                    child.process.kill()
                    child.process.wait()

    def _start(self, child: _Child) -> None:
        ending = end_with_parent() if self.tied else None
        if child.log is None:
            child.process = subprocess.Popen(child.command, stdin=subprocess.DEVNULL, preexec_fn=ending)
            return
        with child.log.open("ab") as log:
            child.process = subprocess.Popen(
                child.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=ending
            )

    def _keep(self, child: _Child) -> None:
        if child.process is not None and child.process.poll() is None:
            child.alive_s += POLL_S
            if child.alive_s >= STEADY_S:
                child.pause_s = FIRST_PAUSE_S
            return
        if child.process is not None:
            child.process, child.wait_s, child.alive_s = None, child.pause_s, 0.0
            child.pause_s = min(child.pause_s * 2, LONGEST_PAUSE_S)
        child.wait_s -= POLL_S
        if child.wait_s <= 0:
            self._start(child)
