"""Issued keys as rows, the doors a booking needs, and how long before and after it they open."""

import json
from dataclasses import dataclass
from typing import cast

from sqlalchemy import Row, delete, func, insert, select, update

from appliance.foundation.errors import NeedsAttention
from appliance.foundation.instants import Interval
from appliance.keys.tables import key, margin, site_plan, way
from appliance.storage.unit_of_work import Transaction


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A key as it was issued. `counter` makes its PIN again, `lookup` (hex) finds it; neither is the PIN.

    `window` includes the margins and is half-open; `doors` are ids; `revision` rises with each change of the same key.
    """

    id: str
    booking_id: str
    number: str
    kind: str
    lookup: str | None
    counter: int
    doors: tuple[str, ...]
    window: Interval
    revision: int
    state: str


def body(issued: IssuedKey) -> dict[str, object]:
    """The key as the journal keeps it and the door process learns it."""
    return {
        "id": issued.id,
        "booking_id": issued.booking_id,
        "number": issued.number,
        "kind": issued.kind,
        "lookup": issued.lookup,
        "counter": issued.counter,
        "doors": list(issued.doors),
        "valid_from": issued.window.start,
        "valid_to": issued.window.end,
        "revision": issued.revision,
        "state": issued.state,
    }


def from_body(kept: dict[str, object]) -> IssuedKey:
    """The key that `body` made; the journal is written by this program alone, so its types are trusted."""
    return IssuedKey(
        id=cast("str", kept["id"]),
        booking_id=cast("str", kept["booking_id"]),
        number=cast("str", kept["number"]),
        kind=cast("str", kept["kind"]),
        lookup=cast("str | None", kept["lookup"]),
        counter=cast("int", kept["counter"]),
        doors=tuple(cast("list[str]", kept["doors"])),
        window=Interval(cast("int", kept["valid_from"]), cast("int", kept["valid_to"])),
        revision=cast("int", kept["revision"]),
        state=cast("str", kept["state"]),
    )


def add(tx: Transaction, issued: IssuedKey) -> None:
    """Insert a key."""
    tx.connection.execute(insert(key), _row(tx, issued))


def change(tx: Transaction, issued: IssuedKey) -> None:
    """Replace the row of a key by `issued`."""
    tx.connection.execute(
        update(key).where(key.c.facility_id == tx.scope.facility_id, key.c.id == issued.id), _row(tx, issued)
    )


def of_booking(tx: Transaction, booking_id: str) -> list[IssuedKey]:
    """Every key ever issued for a booking, oldest first."""
    query = select(key).where(key.c.facility_id == tx.scope.facility_id, key.c.booking_id == booking_id)
    return [_key(row) for row in tx.connection.execute(query.order_by(key.c.id))]


def lookup_taken(tx: Transaction, lookup: bytes, doors: tuple[str, ...], window: Interval) -> bool:
    """Whether a live PIN with this lookup opens one of `doors` at some time in `window`."""
    query = select(key.c.doors).where(
        key.c.facility_id == tx.scope.facility_id,
        key.c.lookup == lookup.hex(),
        key.c.state.in_(("live", "not_paid")),
        key.c.valid_from < window.end,
        key.c.valid_to > window.start,
    )
    return any(set(json.loads(row.doors)) & set(doors) for row in tx.connection.execute(query))


def doors_of(tx: Transaction, resource_ids: tuple[str, ...]) -> tuple[str, ...]:
    """The doors on the way to some resources, each once (AC-08)."""
    query = (
        select(way.c.door_id)
        .where(way.c.facility_id == tx.scope.facility_id, way.c.resource_id.in_(resource_ids))
        .distinct()
        .order_by(way.c.door_id)
    )
    return tuple(tx.connection.execute(query).scalars())


def margins(tx: Transaction, service_id: str) -> tuple[int, int]:
    """Seconds before and after a booking in which its keys open: the service's own, else the facility's, else none."""
    query = select(margin).where(
        margin.c.facility_id == tx.scope.facility_id,
        (margin.c.service_id == service_id) | margin.c.service_id.is_(None),
    )
    rows = sorted(tx.connection.execute(query).all(), key=lambda row: row.service_id is None)
    return (rows[0].before_s, rows[0].after_s) if rows else (0, 0)


def newest_site_plan(tx: Transaction) -> dict[str, object]:
    """The document of doors in force as desired. NeedsAttention when the facility has none."""
    document = _newest_document(tx)
    if document is None:
        raise NeedsAttention("this facility has no site plan yet: describe its doors first")
    return document


def door_slugs(tx: Transaction) -> list[str]:
    """The slugs of the doors of the site plan, in its order; none before there is a plan."""
    document = _newest_document(tx) or {}
    return [str(door["slug"]) for door in cast("list[dict[str, object]]", document.get("doors", []))]


def desire_site_plan(tx: Transaction, document: dict[str, object]) -> int:
    """Make `document` the next desired site plan; its number. The door process applies or rejects it (FL-02)."""
    newest = select(func.max(site_plan.c.number)).where(site_plan.c.facility_id == tx.scope.facility_id)
    number = (tx.connection.execute(newest).scalar() or 0) + 1
    row = {"facility_id": tx.scope.facility_id, "number": number, "document": json.dumps(document, ensure_ascii=False)}
    tx.connection.execute(insert(site_plan), row)
    tx.record("site_plan", tx.scope.facility_id, "desired", after={"number": number, "document": document})
    return number


def _newest_document(tx: Transaction) -> dict[str, object] | None:
    query = (
        select(site_plan.c.document)
        .where(site_plan.c.facility_id == tx.scope.facility_id)
        .order_by(site_plan.c.number.desc())
        .limit(1)
    )
    document = tx.connection.execute(query).scalar()
    return None if document is None else cast("dict[str, object]", json.loads(document))


def _row(tx: Transaction, issued: IssuedKey) -> dict[str, object]:
    return {
        **body(issued),
        "facility_id": tx.scope.facility_id,
        "doors": json.dumps(issued.doors),
    }


def _key(row: Row[tuple[object, ...]]) -> IssuedKey:
    return IssuedKey(
        id=row.id,
        booking_id=row.booking_id,
        number=row.number,
        kind=row.kind,
        lookup=row.lookup,
        counter=row.counter,
        doors=tuple(json.loads(row.doors)),
        window=Interval(row.valid_from, row.valid_to),
        revision=row.revision,
        state=row.state,
    )


def add_way(tx: Transaction, resource_id: str, door_id: str) -> None:
    """Have bookings of a resource open a door from now on; keys issued before stay as they are (AC-08)."""
    row = {"facility_id": tx.scope.facility_id, "resource_id": resource_id, "door_id": door_id}
    tx.connection.execute(insert(way), row)
    tx.record("way", resource_id, "added", after={"resource_id": resource_id, "door_id": door_id})


def set_margin(tx: Transaction, *, before_s: int, after_s: int, service_id: str | None = None) -> None:
    """Seconds before and after a booking in which its keys open: of one service, or of all that have none (AC-07)."""
    same = margin.c.service_id.is_not_distinct_from(service_id)
    tx.connection.execute(delete(margin).where(margin.c.facility_id == tx.scope.facility_id, same))
    row = {"id": tx.ids.new(), "service_id": service_id, "before_s": before_s, "after_s": after_s}
    tx.connection.execute(insert(margin), {**row, "facility_id": tx.scope.facility_id})
    tx.record("margin", service_id or tx.scope.facility_id, "set", after=row)
