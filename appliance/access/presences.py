"""Who is inside, as the door process holds it: in memory, and in `access.db` with each entry and exit (AC-13).

Memory decides, so that two who hold up the same key at once do not both slip in before the disk has turned.
"""

import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from appliance.access.presence import PassbackRule, Presence
from appliance.foundation.instants import Instant
from appliance.storage.door_writer import Transaction

REMEMBERED: Final = 1_000


@dataclass(frozen=True, slots=True)
class Passed:
    """Somebody passed into an area, or out of it. is_exceeded: one more came in than the booking's keys are for."""

    area: str
    booking_id: str
    presence: Presence
    is_exceeded: bool


class Presences:
    """The presence of every booking in every area."""

    def __init__(self, known: Mapping[tuple[str, str], Presence]) -> None:
        self._lock = threading.Lock()
        self._known = dict(known)
        self._noted: OrderedDict[str, tuple[str, str, bool]] = OrderedDict()

    def of(self, area: str, booking_id: str) -> Presence:
        """How a booking stands in an area."""
        with self._lock:
            return self._known.get((area, booking_id), Presence())

    def all(self) -> dict[tuple[str, str], Presence]:
        """Every booking that has somebody inside, by area and booking."""
        with self._lock:
            return {place: presence for place, presence in self._known.items() if presence.inside}

    def note(
        self, area: str, booking_id: str, presentation_id: str, rule: PassbackRule, now: Instant, *, is_exit: bool
    ) -> Passed:
        """Count one presentation once, however often it is decided."""
        place = area, booking_id
        with self._lock:
            before = rule.settled(self._known.get(place, Presence()), now)
            if presentation_id in self._noted:
                return Passed(area, booking_id, before, is_exceeded=False)
            after = before.left() if is_exit else before.entered(now)
            self._known[place] = after
            self._noted[presentation_id] = (area, booking_id, is_exit)
            if len(self._noted) > REMEMBERED:
                self._noted.popitem(last=False)
            return Passed(area, booking_id, after, not is_exit and rule.is_exceeded(before, now))

    def take_back(self, presentation_id: str) -> Passed | None:
        """The door did not follow: nobody passed. How the booking stands now, to be kept; None if nothing was noted."""
        with self._lock:
            noted = self._noted.pop(presentation_id, None)
            if noted is None:
                return None
            area, booking_id, was_exit = noted
            counted = self._known.get((area, booking_id), Presence())
            after = Presence(counted.inside + 1, counted.last_in_at) if was_exit else counted.left()
            self._known[area, booking_id] = after
            return Passed(area, booking_id, after, is_exceeded=False)

    def empty(self, area: str) -> int:
        """Everybody is out, says a person; how many had been counted inside."""
        with self._lock:
            gone = [place for place in self._known if place[0] == area]
            return sum(self._known.pop(place).inside for place in gone)


def known_presences(connection: sqlite3.Connection) -> dict[tuple[str, str], Presence]:
    """What `access.db` remembers, by area and booking."""
    rows = connection.execute("SELECT area, booking_id, inside, last_in_at FROM presence")
    return {(area, booking_id): Presence(inside, last_in_at) for area, booking_id, inside, last_in_at in rows}


def put_presence(tx: Transaction, passed: Passed) -> None:
    """Keep how a booking stands in an area; nothing where nobody is inside."""
    presence, place = passed.presence, (passed.area, passed.booking_id)
    if presence.inside:
        values = (*place, presence.inside, presence.last_in_at)
        tx.execute("INSERT OR REPLACE INTO presence VALUES (?, ?, ?, ?)", values)
    else:
        tx.execute("DELETE FROM presence WHERE area = ? AND booking_id = ?", place)


def drop_area(tx: Transaction, area: str) -> None:
    """Forget who was counted in an area."""
    tx.execute("DELETE FROM presence WHERE area = ?", (area,))
