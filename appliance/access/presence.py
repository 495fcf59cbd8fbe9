"""Who is inside: entries and exits counted by area, and what that means for the next entry (AC-13).

A key may be shared by the people of one booking, so that what is counted is how many of them are inside, not whether.
Nothing here ever keeps anybody from going out.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from appliance.foundation.instants import Instant


class Passback(StrEnum):
    """What happens when more people come in by a key than it is for."""

    OFF = "off"
    SOFT = "soft"  # they come in, and it is on record
    HARD = "hard"  # they are refused


@dataclass(frozen=True, slots=True)
class Presence:
    """How many have come in by one booking's keys and not gone out, and when the last of them came (UTC seconds)."""

    inside: int = 0
    last_in_at: Instant = 0

    def entered(self, now: Instant) -> "Presence":
        """One more is inside."""
        return Presence(self.inside + 1, now)

    def left(self) -> "Presence":
        """One fewer is inside; who goes out uncounted leaves nobody behind."""
        return replace(self, inside=max(0, self.inside - 1))


@dataclass(frozen=True, slots=True)
class PassbackRule:
    """How an area is guarded. people: how many one booking may have inside. reset_s: after how long without an entry
    its count begins anew, because somebody went out through another door; None is never."""

    passback: Passback = Passback.OFF
    people: int = 1
    reset_s: int | None = None

    def settled(self, presence: Presence, now: Instant) -> Presence:
        """The presence as it counts now. A clock that was set back begins anew too: better one too many inside."""
        waited = now - presence.last_in_at
        is_over = waited < 0 or (self.reset_s is not None and waited >= self.reset_s)
        return Presence() if is_over else presence

    def is_exceeded(self, presence: Presence, now: Instant) -> bool:
        """Whether one more entry would be one too many."""
        return self.passback is not Passback.OFF and self.settled(presence, now).inside >= self.people

    def passes_at(self, presence: Presence) -> Instant | None:
        """When one more would be let in though nobody has gone out; None for never."""
        return None if self.reset_s is None else presence.last_in_at + self.reset_s


NOT_COUNTED: Final = PassbackRule()
