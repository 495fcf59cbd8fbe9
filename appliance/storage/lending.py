"""Open connections to `booking.db`, lent to one transaction at a time.

SQLAlchemy can do this too, but what it makes anew for each transaction costs more than most transactions do.
"""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Connection, Engine

from appliance.foundation.errors import NeedsAttention, Retryable
from appliance.storage.engine import BUSY_MS, CONNECTIONS, driver_of

BUSY: Final = "the booking file is busy; try again"


class Lending:
    """Connections of one engine. The one that was used last is lent first: it still holds the pages that it read."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._idle: deque[Connection] = deque()
        # Whoever waits for a connection waits here, where those come back, and not at the engine's own pool.
        self._places = threading.BoundedSemaphore(CONNECTIONS)

    @contextmanager
    def transaction(self, begin: str) -> Iterator[Connection]:
        """A connection inside a transaction that `begin` opens; it commits unless the block raises.

        Retryable when none comes free for as long as a busy file is waited for.
        """
        with self._lent() as connection:
            driver = driver_of(connection)
            driver.execute(begin)
            try:
                yield connection
                if not driver.in_transaction:
                    raise NeedsAttention("booking.db gave the transaction up by itself: look whether the disk is full")
                driver.commit()
            finally:
                # Undoes what did not commit, and ends what Core began on top.
                connection.rollback() if connection.in_transaction() else driver.rollback()

    def close(self) -> None:
        """Close what is not lent."""
        while self._idle:
            self._idle.pop().close()
        self._engine.dispose()

    @contextmanager
    def _lent(self) -> Iterator[Connection]:
        if not self._places.acquire(timeout=BUSY_MS / 1000):
            raise Retryable(BUSY)
        try:
            connection = self._idle.pop() if self._idle else self._engine.connect()
            try:
                yield connection
            finally:
                self._take_back(connection)
        finally:
            self._places.release()

    def _take_back(self, connection: Connection) -> None:
        if driver_of(connection).in_transaction:
            # It could not end its transaction, whose lock would stay with it.
            connection.invalidate()
            connection.close()
        else:
            self._idle.append(connection)
