"""Why a member's card opens without a booking, or does not: for the help desk (AC-06, AC-19)."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from appliance.billing.entitlements import Holding, StandingAccess
from appliance.booking.actions import granting
from appliance.customers import registering
from appliance.customers.register_store import CustomerStatus
from appliance.customers.store import Person
from appliance.foundation.instants import DAY, Instant
from appliance.foundation.weekly import opens_at
from appliance.keys import store as key_store
from appliance.keys.cards_store import LIVE
from appliance.web.unit import Unit

_TOLD_FOR_S: Final = 30 * DAY  # how long one that has ended is still shown


class Standing(StrEnum):
    """Where standing access stands."""

    OPEN = "open"
    SHUT = "shut"
    NOT_BEGUN = "not_begun"
    ENDED = "ended"
    NO_CARD = "no_card"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class StandingView:
    """What one entitlement opens for a person. at: when it opens next, begins or ended; None while it is open."""

    person: Person
    product: str
    doors: tuple[str, ...]
    access: StandingAccess
    standing: Standing
    at: Instant | None


def standing_access_of(unit: Unit, people: Iterable[Person]) -> list[StandingView]:
    """The standing access of some people, each once: what is good, what is to come, and what ended lately."""
    now, found = unit.clock.now(), {person.id: person for person in people}
    with unit.desk.book.read(unit.desk.scope) as tx:
        names = key_store.door_names(tx)
    views = []
    for person in found.values():
        has_card = any(card.state == LIVE for card in unit.cards.listed(person.id))
        card = registering.found(unit.desk.book, unit.desk.scope, person.id)
        is_blocked = card is None or card.status is not CustomerStatus.ACTIVE
        for held in granting.held_by(unit.desk, person.id) or ():
            access, ends = held.product.access, held.holding.ends
            if access is not None and (ends is None or now < ends + _TOLD_FOR_S):
                standing, at = _standing(unit, held.holding, access, now)
                if standing in (Standing.OPEN, Standing.SHUT) and (is_blocked or not has_card):
                    standing, at = (Standing.BLOCKED if is_blocked else Standing.NO_CARD), None
                doors = tuple(names.get(each, each) for each in access.door_ids)
                views.append(StandingView(person, held.product.name, doors, access, standing, at))
    return views


def _standing(unit: Unit, holding: Holding, access: StandingAccess, now: Instant) -> tuple[Standing, Instant | None]:
    if holding.ends is not None and now >= holding.ends:
        return Standing.ENDED, holding.ends
    if now < holding.starts:
        return Standing.NOT_BEGUN, holding.starts
    opens = opens_at(access.hours, now, unit.desk.scope.zone)
    if opens is None or (holding.ends is not None and opens >= holding.ends):
        return Standing.ENDED, holding.ends
    return (Standing.OPEN, None) if opens == now else (Standing.SHUT, opens)
