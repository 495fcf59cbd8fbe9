"""The thread of the web process that does what is due, follows the doors and signs the journal, if it has the lease.

What it wrote itself it signs at its end in any case.
"""

from collections.abc import Callable

from appliance.foundation.scope import Scope
from appliance.storage import jobs
from appliance.storage.jobs import Work
from appliance.storage.signing import BookSigning
from appliance.storage.unit_of_work import Book
from appliance.web.beats import Beats

BEAT_S = 1.0
_LEASE = "timekeeper"


class Timekeeper:
    """Beats once a second. Several web processes may run one; the lease row lets a single one act.

    signing: for one of the facilities of a file alone, which have its journal in common.
    """

    def __init__(
        self,
        book: Book,
        scope: Scope,
        holder: str,
        work: Work,
        follow: Callable[[], int],
        signing: BookSigning | None,
    ) -> None:
        self._book = book
        self._scope = scope
        self._holder = holder
        self._jobs = work
        self._follow = follow
        self._signing = signing
        self._beats = Beats("timekeeper", BEAT_S, self.beat, signing.sign if signing else None)

    def start(self) -> None:
        self._beats.start()

    def stop(self) -> None:
        """End within two seconds, after the transaction under way and a last signature."""
        self._beats.stop()

    def beat(self) -> int:
        """One turn: how many pieces of work and facts of the doors were dealt with; 0 without the lease."""
        if not jobs.hold_lease(self._book, self._scope, _LEASE, self._holder):
            return 0
        done = jobs.run_due(self._book, self._scope, self._jobs) + self._follow()
        if self._signing is not None:
            self._signing.sign_if_due()
        return done
