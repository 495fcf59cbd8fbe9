"""Retention of door records: known by person for some days, without the person for a year, then deleted (AC-21).

Once a day, and only while the clock is trusted: one that jumped ahead must not forget what should still be known. Long
work is done in pieces, one a second; a process that is killed between two goes on with the next.
"""

import sqlite3
from dataclasses import dataclass
from typing import Final

from appliance.access import records
from appliance.access.clock_keeper import ClockKeeper
from appliance.access.clock_trust import Trust
from appliance.foundation.instants import DAY, Instant
from appliance.storage.chain import Change
from appliance.storage.door_writer import DoorWriter, NotDurable, Transaction, Work
from appliance.storage.verifying import JOURNAL, SHORTENED

WRITE_S: Final = 1.0
ENTITY: Final = "records"


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """For how many days door records name a person, and for how many they are kept. held: nothing is forgotten."""

    identifiable_days: int
    kept_days: int
    held: bool = False


class Retention:
    """Goes round once a second in the thread that keeps the house. ours: a connection of its own that reads."""

    def __init__(self, rule: RetentionRule, ours: sqlite3.Connection, writer: DoorWriter, clock: ClockKeeper) -> None:
        self._rule = rule
        self._ours = ours
        self._writer = writer
        self._clock = clock
        self._day: int | None = None
        self._first: int | None = None
        self._told: int | None = None

    def go_round(self) -> None:
        """Do one piece of what is to be done today."""
        now, reading = self._clock.look()
        if self._rule.held or reading.trust is not Trust.TRUSTED:
            return
        today = now - now % DAY
        if self._day != today and self._forget(today):
            self._day, self._first = today, self._cut_to(today - self._rule.kept_days * DAY)
        if self._first is not None and self._is_cut(self._first):
            self._first = None

    def _forget(self, today: Instant) -> bool:
        """Forget one piece of the persons; whether that was the last for today."""
        named, kept = today - self._rule.identifiable_days * DAY, today - self._rule.kept_days * DAY

        def write(tx: Transaction) -> bool:
            records.forget_counts(tx, kept)
            done = records.forget_subjects(tx, named)
            if done:
                after = {"entries": done, "before": named}
                tx.journal(Change("door", ENTITY, tx.head.file_id, "pseudonymised", after=after))
            return done < records.CHUNK

        return self._done(write)

    def _cut_to(self, before: Instant) -> int | None:
        first = records.last_checkpoint_before(self._ours, before)
        return first if first is not None and first > records.first_seq(self._ours) else None

    def _is_cut(self, first: int) -> bool:
        """Cut one piece off the journal's beginning; whether it begins at `first` already."""
        if records.first_seq(self._ours) >= first:
            return True

        def write(tx: Transaction) -> bool:
            # On record together with the first piece: from then on the chain may begin anywhere up to there.
            if self._told != first:
                tx.journal(Change("door", JOURNAL, tx.head.file_id, SHORTENED, after={"first": first}))
            records.cut_journal(tx, first)
            return True

        if self._done(write):
            self._told = first
        return False

    def _done(self, work: Work[bool]) -> bool:
        try:
            return self._writer.submit(work).wait(WRITE_S)
        except NotDurable:
            # The disk is reported by the writer; the next round tries again.
            return False
