"""The plan of one door: how it behaves, and what it does when something is out of order (AC-07, AC-11)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from appliance.access.presence import NOT_COUNTED, Passback, PassbackRule
from appliance.foundation.documents import Section
from appliance.foundation.instants import DAY, MINUTE
from appliance.foundation.weekly import STRETCHES_LIMIT, WeeklyStretch, parse_stretch
from drivers.contract import Fail

NUMBERS: Final = 32
PEOPLE_LIMIT: Final = 1_000
ZONES_LIMIT: Final = 64


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
class DoorPlan:
    """One door. Lengths are in seconds.

    number: its bit in the door mask of a pass; None where a site has more doors than a mask has bits: such a door takes
    no pass on its claims alone. zones: those whose derived PINs it takes. rotating_only: a pass is shown with its
    changing code or not at all. duress: a PIN whose last digit is one too high opens and calls for help.
    free_access: when it stands free by itself; with `first_person_in` only from the first entry of each stretch on.
    area: the slug of what lies behind it, under which entries and exits are counted; doors into the same area share
    it. passback: what happens when more come in than a key is for.
    """

    id: str
    slug: str
    name: str
    number: int | None
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
    free_access: tuple[WeeklyStretch, ...] = ()
    first_person_in: bool = False
    zones: tuple[str, ...] = ()
    rotating_only: bool = False
    duress: bool = False
    area: str = ""
    passback: PassbackRule = NOT_COUNTED


def parse_door(section: Section) -> DoorPlan:
    """One door of a site plan; mistakes go into the section's errors."""
    warn, alarm = section.number("held_open_warn_s", 5, 3600, 30), section.number("held_open_alarm_s", 5, 7200, 60)
    if alarm < warn:
        section.mistake("held_open_alarm_s", "out_of_range", "must not be shorter than held_open_warn_s")
    plan = DoorPlan(
        id=section.id("id"),
        slug=section.slug("slug"),
        name=section.text("name"),
        number=section.number_or_none("number", 0, NUMBERS - 1),
        driver=section.text("driver"),
        settings=section.mapping("settings"),
        release_s=section.number("release_s", 1, 60, 5),
        held_open_warn_s=warn,
        held_open_alarm_s=alarm,
        fail=section.choice("fail", Fail, Fail.SECURE),
        relock_on_open=section.flag("relock_on_open"),
        on_stale=section.choice("on_stale", OnStale, OnStale.KNOWN_KEYS),
        on_journal_fault=section.choice("on_journal_fault", OnJournalFault, OnJournalFault.RELEASE),
        on_unknown_clock=section.choice("on_unknown_clock", OnUnknownClock, OnUnknownClock.KNOWN_KEYS),
        free_access=tuple(map(parse_stretch, section.sections("free_access", STRETCHES_LIMIT))),
        first_person_in=section.flag("first_person_in"),
        zones=section.names("zones", ZONES_LIMIT),
        rotating_only=section.flag("rotating_only"),
        duress=section.flag("duress"),
        area=section.slug("area") if section.has("area") else "",
        passback=_passback(section),
    )
    if plan.passback.passback is not Passback.OFF and not plan.area:
        section.mistake("area", "missing", "must name the area into which the door leads, to count who is inside")
    section.finish()
    return plan


def _passback(section: Section) -> PassbackRule:
    reset = section.number_or_none("passback_reset_min", 1, DAY // MINUTE)
    return PassbackRule(
        section.choice("passback", Passback, Passback.OFF),
        section.number("passback_people", 1, PEOPLE_LIMIT, 1),
        None if reset is None else reset * MINUTE,
    )
