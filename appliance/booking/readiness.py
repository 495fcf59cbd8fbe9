"""Whether a facility can be booked, and if not, what stands in the way: each thing once, by where it is mended (BM-04).

Pure: the catalogue and what lies outside it is handed in.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum

from appliance.booking.booking_window import Window
from appliance.booking.catalogue import Catalogue
from appliance.booking.rules import BookingRule
from appliance.booking.services import Service, ServiceKind
from appliance.booking.waiting_list import promotes_too_late
from appliance.foundation.instants import HOUR, Instant, Interval


class BlockerKind(StrEnum):
    """What is wrong. The first ones keep something from being booked, the others are worth mending."""

    NO_HOURS = "no_hours"
    NO_SERVICE = "no_service"
    NO_RESOURCE = "no_resource"
    NO_MEETING = "no_meeting"
    RULE_SHUT = "rule_shut"
    NO_WAY = "no_way"
    NO_FEE = "no_fee"
    PROMOTES_TOO_LATE = "promotes_too_late"
    UNLINKED_RULE = "unlinked_rule"
    MAIL_OFF = "mail_off"
    SMS_OFF = "sms_off"


_KEEP_FROM_BOOKING = frozenset(
    {
        BlockerKind.NO_HOURS,
        BlockerKind.NO_SERVICE,
        BlockerKind.NO_RESOURCE,
        BlockerKind.NO_MEETING,
        BlockerKind.RULE_SHUT,
    }
)


@dataclass(frozen=True, slots=True)
class Blocker:
    """One thing that stands in the way. thing_id, name: of what it is about; empty for the facility as a whole."""

    kind: BlockerKind
    thing_id: str = ""
    name: str = ""

    @property
    def blocks(self) -> bool:
        """Whether it keeps something from being booked."""
        return self.kind in _KEEP_FROM_BOOKING


@dataclass(frozen=True, slots=True)
class Readiness:
    """What was found; `can_be_booked` when nothing keeps anything from being booked."""

    blockers: tuple[Blocker, ...]

    @property
    def can_be_booked(self) -> bool:
        return not any(blocker.blocks for blocker in self.blockers)


def readiness(
    catalogue: Catalogue,
    now: Instant,
    *,
    planned: Collection[str],
    with_way: Collection[str],
    used: Collection[str],
    untold: Collection[BlockerKind] = (),
) -> Readiness:
    """What stands in the way at `now`.

    planned: ids of services whose meetings are planned. with_way: ids of resources that a door leads to. used: ids of
    resources whose places classes have. untold: which channels of messages are off although people are told by them.
    """
    return Readiness(
        (
            *_of_hours(catalogue),
            *_of_services(catalogue, planned),
            *_of_doors(catalogue, with_way, used),
            *_of_rules(catalogue, now),
            *(Blocker(kind) for kind in untold),
        )
    )


def _of_hours(catalogue: Catalogue) -> Iterator[Blocker]:
    if not catalogue.has_hours:
        yield Blocker(BlockerKind.NO_HOURS)


def _of_services(catalogue: Catalogue, planned: Collection[str]) -> Iterator[Blocker]:
    if not catalogue.services:
        yield Blocker(BlockerKind.NO_SERVICE)
    for service in catalogue.services:
        if service.kind is ServiceKind.CLASS and service.id not in planned:
            yield Blocker(BlockerKind.NO_MEETING, service.id, service.name)
        if any(not _has_enough(catalogue, service, place) for place in range(len(service.needs))):
            yield Blocker(BlockerKind.NO_RESOURCE, service.id, service.name)


def _has_enough(catalogue: Catalogue, service: Service, place: int) -> bool:
    need = service.needs[place]
    members = [catalogue.tree.resources[member] for member in catalogue.pools[need.pool_id].members]
    # Of what is counted one member gives the whole quantity.
    return len(members) >= need.quantity or any(each.is_counted and each.capacity >= need.quantity for each in members)


def _of_doors(catalogue: Catalogue, with_way: Collection[str], used: Collection[str]) -> Iterator[Blocker]:
    taken = {leaf for service in catalogue.services for leaf in catalogue.leaves_of(service)} | set(used)
    for resource_id, resource in catalogue.tree.resources.items():
        is_place = resource.kind != "staff"
        if resource_id in taken and is_place and resource_id not in with_way:
            yield Blocker(BlockerKind.NO_WAY, resource_id, resource.name)


def _of_rules(catalogue: Catalogue, now: Instant) -> Iterator[Blocker]:
    in_use = {catalogue.facility.rule_id, *(each.rule_id for each in catalogue.services)}
    swapped = {swap.rule_id for rule in catalogue.rules.values() for swap in rule.swaps}
    waited = {catalogue.rule(each).id for each in catalogue.services if each.waiting.promotes}
    for rule in catalogue.rules.values():
        if rule.id not in in_use | swapped:
            yield Blocker(BlockerKind.UNLINKED_RULE, rule.id, rule.name)
            continue
        if _is_shut(rule, catalogue, now):
            yield Blocker(BlockerKind.RULE_SHUT, rule.id, rule.name)
        if any(tier.percent for tier in rule.cancelling.tiers) and catalogue.tariff.fee_product is None:
            yield Blocker(BlockerKind.NO_FEE, rule.id, rule.name)
        if rule.id in waited and promotes_too_late(rule, now, catalogue.facility.zone):
            yield Blocker(BlockerKind.PROMOTES_TOO_LATE, rule.id, rule.name)


def _is_shut(rule: BookingRule, catalogue: Catalogue, now: Instant) -> bool:
    """Whether no customer can ever book by a rule: on each channel of theirs booking closes before it opens."""

    def is_shut(window: Window) -> bool:
        opening = window.opens_at(Interval(now, now + HOUR), catalogue.facility.zone)
        return opening is not None and opening > window.closes_at(now, catalogue.facility.zone)

    return is_shut(rule.windows.public) and is_shut(rule.windows.kiosk)
