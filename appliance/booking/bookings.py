"""A booking, what it claims, and the graph of its statuses (DESIGN: the guard; rows DY-06, SH-01, SH-06).

A booking and its claims are two things: the customer sees `starts` to `ends`, the claims may reach further (buffers)
and over several resources. Claims are active exactly while the status is one of `OCCUPYING`; `completed` is one of
them: behind a visit lies its buffer, and a claim lets go of its resource by its own end.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any, Self, cast

from appliance.billing import lines as price_lines
from appliance.billing.lines import PriceLine
from appliance.booking.booking_window import Channel
from appliance.booking.extras import BookedExtra
from appliance.foundation.errors import Bug
from appliance.foundation.instants import MINUTE, Instant, Interval
from appliance.foundation.money import Money


class Status(StrEnum):
    """Where a booking is in its life."""

    HELD = "held"
    PENDING = "pending"
    CONFIRMED = "confirmed"
    ARRIVED = "arrived"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    NO_SHOW = "no_show"


OCCUPYING = frozenset({Status.HELD, Status.PENDING, Status.CONFIRMED, Status.ARRIVED, Status.COMPLETED})
CANCELLABLE = frozenset({Status.PENDING, Status.CONFIRMED, Status.ARRIVED})

ARROWS: dict[Status, frozenset[Status]] = {
    Status.HELD: frozenset({Status.PENDING, Status.CONFIRMED, Status.CANCELLED, Status.EXPIRED}),
    Status.PENDING: frozenset({Status.CONFIRMED, Status.CANCELLED, Status.EXPIRED}),
    Status.CONFIRMED: frozenset({Status.ARRIVED, Status.CANCELLED, Status.COMPLETED, Status.NO_SHOW}),
    Status.ARRIVED: frozenset({Status.COMPLETED, Status.CANCELLED}),
    Status.COMPLETED: frozenset(),
    Status.CANCELLED: frozenset({Status.CONFIRMED}),
    Status.EXPIRED: frozenset({Status.CONFIRMED}),  # money that came late, for a time that is still free
    Status.NO_SHOW: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Claimed:
    """One stretch of one resource that a booking occupies."""

    resource_id: str
    interval: Interval
    quantity: int


@dataclass(frozen=True, slots=True)
class Booking:
    """A customer's claim on a slot. `revision` counts changes of the row.

    price: the whole sum, VAT included; `lines` add up to it, and are none for what was sold before there were lines.
    preferred_id: the resource that its customer asked for by name, such as a member of staff (DY-32).
    rule_id: the rule that it was made under, by which it is cancelled and moved; None for one that forbids nothing.
    moves: how often it was moved.
    order_id: the order that it was made in together with others. participant: who comes, sealed for its customer.
    """

    id: str
    number: str
    service_id: str
    session_id: str | None
    customer_id: str | None
    status: Status
    channel: Channel
    interval: Interval
    quantity: int
    price: Money
    vat_percent: int
    revision: int
    created_at: Instant
    committed_at: Instant | None
    expires_at: Instant | None
    claims: tuple[Claimed, ...]
    preferred_id: str | None = None
    rule_id: str | None = None
    moves: int = 0
    lines: tuple[PriceLine, ...] = ()
    extras: tuple[BookedExtra, ...] = ()
    order_id: str | None = None
    participant: str | None = None

    @property
    def own_minutes(self) -> int:
        """How long it would be without its extras."""
        return self.interval.seconds // MINUTE - sum(extra.minutes * extra.quantity for extra in self.extras)

    @property
    def vat(self) -> Money:
        """The VAT contained in the price."""
        if not self.lines:
            return self.price.vat_within(self.vat_percent)
        return price_lines.vat_within(self.lines, self.price.currency)

    def priced(self, lines: tuple[PriceLine, ...]) -> Self:
        """The same at the price of other lines."""
        return replace(self, lines=lines, price=Money(price_lines.total(lines), self.price.currency))

    @property
    def occupies(self) -> bool:
        return self.status in OCCUPYING

    @property
    def resource_ids(self) -> tuple[str, ...]:
        """The resources that it claims, each once, in the order of its claims."""
        return tuple(dict.fromkeys(claimed.resource_id for claimed in self.claims))

    def at_status(self, status: Status) -> Self:
        """The booking one arrow further. A Bug when the graph has no such arrow."""
        if status not in ARROWS[self.status]:
            raise Bug(f"a booking cannot go from {self.status} to {status}")
        return replace(self, status=status, revision=self.revision + 1)

    def left(self, by: Instant) -> Self:
        """The booking completed, by people who are gone `by` then: it keeps what it was sold as, its claims end sooner.

        A buffer is kept in full and begins when they are gone. What they would have needed only later is given back,
        unless nothing would be left: what was booked must still be told.
        """
        ended = tuple(_ended(self.claims, self.interval.end, by))
        return replace(self.at_status(Status.COMPLETED), claims=ended or self.claims)


def _ended(claims: Iterable[Claimed], visit_ends: Instant, by: Instant) -> Iterable[Claimed]:
    for claimed in claims:
        start, end = claimed.interval.start, claimed.interval.end
        if start < by:
            yield replace(claimed, interval=Interval(start, min(end, by + max(0, end - visit_ends))))


def body(booking: Booking) -> dict[str, object]:
    """The booking as the journal keeps it: everything that is not personal and not secret."""
    return {
        "id": booking.id,
        "number": booking.number,
        "service_id": booking.service_id,
        "session_id": booking.session_id,
        "customer_id": booking.customer_id,
        "status": str(booking.status),
        "channel": str(booking.channel),
        "starts": booking.interval.start,
        "ends": booking.interval.end,
        "quantity": booking.quantity,
        "amount": booking.price.amount,
        "currency": booking.price.currency,
        "vat_percent": booking.vat_percent,
        "revision": booking.revision,
        "created_at": booking.created_at,
        "committed_at": booking.committed_at,
        "expires_at": booking.expires_at,
        "preferred_id": booking.preferred_id,
        "rule_id": booking.rule_id,
        "moves": booking.moves,
        "claims": [
            [claimed.resource_id, claimed.interval.start, claimed.interval.end, claimed.quantity]
            for claimed in booking.claims
        ],
        "lines": price_lines.body(booking.lines),
        **({"extras": [_extra_body(extra) for extra in booking.extras]} if booking.extras else {}),
        "order_id": booking.order_id,
        "participant": booking.participant,
    }


def from_body(kept: dict[str, object]) -> Booking:
    """The booking that `body` made; the journal is written by this program alone, so its types are trusted."""
    claims = cast("list[tuple[str, int, int, int]]", kept["claims"])
    plain = {name: kept[name] for name in ("id", "number", "service_id", "session_id", "customer_id")}
    return Booking(
        **cast("dict[str, str]", plain),
        status=Status(cast("str", kept["status"])),
        channel=Channel(cast("str", kept["channel"])),
        interval=Interval(cast("int", kept["starts"]), cast("int", kept["ends"])),
        quantity=cast("int", kept["quantity"]),
        price=Money(cast("int", kept["amount"]), cast("str", kept["currency"])),
        vat_percent=cast("int", kept["vat_percent"]),
        revision=cast("int", kept["revision"]),
        created_at=cast("int", kept["created_at"]),
        committed_at=cast("int | None", kept["committed_at"]),
        expires_at=cast("int | None", kept["expires_at"]),
        claims=tuple(Claimed(resource, Interval(start, end), quantity) for resource, start, end, quantity in claims),
        # Bookings that were written down before these were known of have none of them.
        preferred_id=cast("str | None", kept.get("preferred_id")),
        rule_id=cast("str | None", kept.get("rule_id")),
        moves=cast("int", kept.get("moves", 0)),
        lines=price_lines.from_body(kept.get("lines", ())),
        extras=tuple(_extra_from(extra) for extra in cast("list[dict[str, Any]]", kept.get("extras", ()))),
        order_id=cast("str | None", kept.get("order_id")),
        participant=cast("str | None", kept.get("participant")),
    )


def _extra_body(extra: BookedExtra) -> dict[str, object]:
    return {**asdict(extra), "price": extra.price.amount, "currency": extra.price.currency}


def _extra_from(kept: dict[str, Any]) -> BookedExtra:
    plain = {name: value for name, value in kept.items() if name not in ("price", "currency")}
    return BookedExtra(**plain, price=Money(kept["price"], kept["currency"]))
