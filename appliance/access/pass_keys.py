"""The public keys that passes are checked with; read again when a pass names an epoch that is not among them."""

import threading
from collections.abc import Callable, Mapping
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from appliance.foundation.clock import Clock
from appliance.foundation.errors import PortvaktError

AGAIN_S: Final = 1.0
REFRESH_S: Final = 60.0


class PassKeys:
    """Public keys by epoch. `load` reads them all; a failure leaves those that are known."""

    def __init__(
        self, known: Mapping[int, Ed25519PublicKey], load: Callable[[], Mapping[int, Ed25519PublicKey]], clock: Clock
    ) -> None:
        self._known = known
        self._load = load
        self._clock = clock
        self._lock = threading.Lock()
        self._read_at = clock.monotonic()

    def for_epoch(self, epoch: int) -> Mapping[int, Ed25519PublicKey]:
        """The keys to check a pass of `epoch` with; an unknown epoch has them read again, at most once a second."""
        with self._lock:
            age = self._clock.monotonic() - self._read_at
            if age >= REFRESH_S or (epoch not in self._known and age >= AGAIN_S):
                self._read_at = self._clock.monotonic()
                try:
                    self._known = self._load()
                except (PortvaktError, OSError):
                    # Keys that were good a moment ago stay good: a folder that cannot be read locks nobody out.
                    return self._known
            return self._known
