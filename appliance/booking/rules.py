"""The booking rule: one object that says who may book and cancel what when, on every channel (BRP-01 to BRP-21).

A service goes by its own rule, else by its facility's. For somebody who holds a certain entitlement another rule may
replace it, whole and without chains. What a rule decides is worked out in `deciding` and `cancel_terms`; here stands
what it is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from appliance.booking.booking_window import Channel, Window
from appliance.booking.lead_time import NO_LEAD, LeadTime
from appliance.booking.limits import Limit, NoShowBlock
from appliance.foundation.errors import FieldError
from appliance.foundation.i18n import marked

GRACE_S: Final = 120
LONGEST_GRACE_S: Final = 3600
LONGEST_WAIT_MINUTES: Final = 24 * 60
LONGEST_TIER_MINUTES: Final = 366 * 24 * 60


@dataclass(frozen=True, slots=True)
class Windows:
    """The booking window of each channel."""

    public: Window = field(default_factory=Window)
    kiosk: Window = field(default_factory=Window)
    staff: Window = field(default_factory=Window)

    def of(self, channel: Channel) -> Window:
        if channel is Channel.KIOSK:
            return self.kiosk
        return self.staff if channel is Channel.STAFF else self.public


@dataclass(frozen=True, slots=True)
class CancelTier:
    """Who cancels less than `before_minutes` before the start owes `percent` of what the booking was charged."""

    before_minutes: int
    percent: int


@dataclass(frozen=True, slots=True)
class Cancelling:
    """When a customer may cancel, and for how much.

    earliest: how long before the start cancelling opens; None at once. until: how long before the start it closes.
    grace_s: for so long after it was made a booking may be cancelled free of charge however late, unless its key was
    used. tiers: without one that applies, cancelling is free.
    """

    earliest: LeadTime | None = None
    until: LeadTime = NO_LEAD
    grace_s: int = GRACE_S
    tiers: tuple[CancelTier, ...] = ()


@dataclass(frozen=True, slots=True)
class Moving:
    """When a customer may move a booking. until: how long before the start; None as for cancelling. most: how often."""

    until: LeadTime | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class NoShows:
    """For how many minutes after the start a guest is waited for, None for ever; and what follows not showing up."""

    wait_minutes: int | None = None
    block: NoShowBlock | None = None


@dataclass(frozen=True, slots=True)
class RuleSwap:
    """For who holds an entitlement of `product_id`, `rule_id` replaces the whole rule; the lowest `priority` wins."""

    product_id: str
    rule_id: str
    priority: int = 0


@dataclass(frozen=True, slots=True)
class BookingRule:
    """A booking rule. promote_until: how long before the start somebody may still be promoted from the waiting list;
    None until booking closes for the public."""

    id: str
    name: str = ""
    windows: Windows = field(default_factory=Windows)
    cancelling: Cancelling = field(default_factory=Cancelling)
    moving: Moving = field(default_factory=Moving)
    limits: tuple[Limit, ...] = ()
    no_shows: NoShows = field(default_factory=NoShows)
    promote_until: LeadTime | None = None
    swaps: tuple[RuleSwap, ...] = ()

    @property
    def asks_who(self) -> bool:
        """Whether what it decides depends on who asks."""
        return bool(self.limits or self.swaps or self.no_shows.block)


def in_force(base: BookingRule, rules: Mapping[str, BookingRule], held: Iterable[str]) -> BookingRule:
    """The rule for somebody who holds entitlements of the products `held` (BRP-08, BRP-09).

    Of several replacements the one with the lowest priority, and of those the first by its rule's id. A replacement's
    own replacements are not followed.
    """
    products = frozenset(held)
    able = [swap for swap in base.swaps if swap.product_id in products and swap.rule_id in rules]
    best = min(able, key=lambda swap: (swap.priority, swap.rule_id), default=None)
    return base if best is None else rules[best.rule_id]


def mistakes(rule: BookingRule, rules: Mapping[str, BookingRule]) -> list[FieldError]:
    """Everything that does not fit together in a rule that is to be saved among `rules`."""
    return [*_window_mistakes(rule), *_cancel_mistakes(rule), *_other_mistakes(rule), *_swap_mistakes(rule, rules)]


def _window_mistakes(rule: BookingRule) -> list[FieldError]:
    return [
        FieldError(f"windows.{channel}.{part}", "out_of_range", sentence)
        for channel in Channel
        for part, sentence in rule.windows.of(channel).mistakes()
    ]


def _cancel_mistakes(rule: BookingRule) -> list[FieldError]:
    found = []
    tiers = rule.cancelling.tiers
    if not 0 <= rule.cancelling.grace_s <= LONGEST_GRACE_S:
        found.append(FieldError("cancelling.grace_s", "out_of_range", marked("Choose 0 to 3600 seconds.")))
    for place, tier in enumerate(tiers):
        if not (1 <= tier.before_minutes <= LONGEST_TIER_MINUTES and 0 <= tier.percent <= 100):
            sentence = marked("A step is 1 minute to a year before the start, and 0 to 100 percent.")
            found.append(FieldError(f"cancelling.tiers.{place}", "out_of_range", sentence))
    ordered = sorted(tiers, key=lambda tier: tier.before_minutes)
    if any(sooner.percent < later.percent for sooner, later in pairwise(ordered)):
        sentence = marked("Who cancels earlier cannot owe more.")
        found.append(FieldError("cancelling.tiers", "not_falling", sentence))
    if len({tier.before_minutes for tier in tiers}) != len(tiers):
        found.append(FieldError("cancelling.tiers", "twice", marked("Two steps are at the same time.")))
    return found


def _other_mistakes(rule: BookingRule) -> list[FieldError]:
    found = []
    wait = rule.no_shows.wait_minutes
    if wait is not None and not 1 <= wait <= LONGEST_WAIT_MINUTES:
        found.append(FieldError("no_shows.wait_minutes", "out_of_range", marked("Choose 1 to 1440 minutes.")))
    if rule.moving.most is not None and not 0 <= rule.moving.most <= 1000:
        found.append(FieldError("moving.most", "out_of_range", marked("Choose 0 to 1000.")))
    if len({(limit.per, limit.whose, limit.of) for limit in rule.limits}) != len(rule.limits):
        found.append(FieldError("limits", "twice", marked("Two limits count the same.")))
    return found


def _swap_mistakes(rule: BookingRule, rules: Mapping[str, BookingRule]) -> list[FieldError]:
    found = []
    for place, swap in enumerate(rule.swaps):
        if swap.rule_id == rule.id or (swap.rule_id in rules and _leads_to(rules[swap.rule_id], rule.id, rules)):
            sentence = marked("This rule would in the end replace itself.")
            found.append(FieldError(f"swaps.{place}.rule", "cycle", sentence))
        elif swap.rule_id not in rules:
            found.append(FieldError(f"swaps.{place}.rule", "unknown", marked("There is no such rule.")))
    return found


def _leads_to(rule: BookingRule, target: str, rules: Mapping[str, BookingRule]) -> bool:
    """Whether following replacements from `rule`, which nobody does when booking, would come to `target`."""
    seen, ahead = set[str](), [rule]
    while ahead:
        for swap in ahead.pop().swaps:
            if swap.rule_id == target:
                return True
            if swap.rule_id in rules and swap.rule_id not in seen:
                seen.add(swap.rule_id)
                ahead.append(rules[swap.rule_id])
    return False
