"""Pseudo terminals in place of serial ports: what is plugged in is found under a name, as an adapter is."""

import os
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
