"""Issued keys as rows, the doors a booking needs, and how long before and after it they open."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import cast

from sqlalchemy import bindparam, delete, func, insert, select, update

from appliance.foundation.documents import Section
from appliance.foundation.instants import Interval
from appliance.foundation.weekly import WeeklyStretch, parse_stretch, spelled
from appliance.keys.tables import key, margin, site_plan, way
from appliance.storage.statements import Row, Statement, adding
from appliance.storage.unit_of_work import Transaction

_HERE = key.c.facility_id == bindparam("facility_id")
_ADD = adding(key)
_CHANGE = Statement(
    update(key).where(_HERE, key.c.id == bindparam("key_id")),
    [column.key for column in key.c if column.key not in ("id", "facility_id")],
)
_OF_BOOKING = Statement(select(key).where(_HERE, key.c.booking_id == bindparam("booking_id")).order_by(key.c.id))
_BY_ID = Statement(select(key).where(_HERE, key.c.id == bindparam("key_id")))
_OF_LOOKUP = Statement(select(key).where(_HERE, key.c.lookup == bindparam("lookup")).order_by(key.c.id))
_ALIKE = Statement(select(key.c.booking_id, key.c.doors).where(_HERE, key.c.lookup == bindparam("lookup")))


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A key as it was issued. `counter` makes its PIN again, `lookup` (hex) finds it; neither is the PIN.

    `doors` says when it opens each door, by id, margins included; `revision` rises with each change of the same key.
    `public_key` (hex) is that of a phone, `zone` that of a derived PIN, whose `counter` is the one of HOTP. `hours` of
    the week are those of a standing key, whose `booking_id` is the id of its entitlement.
    """

    id: str
    booking_id: str
    number: str
    kind: str
    lookup: str | None
    counter: int
    doors: Mapping[str, Interval] = field(hash=False)
    revision: int
    state: str
    public_key: str | None = None
    zone: str | None = None
    hours: tuple[WeeklyStretch, ...] = ()

    @property
    def is_live(self) -> bool:
        """Whether it opens anything."""
        return self.state == "live"

    @property
    def window(self) -> Interval:
        """From when the first of its doors opens until the last one stays shut."""
        windows = self.doors.values()
        return Interval(min(window.start for window in windows), max(window.end for window in windows))

    @property
    def common_window(self) -> Interval:
        """While all of its doors open: what a pass says, since it has one window for every door."""
        windows = self.doors.values()
        return Interval(max(window.start for window in windows), min(window.end for window in windows))


def body(issued: IssuedKey) -> dict[str, object]:
    """The key as the journal keeps it and the door process learns it."""
    return {
        "id": issued.id,
        "booking_id": issued.booking_id,
        "number": issued.number,
        "kind": issued.kind,
        "lookup": issued.lookup,
        "counter": issued.counter,
        "doors": {door: [window.start, window.end] for door, window in sorted(issued.doors.items())},
        "valid_from": issued.window.start,
        "valid_to": issued.window.end,
        "revision": issued.revision,
        "state": issued.state,
        "public_key": issued.public_key,
        "zone": issued.zone,
        "hours": [spelled(stretch) for stretch in issued.hours] or None,
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
        doors=_windows(cast("dict[str, tuple[int, int]]", kept["doors"])),
        revision=cast("int", kept["revision"]),
        state=cast("str", kept["state"]),
        public_key=cast("str | None", kept.get("public_key")),
        zone=cast("str | None", kept.get("zone")),
        hours=_hours(cast("list[object] | None", kept.get("hours"))),
    )


def add(tx: Transaction, issued: IssuedKey) -> None:
    """Insert a key."""
    tx.run(_ADD, **_row(issued))


def issue(tx: Transaction, issued: IssuedKey) -> int:
    """Insert a key and put it on record; the seq of its entry, which the door must reach to know it."""
    add(tx, issued)
    return tx.record("key", issued.id, "issued", after=body(issued))


def revise(
    tx: Transaction,
    issued: IssuedKey,
    *,
    state: str = "live",
    doors: Mapping[str, Interval] | None = None,
    hours: tuple[WeeklyStretch, ...] | None = None,
) -> int:
    """Give a key another state, or other times at its doors; the seq of the entry that says so."""
    revised = replace(
        issued,
        doors=issued.doors if doors is None else doors,
        hours=issued.hours if hours is None else hours,
        state=state,
        revision=issued.revision + 1,
    )
    tx.run(_CHANGE, key_id=revised.id, **_row(revised))
    verb = "revised" if revised.is_live else "revoked"
    return tx.record("key", revised.id, verb, before=body(issued), after=body(revised))


def by_id(tx: Transaction, key_id: str) -> IssuedKey | None:
    """One key of this facility."""
    row = tx.row(_BY_ID, key_id=key_id)
    return None if row is None else key_of(row)


def of_lookup(tx: Transaction, lookup: str) -> list[IssuedKey]:
    """Every key that is found by a lookup in hexadecimal."""
    return [key_of(row) for row in tx.rows(_OF_LOOKUP, lookup=lookup)]


def of_booking(tx: Transaction, booking_id: str) -> list[IssuedKey]:
    """Every key ever issued for a booking, oldest first."""
    return [key_of(row) for row in tx.rows(_OF_BOOKING, booking_id=booking_id)]


def of_bookings(tx: Transaction, booking_ids: Collection[str]) -> list[IssuedKey]:
    """The same of many bookings: one query."""
    query = select(key).where(key.c.facility_id == tx.scope.facility_id, key.c.booking_id.in_(booking_ids))
    return [key_of(row) for row in tx.connection.execute(query.order_by(key.c.id)).all()]


