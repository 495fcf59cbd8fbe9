"""Keeping outputs in line with bookings and with what staff want (AC-17).

When resources are booked is read from `booking.db` whenever it has changed, and kept in `access.db`: lights go on
following the last known bookings when the file cannot be read.
"""

import logging
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from appliance.access import output_store
from appliance.access.clock_keeper import ClockKeeper
from appliance.access.clock_trust import Trust
from appliance.access.outputs import OutputPlan, Override, is_on
from appliance.access.site_plan import SitePlan
from appliance.access.troubles import Colour, Troubles
from appliance.foundation.errors import FieldError, Invalid
from appliance.foundation.instants import DAY, HOUR, MINUTE, Instant, Interval
from appliance.storage.chain import Change
from appliance.storage.door_writer import DoorWriter, NotDurable, Pending, Transaction
from appliance.storage.follower import FileUnreadable, JournalReader
from drivers import registry
from drivers.contract import DriverHealth
from drivers.output_contract import Output, OutputSettings

AHEAD_S: Final = 2 * DAY
AGAIN_S: Final = 10 * MINUTE
LONGEST_CLAIM_S: Final = 25 * HOUR
LONGEST_OVERRIDE_S: Final = DAY
WRITE_S: Final = 0.5
log = logging.getLogger(__name__)
Make = Callable[[OutputPlan], Output]


@dataclass(frozen=True, slots=True)
class OutputStatus:
    """One output for those who look on. override: what staff want, None when it follows the bookings."""

    plan: OutputPlan
    is_on: bool
    override: Override | None
    health: DriverHealth


class _Kept:
    """One output in service."""

    def __init__(self, plan: OutputPlan, driver: Output) -> None:
        self.plan = plan
        self.driver = driver
        self.is_on = False


