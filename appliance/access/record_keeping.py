"""The door records of one person, by their bookings: told to them, or forgotten before their time (AC-21)."""

import json
from collections.abc import Collection
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from appliance.access import records
from appliance.foundation.errors import NeedsAttention
from appliance.foundation.instants import Instant
from appliance.storage.chain import Change
from appliance.storage.door_file import DoorFile, connect
from appliance.storage.door_writer import DoorWriter, Transaction

WRITE_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class DoorRecord:
    """See `appliance.door_socket.record_answers.DoorRecord` for its fields."""

    at: Instant
    door_id: str
    verb: str
    reason: str
    kind: str
    booking_id: str


class RecordKeeping:
    """Any thread may ask. is_held: nothing may be forgotten now."""

    def __init__(self, file: DoorFile, writer: DoorWriter, *, is_held: bool) -> None:
        self._file = file
        self._writer = writer
        self._is_held = is_held

    def of(self, booking_ids: Collection[str]) -> list[DoorRecord]:
        """Every record of some bookings that is still known to be theirs, oldest first."""
        with closing(connect(self._file)) as connection:
            rows = records.of_bookings(connection, booking_ids)
        found = []
        for at, entity, entity_id, verb, after, booking_id in rows:
            body = json.loads(after)
            # Entries of other things than presentations are about a door themselves.
            door = body.get("door_id") or entity_id
            found.append(DoorRecord(at, door, verb, body.get("reason", ""), body.get("kind", entity), booking_id))
        return found

    def forget(self, booking_ids: Collection[str], actor: str) -> int:
        """Forget which records are of some bookings; how many were. NeedsAttention during a legal hold."""
        if self._is_held:
            raise NeedsAttention("a legal hold is in force: no door record may be forgotten")

        def write(tx: Transaction) -> int:
            count = records.forget_bookings(tx, booking_ids)
            if count:
                tx.journal(Change(actor, "records", tx.head.file_id, "erased", after={"entries": count}))
            return count

        return self._writer.submit(write).wait(WRITE_S)
