"""Entitlements: subscriptions and clip cards that pay for bookings, and what is left of them (DY-30, DY-35, DY-36).

An entitlement is a ledger of uses: +8 when a card of eight is sold, -1 for a booking, +1 when it is given back. What a
subscription allows is counted by the start of the booking: in calendar weeks and months of the facility, or in any
seven or thirty days on end.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from appliance.foundation.instants import DAY, Instant, Interval, at_local, local_date
from appliance.foundation.refusals import Refusal
from appliance.foundation.weekly import WeeklyStretch

LONGEST_PERIOD_DAYS: Final = 31


class ProductKind(StrEnum):
    """What is sold."""

    CLIPS = "clips"
    SUBSCRIPTION = "subscription"


class Per(StrEnum):
    """The time in which uses are counted."""

    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class UseLimit:
    """At most so many uses per week or month. is_rolling: any 7 or 30 days, instead of Monday to Sunday or a month."""

    most: int
    per: Per
    is_rolling: bool = False


@dataclass(frozen=True, slots=True)
class StandingAccess:
    """What a member's card opens without a booking (AC-06): doors, by their ids, in hours of the week."""

    door_ids: tuple[str, ...]
    hours: tuple[WeeklyStretch, ...]


@dataclass(frozen=True, slots=True)
class Product:
    """What can be held: a clip card or a subscription.

    amount: the price of a card, or of a period of a subscription, VAT contained. clips: of a card. valid_days: how long
    it is good for, None without end. covers: percent of the price of a service, by its id; other services are paid.
    returns_late: whether a use comes back at a late cancel and a no-show too. grace_days: how long what comes back
    after the end is still good for. access: of a subscription, where and when its holders come in without a booking.
    sold_at: the channels on which customers buy it themselves; staff sell whatever there is.
    """

    name: str
    kind: ProductKind
    amount: int
    vat_percent: int
    account: str = ""
    clips: int | None = None
    valid_days: int | None = None
    limit: UseLimit | None = None
    covers: Mapping[str, int] = field(default_factory=dict)
    returns_late: bool = False
    grace_days: int = 0
    access: StandingAccess | None = None
    sold_at: frozenset[str] = frozenset()

    @property
    def has_clips(self) -> bool:
        return self.kind is ProductKind.CLIPS


Uses: TypeAlias = Sequence[tuple[Instant, int]]


@dataclass(frozen=True, slots=True)
class Holding:
    """One entitlement that a customer holds, good for bookings that start in [starts, ends); None has no end.

    left: clips left; 0 for a subscription, whose uses are told by the start of the booking, as (start, how many).
    """

    id: str
    product_id: str
    starts: Instant
    ends: Instant | None
    left: int = 0
    uses: Uses = ()

    def is_good(self, at: Instant) -> bool:
        return self.starts <= at and (self.ends is None or at < self.ends)


@dataclass(frozen=True, slots=True)
class Cover:
    """An entitlement that is taken for a booking: so much of the service's price, under its product's name."""

    entitlement_id: str
    name: str
    percent: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Holdings:
    """Everything that one customer holds, read at one time; nothing for a customer who is not known."""

    all: tuple[Holding, ...] = ()

    def holds(self, product_id: str, at: Instant) -> bool:
        """Whether they hold a product at an instant, used up or not (BRP-08)."""
        return any(each.product_id == product_id and each.is_good(at) for each in self.all)


@dataclass(frozen=True, slots=True)
class Use:
    """A booking for which an entitlement is wanted. quantity: clips, or uses of a subscription, that it takes."""

    service_id: str
    start: Instant
    quantity: int = 1


def cover(holdings: Holdings, products: Mapping[str, Product], use: Use, zone: ZoneInfo) -> Cover | None:
    """The entitlement that pays for a booking; None when none can.

    Subscriptions within their limits first, then clip cards; of these what covers more, what ends first, what is older.
    """
    good = [
        each
        for each in holdings.all
        if each.product_id in products and refusal_to_use(each, products[each.product_id], use, zone) is None
    ]
    return covered_by(min(good, key=lambda each: _turn(each, products, use)), products, use) if good else None


def covered_by(holding: Holding, products: Mapping[str, Product], use: Use) -> Cover:
    """What a holding that may be used takes off."""
    product = products[holding.product_id]
    return Cover(holding.id, product.name, product.covers[use.service_id], use.quantity)


