"""What people are told of, read from the entries of the journal that the change itself makes (DY-63). Pure.

Booking, billing and keys know of no messages: whatever they put on record is looked at here, in their own transaction.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from appliance.storage.chain import Change


class Event(StrEnum):
    """What somebody is told of."""

    CONFIRMATION = "confirmation"
    PENDING = "pending"
    CHANGE = "change"
    MOVE = "move"
    CANCELLATION = "cancellation"
    EXPIRY = "expiry"
    REMINDER = "reminder"
    PAYMENT = "payment"
    KEY_ISSUED = "key_issued"
    NO_SHOW = "no_show"
    WAITING_JOINED = "waiting_joined"
    WAITING_OFFER = "waiting_offer"
    WAITING_FREE = "waiting_free"
    WAITING_END = "waiting_end"
    RECAP = "recap"  # what an employee has on the next day (DY-34)


OF_CUSTOMERS: Final = tuple(each for each in Event if each is not Event.RECAP)
"""What happens to bookings and to those who wait."""


class Subject(StrEnum):
    """What a message is about."""

    BOOKING = "booking"
    ORDER = "order"  # what happened at once to bookings of one order (DY-51)
    WAITING = "waiting"
    STAFF = "staff"  # an employee


@dataclass(frozen=True, slots=True)
class Told:
    """An event of one thing. occasion: which of several of its kind; the same occasion is told of once.

    order_id: the order that a booking was made in; what happens to several of one order at once is told together.
    by_staff: whether staff booked, whose language is not the customer's.
    """

    event: Event
    subject: Subject
    subject_id: str
    order_id: str | None
    customer_id: str | None
    occasion: int
    by_staff: bool = False


_OF_BOOKING: Final[Mapping[str, Event]] = {
    "confirmed": Event.CONFIRMATION,
    "restored": Event.CONFIRMATION,
    "pending": Event.PENDING,
    "moved": Event.MOVE,
    "extended": Event.CHANGE,
    "shortened": Event.CHANGE,
    "extras_changed": Event.CHANGE,
    "reassigned": Event.CHANGE,
    "cancelled": Event.CANCELLATION,
    "expired": Event.EXPIRY,
    "no_show": Event.NO_SHOW,
}
_OF_WAITING: Final[Mapping[str, Event]] = {
    "joined": Event.WAITING_JOINED,
    "offered": Event.WAITING_OFFER,
    "told": Event.WAITING_FREE,
    "lapsed": Event.WAITING_END,
    "removed": Event.WAITING_END,
}
_PAID: Final = "paid:"


def told_of(change: Change, seq: int, recorded: AbstractSet[str]) -> Told | None:
    """The event of an entry of the journal; None for what nobody is told of.

    seq: of the entry. recorded: the entities that the same transaction had recorded before.
    """
    after = change.after or {}
    if change.entity == "booking":
        return _booking(change, after)
    if change.entity == "waiting" and change.verb in _OF_WAITING:
        return Told(
            _OF_WAITING[change.verb], Subject.WAITING, change.entity_id, None, _text(after, "customer_id"),
            _number(after, "revision"),
        )  # fmt: skip
    if change.entity == "ledger_entry":
        return _payment(after, seq)
    # Keys that come with a booking are told of with it; those that come later have a message of their own.
    if change.entity == "key" and change.verb == "issued" and recorded.isdisjoint({"booking", "key"}):
        return Told(Event.KEY_ISSUED, Subject.BOOKING, str(after["booking_id"]), None, None, seq)
    return None


def _booking(change: Change, after: Mapping[str, Any]) -> Told | None:
    event, before = _OF_BOOKING.get(change.verb), change.before or {}
    customer_id = _text(after, "customer_id")
    # A hold that ran out or was given back was never anybody's booking.
    if event is None or customer_id is None or (event is Event.EXPIRY and before.get("status") != "pending"):
        return None
    if event is Event.CANCELLATION and before.get("status") == "held":
        return None
    return Told(
        event, Subject.BOOKING, change.entity_id, _text(after, "order_id"), customer_id, _number(after, "revision"),
        by_staff=after.get("channel") == "staff",
    )  # fmt: skip


def _payment(after: Mapping[str, Any], seq: int) -> Told | None:
    booking_id, account = after.get("booking_id"), str(after.get("account", ""))
    if booking_id is None or not account.startswith(_PAID) or _number(after, "amount") <= 0:
        return None
    return Told(Event.PAYMENT, Subject.BOOKING, str(booking_id), None, _text(after, "customer_id"), seq)


def _text(after: Mapping[str, Any], name: str) -> str | None:
    value = after.get(name)
    return None if value is None else str(value)


def _number(after: Mapping[str, Any], name: str) -> int:
    value = after.get(name, 0)
    return value if isinstance(value, int) else 0
