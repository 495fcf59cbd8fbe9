"""The plans of what stands beside the doors: readers, and the controllers of vendors (DR-07, BM-27)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from appliance.foundation.documents import Section


class Side(StrEnum):
    """On which side of its door a reader hangs."""

    OUTSIDE = "outside"  # who presents something there comes in
    INSIDE = "inside"  # who presents something there goes out


@dataclass(frozen=True, slots=True)
class ReaderPlan:
    """One reader at one door. `door_id` is the id of its door; `settings` are its driver's own."""

    id: str
    slug: str
    name: str
    door_id: str
    side: Side
    driver: str
    settings: Mapping[str, object] = field(hash=False)


@dataclass(frozen=True, slots=True)
class ControllerPlan:
    """One controller of a vendor. `settings` are its driver's own; doors name it in theirs by its slug."""

    id: str
    slug: str
    name: str
    driver: str
    settings: Mapping[str, object] = field(hash=False)


def parse_reader(section: Section) -> ReaderPlan:
    """One reader of a site plan; mistakes go into the section's errors."""
    plan = ReaderPlan(
        id=section.id("id"),
        slug=section.slug("slug"),
        name=section.text("name"),
        door_id=section.id("door"),
        side=section.choice("side", Side, Side.OUTSIDE),
        driver=section.text("driver"),
        settings=section.mapping("settings"),
    )
    section.finish()
    return plan


def parse_controller(section: Section) -> ControllerPlan:
    """One controller of a site plan; mistakes go into the section's errors."""
    plan = ControllerPlan(
        id=section.id("id"),
        slug=section.slug("slug"),
        name=section.text("name"),
        driver=section.text("driver"),
        settings=section.mapping("settings"),
    )
    section.finish()
    return plan
