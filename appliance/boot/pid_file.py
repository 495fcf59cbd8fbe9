"""Pid files in `DATA/run/`: who is running, for people, scripts and tests."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def pid_file(folder: Path, name: str) -> Iterator[Path]:
    """Say that this process is `name` while the block runs; a file left over from a killed process is replaced.

    A data folder that cannot be written to must keep no process from running, so that the file is then left out.
    """
    path = folder / f"{name}.pid"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{os.getpid()}\n")
    except OSError:
        yield path
        return
    try:
        yield path
    finally:
        # A second process of this name may have put its own number there since.
        if path.exists() and path.read_text() == f"{os.getpid()}\n":
            path.unlink(missing_ok=True)
