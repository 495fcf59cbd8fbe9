"""Verifying both journals while the unit runs: a walk in a thread of its own that says how far it is (AC-20)."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from appliance.foundation.clock import Clock
from appliance.foundation.instants import Instant

Verdicts: TypeAlias = Mapping[str, Mapping[str, object]]
Told: TypeAlias = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class WalkState:
    """How far a walk is. file: which is being walked, empty when none is; at and of: entries.

    found: what `verify_journals` says of each file, empty before the first walk has ended. ended_at: UTC seconds.
    """

    file: str = ""
    at: int = 0
    of: int = 0
    found: Verdicts = field(default_factory=dict)
    ended_at: Instant | None = None

    @property
    def is_under_way(self) -> bool:
        return bool(self.file)


class JournalWalk:
    """One walk at a time, whoever asks. verify: walks, and tells how far it is."""

    def __init__(self, verify: Callable[[Told], Verdicts], clock: Clock) -> None:
        self._verify = verify
        self._clock = clock
        self._lock = threading.Lock()
        self._state = WalkState()

    def state(self) -> WalkState:
        with self._lock:
            return self._state

    def begin(self) -> threading.Thread | None:
        """Walk, in a thread that is answered; None while somebody's walk is under way."""
        with self._lock:
            if self._state.is_under_way:
                return None
            self._state = WalkState("...", 0, 0, self._state.found, self._state.ended_at)
        thread = threading.Thread(target=self._walk, name="journal-walk", daemon=True)
        thread.start()
        return thread

    def _walk(self) -> None:
        ended = WalkState()
        try:
            ended = WalkState(found=self._verify(self._told), ended_at=self._clock.now())
        finally:
            # Also after a fault, which its thread reports: nobody must wait for ever.
            with self._lock:
                self._state = ended

    def _told(self, file: str, at: int, of: int) -> None:
        with self._lock:
            self._state = WalkState(file, at, of, self._state.found, self._state.ended_at)
