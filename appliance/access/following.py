"""The forward follower: what `booking.db` says of keys and of the site plan, copied into `access.db` (AC-07, AC-09).

It looks before every decision, for at most 20 ms, and all the time in a thread of its own. When the file is not the one
it came from it keeps every key, stops, and waits for a person.
"""

import logging
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Final

from appliance.access import store
from appliance.access.known_keys import KnownKey, parse_known_key
from appliance.access.reconciling import Difference, adopt, compare
from appliance.access.snapshot import Following
from appliance.access.troubles import Colour, Troubles
from appliance.foundation.clock import Clock
from appliance.foundation.errors import Invalid, PortvaktError
from appliance.foundation.instants import Instant
from appliance.storage.chain import Break, Change, Entry, Head, verify
from appliance.storage.door_writer import DoorWriter, NotDurable, Transaction
from appliance.storage.follower import FileReplaced, FileUnreadable, JournalReader

BUDGET_S: Final = 0.020
CHUNK: Final = 100
POLL_S: Final = 0.1
WRITE_S: Final = 5.0
REVOKED_DERIVED: Final = "revoked_derived"
FOR_EVER: Final = 2**53
_TROUBLE: Final = "following"
log = logging.getLogger(__name__)


class Follower:
    """Reads the journal of booking.db from a cursor that lies in access.db. Any thread may ask it to catch up.

    on_plan: called by its own thread when there may be a plan to apply.
    on_keys: hears the ids of keys that changed; None when any may have.
    on_adopted: called when keys were read anew, with the instant at which their file was made.
    """

    def __init__(
        self,
        reader: JournalReader,
        ours: sqlite3.Connection,
        writer: DoorWriter,
        clock: Clock,
        facility_id: str,
        troubles: Troubles,
        on_plan: Callable[[], None],
        on_adopted: Callable[[Instant], None],
        on_keys: Callable[[Sequence[str] | None], None],
    ) -> None:
        self._reader = reader
        self._ours = ours
        self._writer = writer
        self._clock = clock
        self._facility_id = facility_id
        self._troubles = troubles
        self._on_plan = on_plan
        self._on_adopted = on_adopted
        self._on_keys = on_keys
        self._lock = threading.Lock()
        self._cursor = store.cursor(ours)
        self._version: int | None = None
        self._is_stopped = False
        self._has_plan = True
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="door-follower", daemon=True)

    @property
    def applied_seq(self) -> int:
        """How far the journal of booking.db has been followed."""
        return self._cursor.seq if self._cursor else 0

    def start(self) -> None:
        """Begin to follow in the background."""
        self._thread.start()

    def stop(self) -> None:
        """Stop following."""
        self._stopping.set()
        self._thread.join(2.0)
        self._reader.close()

    def catch_up(self, budget_s: float = BUDGET_S) -> Following:
        """Follow for at most `budget_s`, and say how well the bookings are known then."""
        deadline = self._clock.monotonic() + budget_s
        if not self._lock.acquire(timeout=budget_s):
            return self._standing(Following.STALE)
        try:
            return self._standing(self._follow(deadline))
        finally:
            self._lock.release()

    def reconcile(self, *, apply: bool, actor: str) -> Difference:
        """The difference to booking.db, taken over if `apply`. FileUnreadable when the file is away."""
        with self._lock:
            if not apply:
                return compare(self._reader, self._ours, self._facility_id, self._clock.now())
            difference = self._adopt()
        change = Change(actor, "following", self._facility_id, "reconciled", after=asdict(difference))
        self._writer.submit(lambda tx: tx.journal(change), keep=True)
        return difference

    def _standing(self, now: Following) -> Following:
        if self._is_stopped:
            return Following.STOPPED
        return Following.NEVER if self._cursor is None else now

    def _follow(self, deadline: float) -> Following:
        if self._is_stopped or self._cursor is None:
            return Following.STALE
        try:
            version = self._reader.data_version()
            if version == self._version:
                return Following.CURRENT
            self._reader.check(self._cursor)
            if not self._drain(self._cursor, deadline):
                return Following.STALE
        except FileReplaced as fault:
            self._halt(str(fault))
            return Following.STOPPED
        except (FileUnreadable, NotDurable) as fault:
            self._version = None
            self._troubles.report(_TROUBLE, f"the bookings cannot be followed: {fault}")
            return Following.STALE
        self._version = version
        self._troubles.report(_TROUBLE, "")
        return Following.CURRENT

    def _drain(self, cursor: Head, deadline: float) -> bool:
        """Follow chunk by chunk; whether the end was reached in time."""
        while True:
            entries = self._reader.after(cursor.seq, CHUNK)
            if not entries:
                return True
            verified = verify(cursor, entries)
            if isinstance(verified, Break):
                raise FileReplaced(
                    f"the journal of booking.db does not hold: {verified.message}; run portvakt reconcile"
                )
            left = max(0.001, deadline - self._clock.monotonic())
            following = _Following(entries, verified, self._facility_id)
            self._writer.submit(following).wait(left)
            cursor = self._cursor = verified
            if following.key_ids:
                self._on_keys(following.key_ids)
            self._has_plan = self._has_plan or any(entry.entity == "site_plan" for entry in entries)
            if len(entries) < CHUNK:
                return True
            if self._clock.monotonic() >= deadline:
                return False

    def _halt(self, why: str) -> None:
        self._is_stopped = True
        self._troubles.report(_TROUBLE, f"the bookings are not followed any more, keys stay as they were: {why}")
        log.error("following stopped: %s", why)

    def _adopt(self) -> Difference:
        difference, self._cursor = adopt(self._reader, self._ours, self._writer, self._facility_id, self._clock.now())
        self._is_stopped, self._version, self._has_plan = False, None, True
        self._troubles.report(_TROUBLE, "")
        self._on_adopted(self._reader.made_at())
        self._on_keys(None)
        return difference

    def _serve(self) -> None:
        while not self._stopping.wait(POLL_S):
            self._go_round()

    def _go_round(self) -> None:
        try:
            if self._cursor is None:
                with self._lock:
                    self._adopt()
            else:
                self.catch_up(WRITE_S)
            if self._has_plan:
                self._has_plan = False
                self._on_plan()
        except FileUnreadable:
            self._troubles.report(_TROUBLE, "there are no bookings yet: start the web process", Colour.AMBER)
        except PortvaktError as fault:
            self._troubles.report(_TROUBLE, f"the bookings cannot be followed: {fault}")
        except Exception:
            # The rim of a thread that must go on: a mistake in one entry must not end the hearing of revocations.
            log.exception("following failed")
            self._troubles.report(_TROUBLE, "following failed; see the log")


