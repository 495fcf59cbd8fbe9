"""The far end of a serial cable: a pty whose near end is found under a path, as an adapter is."""

import os
import tty
from collections.abc import Callable
from pathlib import Path
from typing import Final

from drivers.emulators.line_server import LineServer

PIECE: Final = 4096


class PtyEnd:
    """One cable. `heard` is told what came, in the server's thread."""

    def __init__(self, path: Path, server: LineServer, heard: Callable[[bytes], None]) -> None:
        self._path = path
        self._server = server
        self._heard = heard
        self._ends: tuple[int, int] | None = None

    def plug(self) -> None:
        """Put the cable in; a new terminal each time, as with an adapter."""
        if self._ends is not None:
            return
        far, near = os.openpty()
        tty.setraw(near)
        os.set_blocking(far, False)
        draft = self._path.with_name(f".{self._path.name}.new")
        draft.unlink(missing_ok=True)
        # By way of this process: the name of a terminal is given to others once it is free, and whoever looked for a
        # cable whose emulator was killed would find theirs.
        draft.symlink_to(f"/proc/{os.getpid()}/fd/{near}")
        draft.replace(self._path)
        # Our own hold on the near end keeps the cable in while no program has it open.
        self._ends = far, near
        self._server.watch(far, self._ready)

    def unplug(self) -> None:
        """Pull it out: the path is gone, and who has it open reads nothing but faults."""
        if self._ends is None:
            return
        far, near = self._ends
        self._ends = None
        self._server.unwatch(far)
        os.close(near)
        os.close(far)
        self._path.unlink(missing_ok=True)

    def send(self, data: bytes) -> None:
        """Send as much as the cable takes; what nobody reads is lost."""
        if self._ends is None:
            return
        try:
            os.write(self._ends[0], data)
        except BlockingIOError:
            return

    def _ready(self) -> None:
        if self._ends is None:
            return
        try:
            data = os.read(self._ends[0], PIECE)
        except OSError:
            data = b""
        if data:
            self._heard(data)
