"""The oracle of conflicts: every booking walked minute by minute. It imports nothing of Portvakt."""

from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True)
class Taken:
    """A claim of one unit of a leaf or more, in minutes."""

    leaf: str
    start: int
    end: int
    quantity: int


@dataclass(frozen=True)
class Booked:
    """A booking in minutes. `owners` bound all of it; `since` is when it was made."""

    id: str
    start: int
    end: int
    owners: tuple[str, ...]
    claims: tuple[Taken, ...]
    since: int


def decide(
    booked: list[Booked],
    opened: dict[str, frozenset[int]],
    above: dict[str, tuple[str, ...]],
    capacities: dict[str, int],
) -> dict[str, set[tuple[str, str]]]:
    """(kind, owner) of everything that is wrong with each booking. `opened` holds the open minutes of an owner."""
    wrong: dict[str, set[tuple[str, str]]] = {each.id: _closed(each, opened, above) for each in booked}
    for leaf, capacity in capacities.items():
        load: Counter[int] = Counter()
        for each in sorted(booked, key=lambda one: (one.since, one.id)):
            added = load + _own(each, leaf)
            if any(added[minute] > capacity for minute in _own(each, leaf)):
                wrong[each.id].add(("over_capacity", leaf))
            else:
                load = added
    return {id_: causes for id_, causes in wrong.items() if causes}


def _closed(each: Booked, opened: dict[str, frozenset[int]], above: dict[str, tuple[str, ...]]) -> set[tuple[str, str]]:
    wrong = set()
    for minute in range(each.start, each.end):
        owners = set(each.owners)
        for claim in each.claims:
            if claim.start <= minute < claim.end:
                owners |= set(above[claim.leaf])
        wrong |= {("closed", owner) for owner in owners if owner in opened and minute not in opened[owner]}
    return wrong


def _own(each: Booked, leaf: str) -> Counter[int]:
    own: Counter[int] = Counter()
    for claim in each.claims:
        if claim.leaf == leaf:
            for minute in range(claim.start, claim.end):
                own[minute] += claim.quantity
    return own