class _Following:
    """The work of one chunk: keys, the newest plan, and the cursor behind them."""

    def __init__(self, entries: list[Entry], end: Head, facility_id: str) -> None:
        self._keys: list[KnownKey] = []
        self._plan: Entry | None = None
        self._revoked: list[Entry] = []
        self._end = end
        for entry in entries:
            if entry.facility_id != facility_id:
                continue
            if entry.entity == "key":
                self._take(entry)
            elif entry.entity == REVOKED_DERIVED:
                self._revoked.append(entry)
            elif entry.entity == "site_plan" and entry.verb == "desired":
                self._plan = entry

    @property
    def key_ids(self) -> list[str]:
        """The keys of this chunk."""
        return [key.id for key in self._keys]

    def __call__(self, tx: Transaction) -> None:
        for key in self._keys:
            store.put_key(tx, key)
        for entry in self._revoked:
            valid_to = entry.body_after().get("valid_to")
            store.put_revoked(tx, entry.entity_id, valid_to if isinstance(valid_to, int) else FOR_EVER)
        if self._plan is not None:
            body = self._plan.body_after()
            number, document = body.get("number"), body.get("document")
            if isinstance(number, int) and isinstance(document, dict):
                store.put_plan(tx, "desired", number, document)
        store.put_cursor(tx, self._end)

    def _take(self, entry: Entry) -> None:
        try:
            self._keys.append(parse_known_key(entry.body_after()))
        except Invalid as fault:
            log.error("entry %d of booking.db is no key: %s", entry.seq, fault)
