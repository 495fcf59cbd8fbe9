"""Applying a site plan: check it whole, build what changed, keep the last good plan, and say what came of it.

A plan that is wrong, or whose doors do not start, changes nothing: its mistakes go into the journal and the doors stay
as they were.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, Protocol

from appliance.access import store
from appliance.access.door_monitor import DoorMonitor, DoorPost
from appliance.access.door_plan import DoorPlan
from appliance.access.output_keeping import configured_output
from appliance.access.site_plan import SitePlan, parse_site_plan
from appliance.access.troubles import Colour, Troubles
from appliance.foundation.clock import Clock
from appliance.foundation.errors import FieldError, Invalid, PortvaktError
from appliance.storage.chain import Change
from appliance.storage.door_writer import DoorWriter, Transaction
from drivers import registry
from drivers.contract import DoorSettings, Site

WRITE_S: Final = 5.0
_TROUBLE: Final = "site plan"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a plan must fit: the unit's own facility, its site, and whether its clock only pretends."""

    facility_id: str
    site: Site
    is_pretend: bool


class PlanPart(Protocol):
    """What stands beside the doors, such as their readers, and follows the same plan."""

    def look_at(self, plan: SitePlan, checking: registry.Checking) -> None:
        """Note every mistake in this part of a plan."""

    def real(self, plan: SitePlan) -> list[str]:
        """Places of what may be steel; asked of a part without mistakes."""

    def put_in_service(self, plan: SitePlan) -> None:
        """Serve this part of a plan from now on, and keep what is the same as before; raises what does not start."""


class Configurer:
    """Keeps the doors in service in line with the newest plan. Used by one thread at a time."""

    def __init__(
        self,
        ours: sqlite3.Connection,
        writer: DoorWriter,
        monitor: DoorMonitor,
        clock: Clock,
        around: Surroundings,
        troubles: Troubles,
        ahead: Sequence[PlanPart] = (),
        beside: Sequence[PlanPart] = (),
    ) -> None:
        self._ours = ours
        self._writer = writer
        self._monitor = monitor
        self._clock = clock
        self._around = around
        self._troubles = troubles
        self._ahead = ahead
        self._beside = beside
        self.plan: SitePlan | None = None
        self.rejected: int | None = None

    def start(self) -> None:
        """Put the last good plan into service, so that doors work also when booking.db is gone."""
        applied = store.plan(self._ours, "applied")
        if applied is None:
            self._troubles.report(_TROUBLE, "there is no site plan yet: set up the doors", Colour.AMBER)
            return
        try:
            self._put_in_service(self._checked(*applied))
        except PortvaktError as fault:
            self._troubles.report(_TROUBLE, f"the last good site plan does not work any more: {fault}")

    def apply_newest(self) -> None:
        """Apply the newest plan that was asked for, unless it is in force or was refused already."""
        desired = store.plan(self._ours, "desired")
        if desired is None or desired[0] in (self.plan.number if self.plan else None, self.rejected):
            return
        number, document = desired
        before = self.plan
        try:
            plan = self._checked(number, document)
            self._put_in_service(plan)
        except Invalid as wrong:
            self._reject(number, document, wrong.errors)
        except PortvaktError as fault:
            self._reject(number, document, (FieldError("doors", "not_started", str(fault)),))
            if before is not None:
                self._put_in_service(before)
        else:
            self._note("applied", number, document, ())
            self._troubles.report(_TROUBLE, "")

    def _checked(self, number: int, document: Mapping[str, object]) -> SitePlan:
        plan = parse_site_plan(number, document)
        around = self._around
        errors: list[FieldError] = []
        if plan.facility.id != around.facility_id:
            errors.append(FieldError("facility.id", "not_an_option", "is not the facility that this unit serves"))
        doors = [registry.ConfiguredDoor(door.driver, _settings(plan, door)) for door in plan.doors]
        outputs = [configured_output(output) for output in plan.outputs]
        checking = registry.Checking(around.site)
        registry.check(doors, around.site, outputs, checking)
        for part in (*self._ahead, *self._beside):
            part.look_at(plan, checking)
        errors.extend(checking.errors)
        if not errors and around.is_pretend:
            real = registry.real_devices(doors, around.site, outputs)
            real += [place for part in (*self._ahead, *self._beside) for place in part.real(plan)]
            message = "the clock only pretends: a real door would open at the wrong time"
            errors.extend(FieldError(f"{place}.driver", "pretend_clock", message) for place in real)
        if errors:
            raise Invalid(*errors)
        return plan

    def _put_in_service(self, plan: SitePlan) -> None:
        """Doors whose driver settings are the same keep their driver and their state.

        What doors hang on comes ahead of them, what stands beside them after.
        """
        for part in self._ahead:
            part.put_in_service(plan)
        fresh, built = [], []
        for door in plan.doors:
            post = self._kept(plan, door)
            if post is None:
                configured = registry.ConfiguredDoor(door.driver, _settings(plan, door))
                post = DoorPost(door, registry.build(configured, self._around.site, self._clock))
                built.append(post)
            fresh.append(post)
        # Old drivers let go of their pins before new ones take hold of them.
        self.plan = plan
        self._monitor.put_in_service(fresh)
        wishes = store.mode_wishes(self._ours)
        self._start(built)
        for post in built:
            if post.plan.id in wishes:
                # Whether a stretch of its schedule still goes on is for the clock to say.
                self._monitor.set_mode(post, wishes[post.plan.id].in_stretch("").effective)
        for part in self._beside:
            part.put_in_service(plan)

    def _start(self, posts: list[DoorPost]) -> None:
        """Side by side, because a device that is away may take two seconds. Raises what the first of them raises."""
        if posts:
            with ThreadPoolExecutor(len(posts)) as pool:
                for started in [pool.submit(post.driver.start, self._monitor.observe) for post in posts]:
                    started.result()

    def _kept(self, plan: SitePlan, door: DoorPlan) -> DoorPost | None:
        post = self._monitor.find(door.id)
        if post is None or self.plan is None or post.plan.driver != door.driver:
            return None
        if _settings(self.plan, post.plan) != _settings(plan, door):
            return None
        kept = DoorPost(door, post.driver)
        kept.door, kept.last_grant, kept.entered_at = post.door, post.last_grant, post.entered_at
        return kept

    def _reject(self, number: int, document: Mapping[str, object], errors: tuple[FieldError, ...]) -> None:
        self.rejected = number
        self._note("rejected", number, document, errors)
        sentence = "; ".join(f"{error.field}: {error.message}" for error in errors)
        self._troubles.report(_TROUBLE, f"site plan {number} was refused: {sentence}", Colour.AMBER)

    def _note(self, verb: str, number: int, document: Mapping[str, object], errors: tuple[FieldError, ...]) -> None:
        mistakes = [{"field": error.field, "code": error.code, "message": error.message} for error in errors]
        after: dict[str, object] = {"number": number, "errors": mistakes}

        def write(tx: Transaction) -> None:
            store.put_plan(tx, verb, number, document)
            tx.journal(Change("door", "site_plan", self._around.facility_id, verb, after=after))

        self._writer.submit(write, keep=True)


def _settings(plan: SitePlan, door: DoorPlan) -> DoorSettings:
    return DoorSettings(door.id, door.slug, plan.facility.slug, door.fail, door.settings)
