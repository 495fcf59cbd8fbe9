"""Holding: one thread a controller tells it what it is to hold, and finds out what it does hold (DR-11, BM-27).

Nothing here stands in the way of a decision at a door. What is due is called, the most urgent first; answers that come
later are heard; what the controller lists is compared with what it was told; what happened at its doors is journalled.
"""

import logging
import queue
import random
import sqlite3
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from appliance.access import holding_store
from appliance.access.clock_keeper import ClockKeeper
from appliance.access.clock_trust import Trust
from appliance.access.device_plan import ControllerPlan
from appliance.access.grant_life import (
    Call,
    Confirmed,
    Input,
    Received,
    Refused,
    Sent,
    Terms,
    Tick,
    Unreachable,
    due,
    step,
)
from appliance.access.holding_store import HeldRow
from appliance.access.listing import Listing
from appliance.access.passages import PassagePage
from appliance.access.troubles import Colour, Troubles
from appliance.foundation.clock import Clock
from appliance.foundation.errors import NeedsAttention, PortvaktError, Retryable
from appliance.foundation.instants import HOUR, MINUTE, Instant
from appliance.storage.door_writer import DoorWriter, NotDurable, Transaction
from drivers.contract import DriverHealth
from drivers.controller_contract import Confirmation, Controller, ControllerCapabilities, Revocation, unfit_code
from drivers.supervision import delay_s

ROUND_S: Final = 0.2
BATCH: Final = 20
WRITE_S: Final = 5.0
LIST_S: Final = 15 * MINUTE
EVENTS_S: Final = 5
REPORT_S: Final = 5
SOON_S: Final = HOUR
FULL_S: Final = MINUTE
PAGES: Final = 20
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HoldingParts:
    """What every controller's thread works with. `monotonic` is where back-off is counted."""

    open_rows: Callable[[], sqlite3.Connection]
    writer: DoorWriter
    keeper: ClockKeeper
    clock: Clock
    troubles: Troubles


@dataclass(frozen=True, slots=True)
class ControllerStatus:
    """One controller for those who look on. counts: grants by the state of their lives. doors: their ids, by its own
    names of them.

    complete_until: nothing older is still to come of what happened at its doors. listed_at: when what it holds was last
    compared with what it was told. late: how many grants begin within the hour and are not confirmed, late_from: when
    the first of them begins. Instants are UTC seconds; None when nobody knows. soonest: the grants asked for.
    """

    plan: ControllerPlan
    health: DriverHealth
    capabilities: ControllerCapabilities
    counts: Mapping[str, int]
    complete_until: Instant | None
    listed_at: Instant | None
    doors: Mapping[str, str]
    late: int
    late_from: Instant | None
    soonest: tuple[HeldRow, ...] = ()


