"""Outputs that follow bookings: when a light or a heater is on, from what is booked and what staff want (AC-17).

is_on(plan, occupied, override, now)
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from appliance.foundation.documents import Section
from appliance.foundation.ids import is_id
from appliance.foundation.instants import HOUR, MINUTE, Instant, Interval, merged

LONGEST_LEAD_S: Final = 6 * HOUR
LONGEST_BRIDGE_S: Final = 2 * HOUR
RESOURCES_LIMIT: Final = 100


@dataclass(frozen=True, slots=True)
class OutputPlan:
    """One output. It is on while any of its resources is booked, from `lead_s` before until `lag_s` after.

    bridge_s: it stays on between two bookings that are no further apart than this, margins included.
    """

    id: str
    slug: str
    name: str
    driver: str
    settings: dict[str, object]
    resource_ids: frozenset[str]
    lead_s: int = 0
    lag_s: int = 0
    bridge_s: int = 0


@dataclass(frozen=True, slots=True)
class Override:
    """What staff want of an output until an instant (UTC seconds), whatever is booked."""

    is_on: bool
    until: Instant


def lit(plan: OutputPlan, occupied: Iterable[Interval]) -> list[Interval]:
    """When bookings keep the output on: sorted, apart from each other by more than the bridge."""
    bridged = merged(booked.widened(plan.lead_s, plan.lag_s + plan.bridge_s) for booked in occupied)
    return [Interval(each.start, each.end - plan.bridge_s) for each in bridged]


def is_on(plan: OutputPlan, occupied: Iterable[Interval], override: Override | None, now: Instant) -> bool:
    """Whether the output is to be on now."""
    if override is not None and now < override.until:
        return override.is_on
    return any(each.contains(now) for each in lit(plan, occupied))


def parse_output(section: Section) -> OutputPlan:
    """One output of a site plan; mistakes go into the section's errors."""
    plan = OutputPlan(
        id=section.id("id"),
        slug=section.slug("slug"),
        name=section.text("name"),
        driver=section.text("driver"),
        settings=dict(section.mapping("settings")),
        resource_ids=frozenset(section.list_of("resources", is_id, "UUIDs", RESOURCES_LIMIT)),
        lead_s=section.number("lead_s", 0, LONGEST_LEAD_S, 0),
        lag_s=section.number("lag_s", 0, LONGEST_LEAD_S, 0),
        bridge_s=section.number("bridge_s", 0, LONGEST_BRIDGE_S, 15 * MINUTE),
    )
    section.finish()
    return plan
