"""What a controller tells of those who passed its doors, on its way into the journal (BM-27, AC-18).

A grant that was used there counts as the first use of its key, so that the guest has arrived.
"""

from collections.abc import Mapping

from appliance.access import holding_store, store
from appliance.access.records import note_subject
from appliance.storage.chain import Change
from appliance.storage.door_writer import Transaction
from drivers.controller_contract import ControllerEvent, EventPage, Passage


class PassagePage:
    """The write of one page of events and the cursor behind it. doors: door ids by the controller's own names."""

    def __init__(self, controller_id: str, page: EventPage, doors: Mapping[str, str]) -> None:
        self._controller_id = controller_id
        self._page = page
        self._doors = doors

    def __call__(self, tx: Transaction) -> None:
        for event in self._page.events:
            if holding_store.is_new_event(tx, self._controller_id, event.id, event.heard_at):
                self._write(tx, event)
        holding_store.put_cursor(tx, self._controller_id, self._page.cursor, self._page.complete_until)

    def _write(self, tx: Transaction, event: ControllerEvent) -> None:
        row = holding_store.row_of(tx, self._controller_id, event.grant_id) if event.grant_id else None
        is_first = False
        if row is not None and event.passage is Passage.GRANTED:
            is_first = store.use_key(tx, row.grant_id, event.at)
        body: dict[str, object] = {
            "controller_id": self._controller_id,
            "device": event.device,
            "door_id": self._doors.get(event.device),
            "reason": event.reason,
            "first_use": is_first,
            "at": event.at,
            "heard_at": event.heard_at,
        }
        entry = tx.journal(Change("door", "passage", event.id, event.passage.value, after=body))
        if row is not None:
            note_subject(tx, entry, row.booking_id, row.grant_id)
