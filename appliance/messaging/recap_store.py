"""What the employees of a facility are there for, read at once: the number of queries does not grow with them."""

from collections.abc import Collection, Mapping
from typing import Final

from sqlalchemy import select

from appliance.booking import answer_store, store
from appliance.booking.bookings import Booking, Status
from appliance.booking.catalogue import Catalogue
from appliance.booking.catalogue_store import load_catalogue
from appliance.booking.custom_fields import Answer
from appliance.booking.order_store import participants
from appliance.booking.tables import booking, claim
from appliance.customers.store import people
from appliance.foundation.instants import Interval
from appliance.messaging.recap import Assignment
from appliance.storage.guard import LONGEST_CLAIM_S
from appliance.storage.unit_of_work import Transaction

_STANDS: Final = frozenset({Status.PENDING, Status.CONFIRMED, Status.ARRIVED, Status.COMPLETED})


def assignments(tx: Transaction, window: Interval, staff_id: str | None = None) -> dict[str, list[Assignment]]:
    """What begins in `window`, by the employee who is there for it, in order of time: of one of them, or of everybody.

    Whoever is an employee is there, also with nothing to do. A class is that of its trainer, with each of its bookings.
    """
    catalogue = load_catalogue(tx)
    owners = _owners(catalogue, staff_id)
    theirs = _booked(tx, owners, window) if owners else {}
    bookings = [each for each in store.by_ids(tx, theirs) if each.status in _STANDS]
    bookings = [each for each in bookings if window.start <= each.interval.start < window.end]
    found = _assignments(tx, bookings, catalogue)
    every = {owner for some in owners.values() for owner in some}
    return {owner: [each for each in found if owner in theirs[each.booked.id]] for owner in every}


def _owners(catalogue: Catalogue, staff_id: str | None) -> dict[str, set[str]]:
    """Whose the leaves are that stand for people."""
    owners: dict[str, set[str]] = {}
    for each in catalogue.tree.resources.values():
        if each.staff_id is not None and staff_id in (None, each.staff_id):
            for leaf in catalogue.tree.below[each.id]:
                owners.setdefault(leaf.id, set()).add(each.staff_id)
    return owners


def _booked(tx: Transaction, owners: Mapping[str, Collection[str]], window: Interval) -> dict[str, set[str]]:
    """Whose each booking is that takes one of those leaves, or a place in a class that does."""
    query = select(claim.c.booking_id, claim.c.session_id, claim.c.resource_id).where(
        claim.c.facility_id == tx.scope.facility_id,
        claim.c.resource_id.in_(list(owners)),
        claim.c.active == 1,
        claim.c.starts > window.start - LONGEST_CLAIM_S,
        claim.c.starts < window.end + LONGEST_CLAIM_S,
    )
    by_booking: dict[str, set[str]] = {}
    by_session: dict[str, set[str]] = {}
    for row in tx.connection.execute(query):
        found, key = (by_booking, row.booking_id) if row.booking_id else (by_session, row.session_id)
        found.setdefault(key, set()).update(owners[row.resource_id])
    if by_session:
        attending = select(booking.c.id, booking.c.session_id).where(booking.c.facility_id == tx.scope.facility_id)
        for place in tx.connection.execute(attending.where(booking.c.session_id.in_(list(by_session)))):
            by_booking.setdefault(place.id, set()).update(by_session[place.session_id])
    return by_booking


def _assignments(tx: Transaction, bookings: list[Booking], catalogue: Catalogue) -> list[Assignment]:
    known = {each.id: each for each in people(tx, [each.customer_id for each in bookings if each.customer_id])}
    answers: dict[str, list[Answer]] = {}
    for booking_id, answer in answer_store.answers_of_bookings(tx, [each.id for each in bookings]):
        answers.setdefault(booking_id, []).append(answer)
    names = participants(tx, bookings)
    return [
        Assignment(
            each, catalogue, known.get(each.customer_id or ""), names.get(each.id) or "", answers.get(each.id, ())
        )
        for each in sorted(bookings, key=lambda each: (each.interval.start, each.id))
    ]