def is_free(tx: Transaction, lookup: bytes, booking_id: str, doors: Mapping[str, Interval]) -> bool:
    """Whether a booking may have the PIN with this lookup: it never had it, and nobody has it where and when it opens.

    Keys that were cancelled count too: who cancelled still remembers the PIN and must not open another's door with it.
    """
    alike = tx.rows(_ALIKE, lookup=lookup.hex())
    return not any(row.booking_id == booking_id or _meet(doors, row.doors) for row in alike)


def stays_free(tx: Transaction, lookup: bytes, booking_id: str, doors: Mapping[str, Interval]) -> bool:
    """Whether a booking's PIN with this lookup may open `doors` as well: nobody else has it where and when it would."""
    alike = tx.rows(_ALIKE, lookup=lookup.hex())
    return not any(row.booking_id != booking_id and _meet(doors, row.doors) for row in alike)


def _meet(doors: Mapping[str, Interval], others: str) -> bool:
    return any(door in doors and doors[door].overlaps(window) for door, window in _windows(json.loads(others)).items())


def door_ids(tx: Transaction) -> dict[str, str]:
    """The id of each door of the site plan, by its slug and by itself."""
    return {str(door[name]): str(door["id"]) for door in _doors(tx) for name in ("id", "slug")}


def door_names(tx: Transaction) -> dict[str, str]:
    """What people call each door of the site plan, by its id and in its order."""
    return {str(door["id"]): str(door["name"]) for door in _doors(tx)}


def door_slugs(tx: Transaction) -> list[str]:
    """The slugs of the doors of the site plan, in its order; none before there is a plan."""
    return [str(door["slug"]) for door in _doors(tx)]


def _doors(tx: Transaction) -> list[dict[str, object]]:
    document = site_plan_or_none(tx) or {}
    return cast("list[dict[str, object]]", document.get("doors", []))


def desire_site_plan(tx: Transaction, document: dict[str, object]) -> int:
    """Make `document` the next desired site plan; its number. The door process applies or rejects it (FL-02)."""
    newest = select(func.max(site_plan.c.number)).where(site_plan.c.facility_id == tx.scope.facility_id)
    number = (tx.connection.execute(newest).scalar() or 0) + 1
    row = {"facility_id": tx.scope.facility_id, "number": number, "document": json.dumps(document, ensure_ascii=False)}
    tx.connection.execute(insert(site_plan), row)
    tx.record("site_plan", tx.scope.facility_id, "desired", after={"number": number, "document": document})
    return number


def site_plan_or_none(tx: Transaction) -> dict[str, object] | None:
    """The document of doors in force as desired; None before there is one."""
    query = (
        select(site_plan.c.document)
        .where(site_plan.c.facility_id == tx.scope.facility_id)
        .order_by(site_plan.c.number.desc())
        .limit(1)
    )
    document = tx.connection.execute(query).scalar()
    return None if document is None else cast("dict[str, object]", json.loads(document))


def _windows(doors: Mapping[str, tuple[int, int]]) -> dict[str, Interval]:
    return {door: Interval(start, end) for door, (start, end) in doors.items()}


def _hours(written: list[object] | None) -> tuple[WeeklyStretch, ...]:
    return tuple(parse_stretch(Section("hours", each)) for each in written or ())


def _row(issued: IssuedKey) -> dict[str, object]:
    row = body(issued)
    return {**row, "doors": json.dumps(row["doors"]), "hours": json.dumps(row["hours"]) if issued.hours else None}


def key_of(row: Row) -> IssuedKey:
    """The key in its row."""
    return IssuedKey(
        id=row.id,
        booking_id=row.booking_id,
        number=row.number,
        kind=row.kind,
        lookup=row.lookup,
        counter=row.counter,
        doors=_windows(json.loads(row.doors)),
        revision=row.revision,
        state=row.state,
        public_key=row.public_key,
        zone=row.zone,
        hours=_hours(json.loads(row.hours or "null")),
    )


def add_way(tx: Transaction, resource_id: str, door_id: str) -> None:
    """Have bookings of a resource open a door from now on; keys issued before stay as they are (AC-08)."""
    row = {"facility_id": tx.scope.facility_id, "resource_id": resource_id, "door_id": door_id}
    tx.connection.execute(insert(way), row)
    tx.record("way", resource_id, "added", after={"resource_id": resource_id, "door_id": door_id})


def drop_way(tx: Transaction, resource_id: str, door_id: str) -> None:
    """Have bookings of a resource open a door no more; keys issued before stay as they are."""
    row = {"facility_id": tx.scope.facility_id, "resource_id": resource_id, "door_id": door_id}
    tx.connection.execute(delete(way).where(*(way.c[name] == value for name, value in row.items())))
    tx.record("way", resource_id, "removed", before={"resource_id": resource_id, "door_id": door_id})


def set_margin(
    tx: Transaction, *, before_s: int, after_s: int, service_id: str | None = None, door_id: str | None = None
) -> None:
    """Seconds before and after a booking in which its keys open: of one service, at one door, of both, or of all."""
    same = margin.c.service_id.is_not_distinct_from(service_id) & margin.c.door_id.is_not_distinct_from(door_id)
    tx.connection.execute(delete(margin).where(margin.c.facility_id == tx.scope.facility_id, same))
    row = {"id": tx.ids.new(), "service_id": service_id, "door_id": door_id, "before_s": before_s, "after_s": after_s}
    tx.connection.execute(insert(margin), {**row, "facility_id": tx.scope.facility_id})
    tx.record("margin", door_id or service_id or tx.scope.facility_id, "set", after=row)
