"""The site plan: which doors there are, how each behaves, and what it does when something is out of order.

It is a numbered document in the journal of `booking.db`. The web process checks it before it is written, the door
process again before it is applied; both learn of every mistake at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from appliance.foundation.documents import Section
from appliance.foundation.errors import FieldError, Invalid
from drivers.contract import Fail

DOORS_LIMIT: Final = 32


class OnStale(StrEnum):
    """What a door accepts while it cannot read the bookings."""

    KNOWN_KEYS = "known_keys"
    SIGNED_PASSES = "signed_passes"  # a pass it never heard of too, by its claims alone


class OnJournalFault(StrEnum):
    """What a door does with a grant that cannot be written down in time."""

    RELEASE = "release"
    REFUSE = "refuse"


class OnUnknownClock(StrEnum):
    """What a door accepts while it does not know the time."""

    KNOWN_KEYS = "known_keys"  # those whose window meets the twelve hours after the last time it was sure of
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class FacilityPlan:
    """The facility that the doors belong to. `zone` is where its midnight is."""

    id: str
    slug: str
    name: str
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class DoorPlan:
    """One door. Lengths are in seconds; `number` is its bit in the door mask of a pass."""

    id: str
    slug: str
    name: str
    number: int
    driver: str
    settings: Mapping[str, object] = field(hash=False)
    release_s: int = 5
    held_open_warn_s: int = 30
    held_open_alarm_s: int = 60
    fail: Fail = Fail.SECURE
    relock_on_open: bool = False
    on_stale: OnStale = OnStale.KNOWN_KEYS
    on_journal_fault: OnJournalFault = OnJournalFault.RELEASE
    on_unknown_clock: OnUnknownClock = OnUnknownClock.KNOWN_KEYS


@dataclass(frozen=True, slots=True)
class SitePlan:
    """The whole document in force under one number."""

    number: int
    facility: FacilityPlan
    doors: tuple[DoorPlan, ...]


def parse_site_plan(number: int, document: Mapping[str, object]) -> SitePlan:
    """The plan in a document; Invalid with every mistake when there is one."""
    errors: list[FieldError] = []
    facility = _facility(Section("facility", document.get("facility"), errors))
    listed = document.get("doors")
    if not isinstance(listed, list) or len(listed) > DOORS_LIMIT:
        errors.append(FieldError("doors", "malformed", f"must be a list of at most {DOORS_LIMIT} doors"))
        listed = []
    doors = [_door(Section(f"doors.{at}", one, errors)) for at, one in enumerate(listed)]
    for name in ("id", "slug", "number"):
        errors.extend(_repeated(name, [getattr(door, name) for door in doors]))
    unknown = set(document) - {"facility", "doors"}
    errors.extend(FieldError(name, "unknown", "there is no such part of a site plan") for name in sorted(unknown))
    if errors or facility is None:
        raise Invalid(*errors)
    return SitePlan(number, facility, tuple(doors))


def _facility(reader: Section) -> FacilityPlan | None:
    id_, slug, name = reader.id("id"), reader.slug("slug"), reader.text("name")
    zone = reader.text("time_zone")
    reader.finish()
    try:
        return FacilityPlan(id_, slug, name, ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        reader.mistake("time_zone", "not_an_option", "must be an IANA time zone such as Europe/Stockholm")
        return None


def _door(reader: Section) -> DoorPlan:
    warn, alarm = reader.number("held_open_warn_s", 5, 3600, 30), reader.number("held_open_alarm_s", 5, 7200, 60)
    if alarm < warn:
        reader.mistake("held_open_alarm_s", "out_of_range", "must not be shorter than held_open_warn_s")
    plan = DoorPlan(
        id=reader.id("id"),
        slug=reader.slug("slug"),
        name=reader.text("name"),
        number=reader.number("number", 0, DOORS_LIMIT - 1, None),
        driver=reader.text("driver"),
        settings=reader.mapping("settings"),
        release_s=reader.number("release_s", 1, 60, 5),
        held_open_warn_s=warn,
        held_open_alarm_s=alarm,
        fail=reader.choice("fail", Fail, Fail.SECURE),
        relock_on_open=reader.flag("relock_on_open"),
        on_stale=reader.choice("on_stale", OnStale, OnStale.KNOWN_KEYS),
        on_journal_fault=reader.choice("on_journal_fault", OnJournalFault, OnJournalFault.RELEASE),
        on_unknown_clock=reader.choice("on_unknown_clock", OnUnknownClock, OnUnknownClock.KNOWN_KEYS),
    )
    reader.finish()
    return plan


def _repeated(name: str, values: list[object]) -> list[FieldError]:
    return [
        FieldError(f"doors.{at}.{name}", "repeated", f"another door has the same {name}")
        for at, value in enumerate(values)
        if value in values[:at]
    ]
