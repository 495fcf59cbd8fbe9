"""Planning what controllers are to hold: follows the known keys, in a thread of its own (BM-27, DR-11).

Keys that changed are looked at one by one; all of them when the plan of the site or the file of the bookings changed,
and once a night.
"""

import logging
import sqlite3
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Final

from appliance.access import holding_store, store
from appliance.access.clock_keeper import ClockKeeper
from appliance.access.clock_trust import Trust
from appliance.access.grant_life import Refused, Terms, Unwanted, Wanted, step
from appliance.access.holding_store import HeldRow, Nameless
from appliance.access.known_keys import KnownKey
from appliance.access.wanted_grants import HoldingController, WantedGrant, wanted_grants
from appliance.foundation.errors import PortvaktError
from appliance.foundation.instants import DAY, Instant
from appliance.storage.door_writer import DoorWriter, Transaction
from drivers.controller_contract import Takes

WRITE_S: Final = 5.0
CHUNK: Final = 200
FORGET_S: Final = DAY
EVENTS_S: Final = 30 * DAY
AGAIN_S: Final = 1.0
SWEEP_S: Final = DAY
NO_SUBJECT: Final = {
    Takes.EMAIL: "the booking has no e-mail address, by which the controller knows people",
    Takes.CARD: "the card of this key is not known any more",
    Takes.PIN: "the PIN of this key is not known any more",
}
log = logging.getLogger(__name__)


