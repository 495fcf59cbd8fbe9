"""What happens at doors, on its way into the journal of `access.db` (AC-11, AC-20)."""

from collections.abc import Mapping

from appliance.storage.chain import Change
from appliance.storage.door_writer import DoorWriter, Transaction


class DoorJournal:
    """Writes down what doors do; nobody waits for it."""

    def __init__(self, writer: DoorWriter) -> None:
        self._writer = writer

    def record(self, door_id: str, verb: str, after: Mapping[str, object]) -> None:
        """One thing that happened at one door."""
        change = Change("door", "door", door_id, verb, after=after)

        def write(tx: Transaction) -> None:
            tx.journal(change)

        self._writer.submit(write, keep=True)
