"""docs/what-works.md is held against the decision and the drivers (AC-09, DR-01)."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

import pytest

from appliance.access.clock_trust import ClockReading, Trust
from appliance.access.door_plan import OnStale, OnUnknownClock
from appliance.access.presentations import Card, Pin, Presentation, StaffRelease
from appliance.access.snapshot import Following, Snapshot
from appliance.foundation.instants import Interval
from appliance.keys.derived_pins import DerivedClaims
from drivers import registry
from drivers.contract import DoorSettings, Fail, Site
from tests.access.worlds import NOW, SNAPSHOT, pin, qr, reason, shown
from tests.house.tree import ROOT

Rows = Mapping[str, list[str]]
KEYS: Final[Mapping[str, Presentation]] = {
    "PIN": pin(),
    "QR pass": qr(),
    "card": shown(Card(b"c")),
    "derived PIN": shown(Pin(b"l", derived="123456789")),
    "release by staff": shown(StaffRelease("staff:1", "reason")),
}
MAY_BE: Final = ((DerivedClaims("padel", Interval(NOW - 60, NOW + 3600), 0), False),)
LOST: Final = ClockReading(Trust.UNKNOWN, NOW)
STALE: Final = Following.STALE


def table(heading: str) -> Rows:
    """The table under a heading: the cells of each row by its first one."""
    section = (ROOT / "docs" / "what-works.md").read_text(encoding="utf-8").partition(f"## {heading}\n")[2]
    lines = re.findall(r"^\| (.*) \|$", section.partition("\n## ")[0], re.MULTILINE)[2:]
    cells = [line.split(" | ") for line in lines]
    return {row[0].strip("`"): row[1:] for row in cells}


def world(name: str, *, heard: bool = True, **changes: Any) -> Snapshot:
    """The door as a key meets it; a derived PIN is one that the door never heard of, in each column."""
    if name == "derived PIN":
        zoned = replace(SNAPSHOT.door, zones=("padel",))
        return replace(SNAPSHOT, keys=(), derived=MAY_BE, door=zoned, **changes)
    return replace(SNAPSHOT, keys=SNAPSHOT.keys if heard else (), **changes)


def opens(name: str, snapshot: Snapshot) -> bool:
    return reason(KEYS[name], snapshot) == "granted"


def with_plan(snapshot: Snapshot, **changes: Any) -> Snapshot:
    return replace(snapshot, door=replace(snapshot.door, **changes))


def told(name: str, snapshot: Snapshot) -> str:
    if opens(name, snapshot):
        return "yes"
    return "if chosen" if opens(name, with_plan(snapshot, on_stale=OnStale.SIGNED_PASSES)) else "no"


COLUMNS: Final[tuple[Callable[[str], Snapshot], ...]] = (
    world,
    lambda name: world(name, following=STALE),
    lambda name: world(name, heard=False, following=STALE),
    lambda name: world(name, clock=LOST),
)


@pytest.mark.parametrize("name", KEYS)
def test_each_key_opens_as_the_manual_says(name: str) -> None:
    """AC-09"""
    assert table("Keys")[name] == [told(name, column(name)) for column in COLUMNS]


def test_the_manual_lists_each_key_once() -> None:
    assert list(table("Keys")) == list(KEYS)


@pytest.mark.parametrize("name", ["PIN", "QR pass", "card"])
def test_where_the_plan_says_so_no_key_opens_without_the_time(name: str) -> None:
    assert not opens(name, with_plan(world(name, clock=LOST), on_unknown_clock=OnUnknownClock.REFUSE))


def test_each_door_needs_the_broker_where_the_manual_says_so() -> None:
    """DR-01: by what its driver misses on a site without one."""
    door = DoorSettings("d", "door", "hall", Fail.SECURE, {"emulated": True})
    needs = {}
    for name in registry.DOORS.built_in:
        errors = registry.DOORS.load(name).check(door, Site())
        needs[name] = "no" if any(error.code == "no_broker" for error in errors) else "yes"
    assert {name: row[0] for name, row in table("Doors").items()} == needs


def test_each_reader_reads_what_the_manual_says() -> None:
    """DR-07, DR-09"""
    kinds = {name: ", ".join(sorted(registry.READERS.load(name).kinds)) for name in registry.READERS.built_in}
    assert {name: row[0] for name, row in table("Readers").items()} == kinds
