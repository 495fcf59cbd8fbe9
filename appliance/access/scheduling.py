"""Doors that stand free by their schedule: begun by a decision like every other, ended by the clock (AC-12)."""

from collections.abc import Callable

from appliance.access.clock_keeper import ClockKeeper
from appliance.access.clock_trust import Trust
from appliance.access.door_monitor import DoorMonitor, DoorPost
from appliance.access.free_access import stretch_at
from appliance.access.mode_setting import ModeSetting
from appliance.access.presenting import Presenting
from appliance.access.site_plan import SitePlan
from appliance.access.snapshot import Mode
from appliance.foundation.ids import Ids
from appliance.foundation.instants import Instant


class Scheduling:
    """Goes round the doors that have a schedule. Used by one thread."""

    def __init__(
        self,
        monitor: DoorMonitor,
        modes: ModeSetting,
        presenting: Presenting,
        clock: ClockKeeper,
        plan: Callable[[], SitePlan | None],
        ids: Ids,
    ) -> None:
        self._monitor = monitor
        self._modes = modes
        self._presenting = presenting
        self._clock = clock
        self._plan = plan
        self._ids = ids

    def go_round(self) -> None:
        """Begin every stretch that is due, and end every one that is over."""
        plan = self._plan()
        if plan is None:
            return
        now, reading = self._clock.look()
        for post in self._monitor.posts():
            # Without a clock nobody knows whether a stretch goes on: what is free then is locked.
            is_sure = reading.trust is not Trust.UNKNOWN
            stretch = stretch_at(post.plan.free_access, now, plan.facility.zone) if is_sure else ""
            self._follow(post, stretch, plan)

    def _follow(self, post: DoorPost, stretch: str, plan: SitePlan) -> None:
        wishes = self._modes.of(post)
        if wishes.stretch and wishes.stretch != stretch:
            self._modes.end_stretch(post)
        elif wishes.stretch:
            # A process or a driver that started anew does not know yet that the stretch goes on.
            self._monitor.set_mode(post, wishes.effective)
        elif stretch not in ("", wishes.skipped) and self._may_begin(post, stretch, plan):
            outcome = self._presenting.begin_stretch(post, stretch, self._ids.new())
            if outcome.verdict == "granted":
                self._modes.begin_stretch(post, stretch)

    def _may_begin(self, post: DoorPost, stretch: str, plan: SitePlan) -> bool:
        if post.door.mode in (Mode.LOCKDOWN, Mode.EMERGENCY) or not post.driver.health().online:
            return False
        return not post.plan.first_person_in or self._stretch_of(post.entered_at, post, plan) == stretch

    def _stretch_of(self, entered_at: Instant | None, post: DoorPost, plan: SitePlan) -> str:
        return "" if entered_at is None else stretch_at(post.plan.free_access, entered_at, plan.facility.zone)