class GrantPlanning:
    """Turns known keys into grants that controllers are to hold. `tell` hears which controllers have work to do."""

    def __init__(
        self, ours: sqlite3.Connection, writer: DoorWriter, clock: ClockKeeper, tell: Callable[[str], None]
    ) -> None:
        self._ours = ours
        self._writer = writer
        self._clock = clock
        self._tell = tell
        self._changed = threading.Condition()
        self._asking = threading.Lock()
        self._controllers: tuple[HoldingController, ...] = ()
        self._keys: list[str] = []
        self._sweep = False
        self._swept_at: Instant = 0
        self._stopping = False
        self._thread = threading.Thread(target=self._serve, name="door-grant-planning", daemon=True)

    def start(self) -> None:
        """Begin to plan."""
        self._thread.start()

    def stop(self) -> None:
        """Plan no more."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(2.0)
        with self._asking:
            self._ours.close()

    def hold_at(self, controllers: Sequence[HoldingController]) -> None:
        """Plan for exactly these controllers from now on."""
        with self._changed:
            if tuple(controllers) != self._controllers:
                self._controllers, self._sweep = tuple(controllers), True
                self._changed.notify_all()

    def keys_changed(self, key_ids: Iterable[str] | None) -> None:
        """Some keys changed, or with None maybe all; returns at once."""
        with self._changed:
            if key_ids is None:
                self._sweep = True
            elif self._controllers:
                self._keys.extend(key_ids)
            self._changed.notify_all()

    def nameless(self, limit: int) -> list[Nameless]:
        """Grants whose person the door must be told."""
        with self._asking:
            return holding_store.nameless(self._ours, self._clock.look()[0], limit)

    def name(self, subjects: Sequence[tuple[str, str, str | None]]) -> int:
        """Take over people: controller id, grant id, and card, PIN or address; None where there is none. How many."""
        now = self._clock.look()[0]

        def write(tx: Transaction) -> int:
            return sum(name_subject(tx, *one, now) for one in subjects)

        named = self._writer.submit(write).wait(WRITE_S)
        for controller_id in {one[0] for one in subjects}:
            self._tell(controller_id)
        return named

    def _serve(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._stopping or self._sweep or bool(self._keys), AGAIN_S)
                if self._stopping:
                    return
                now = self._clock.look()[0]
                sweep = self._sweep or bool(self._controllers and now >= self._swept_at + SWEEP_S)
                keys, self._keys, self._sweep = self._keys, [], False
            try:
                if sweep:
                    self._sweep_all(now)
                    self._swept_at = now
                else:
                    self._plan(keys)
            except (PortvaktError, sqlite3.Error) as fault:
                log.warning("what controllers are to hold could not be planned: %s", fault)
                self._again()
            except Exception:
                # The rim of a thread that must go on: a mistake with one key must not keep others from being revoked.
                log.exception("planning failed")
                self._again()

    def _again(self) -> None:
        with self._changed:
            self._changed.wait(AGAIN_S)
            self._sweep = True

    def _plan(self, key_ids: Sequence[str]) -> None:
        for at in range(0, len(key_ids), CHUNK):
            with self._asking:
                known = [(one, store.key_by_id(self._ours, one)) for one in key_ids[at : at + CHUNK]]
            self._put(known)

    def _sweep_all(self, now: Instant) -> None:
        """Every key that may still open something, then every grant whose key is gone."""
        last, seen = "", set[str]()
        while True:
            with self._asking:
                keys = store.keys_after(self._ours, last, CHUNK)
            if not keys:
                break
            last = keys[-1].id
            seen.update(key.id for key in keys)
            self._put([(key.id, key) for key in keys])
        for controller in self._controllers:
            with self._asking:
                rows = holding_store.rows_at(self._ours, controller.id)
                gone = [row.grant_id for row in rows if row.grant_id not in seen and row.life.is_wanted]
            self._put([(grant_id, None) for grant_id in gone])
        self._writer.submit(lambda tx: holding_store.forget_ended(tx, now - FORGET_S, now - EVENTS_S))

    def _put(self, known: Sequence[tuple[str, KnownKey | None]]) -> None:
        controllers, (now, reading) = self._controllers, self._clock.look()
        # Without a clock nobody knows which windows are over.
        ended = 0 if reading.trust is Trust.UNKNOWN else now
        wishes = {
            key_id: {one: wish for one, wish in wanted_grants(key, controllers).items() if wish.window.end > ended}
            if key
            else {}
            for key_id, key in known
        }
        with self._asking:
            work = {
                key_id: wanted
                for key_id, wanted in wishes.items()
                if _differs(holding_store.rows_of_grant(self._ours, key_id), wanted)
            }
        if not work:
            return

        def write(tx: Transaction) -> set[str]:
            return {one for key_id, wanted in work.items() for one in wish(tx, key_id, wanted, now)}

        for controller_id in self._writer.submit(write).wait(WRITE_S):
            self._tell(controller_id)


def _differs(rows: dict[str, HeldRow], wanted: dict[str, WantedGrant]) -> bool:
    if any(row.life.is_wanted and controller_id not in wanted for controller_id, row in rows.items()):
        return True
    return any(one not in rows or not rows[one].holds(wish) for one, wish in wanted.items())


def wish(tx: Transaction, grant_id: str, wanted: dict[str, WantedGrant], now: Instant) -> list[str]:
    """Let one grant be wanted at these controllers and no others; the controllers for which that is new."""
    rows, told = holding_store.rows_of_grant(tx, grant_id), []
    for controller_id, row in rows.items():
        if row.life.is_wanted and controller_id not in wanted:
            holding_store.feed(tx, row, Unwanted(), now, Terms())
            told.append(controller_id)
    for controller_id, wanted_here in wanted.items():
        before = rows.get(controller_id)
        if before is None:
            holding_store.change_row(tx, None, holding_store.fresh_row(controller_id, grant_id, wanted_here, now))
        elif before.holds(wanted_here):
            continue
        else:
            life = step(before.life, Wanted(wanted_here.window.end), now, Terms())
            after = replace(
                before, takes=wanted_here.takes, devices=wanted_here.devices, starts=wanted_here.window.start, life=life
            )
            holding_store.change_row(tx, before, after)
        told.append(controller_id)
    return told


def name_subject(tx: Transaction, controller_id: str, grant_id: str, subject: str | None, now: Instant) -> bool:
    """Take over the person of one grant, None where there is none; whether that was new."""
    row = holding_store.row_of(tx, controller_id, grant_id)
    if row is None or not row.life.is_wanted or row.subject is not None:
        return False
    if subject is None:
        why = NO_SUBJECT.get(row.takes, "")
        holding_store.feed(tx, row, Refused(row.life.revision, why), now, Terms())
        return False
    life = replace(row.life, next_at=now, attempts=0)
    holding_store.change_row(tx, row, replace(row, subject=subject, life=life))
    return True
