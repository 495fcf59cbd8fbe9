"""Which denials get a journal row of their own; see `floods` for the rule (AC-10)."""

import threading
from typing import Final

from appliance.access.floods import Flood, another, owed
from appliance.access.presentations import Presentation
from appliance.foundation.ids import Ids
from appliance.foundation.instants import Instant
from appliance.storage.chain import Change
from appliance.storage.door_writer import DoorWriter, Transaction

READERS_LIMIT: Final = 1_000


class FloodGate:
    """The floods of all readers, in memory: what was only counted in the running minute dies with the process."""

    def __init__(self, writer: DoorWriter, ids: Ids) -> None:
        self._writer = writer
        self._ids = ids
        self._lock = threading.Lock()
        self._floods: dict[tuple[str, str], Flood] = {}

    def admit(self, presentation: Presentation, now: Instant, *, always: bool) -> bool:
        """Whether this denial is a row of its own; `always` for wrong tries, which the throttle keeps few."""
        if always:
            return True
        place = (presentation.door_id, presentation.reader)
        with self._lock:
            flood = self._floods.get(place, Flood(since=now))
            self._settle(place, flood, now)
            self._floods[place], is_row = another(flood, now)
            return is_row

    def settle(self, now: Instant) -> None:
        """Write down the minutes that are over and forget them."""
        with self._lock:
            for place, flood in list(self._floods.items()):
                if flood.is_over(now):
                    self._settle(place, flood, now)
                    del self._floods[place]

    def _settle(self, place: tuple[str, str], flood: Flood, now: Instant) -> None:
        count = owed(flood, now)
        if not count:
            return
        door_id, reader = place
        after: dict[str, object] = {
            "door_id": door_id, "reader": reader, "count": count, "from": flood.since, "to": now, "reason": "flood",
        }  # fmt: skip
        change = Change(f"reader:{reader}", "presentation", self._ids.new(), "denied_flood", after=after)

        def write(tx: Transaction) -> None:
            tx.journal(change)

        self._writer.submit(write, keep=True)
