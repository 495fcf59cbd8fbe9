"""Moving the write-ahead log of `access.db` into the file, beside the writer.

Moved beside the writer, it lets no presentation wait. But it begins anew only at a moment in which all of it is moved,
and where commits follow each other without a pause there is none: the log would grow until the disk is full. So once it
is long, the writer is asked to move the few frames that are left between two commits.
"""

import logging
import sqlite3
from collections.abc import Callable
from typing import Final

FRAMES_LIMIT: Final = 8_192  # 32 MiB
log = logging.getLogger(__name__)


class LogMover:
    """Moves the log of one file through a connection of its own. on_long: asks the writer. For one thread at a time."""

    def __init__(
        self, connection: sqlite3.Connection, on_long: Callable[[], None], frames_limit: int = FRAMES_LIMIT
    ) -> None:
        self._connection = connection
        self._on_long = on_long
        self._frames_limit = frames_limit

    def move(self) -> int:
        """Move what can be moved; how many frames the log has."""
        try:
            _, frames, _ = self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        except sqlite3.Error as fault:
            # The writer will meet the same disk and report it; the log only grows meanwhile.
            log.warning("the WAL cannot be moved into the file: %s", fault)
            return 0
        if frames >= self._frames_limit:
            self._on_long()
        return int(frames)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()
