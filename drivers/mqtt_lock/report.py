"""What a lock is known to be, folded from its messages; each message gives the facts that are new. Pure (DR-03).

Nothing is taken from what was commanded. A state or event that is older than one already read (a broker may send twice
or out of order) says nothing; a new `boot` starts the count again.
"""

from typing import Final

from drivers.contract import Fact
from drivers.mqtt_lock.messages import Bolt, Event, Happening, Leaf, State

BOLT_FACTS: Final = {Bolt.RELEASED: Fact.RELEASED, Bolt.LOCKED: Fact.LOCKED}
LEAF_FACTS: Final = {Leaf.OPEN: Fact.OPENED, Leaf.CLOSED: Fact.CLOSED}


class LockReport:
    """One lock's availability, state and events."""

    def __init__(self) -> None:
        self.unreadable = False
        self.state: State | None = None
        self._said_online = False
        self._silent = False
        self._last_event: tuple[str, int] = ("", -1)
        self._told: State | None = None
        self._online = False

    @property
    def available(self) -> bool:
        """Whether the lock said it is there, and has not been silent for too long since."""
        return self._said_online and not self._silent

    @property
    def bolt(self) -> Bolt | None:
        return None if self.state is None else self.state.bolt

    def availability(self, available: bool | None) -> list[Fact]:
        """The lock came or went; None is a message that could not be read."""
        self.unreadable = available is None
        if available is None:
            return []
        self._said_online, self._silent = available, False
        return self._news()

    def reported(self, state: State | None) -> list[Fact]:
        """The lock told its state; None is a message that could not be read."""
        self.unreadable = state is None
        if state is None or not _is_later(state, self.state):
            return []
        self.state, self._silent = state, False
        return self._news()

    def happened(self, happening: Happening | None) -> list[Fact]:
        """The lock told an event; None is a message that could not be read."""
        self.unreadable = happening is None
        if happening is None:
            return []
        boot, seq = self._last_event
        if happening.boot == boot and happening.seq <= seq:
            return []
        self._last_event = (happening.boot, happening.seq)
        return [Fact.REX] if happening.event is Event.REX else []

    def broker_lost(self) -> list[Fact]:
        """Nothing can be heard of the lock."""
        self._said_online = False
        return self._news()

    def fell_silent(self) -> list[Fact]:
        """Too long without a word: the retained word of a broker that lost power may be stale."""
        self._silent = True
        return self._news()

    def _news(self) -> list[Fact]:
        online = self.available and self.state is not None
        facts: list[Fact] = []
        if online is not self._online:
            self._online = online
            facts.append(Fact.ONLINE if online else Fact.OFFLINE)
            self._told = None
        if online and self.state is not None:
            facts += _changes(self._told, self.state)
            self._told = self.state
        return facts


def _is_later(fresh: State, known: State | None) -> bool:
    return known is None or fresh.boot != known.boot or fresh.seq > known.seq


def _changes(before: State | None, after: State) -> list[Fact]:
    facts: list[Fact | None] = []
    if before is None or before.bolt is not after.bolt:
        facts.append(BOLT_FACTS.get(after.bolt))
    if before is None or before.leaf is not after.leaf:
        facts.append(LEAF_FACTS.get(after.leaf))
    if after.tamper is not (before is not None and before.tamper):
        facts.append(Fact.TAMPER if after.tamper else Fact.TAMPER_OVER)
    return [fact for fact in facts if fact is not None]
