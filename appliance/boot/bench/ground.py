"""What a measurement stands on: a folder on a real disk, and a database that does what it says it does.

A figure for a durable write means nothing on a file system in memory, or with `synchronous` switched down.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Final

from appliance.foundation.errors import NeedsAttention

MEMORY: Final = frozenset({"tmpfs", "ramfs", "devtmpfs", "rootfs"})
_MOUNTS: Final = Path("/proc/self/mountinfo")
_FULL: Final = 2


def file_system(folder: Path, mounts: Iterable[str]) -> str:
    """The type of the file system that holds `folder`, from lines of mountinfo (proc(5)); empty when none names it."""
    best, kind = -1, ""
    for line in mounts:
        fields = line.split()
        if "-" not in fields[6:]:
            continue
        # A blank in a mount point is written as its octal code.
        point = Path(fields[4].encode().decode("unicode_escape"))
        # The latest line wins among equals: what is mounted later hides what was there.
        if folder.is_relative_to(point) and len(point.parts) >= best:
            best, kind = len(point.parts), fields[fields.index("-", 6) + 1]
    return kind


def require_disk(folder: Path, mounts: Iterable[str]) -> str:
    """The type of file system under `folder`. NeedsAttention when it is in memory: nothing there is ever durable."""
    kind = file_system(folder.resolve(), mounts)
    if kind in MEMORY:
        raise NeedsAttention(f"{folder} lies on {kind}, where nothing is durable: start this in a folder on a disk")
    return kind


@contextmanager
def fresh_folder(parent: Path) -> Iterator[tuple[Path, str]]:
    """A new folder under `parent` and the type of its file system; it is removed afterwards."""
    with _MOUNTS.open(encoding="utf-8") as mounts:
        kind = require_disk(parent, mounts)
    folder = Path(mkdtemp(prefix=".portvakt-bench-", dir=parent)).resolve()
    try:
        yield folder, kind
    finally:
        rmtree(folder, ignore_errors=True)


def require_durable(where: str, journal_mode: object, synchronous: object) -> None:
    """NeedsAttention unless a connection that was measured writes as the product promises: WAL and FULL."""
    if str(journal_mode).lower() != "wal" or synchronous != _FULL:
        raise NeedsAttention(
            f"{where} was measured with journal_mode={journal_mode} and synchronous={synchronous};"
            f" its figures would mean nothing"
        )
