"""Orders of bookings: those that were made together, with one total and one answer (DY-46, DY-54, DY-56).

Each booking of an order keeps its own number, keys and cancel code and goes its own way; the order says what was made
together, and which dates of a series were left open.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self, cast

from appliance.booking.bookings import OCCUPYING, Booking
from appliance.booking.extras import ExtraWish
from appliance.booking.pricing import People
from appliance.booking.recurrence import Turn
from appliance.booking.series import Occurrence
from appliance.foundation.instants import Instant
from appliance.foundation.money import Money

_Counts = Sequence[tuple[str, int]]
_WishBody = tuple[str, int, int, str | None, _Counts] | tuple[str, int, int, str | None, _Counts, _Counts]


class OrderKind(StrEnum):
    """Why bookings were made together."""

    SERIES = "series"  # the same again and again
    CHAIN = "chain"  # several services in one visit
    ROW = "row"  # the same slot several times one after the other


@dataclass(frozen=True, slots=True)
class OrderWish:
    """What every booking of a series is, so that a date can be added later. `resource_id` None is any that fits.

    minutes: without the extras. people: how many of which customer category; they add up to the quantity.
    """

    service_id: str
    minutes: int
    quantity: int
    resource_id: str | None
    people: People = ()
    extras: tuple[ExtraWish, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenDate:
    """A date of a series that was not booked, by day and instant as ISO text and seconds, and the reason why.

    `day` is only a month, such as 2027-04, where the month has no such day; `wanted` is then None.
    """

    day: str
    wanted: Instant | None
    reason: str


@dataclass(frozen=True, slots=True)
class BookingOrder:
    """Bookings made together for one customer. `revision` counts changes of the row."""

    id: str
    kind: OrderKind
    customer_id: str
    wish: OrderWish | None
    skipped: tuple[OpenDate, ...]
    revision: int
    created_at: Instant

    def without(self, day: str) -> Self:
        """The order with one date less left open."""
        skipped = tuple(each for each in self.skipped if each.day != day)
        return replace(self, skipped=skipped, revision=self.revision + 1)


def open_dates(occurrences: Iterable[Occurrence]) -> tuple[OpenDate, ...]:
    """What an order keeps of the occurrences that were skipped."""
    return tuple(
        OpenDate(day_text(each.occasion.turn), each.occasion.wanted, each.refusal.reason)
        for each in occurrences
        if each.start is None and each.refusal is not None
    )


def day_text(turn: Turn) -> str:
    """A turn as people and programs name it: its day, or its month where it has none."""
    return turn.month.isoformat()[:7] if turn.day is None else turn.day.isoformat()


def total(bookings: Iterable[Booking], currency: str) -> Money:
    """What the bookings of an order that still stand cost together."""
    return Money(sum(each.price.amount for each in bookings if each.status in OCCUPYING), currency)


def body(order: BookingOrder) -> dict[str, object]:
    """The order as the journal keeps it."""
    wish = order.wish
    return {
        "id": order.id,
        "kind": str(order.kind),
        "customer_id": order.customer_id,
        "wish": None if wish is None else _wish_body(wish),
        "skipped": [[each.day, each.wanted, each.reason] for each in order.skipped],
        "revision": order.revision,
        "created_at": order.created_at,
    }


def from_body(kept: dict[str, object]) -> BookingOrder:
    """The order that `body` made; the journal is written by this program alone, so its types are trusted."""
    wish = cast("_WishBody | None", kept["wish"])
    skipped = cast("list[tuple[str, Instant | None, str]]", kept["skipped"])
    return BookingOrder(
        id=cast("str", kept["id"]),
        kind=OrderKind(cast("str", kept["kind"])),
        customer_id=cast("str", kept["customer_id"]),
        wish=None if wish is None else _wish(*wish),
        skipped=tuple(OpenDate(*each) for each in skipped),
        revision=cast("int", kept["revision"]),
        created_at=cast("int", kept["created_at"]),
    )


def _wish_body(wish: OrderWish) -> list[object]:
    people = [list(each) for each in wish.people]
    # Orders from before there were extras in them have no such part; without extras there is none either.
    extras = [[[each.extra_id, each.quantity] for each in wish.extras]] if wish.extras else []
    return [wish.service_id, wish.minutes, wish.quantity, wish.resource_id, people, *extras]


def _wish(
    service_id: str, minutes: int, quantity: int, resource_id: str | None, people: _Counts, extras: _Counts = ()
) -> OrderWish:
    return OrderWish(
        service_id,
        minutes,
        quantity,
        resource_id,
        tuple((name, count) for name, count in people),
        tuple(ExtraWish(extra_id, count) for extra_id, count in extras),
    )
