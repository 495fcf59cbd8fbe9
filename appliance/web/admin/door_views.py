"""Doors as the console shows them: what the contact says, in what mode, what happened last, and on what they run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from appliance.door_socket.answers import DoorEvent, DoorView
from appliance.foundation.i18n import text
from appliance.web.commissioning_words import HARDWARE
from appliance.web.pages.door_history import MODE_WORDS, STATE_WORDS, clock_text, lines, since

# The shape before the word of a state; see `.mark` of the console's style.
MARKS: Final = {
    "locked": "shut",
    "released": "free",
    "open": "busy",
    "held_open_warning": "warn",
    "held_open": "warn",
    "forced": "bad",
}


@dataclass(frozen=True, slots=True)
class ShownDoor:
    """One door in words. mode: empty where the keys decide; last: a line of `door_history.lines`, if there is any."""

    id: str
    slug: str
    name: str
    mark: str
    words: str
    since: str
    mode: str
    in_mode: str
    driver: str
    hardware: str
    fault: str
    tampered: bool
    last: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Told:
    """What stands behind the words: staff by their actor, the visitor's language, the facility's zone."""

    staff: Mapping[str, str]
    language: str
    zone: ZoneInfo


def shown(door: DoorView, events: Sequence[DoorEvent], told: Told) -> ShownDoor:
    """A door with the newest of its `events`, which are newest first."""
    happened = events_of(door, events, told)
    in_state_at = since(events, door.id, door.state)
    mode = MODE_WORDS.get(door.mode, "")
    return ShownDoor(
        id=door.id,
        slug=door.slug,
        name=door.name,
        mark=MARKS.get(door.state, "away"),
        words=text(told.language, STATE_WORDS.get(door.state, STATE_WORDS["offline"])),
        since="" if in_state_at is None else clock_text(in_state_at, told.zone),
        mode=text(told.language, mode) if mode else "",
        in_mode=door.mode,
        driver=door.driver,
        hardware=text(told.language, HARDWARE[door.hardware]),
        fault=door.fault,
        tampered=door.tampered,
        last=happened[0] if happened else None,
    )


def events_of(door: DoorView, events: Sequence[DoorEvent], told: Told) -> list[dict[str, str]]:
    """The lines about one door, newest first."""
    return lines(events, {door.id: door.name}, told.staff, told.language, told.zone)
