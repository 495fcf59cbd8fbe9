"""Pseudo terminals in place of serial ports: what is plugged in is found under a name, as an adapter is."""

import os
import select
import threading
import tty
from pathlib import Path


def plugged(link: Path) -> int:
    """A pty whose near end is found at `link` until the other one, which this returns, is closed."""
    master, slave = os.openpty()
    tty.setraw(slave)
    fresh = link.with_suffix(".new")
    fresh.symlink_to(os.ttyname(slave))
    fresh.replace(link)
    os.close(slave)
    return master


class Tap:
    """A wire between two serial ends that remembers every byte: the witness of what lies on the bus."""

    def __init__(self, near: Path, far: Path) -> None:
        """near: the path to be, for the program under test. far: the other end's."""
        self.bytes = b""
        self._master = plugged(near)
        self._far = os.open(far, os.O_RDWR | os.O_NOCTTY)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._copy, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._stopping.set()
        self._thread.join(5)
        os.close(self._master)
        os.close(self._far)

    def _copy(self) -> None:
        while not self._stopping.is_set():
            ready, _, _ = select.select([self._master, self._far], [], [], 0.05)
            for end in ready:
                try:
                    data = os.read(end, 4096)
                except OSError:  # nobody has the near end open right now
                    self._stopping.wait(0.02)
                    continue
                self.bytes += data
                os.write(self._far if end == self._master else self._master, data)