def named(holdings: Holdings, products: Mapping[str, Product], name: str, use: Use, zone: ZoneInfo) -> Cover | Refusal:
    """The entitlement that was asked for by its id, or by the id or name of its product; why it cannot be used.

    Of several the first that can; else what stands against the one that would pass first.
    """
    asked = [
        each
        for each in holdings.all
        if each.product_id in products and name in (each.id, each.product_id, products[each.product_id].name)
    ]
    refusals = []
    for each in sorted(asked, key=lambda one: _turn(one, products, use)):
        refusal = refusal_to_use(each, products[each.product_id], use, zone)
        if refusal is None:
            return covered_by(each, products, use)
        refusals.append(refusal)
    if not refusals:
        return Refusal("entitlement_not_held")
    return min(refusals, key=lambda one: one.passes_at if one.passes_at is not None else 1 << 62)


def refusal_to_use(holding: Holding, product: Product, use: Use, zone: ZoneInfo) -> Refusal | None:
    """Why an entitlement cannot pay for a booking, with the first start from which one could be paid again."""
    if use.service_id not in product.covers:
        return Refusal("entitlement_not_for_this")
    if use.start < holding.starts:
        return Refusal("entitlement_not_begun", holding.starts)
    if not holding.is_good(use.start):
        return Refusal("entitlement_ended")
    if product.has_clips:
        return Refusal("no_clips_left") if holding.left < use.quantity else None
    return _refusal_by_limit(product.limit, holding.uses, use, zone) if product.limit is not None else None


def left_in_period(limit: UseLimit, uses: Uses, at: Instant, zone: ZoneInfo) -> int:
    """How many uses are left for a booking that starts `at`."""
    return max(0, limit.most - max(_loads(limit, uses, at, zone)))


def left_of(holding: Holding, product: Product, at: Instant, zone: ZoneInfo) -> int | None:
    """Clips left, or uses left in the week or month of a booking that starts `at`; None where nothing is counted."""
    if product.has_clips:
        return holding.left
    return None if product.limit is None else left_in_period(product.limit, holding.uses, at, zone)


def counted_period(per: Per, start: Instant, zone: ZoneInfo) -> Interval:
    """The calendar week or month of a start."""
    day = local_date(start, zone)
    if per is Per.WEEK:
        first = day - timedelta(days=day.weekday())
        return Interval(at_local(first, 0, zone), at_local(first + timedelta(days=7), 0, zone))
    first = day.replace(day=1)
    after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return Interval(at_local(first, 0, zone), at_local(after, 0, zone))


def _refusal_by_limit(limit: UseLimit, uses: Uses, use: Use, zone: ZoneInfo) -> Refusal | None:
    if max(_loads(limit, uses, use.start, zone)) + use.quantity <= limit.most:
        return None
    reason = f"entitlement_{limit.per}_full"
    if use.quantity > limit.most:
        return Refusal(reason)
    if not limit.is_rolling:
        return Refusal(reason, counted_period(limit.per, use.start, zone).end)
    length = _length(limit.per)
    ends = sorted(start + length for start, _ in uses if start + length > use.start)
    again = (at for at in ends if max(_loads(limit, uses, at, zone)) + use.quantity <= limit.most)
    return Refusal(reason, next(again, None))


def _loads(limit: UseLimit, uses: Uses, start: Instant, zone: ZoneInfo) -> list[int]:
    """How many uses there are in each period in which a booking at `start` would count."""
    if not limit.is_rolling:
        periods = [counted_period(limit.per, start, zone)]
    else:
        length = _length(limit.per)
        begins = {start, *(at for at, _ in uses if start - length < at <= start)}
        periods = [Interval(begin, begin + length) for begin in begins]
    return [sum(quantity for at, quantity in uses if period.contains(at)) for period in periods]


def _length(per: Per) -> int:
    return 7 * DAY if per is Per.WEEK else 30 * DAY


def _turn(holding: Holding, products: Mapping[str, Product], use: Use) -> tuple[bool, int, Instant, str]:
    product = products[holding.product_id]
    ends = holding.ends if holding.ends is not None else 1 << 62
    return product.has_clips, -product.covers.get(use.service_id, 0), ends, holding.id