class OutputKeeping:
    """Goes round the outputs once a second. One thread goes round; any may ask."""

    def __init__(
        self,
        reader: JournalReader,
        ours: sqlite3.Connection,
        writer: DoorWriter,
        clock: ClockKeeper,
        plan: Callable[[], SitePlan | None],
        make: Make,
        troubles: Troubles,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._clock = clock
        self._plan = plan
        self._make = make
        self._troubles = troubles
        self._lock = threading.Lock()
        self._kept: dict[str, _Kept] = {}
        self._plan_number: int | None = None
        self._occupied = output_store.occupied(ours)
        self._overrides = output_store.overrides(ours)
        self._version: int | None = None
        self._read_at: Instant = 0

    def go_round(self) -> None:
        """Take over a new plan and new bookings, and switch what is to be switched."""
        plan = self._plan()
        if plan is None:
            return
        with self._lock:
            if plan.number != self._plan_number:
                self._put_in_service(plan)
            if not self._kept:
                return
            now, reading = self._clock.look()
            self._read(plan, now)
            for kept in self._kept.values():
                self._follow(kept, now, is_sure=reading.trust is not Trust.UNKNOWN)

    def override(self, output: str, override: Override | None, actor: str, why: str) -> OutputStatus:
        """Let staff have their will of one output (id or slug) until an instant, at most a day ahead, or end that."""
        with self._lock:
            kept = next((one for one in self._kept.values() if output in (one.plan.id, one.plan.slug)), None)
            if kept is None:
                raise Invalid(FieldError("output", "no_such_output", "there is no such output"))
            now, _ = self._clock.look()
            if override is not None and not now < override.until <= now + LONGEST_OVERRIDE_S:
                raise Invalid(FieldError("until", "out_of_range", "must be within the next 24 hours"))
            with suppress(NotDurable):
                # Light must not wait for a disk; what staff want is kept as soon as it can be.
                self._keep(kept.plan.id, override, actor, why).wait(WRITE_S)
            self._follow(kept, now, is_sure=True)
            return self._status(kept)

    def statuses(self) -> list[OutputStatus]:
        """Every output as it is now, in the order of the plan."""
        with self._lock:
            return [self._status(kept) for kept in self._kept.values()]

    def stop(self) -> None:
        """Switch everything off."""
        with self._lock:
            for kept in self._kept.values():
                kept.driver.stop()
            self._kept = {}
        self._reader.close()

    def _put_in_service(self, plan: SitePlan) -> None:
        before, self._kept = self._kept, {}
        for one in plan.outputs:
            known = before.get(one.id)
            if known is not None and (known.plan.driver, known.plan.settings) == (one.driver, one.settings):
                del before[one.id]
                known.plan = one
                self._kept[one.id] = known
        for gone in before.values():
            gone.driver.stop()
            self._troubles.report(f"output {gone.plan.id}", "")
        # What has gone lets go of its pins before the new takes hold of them.
        fresh = {one.id: self._kept.get(one.id) or _Kept(one, self._make(one)) for one in plan.outputs}
        for kept in fresh.values():
            if kept.plan.id not in self._kept:
                kept.driver.start()
        self._kept = fresh
        self._plan_number, self._version = plan.number, None

    def _read(self, plan: SitePlan, now: Instant) -> None:
        resources = sorted({resource for kept in self._kept.values() for resource in kept.plan.resource_ids})
        try:
            version = self._reader.data_version()
            if version == self._version and now - self._read_at < AGAIN_S:
                return
            values = output_store.booked_values(
                plan.facility.id, resources, Interval(now - DAY, now + AHEAD_S), LONGEST_CLAIM_S
            )
            rows = self._reader.query(output_store.booked_statement(resources), values)
        except FileUnreadable as fault:
            # The follower reports it; what was read last still counts.
            log.debug("outputs follow what they knew: %s", fault)
            self._version = None
            return
        self._version, self._read_at = version, now
        booked: dict[str, set[Interval]] = {}
        for resource_id, starts, ends in rows:
            booked.setdefault(str(resource_id), set()).add(Interval(int(str(starts)), int(str(ends))))
        occupied = {resource_id: frozenset(intervals) for resource_id, intervals in booked.items()}
        if occupied != self._occupied:
            self._occupied = occupied
            self._writer.submit(lambda tx: output_store.put_occupied(tx, occupied))

    def _follow(self, kept: _Kept, now: Instant, *, is_sure: bool) -> None:
        plan, override = kept.plan, self._overrides.get(kept.plan.id)
        if override is not None and now >= override.until:
            self._keep(plan.id, None, "door", "its time is over")
            override = None
        # Without a clock nobody knows what is booked now: light and heat stay as they are.
        if is_sure or override is not None:
            occupied = (each for resource in plan.resource_ids for each in self._occupied.get(resource, ()))
            self._switch(kept, is_on(plan, occupied, override, now), by_staff=override is not None)
        health = kept.driver.health()
        fault = f"output {plan.slug}: {health.fault}" if health.fault else ""
        self._troubles.report(f"output {plan.id}", fault, Colour.AMBER)

    def _switch(self, kept: _Kept, on: bool, *, by_staff: bool) -> None:
        kept.driver.switch(on)
        if on is not kept.is_on:
            kept.is_on = on
            after = {"on": on, "by_staff": by_staff}
            self._writer.submit(lambda tx: tx.journal(Change("door", "output", kept.plan.id, "switched", after=after)))

    def _keep(self, output_id: str, override: Override | None, actor: str, why: str) -> Pending[None]:
        if override is None:
            self._overrides.pop(output_id, None)
        else:
            self._overrides[output_id] = override
        after = {"on": override.is_on, "until": override.until, "reason": why} if override else {"reason": why}
        verb = "overridden" if override else "override_ended"
        change = Change(actor, "output", output_id, verb, after=after)

        def write(tx: Transaction) -> None:
            output_store.put_override(tx, output_id, override)
            tx.journal(change)

        return self._writer.submit(write, keep=True)

    def _status(self, kept: _Kept) -> OutputStatus:
        return OutputStatus(kept.plan, kept.is_on, self._overrides.get(kept.plan.id), kept.driver.health())


def configured_output(plan: OutputPlan) -> registry.ConfiguredOutput:
    """An output of a plan as the registry wants it."""
    return registry.ConfiguredOutput(plan.driver, OutputSettings(plan.id, plan.slug, plan.settings))
