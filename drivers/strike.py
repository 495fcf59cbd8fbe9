"""When a strike is free: during the pulse of a grant, and while it is held. Pure but for its lock; it has no thread.

Its owner calls `tick` when the returned delay has passed, and is woken through `changed` when there is something to do
earlier.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from appliance.foundation.clock import Clock
from appliance.foundation.grants import Grant

REMEMBERED: Final = 1000


class SeenGrants:
    """The presentations that were acted on, so that none is acted on twice; remembers the latest `REMEMBERED`."""

    def __init__(self) -> None:
        self._ids: OrderedDict[str, None] = OrderedDict()

    def is_new(self, presentation_id: str) -> bool:
        return presentation_id not in self._ids

    def add(self, presentation_id: str) -> None:
        self._ids[presentation_id] = None
        while len(self._ids) > REMEMBERED:
            self._ids.popitem(last=False)


class Strike:
    """Turns grants and holds into the wish that the strike be free or not, and tells `drive` of each change of it.

    `drive(released)` is called with the lock held, must not block and must not raise.
    """

    def __init__(self, clock: Clock, drive: Callable[[bool], None]) -> None:
        self.changed = threading.Condition(threading.RLock())
        self._clock = clock
        self._drive = drive
        self._seen = SeenGrants()
        self._held = False
        self._until = float("-inf")
        self._driven: bool | None = None

    def release(self, grant: Grant) -> bool:
        """Free the strike for the grant's seconds; False when the grant is over or was acted on before."""
        with self.changed:
            if self._clock.now() >= grant.not_after or not self._seen.is_new(grant.presentation_id):
                return False
            self._seen.add(grant.presentation_id)
            self._until = max(self._until, self._clock.monotonic() + grant.release_s)
            self.tick()
            self.changed.notify_all()
            return True

    def hold(self, released: bool) -> None:
        """Free it until told otherwise, or end that and every pulse."""
        with self.changed:
            self._held = released
            if not released:
                self._until = float("-inf")
            self.tick()
            self.changed.notify_all()

    def tick(self) -> float | None:
        """Drive what is due; seconds until the next change, None when nothing is planned."""
        with self.changed:
            now = self._clock.monotonic()
            released = self._held or now < self._until
            if released != self._driven:
                self._driven = released
                self._drive(released)
            return None if self._held or not released else self._until - now

    def begin(self) -> None:
        """The device was (re)connected: no pulse survives that, a hold does; drive the state that results."""
        with self.changed:
            self._until = float("-inf")
            self._driven = None
            self.tick()

    @property
    def released(self) -> bool:
        return self._driven is True
