"""Set-up data of which every owner has one, such as its hours: shown and saved under the id of the owner."""

from collections.abc import Callable
from typing import TypeVar

from appliance.booking.actions.desk import Desk
from appliance.storage import versioned
from appliance.storage.unit_of_work import Transaction
from appliance.storage.versioned import ChangedMeanwhile, Edited, Kind

T = TypeVar("T")


def nothing_to_clear(_tx: Transaction, _owner_id: str) -> None:
    """Of a kind that had no rows before it was edited."""


def shown(desk: Desk, kind: Kind[T], owner_id: str, before: Callable[[Transaction, str], Edited[T]]) -> Edited[T]:
    """What an owner has; `before` tells what that is until somebody edits it, as version 0."""
    with desk.book.read(desk.scope) as tx:
        return versioned.found(tx, kind, owner_id) or before(tx, owner_id)


def save(
    desk: Desk,
    kind: Kind[T],
    owner_id: str,
    value: T,
    version: int,
    actor: str,
    before: Callable[[Transaction, str], Edited[T]],
    clear: Callable[[Transaction, str], None] = nothing_to_clear,
) -> Edited[T]:
    """Give an owner another value, if it still stands at `version`; else ChangedMeanwhile. In force at the commit."""
    with desk.book.write(desk.scope, actor) as tx:
        old = versioned.found(tx, kind, owner_id)
        if old is not None:
            return versioned.change(tx, kind, old, value, version)
        if version != 0:
            raise ChangedMeanwhile(before(tx, owner_id))
        clear(tx, owner_id)
        return versioned.add(tx, kind, value, owner_id)
