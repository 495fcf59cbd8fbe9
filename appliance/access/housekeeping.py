"""What the door process does beside its doors: schedules, the WAL, signatures, the reserve, the clock, forgetting."""

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Final

from appliance.access import store
from appliance.access.clock_keeper import ClockKeeper
from appliance.access.clock_trust import Trust
from appliance.access.flood_gate import FloodGate
from appliance.access.journal_signing import JournalSigning
from appliance.access.spent import KEPT_S, Spent
from appliance.access.troubles import Colour, Troubles
from appliance.foundation.instants import DAY, Instant
from appliance.storage.door_writer import DoorWriter, Reserve, Transaction
from appliance.storage.log_moving import LogMover

ROUND_S: Final = 1.0
KEYS_S: Final = 60 * DAY  # long, because a clock that jumped ahead must not cost anyone a key
COMMITS: Final = 200  # some eight megabytes of WAL; moving them competes with the writer for the disk
_SELDOM: Final = 60  # rounds
log = logging.getLogger(__name__)


class Housekeeping:
    """A thread that goes round once a second.

    wal: moves the WAL into the file. rounds: what others do each second.
    """

    def __init__(
        self,
        wal: LogMover,
        writer: DoorWriter,
        signing: JournalSigning,
        reserve: Reserve,
        clock: ClockKeeper,
        floods: FloodGate,
        spent: Spent,
        rounds: Sequence[Callable[[], None]],
        troubles: Troubles,
    ) -> None:
        self._wal = wal
        self._writer = writer
        self._signing = signing
        self._reserve = reserve
        self._clock = clock
        self._floods = floods
        self._spent = spent
        self._rounds = rounds
        self._troubles = troubles
        self._moved = 0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="door-housekeeping", daemon=True)

    def start(self) -> None:
        """Begin to go round."""
        self._thread.start()

    def stop(self) -> None:
        """Stop going round; the writer is left with the last signature to write."""
        self._stopping.set()
        self._thread.join(2.0)
        self._signing.sign()
        self._wal.close()

    def _serve(self) -> None:
        rounds = 0
        while True:
            try:
                self._go_round(is_seldom=rounds % _SELDOM == 0)
            except Exception:
                # The rim of a thread that must go on; what it could not do this second it does the next.
                log.exception("housekeeping failed")
            rounds += 1
            if self._stopping.wait(ROUND_S):
                return

    def _go_round(self, *, is_seldom: bool) -> None:
        now, reading = self._clock.look()
        self._floods.settle(now)
        for go_round in self._rounds:
            go_round()
        sentence = _CLOCK_SENTENCES[reading.trust]
        self._troubles.report("clock", sentence, Colour.AMBER)
        memory = self._clock.to_keep()
        if memory is not None:
            self._writer.submit(lambda tx: store.put_clock_memory(tx, memory))
        if is_seldom or self._writer.commits - self._moved >= COMMITS:
            self._move_wal()
        self._signing.sign_if_due()
        if is_seldom:
            self._keep_reserve()
            if reading.trust is Trust.TRUSTED:
                self._forget(now)

    def _forget(self, now: Instant) -> None:
        def write(tx: Transaction) -> None:
            store.forget_keys(tx, now - KEYS_S)
            store.forget_revoked(tx, now - KEYS_S)
            store.forget_spent(tx, now - KEPT_S)

        self._spent.forget(now - KEPT_S)
        self._writer.submit(write)

    def _move_wal(self) -> None:
        self._moved = self._writer.commits
        self._wal.move()

    def _keep_reserve(self) -> None:
        if self._reserve.keep():
            self._troubles.report("reserve", "")
        elif self._reserve.is_wanted:
            self._troubles.report("reserve", "there is no room for the reserve: make room on the disk")


_CLOCK_SENTENCES: Final = {
    Trust.TRUSTED: "",
    Trust.DEGRADED: "",
    Trust.UNKNOWN: "the time is not known: connect the unit to a network or set its clock",
}
