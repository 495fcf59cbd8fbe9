"""What is good once and was used: rotating codes, answered challenges, backup PINs (AC-04, AC-05, AC-19).

Memory decides, so that a disk in trouble gives nobody a second entry; `access.db` keeps it for the process after this.
"""

import threading
from collections.abc import Mapping

from appliance.foundation.instants import DAY, Instant

KEPT_S = DAY
"""Far longer than any code is good; a backup PIN is shut by its first use, which stays with its key."""


class Spent:
    """Tokens by door, each with the presentation that used it up and when."""

    def __init__(self, known: Mapping[tuple[str, str], tuple[str, Instant]]) -> None:
        self._lock = threading.Lock()
        self._known = dict(known)

    def by_others(self, door_id: str, presentation_id: str) -> "SpentByOthers":
        """What other presentations used up at a door; the same one may be decided again."""
        return SpentByOthers(self, door_id, presentation_id)

    def spend(self, door_id: str, token: str, presentation_id: str, now: Instant) -> None:
        """Note that a presentation used something up."""
        with self._lock:
            self._known.setdefault((door_id, token), (presentation_id, now))

    def forget(self, before: Instant) -> None:
        """Forget what was used up before an instant."""
        with self._lock:
            self._known = {place: use for place, use in self._known.items() if use[1] >= before}

    def user_of(self, door_id: str, token: str) -> str | None:
        """The presentation that used something up at a door."""
        with self._lock:
            use = self._known.get((door_id, token))
        return use[0] if use else None


class SpentByOthers:
    """A view of `Spent` for one presentation at one door."""

    def __init__(self, spent: Spent, door_id: str, presentation_id: str) -> None:
        self._spent = spent
        self._door_id = door_id
        self._presentation_id = presentation_id

    def __contains__(self, token: object) -> bool:
        user = self._spent.user_of(self._door_id, str(token))
        return user is not None and user != self._presentation_id
