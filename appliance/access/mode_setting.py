"""Setting the mode of a door: kept and journalled first, then acted on (AC-12)."""

import sqlite3
import threading
from collections.abc import Callable, Mapping
from typing import Final

from appliance.access import store
from appliance.access.door_monitor import DoorMonitor, DoorPost
from appliance.access.modes import ModeWishes
from appliance.access.snapshot import Mode
from appliance.foundation.errors import FieldError, Invalid
from appliance.storage.chain import Change
from appliance.storage.door_writer import DoorWriter, NotDurable, Transaction

WRITE_S: Final = 0.5
_SCHEDULE: Final = "schedule"


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
        self._change(post, lambda wishes: wishes.asked(mode, is_on), actor, {"asked": mode, "reason": why})
        return post

    def begin_stretch(self, post: DoorPost, stretch: str) -> None:
        """Let a door stand free for a stretch of its schedule."""
        self._change(post, lambda wishes: wishes.in_stretch(stretch), _SCHEDULE, {"stretch": stretch})

    def end_stretch(self, post: DoorPost) -> None:
        """Its stretch is over."""
        self._change(post, lambda wishes: wishes.in_stretch(""), _SCHEDULE, {"stretch": ""})

    def of(self, post: DoorPost) -> ModeWishes:
        """What is asked of a door."""
        return self._wishes.get(post.plan.id, ModeWishes())

    def _change(
        self, post: DoorPost, changed: Callable[[ModeWishes], ModeWishes], actor: str, what: Mapping[str, object]
    ) -> None:
        with self._lock:
            before = self.of(post)
            after = self._wishes[post.plan.id] = changed(before)
            modes = {"mode": before.effective}, {"mode": after.effective, **what}
            self._keep(post.plan.id, after, Change(actor, "door", post.plan.id, "mode_set", *modes))
            self._monitor.set_mode(post, after.effective)

    def _keep(self, door_id: str, after: ModeWishes, change: Change) -> None:
        def write(tx: Transaction) -> None:
            store.put_mode_wishes(tx, door_id, after)
            tx.journal(change)

        try:
            self._writer.submit(write, keep=True).wait(WRITE_S)
        except NotDurable:
            # A lockdown or an emergency must not wait for a disk; the wish is kept as soon as it can be.
            return