class HoldingPost:
    """One controller in service and the thread that speaks to it."""

    def __init__(self, plan: ControllerPlan, controller: Controller, terms: Terms, parts: HoldingParts) -> None:
        self.plan = plan
        self.controller = controller
        self.terms = terms
        self.doors: Mapping[str, str] = {}
        self._parts = parts
        self._rows = parts.open_rows()
        self._asked_rows = parts.open_rows()
        self._asking = threading.Lock()
        self._heard: queue.SimpleQueue[Confirmation] = queue.SimpleQueue()
        self._wake = threading.Event()
        self._stopping = False
        self._was_online = False
        self._listed_at: Instant | None = None
        self._asked_at: dict[str, Instant] = {}
        self._failures = 0
        self._pause_until = float("-inf")
        self._thread = threading.Thread(target=self._serve, name=f"holding-{plan.slug}", daemon=True)

    def start(self) -> None:
        """Begin to speak to the controller."""
        self.controller.start(self.hear, holding_store.told_to(self._rows, self.plan.id))
        self._thread.start()

    def stop(self) -> None:
        """Let go of the controller, within two seconds."""
        self._stopping = True
        self._wake.set()
        self.controller.stop()
        if self._thread.is_alive():
            self._thread.join(2.0)
        self._rows.close()
        with self._asking:
            self._asked_rows.close()
        for name in ("controller", "grants"):
            self._parts.troubles.report(f"{name} {self.plan.id}", "")

    def soon(self) -> None:
        """There may be something to do."""
        self._wake.set()

    def list_soon(self) -> None:
        """Ask the controller what it holds as soon as may be."""
        self._listed_at = None
        self._wake.set()

    def hear(self, confirmation: Confirmation) -> None:
        """What came of something that the controller accepted; returns at once."""
        self._heard.put(confirmation)
        self._wake.set()

    def status(self, grants: int = 0) -> ControllerStatus:
        """How it stands now, with the grants that matter first, at most so many; any thread may ask."""
        now, rows, id_ = self._parts.clock.now(), self._asked_rows, self.plan.id
        with self._asking:
            counts = holding_store.counts(rows, id_)
            _, complete_until = holding_store.cursor_of(rows, id_)
            late, late_from, _ = holding_store.late_at(rows, id_, now + SOON_S, now)
            soonest = tuple(holding_store.soonest_at(rows, id_, grants)) if grants else ()
        controller = self.controller
        return ControllerStatus(
            self.plan, controller.health(), controller.capabilities, counts, complete_until, self._listed_at,
            self.doors, late, late_from, soonest,
        )  # fmt: skip

    def page(self, after: str, limit: int) -> list[HeldRow]:
        """The grants after a grant id."""
        with self._asking:
            return holding_store.page_at(self._asked_rows, self.plan.id, after, limit)

    def _serve(self) -> None:
        while not self._stopping:
            self._wake.clear()
            try:
                worked = self._go_round()
            except (Retryable, NeedsAttention, sqlite3.Error) as fault:
                worked = False
                if not self._stopping:
                    log.warning("controller %s: %s", self.plan.slug, fault)
                    self._pause()
            except Exception:
                # The rim of a thread that must go on: what it could not do now it does a little later.
                worked = False
                if not self._stopping:
                    log.exception("controller %s met a fault it does not know", self.plan.slug)
                    self._pause()
            if not worked:
                self._wake.wait(ROUND_S)

    def _go_round(self) -> bool:
        """Whether there is more to do at once."""
        self._settle()
        now, reading = self._parts.keeper.look()
        self._report(now)
        if reading.trust is Trust.UNKNOWN or self._parts.clock.monotonic() < self._pause_until:
            return False
        self._list(now)
        worked = self._call_what_is_due(now)
        self._read_events(now)
        return worked

    def _settle(self) -> None:
        """Take in what the controller said meanwhile."""
        while not self._heard.empty():
            told = self._heard.get()
            self._feed(told.grant_id, Confirmed(told.revision, told.applied, told.reason))

    def _call_what_is_due(self, now: Instant) -> bool:
        rows = holding_store.due_at(self._rows, self.plan.id, now, BATCH)
        for row in rows:
            if self._stopping:
                return False
            life = step(row.life, Tick(), now, self.terms)
            if life != row.life:
                self._feed(row.grant_id, Tick())
            elif (call := due(life, now)) is not None and not self._call(call, row, now):
                return False
            self._settle()
        return len(rows) == BATCH

    def _call(self, call: Call, row: HeldRow, now: Instant) -> bool:
        """Say one thing to the controller; whether it may be told the next."""
        if call is Call.UPSERT and not row.life.is_told and self._is_full():
            self._put_off(row, now)
            return True
        if call is Call.UPSERT and (unfit := unfit_code(row.grant, self.controller.capabilities)):
            self._feed(row.grant_id, Refused(row.life.revision, unfit))
            return True
        sent = self._sent(call, row)
        if sent is None:
            return True
        revision = sent.life.revision
        try:
            say = self.controller.upsert if call is Call.UPSERT else self.controller.revoke
            receipt = say(sent.grant)
        except Retryable as away:
            self._feed(row.grant_id, Unreachable(revision, str(away), random.random()))  # noqa: S311 - jitter
            self._pause()
            return False
        except NeedsAttention as refused:
            self._feed(row.grant_id, Refused(revision, str(refused)))
        else:
            self._feed(row.grant_id, Received(revision, receipt.applied, receipt.correlation))
        self._failures = 0
        return True

    def _sent(self, call: Call, row: HeldRow) -> HeldRow | None:
        """Note that a call leaves; None when it is no longer to be made."""

        def write(tx: Transaction) -> HeldRow | None:
            current = holding_store.row_of(tx, row.controller_id, row.grant_id)
            if current is None or current.life.revision != row.life.revision:
                return None
            return holding_store.feed(tx, current, Sent(), self._parts.clock.now(), self.terms)

        try:
            return self._parts.writer.submit(write).wait(WRITE_S)
        except NotDurable:
            # Who is to come in no more is kept out all the same; others wait for the disk.
            return row if call is Call.REVOKE else None

    def _is_full(self) -> bool:
        most = self.controller.capabilities.max_grants
        return most is not None and holding_store.count_told(self._rows, self.plan.id) >= most

    def _put_off(self, row: HeldRow, now: Instant) -> None:
        reason = f"the controller holds as many grants as it can ({self.controller.capabilities.max_grants})"

        def write(tx: Transaction) -> None:
            current = holding_store.row_of(tx, row.controller_id, row.grant_id)
            if current is not None and current.life == row.life:
                holding_store.put_row(tx, holding_store.put_off(current, now + FULL_S, reason))

        self._parts.writer.submit(write).wait(WRITE_S)

    def _list(self, now: Instant) -> None:
        """Compare what the controller holds with what it was told: at first, after each break, and now and then."""
        online = self.controller.health().online
        came, self._was_online = online and not self._was_online, online
        is_due = came or self._listed_at is None or now >= self._listed_at + LIST_S
        if not (self.controller.capabilities.lists and online and is_due):
            return
        held = self.controller.held()
        Listing(self.plan.id, self.terms, self._parts.writer, self._rows).compare(held, now)
        self._listed_at = now

    def _read_events(self, now: Instant) -> None:
        if not self.controller.capabilities.events or not self._is_time("events", EVENTS_S, now):
            return
        for _ in range(PAGES):
            cursor, complete_until = holding_store.cursor_of(self._rows, self.plan.id)
            page = self.controller.events(cursor)
            if not page.events and (page.cursor, page.complete_until) == (cursor, complete_until):
                return
            self._parts.writer.submit(PassagePage(self.plan.id, page, self.doors)).wait(WRITE_S)
            if not page.events:
                return

    def _report(self, now: Instant) -> None:
        """Tell a person before the guest arrives."""
        slug, troubles = self.plan.slug, self._parts.troubles
        fault = self.controller.health().fault
        troubles.report(f"controller {self.plan.id}", f"controller {slug}: {fault}" if fault else "", Colour.AMBER)
        if not self._is_time("report", REPORT_S, now):
            return
        late, first, reason = holding_store.late_at(self._rows, self.plan.id, now + SOON_S, now)
        sentence = ""
        if late:
            why = f" ({reason})" if reason else ""
            wait = "now" if first is None or first <= now else f"in {(first - now + MINUTE - 1) // MINUTE} minutes"
            sentence = f"controller {slug} has not confirmed {late} keys, the first is needed {wait}{why}"
        troubles.report(f"grants {self.plan.id}", sentence)

    def _is_time(self, what: str, every_s: int, now: Instant) -> bool:
        last = self._asked_at.get(what)
        if last is not None and last <= now < last + every_s:
            return False
        self._asked_at[what] = now
        return True

    def _feed(self, grant_id: str, what: Input) -> None:
        def write(tx: Transaction) -> None:
            row = holding_store.row_of(tx, self.plan.id, grant_id)
            if row is not None:
                holding_store.feed(tx, row, what, self._parts.clock.now(), self.terms)

        # What came of a call is kept even when the disk is away now; nobody says it twice.
        pending = self._parts.writer.submit(write, keep=True)
        try:
            pending.wait(WRITE_S)
        except NotDurable as fault:
            log.warning("controller %s: %s", self.plan.slug, fault)

    def _pause(self) -> None:
        self._pause_until = self._parts.clock.monotonic() + delay_s(self._failures, random.random())  # noqa: S311 - jitter
        self._failures += 1


def terms_of(capabilities: ControllerCapabilities) -> Terms:
    """How a controller with these capabilities keeps its word."""
    return Terms(ends_alone=capabilities.revocation is Revocation.ON_EXPIRY)


def stop_all(posts: list[HoldingPost]) -> None:
    """Side by side: each may take its time, and all must be gone before the process ends."""
    stoppers = [threading.Thread(target=_stop, args=(post,), daemon=True) for post in posts]
    for stopper in stoppers:
        stopper.start()
    for stopper in stoppers:
        stopper.join(4.0)


def _stop(post: HoldingPost) -> None:
    try:
        post.stop()
    except PortvaktError as fault:
        log.warning("controller %s does not stop: %s", post.plan.slug, fault)
