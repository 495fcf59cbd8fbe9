"""How the door process is doing, in one value; no secrets in it."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

from appliance.access import store
from appliance.access.alarms import Alarm
from appliance.access.clock_keeper import ClockKeeper
from appliance.access.configuring import Configurer
from appliance.access.following import Follower
from appliance.access.history import latest
from appliance.access.troubles import Trouble, Troubles
from appliance.foundation.instants import Instant
from appliance.storage.chain import Break, Head, start
from appliance.storage.checkpoints import PublicKeys
from appliance.storage.door_file import DoorFile, connect, journal_entries
from appliance.storage.door_writer import DoorWriter
from appliance.storage.verifying import verify_signed


@dataclass(frozen=True, slots=True)
class Health:
    """See `appliance.door_socket.health_answers.DoorHealth` for its fields."""

    colour: str
    problems: tuple[str, ...]
    troubles: tuple[Trouble, ...]
    clock: str
    following: str
    applied_seq: int
    plan_number: int | None
    plan_rejected: int | None
    known_keys: int
    late_events: int


@dataclass(frozen=True, slots=True)
class Records:
    """See `appliance.door_socket.answers.JournalHead` for its fields."""

    head: Head
    kept_since: Instant
    served_since: Instant


class Condition:
    """Asks every part how it is doing; any thread may look.

    journal_keys: reads the public keys that the door's journal is signed with.
    """

    def __init__(
        self,
        file: DoorFile,
        writer: DoorWriter,
        follower: Follower,
        configurer: Configurer,
        clock: ClockKeeper,
        troubles: Troubles,
        journal_keys: Callable[[], PublicKeys],
    ) -> None:
        self._file = file
        self._writer = writer
        self._follower = follower
        self._configurer = configurer
        self._clock = clock
        self._troubles = troubles
        self._journal_keys = journal_keys
        self._served_since = clock.look()[0]
        with closing(connect(file)) as connection:
            self._kept_since = store.made_at(connection)

    def look(self) -> Health:
        """The condition now."""
        following = self._follower.catch_up()
        colour, troubles = self._troubles.all()
        plan = self._configurer.plan
        return Health(
            colour=colour,
            problems=tuple(trouble.sentence for trouble in troubles),
            troubles=troubles,
            clock=self._clock.look()[1].trust,
            following=following,
            applied_seq=self._follower.applied_seq,
            plan_number=plan.number if plan else None,
            plan_rejected=self._configurer.rejected,
            known_keys=self._count_keys(),
            late_events=self._writer.late_events,
        )

    def alarms(self, since: Instant) -> list[Alarm]:
        """The calls for help since an instant, newest first, at most a hundred."""
        with closing(connect(self._file)) as connection:
            return store.alarms(connection, since)

    def records(self) -> Records:
        """Where the door's journal ends, and how far it can tell who came."""
        return Records(self._writer.head, self._kept_since, self._served_since)

    def history(self, limit: int) -> list[dict[str, object]]:
        """What happened at the doors lately, newest first."""
        with closing(connect(self._file)) as connection:
            return latest(connection, limit)

    def verify(self) -> tuple[bool, int, str]:
        """Walk the door's journal: whether it holds, where it ends or breaks, and how."""
        keys = self._journal_keys()
        with closing(connect(self._file)) as connection:
            result = verify_signed(start(self._writer.head.file_id), journal_entries(connection), keys)
        if isinstance(result, Break):
            return False, result.seq, result.message
        return True, result.head.seq, ""

    def _count_keys(self) -> int:
        try:
            with closing(connect(self._file)) as connection:
                return store.count_keys(connection)
        except sqlite3.Error as fault:
            self._troubles.report("file", f"access.db cannot be read: {fault}")
            return 0
