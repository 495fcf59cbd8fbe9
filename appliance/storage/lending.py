"""Open connections to `booking.db`, lent to one transaction at a time.

SQLAlchemy can do this too, but what it makes anew for each transaction costs more than most transactions do.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine

from appliance.storage.engine import driver_of


class Lending:
    """Connections of one engine. The one that was used last is lent first: it still holds the pages that it read."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._idle: deque[Connection] = deque()

    @contextmanager
    def transaction(self, begin: str) -> Iterator[Connection]:
        """A connection inside a transaction that `begin` opens; it commits unless the block raises."""
        connection = self._taken()
        driver = driver_of(connection)
        try:
            driver.execute(begin)
            yield connection
            driver.commit()
        finally:
            # Undoes what did not commit, and ends what Core began on top. A connection that cannot is not lent again.
            connection.rollback() if connection.in_transaction() else driver.rollback()
            self._idle.append(connection)

    def close(self) -> None:
        """Close what is not lent."""
        while self._idle:
            self._idle.pop().close()
        self._engine.dispose()

    def _taken(self) -> Connection:
        try:
            return self._idle.pop()
        except IndexError:
            return self._engine.connect()
