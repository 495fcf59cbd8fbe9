"""What happened at the doors lately, as the door's own journal tells it: moves, grants and denials (AC-11, AC-20)."""

import json
import sqlite3
from typing import Any, Final

_LATEST: Final = (
    "SELECT j.seq, j.at, j.actor, j.entity, j.entity_id, j.verb, j.after, k.number"
    " FROM journal j LEFT JOIN subject s USING (seq) LEFT JOIN known_key k ON k.id = s.key_id"
    " WHERE j.entity IN ('door', 'presentation') ORDER BY j.seq DESC LIMIT ?"
)


def latest(connection: sqlite3.Connection, limit: int) -> list[dict[str, object]]:
    """The newest entries first; see `appliance.door_socket.answers.DoorEvent` for their fields."""
    return [_event(*row) for row in connection.execute(_LATEST, (limit,))]


def _event(
    seq: int, at: int, actor: str, entity: str, entity_id: str, verb: str, after: str | None, number: str | None
) -> dict[str, object]:
    body: dict[str, Any] = json.loads(after) if after else {}
    return {
        "seq": seq, "at": at, "actor": actor, "verb": verb, "is_move": entity == "door",
        "door_id": entity_id if entity == "door" else body.get("door_id", ""),
        "reader": body.get("reader", ""), "kind": body.get("kind", ""), "reason": body.get("reason", ""),
        "count": body.get("count", 1), "why": body.get("why", ""), "booking_number": number,
    }  # fmt: skip
