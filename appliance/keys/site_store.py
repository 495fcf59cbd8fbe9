"""What keys need to know of the site: which doors are on the way to what, their numbers, and how early each opens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from appliance.keys import store
from appliance.keys.tables import margin, way
from appliance.storage.kept import Kept
from appliance.storage.statements import every
from appliance.storage.unit_of_work import Transaction

_ENTITIES = ("site_plan", "way", "margin")


@dataclass(frozen=True, slots=True)
class Site:
    """The doors of one facility as keys see them, by id.

    ways: the doors on the way to a resource, by its id. numbers: the bit of each door in a pass's mask.
    margins: seconds before and after, by (door id or None, service id or None). door_ids: all doors of the site plan.
    duress, rotating: the doors that take a PIN under duress, and those that take a pass only with its changing code.
    """

    ways: Mapping[str, tuple[str, ...]]
    numbers: Mapping[str, int]
    margins: Mapping[tuple[str | None, str | None], tuple[int, int]]
    door_ids: tuple[str, ...]
    duress: frozenset[str]
    rotating: frozenset[str]

    def doors(self, resource_ids: Sequence[str]) -> tuple[str, ...]:
        """The doors on the way to some resources, each once (AC-08)."""
        return tuple(sorted({door for resource_id in resource_ids for door in self.ways.get(resource_id, ())}))

    def margin(self, service_id: str, door_id: str) -> tuple[int, int]:
        """Seconds before and after a booking of a service in which its keys open a door (AC-07).

        The most specific rule wins: of the service at the door, of the door, of the service, of the facility.
        """
        for named in ((door_id, service_id), (door_id, None), (None, service_id), (None, None)):
            if named in self.margins:
                return self.margins[named]
        return (0, 0)


def sites() -> Kept[Site]:
    """The sites of a file, read again only when their journal entries say so."""
    return Kept(_ENTITIES, _load)


def _load(tx: Transaction) -> Site:
    ways: dict[str, tuple[str, ...]] = {}
    for row in tx.rows(every(way)):
        ways[row.resource_id] = (*ways.get(row.resource_id, ()), row.door_id)
    margins = tx.rows(every(margin))
    plan = store.site_plan_or_none(tx) or {}
    doors = plan.get("doors")
    listed = doors if isinstance(doors, list) else []
    numbers = {str(door["id"]): int(door["number"]) for door in listed if door.get("number") is not None}
    door_ids = tuple(str(door["id"]) for door in listed)
    duress, rotating = (
        frozenset(str(door["id"]) for door in listed if door.get(name) is True) for name in ("duress", "rotating_only")
    )
    early_and_late = {(row.door_id, row.service_id): (row.before_s, row.after_s) for row in margins}
    return Site(ways, numbers, early_and_late, door_ids, duress, rotating)
