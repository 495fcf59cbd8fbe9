"""Editing set-up data of any kind: one transaction each, in force at its commit, refused when somebody was faster."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from appliance.booking import idempotency_store
from appliance.booking.actions.desk import Desk
from appliance.booking.idempotency_store import Request
from appliance.foundation.errors import FieldError, Invalid
from appliance.storage import versioned
from appliance.storage.unit_of_work import Transaction
from appliance.storage.versioned import Edited, Kind

T = TypeVar("T")


def nothing_wrong(_tx: Transaction, _value: object, _thing_id: str | None) -> Iterable[FieldError]:
    """The check of a kind whose values are judged by themselves."""
    return ()


def never_used(_tx: Transaction, _thing_id: str) -> bool:
    """Of a kind that nothing refers to."""
    return False


def as_it_is(_tx: Transaction, value: T, _thing_id: str | None) -> T:
    """Of a kind whose values are kept as they are sent."""
    return value


def nothing_more(_tx: Transaction, _thing: Edited[T]) -> None:
    """Of a kind whose change is all that happens."""


@dataclass(frozen=True, slots=True)
class Rules(Generic[T]):
    """What a kind of set-up data asks beyond the form of its values.

    mistakes: everything wrong with a value beside all others; the id is that of the thing it is to replace, None for a
    new one. settled: the value as it is kept, given what else there is. then: what follows in the same transaction.
    is_used: whether something that stays, such as a booking, refers to it.
    """

    mistakes: Callable[[Transaction, T, str | None], Iterable[FieldError]] = nothing_wrong
    is_used: Callable[[Transaction, str], bool] = never_used
    settled: Callable[[Transaction, T, str | None], T] = as_it_is
    then: Callable[[Transaction, Edited[T]], None] = nothing_more


def listed(desk: Desk, kind: Kind[T], *, archived: bool) -> list[Edited[T]]:
    """Everything of a kind."""
    with desk.book.read(desk.scope) as tx:
        return versioned.listed(tx, kind, archived=archived)


def found(desk: Desk, kind: Kind[T], thing_id: str) -> Edited[T] | None:
    """One thing; None when there is none."""
    with desk.book.read(desk.scope) as tx:
        return versioned.found(tx, kind, thing_id)


def add(desk: Desk, kind: Kind[T], rules: Rules[T], value: T, actor: str, asked: Request | None = None) -> Edited[T]:
    """A new thing; Invalid with every mistake. The same request twice makes one."""
    with desk.book.write(desk.scope, actor) as tx:
        made = idempotency_store.seen(tx, asked) if asked is not None else None
        known = versioned.found(tx, kind, made) if made is not None else None
        if known is not None:
            return known
        _require(rules.mistakes(tx, value, None))
        new = versioned.add(tx, kind, rules.settled(tx, value, None))
        rules.then(tx, new)
        if asked is not None:
            idempotency_store.remember(tx, asked, new.id)
        return new


def change(
    desk: Desk, kind: Kind[T], rules: Rules[T], thing_id: str, value: T, version: int, actor: str
) -> Edited[T] | None:
    """Change a thing that stands at `version`; None when there is none. ChangedMeanwhile, or Invalid."""
    with desk.book.write(desk.scope, actor) as tx:
        old = versioned.found(tx, kind, thing_id)
        if old is None:
            return None
        if old.version != version:
            raise versioned.ChangedMeanwhile(old)
        _require(rules.mistakes(tx, value, thing_id))
        new = versioned.change(tx, kind, old, rules.settled(tx, value, thing_id), version)
        rules.then(tx, new)
        return new


def move_up(desk: Desk, kind: Kind[T], placed: Callable[[T, int], T], thing_id: str, actor: str) -> None:
    """Let a thing change places with the one before it in its list; silent for the first, and where there is none.

    placed: a value at a place of the list, from 0. Things that stood at the same place have one each from then on.
    """
    with desk.book.write(desk.scope, actor) as tx:
        things = versioned.listed(tx, kind)
        at = next((place for place, each in enumerate(things) if each.id == thing_id), 0)
        if at:
            things[at - 1 : at + 1] = things[at], things[at - 1]
            for place, each in enumerate(things):
                value = placed(each.value, place)
                if value != each.value:
                    versioned.change(tx, kind, each, value, each.version)


def remove(desk: Desk, kind: Kind[T], rules: Rules[T], thing_id: str, version: int, actor: str) -> bool:
    """Delete or archive a thing that stands at `version`; False when there is none."""
    with desk.book.write(desk.scope, actor) as tx:
        old = versioned.found(tx, kind, thing_id)
        if old is None:
            return False
        versioned.remove(tx, kind, old, version, is_used=rules.is_used(tx, thing_id))
        return True


def _require(mistakes: Iterable[FieldError]) -> None:
    wrong = list(mistakes)
    if wrong:
        raise Invalid(*wrong)
