"""Cancelling: in one transaction the claims fall, the keys are killed and the code dies (BM-22, BRP-05, BRP-21)."""

from dataclasses import dataclass, replace

from appliance.billing.fees import NOTHING_OWED, Settlement
from appliance.booking import store
from appliance.booking.actions import charging, entitling
from appliance.booking.actions.desk import Desk, already_made, change, existing, expire_stale_holds, remember
from appliance.booking.actions.no_shows import stop_awaiting
from appliance.booking.bookings import CANCELLABLE, Booking, Status
from appliance.booking.cancel_terms import CancelTerms, Made, cancel_terms, leans_on_grace, percent_at
from appliance.booking.idempotency_store import Request
from appliance.booking.rules import BookingRule
from appliance.foundation.refusals import Refusal
from appliance.storage.unit_of_work import Refused, Transaction, refusable


@dataclass(frozen=True, slots=True)
class Cancelled:
    """A booking that was just cancelled. `key_seq` is the journal entry the door must reach; None without keys.

    settlement: what became of its money.
    """

    booking: Booking
    key_seq: int | None
    settlement: Settlement = NOTHING_OWED


@dataclass(frozen=True, slots=True)
class KeyUse:
    """What is known of the keys of a booking. `unused` is a promise of the door, None when it could not be asked."""

    unused: bool | None


@refusable
def cancel(
    desk: Desk,
    booking_id: str,
    key_use: KeyUse,
    actor: str,
    request: Request | None = None,
    *,
    by_staff: bool = False,
    waive_fee: bool = False,
    reason: str = "",
) -> Cancelled:
    """Cancel a booking by its rule; staff may cancel whenever it has not ended, and waive what it costs.

    reason: why, for the record.
    """
    with desk.book.write(desk.scope, actor) as tx:
        if (made := already_made(tx, request)) is not None:
            return Cancelled(made, tx.head.seq)
        expire_stale_holds(tx)
        cancelled = end(desk, tx, existing(tx, booking_id), key_use, by_staff=by_staff, waive_fee=waive_fee)
        if isinstance(cancelled, Refusal):
            raise Refused(cancelled)
        if reason:
            tx.record("cancellation", booking_id, "explained", after={"booking_id": booking_id, "reason": reason})
        remember(tx, request, booking_id)
        return cancelled


def end(
    desk: Desk, tx: Transaction, old: Booking, key_use: KeyUse, *, by_staff: bool, waive_fee: bool
) -> Cancelled | Refusal:
    """Cancel one booking inside a transaction, with what that costs; or say why it cannot be and change nothing."""
    if old.status not in CANCELLABLE or tx.now >= old.interval.end:
        return Refusal("not_cancellable")
    terms = terms_of_cancelling(desk, tx, old, key_use)
    if isinstance(terms, Refusal) and not by_staff:
        return terms
    percent = 0 if waive_fee else _percent(desk, tx, old, terms)
    in_time = waive_fee or (isinstance(terms, CancelTerms) and terms.percent == 0)
    return cancel_at(desk, tx, old, percent, in_time=in_time)


def cancel_at(desk: Desk, tx: Transaction, old: Booking, percent: int, *, in_time: bool) -> Cancelled:
    """Cancel a booking that can be cancelled, at a fee of `percent` of its price, in a transaction that is open.

    in_time: whether what pays for it gets its use back, whatever its product says of late ones.
    """
    new = replace(old.at_status(Status.CANCELLED), expires_at=None)
    settlement = charging.settlement_of(tx, old, percent)
    change(tx, "cancelled", old, new)
    entitling.give_back(tx, old, in_time=in_time)
    charging.charge(tx, new, settlement, desk.catalogues.current(tx).tariff.fee_product)
    store.forget_cancel_code(tx, old.id)
    stop_awaiting(tx, old.id)
    return Cancelled(new, desk.consequences.ended(tx, new, "cancelled"), settlement)


def cost_for_staff(desk: Desk, booking_id: str) -> Settlement | Refusal:
    """What would become of a booking's money if staff cancelled it now and waived nothing; or why they cannot."""
    with desk.book.read(desk.scope) as tx:
        found = store.by_id(tx, booking_id)
        if found is None or found.status not in CANCELLABLE or tx.now >= found.interval.end:
            return Refusal("not_cancellable")
        return charging.settlement_of(tx, found, percent_for_staff(desk, tx, found))


def percent_for_staff(desk: Desk, tx: Transaction, found: Booking) -> int:
    """At which part of its price staff would cancel a booking now, if they waived nothing."""
    return _percent(desk, tx, found, terms_of_cancelling(desk, tx, found))


def needs_unused_keys(desk: Desk, booking_id: str) -> bool:
    """Whether cancelling now leans on the grace, so that the door must first promise that no key was used."""
    with desk.book.read(desk.scope) as tx:
        found = store.by_id(tx, booking_id)
        if found is None or found.status not in CANCELLABLE:
            return False
        rule, made = made_under(desk, tx, found, KeyUse(unused=None))
        return leans_on_grace(rule, tx.now, made, tx.scope.zone)


def terms_of_cancelling(
    desk: Desk, tx: Transaction, found: Booking, key_use: KeyUse | None = None
) -> CancelTerms | Refusal:
    """On which terms its customer could cancel a booking now, or why they could not."""
    if found.status not in CANCELLABLE or tx.now >= found.interval.end:
        return Refusal("not_cancellable")
    rule, made = made_under(desk, tx, found, key_use or KeyUse(unused=None))
    return cancel_terms(rule, tx.now, made, tx.scope.zone)


def refusal_to_cancel(desk: Desk, tx: Transaction, found: Booking) -> Refusal | None:
    """Why its customer could not cancel a booking now; None when they could."""
    terms = terms_of_cancelling(desk, tx, found)
    return terms if isinstance(terms, Refusal) else None


def made_under(desk: Desk, tx: Transaction, found: Booking, key_use: KeyUse) -> tuple[BookingRule, Made]:
    """The rule that a booking goes by and what that depends on; leaves as Refused where its service is gone."""
    catalogue = desk.catalogues.current(tx)
    service = catalogue.service(found.service_id)
    if service is None:
        raise Refused(Refusal("unknown_service"))
    # A door that cannot be asked must not keep anybody from cancelling; a refund waits for its answer.
    used = found.status is Status.ARRIVED or key_use.unused is False
    made_at = found.committed_at if found.committed_at is not None else found.created_at
    rule = catalogue.rule_by(found.rule_id, service)
    return rule, Made(found.interval.start, made_at, used, found.moves)


def _percent(desk: Desk, tx: Transaction, found: Booking, terms: CancelTerms | Refusal) -> int:
    """What a cancel costs; one that only staff may make costs what the rule's last step says, as for who was late."""
    if isinstance(terms, CancelTerms):
        return terms.percent
    rule, made = made_under(desk, tx, found, KeyUse(unused=None))
    return percent_at(rule.cancelling, tx.now, made.start)
