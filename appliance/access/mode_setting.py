"""Setting the mode of a door: kept and journalled first, then acted on (AC-12)."""

import sqlite3
import threading
from typing import Final

from appliance.access import store
from appliance.access.decision import Mode
from appliance.access.door_monitor import DoorMonitor, DoorPost
from appliance.access.modes import ModeWishes
from appliance.foundation.errors import FieldError, Invalid
from appliance.storage.chain import Change
from appliance.storage.door_writer import DoorWriter, NotDurable, Transaction

WRITE_S: Final = 0.5


class ModeSetting:
    """Takes wishes for modes; they survive a restart."""

    def __init__(self, ours: sqlite3.Connection, writer: DoorWriter, monitor: DoorMonitor) -> None:
        self._writer = writer
        self._monitor = monitor
        self._lock = threading.Lock()
        self._wishes = store.mode_wishes(ours)

    def ask(self, door: str, mode: Mode, is_on: bool, actor: str, why: str) -> DoorPost:
        """Add one wish for a door (id or slug); what prevails then is in force when this returns."""
        post = self._monitor.find(door)
        if post is None:
            raise Invalid(FieldError("door", "no_such_door", "there is no such door"))
        with self._lock:
            before = self._wishes.get(post.plan.id, ModeWishes())
            after = self._wishes[post.plan.id] = before.asked(mode, is_on)
            self._keep(post.plan.id, before, after, mode, actor, why)
            self._monitor.set_mode(post, after.effective)
        return post

    def _keep(self, door_id: str, before: ModeWishes, after: ModeWishes, mode: Mode, actor: str, why: str) -> None:
        change = Change(
            actor,
            "door",
            door_id,
            "mode_set",
            before={"mode": before.effective},
            after={"mode": after.effective, "asked": mode, "reason": why},
        )

        def write(tx: Transaction) -> None:
            store.put_mode_wishes(tx, door_id, after)
            tx.journal(change)

        try:
            self._writer.submit(write, keep=True).wait(WRITE_S)
        except NotDurable:
            # A lockdown or an emergency must not wait for a disk; the wish is kept as soon as it can be.
            return
