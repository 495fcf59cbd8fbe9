"""Releasing the time of guests who do not come, where the rule of the service says so (AC-18).

A guest who could not show up must never lose the time. It is released only while the doors can tell: they were served
without a break for as long as guests are waited for, every record of theirs was read, and they have shut the keys for a
moment because none was used. Whoever held a key of the booking up at any door has shown up, whatever came of it.
"""

from collections.abc import Collection
from dataclasses import dataclass

from appliance.booking import store
from appliance.booking.actions import entitling
from appliance.booking.actions.desk import Desk, change
from appliance.booking.bookings import Booking, Status
from appliance.foundation.instants import MINUTE, Instant
from appliance.storage import jobs
from appliance.storage.chain import Head
from appliance.storage.unit_of_work import Transaction

RELEASE_NO_SHOW = "release_no_show"
DOORS_READ = "access"  # the cursor of what was read of the doors' journal
AGAIN_S = MINUTE


@dataclass(frozen=True, slots=True)
class DoorRecords:
    """How far the doors can tell who came.

    head: where their journal ends. kept_since: when their file was begun. served_since: when their process was started.
    """

    head: Head
    kept_since: Instant
    served_since: Instant


def await_guest(desk: Desk, tx: Transaction, booked: Booking) -> None:
    """Have the time of a booking released if nobody comes, unless its rule waits for ever."""
    minutes = _minutes(desk, tx, booked)
    if minutes is not None:
        jobs.schedule(tx, RELEASE_NO_SHOW, booked.id, max(booked.interval.start, tx.now) + minutes * MINUTE)


def stop_awaiting(tx: Transaction, booking_id: str) -> None:
    """The guest has come, or is not expected any more."""
    jobs.cancel(tx, RELEASE_NO_SHOW, booking_id)


def stop_awaiting_all(tx: Transaction, booking_ids: Collection[str]) -> None:
    """The same for many at once."""
    jobs.cancel_all(tx, RELEASE_NO_SHOW, booking_ids)


def is_awaited(tx: Transaction, booking_id: str) -> bool:
    """Whether a guest is still waited for who may lose the time."""
    return jobs.is_scheduled(tx, RELEASE_NO_SHOW, booking_id)


def ripe_at(desk: Desk, tx: Transaction, booking_id: str, records: DoorRecords | None) -> Instant | None:
    """From when on the time of a booking may be released, for all that is known now; None when it must not be.

    records: None while the doors do not answer.
    """
    found = store.by_id(tx, booking_id)
    minutes = _minutes(desk, tx, found) if found is not None else None
    if found is None or minutes is None or found.status is not Status.CONFIRMED or tx.now >= found.interval.end:
        return None
    made_at = found.committed_at if found.committed_at is not None else found.created_at
    due = max(found.interval.start, made_at) + minutes * MINUTE
    if tx.now < due:
        return due
    if records is None:
        return tx.now + AGAIN_S
    if records.kept_since > made_at:
        # Who came before the doors' file was begun anew is not in it.
        return None
    if not _is_read(tx, records.head):
        return tx.now + AGAIN_S
    return max(due, records.served_since + minutes * MINUTE)


def release(
    desk: Desk, tx: Transaction, booking_id: str, records: DoorRecords | None, shut_until: Instant | None
) -> Instant | None:
    """Release the time of a booking whose guest did not come; when to look again, None for never.

    shut_until: until when the doors keep its keys shut, because none was used; None when they did not promise that.
    A booking without live keys is left alone: nobody can tell whether its guest came.
    """
    ripe = ripe_at(desk, tx, booking_id, records)
    if ripe is None or ripe > tx.now:
        return ripe
    if shut_until is None or tx.now >= shut_until:
        return tx.now + AGAIN_S
    found = store.by_id(tx, booking_id)
    if found is not None and desk.consequences.ended(tx, found, "revoked") is not None:
        change(tx, "no_show", found, found.at_status(Status.NO_SHOW))
        entitling.give_back(tx, found, in_time=False)
    return None


def _minutes(desk: Desk, tx: Transaction, booked: Booking) -> int | None:
    """How many minutes its guest is waited for; None for ever."""
    catalogue = desk.catalogues.current(tx)
    service = catalogue.service(booked.service_id)
    return catalogue.rule_by(booked.rule_id, service).no_shows.wait_minutes if service is not None else None


def _is_read(tx: Transaction, head: Head) -> bool:
    cursor = jobs.read_cursor(tx, DOORS_READ)
    return cursor is not None and cursor.file_id == head.file_id and cursor.seq >= head.seq
