"""A controller with its other end: what the contract suite needs to know of each kind of controller.

What is held is asked of the other end. A controller that is registered has a rig here, or the suite fails; a vendor's
rig is a subclass of `ControllerRig` and a line in `controller_kinds.py`.
"""

import contextlib
import itertools
import sqlite3
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from appliance.access import holding_store, store
from appliance.access.clock_keeper import ClockKeeper, DeclaredTime
from appliance.access.device_plan import ControllerPlan
from appliance.access.grant_life import Terms
from appliance.access.grant_planning import name_subject, wish
from appliance.access.holding import HoldingParts, HoldingPost, terms_of
from appliance.access.troubles import Troubles
from appliance.access.wanted_grants import WantedGrant
from appliance.foundation.clock import Clock, SystemClock
from appliance.foundation.ids import Uuid7
from appliance.foundation.instants import Instant, Interval
from appliance.storage.door_file import connect, open_door_file
from appliance.storage.door_writer import DoorWriter, Reserve, Transaction
from drivers import registry
from drivers.contract import DriverUnreachable, Site
from drivers.controller_contract import Controller, ControllerGrant, ControllerSettings, Takes
from drivers.registry import ConfiguredController
from drivers.simulated.controller import SimulatedController
from tests.waiting import until

CONTROLLER_ID = "0198c0de-0000-7000-8000-00000000c001"
SLUG = "vendor"
FACILITY = "hall"
DEVICE = "D1"
_numbers = itertools.count(1)
Told = TypeVar("Told")


class ControllerRig(ABC):
    """One controller. The other end lives as long as the rig; drivers and the file of the unit come and go."""

    driver_name: str
    faults: tuple[str, ...] = ()
    routine: tuple[str, ...] | None = None
    """Those of the routine run; None: all of them."""
    devices: tuple[str, ...] = (DEVICE,)

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock: Clock = SystemClock()
        self.driver: Controller | None = None
        self._post: HoldingPost | None = None
        self._writer: DoorWriter | None = None
        self._rows: Callable[[], sqlite3.Connection] | None = None
        self._lister: threading.Thread | None = None
        self._finished = threading.Event()

    def driver_settings(self) -> dict[str, object]:
        """The driver's own settings."""
        return {}

    def secrets(self) -> dict[str, str]:
        """Values of the secret files that the settings name."""
        return {}

    def settings(self) -> ControllerSettings:
        return ControllerSettings(CONTROLLER_ID, SLUG, FACILITY, self.driver_settings(), self.secrets())

    def fresh_driver(self) -> Controller:
        """A driver that is not started."""
        configured = ConfiguredController(self.driver_name, self.settings())
        assert registry.check_controllers([configured], self.site()) == []
        self.driver = registry.build_controller(configured, self.site(), self.clock)
        return self.driver

    def started(self) -> Controller:
        """A driver that speaks to its other end."""
        driver = self.fresh_driver()
        driver.start(lambda _: None)
        return driver

    def says(self, call: Callable[[], Told]) -> Told:
        """A call to the driver, made again while its other end is too slow for it, as the unit's own loop does."""
        told: list[Told] = []

        def is_said() -> bool:
            with contextlib.suppress(DriverUnreachable):
                told.append(call())
            return bool(told)

        assert until(is_said, 30)
        return told[0]

    def grant(self, starts_in_s: int = 7200, seconds: int = 3600) -> ControllerGrant:
        """A grant that nobody has; its window lies on a grid of an hour."""
        number, takes = next(_numbers), self._takes()
        start = (self.clock.now() + starts_in_s) // 3600 * 3600 + 3600 * (number % 5)
        card = f"26:{0x2000000 + number:X}" if takes is Takes.CARD else None
        email = f"guest{number}@example.se" if takes is Takes.EMAIL else None
        window = Interval(start, start + seconds)
        return ControllerGrant(f"0198c0de-0000-7000-8000-{number:012x}", 1, self.devices, window, card, email)

    def newer(self, grant: ControllerGrant, later_s: int = 0) -> ControllerGrant:
        """The next revision of a grant, which ends later."""
        window = Interval(grant.window.start, grant.window.end + later_s)
        return replace(grant, revision=grant.revision + 1, window=window)

    def keep(self, grants: Sequence[ControllerGrant]) -> None:
        """Let the unit's own loop see to it that exactly these are held."""
        if self._post is None:
            self._begin()
        assert self._post is not None
        assert self._writer is not None
        wanted = {one.id: one for one in grants}
        now, takes = self.clock.now(), self._takes()

        def write(tx: Transaction) -> None:
            known = {row[0] for row in tx.execute("SELECT grant_id FROM held_grant")}
            for grant_id in known - set(wanted):
                wish(tx, grant_id, {}, now)
            for one in wanted.values():
                wish(tx, one.id, {CONTROLLER_ID: WantedGrant(takes, "booking", one.window, one.devices)}, now)
                if takes is not Takes.NOBODY:
                    name_subject(tx, CONTROLLER_ID, one.id, one.card or one.pin or one.email, now)

        self._writer.submit(write).wait(5)
        self._post.soon()

    def states(self) -> dict[str, str]:
        """The state that everybody sees of each grant, by its id."""
        assert self._rows is not None
        connection = self._rows()
        try:
            return {row.grant_id: row.life.state for row in holding_store.rows_at(connection, CONTROLLER_ID)}
        finally:
            connection.close()

    def settled(self) -> bool:
        """Whether nothing is under way."""
        return set(self.states().values()) <= {"confirmed", "removed"}

    def converges(self, *states: str, seconds: float = 60) -> bool:
        """Whether every grant comes to one of these states."""
        return until(lambda: set(self.states().values()) <= set(states), seconds)

    def online(self) -> bool:
        driver = self._post.controller if self._post else self.driver
        return driver is not None and driver.health().online

    def story(self) -> str:
        """What an assertion tells when it fails."""
        assert self._rows is not None
        connection = self._rows()
        try:
            rows = [(row.grant_id[-4:], row.life) for row in holding_store.rows_at(connection, CONTROLLER_ID)]
        finally:
            connection.close()
        health = self._post.controller.health() if self._post else None
        return f"device {self.held_by_device()}, unit {rows}, {health}"

    def finish(self) -> None:
        """Stop the unit's side and let the other end hold nothing."""
        self._finished.set()
        if self._post is not None:
            self._post.stop()
        elif self.driver is not None:
            self.driver.stop()
        if self._lister is not None:
            self._lister.join(5)
        if self._writer is not None:
            self._writer.close()
        self.driver = self._post = self._writer = self._lister = None
        self.mend()
        self.reset()

    def _takes(self) -> Takes:
        info = registry.CONTROLLERS.load(self.driver_name)
        return min(info.capabilities(self.settings()).takes)

    def _begin(self) -> None:
        folder = self.folder / f"unit-{next(_numbers)}"
        folder.mkdir()
        file, connection = open_door_file(folder / "access.db", folder, Uuid7(), self.clock.now())
        self._writer = DoorWriter(connection, self.clock, FACILITY, Reserve(None), lambda _name, _text: None)
        self._rows = lambda: connect(file)
        memory = self._rows()
        keeper = ClockKeeper(self.clock, DeclaredTime(), store.clock_memory(memory))
        memory.close()
        parts = HoldingParts(self._rows, self._writer, keeper, self.clock, Troubles())
        driver = self.fresh_driver()
        plan = ControllerPlan(CONTROLLER_ID, SLUG, "Vendor", self.driver_name, self.driver_settings())
        # Bounds of minutes would only make the suite longer: what they bound is the same.
        terms = Terms(confirm_s=3, refused_s=2, ends_alone=terms_of(driver.capabilities).ends_alone)
        post = self._post = HoldingPost(plan, driver, terms, parts)
        post.start()
        finished = self._finished = threading.Event()

        def list_often() -> None:
            while not finished.wait(2):
                post.list_soon()

        self._lister = threading.Thread(target=list_often, daemon=True)
        self._lister.start()

    @abstractmethod
    def site(self) -> Site: ...

    @abstractmethod
    def held_by_device(self) -> set[str]:
        """The ids of the grants with which people are let in, as the other end says."""

    @abstractmethod
    def held_until(self, grant: ControllerGrant) -> Instant:
        """The end of its window at the other end; 0 while it has none."""

    @abstractmethod
    def copies(self, grant: ControllerGrant) -> int:
        """How often the other end has it."""

    @abstractmethod
    def plan_fault(self, fault: str) -> None:
        """Let one of `faults` happen to what is said next."""

    @abstractmethod
    def cut(self) -> None:
        """Kill the other end, or the way to it."""

    @abstractmethod
    def mend(self) -> None:
        """Bring the other end back, if it is away, with what it held."""

    @abstractmethod
    def reset(self) -> None:
        """Let the other end hold nothing and have no faults."""

    @abstractmethod
    def close(self) -> None:
        """End everything."""


class SimulatedControllerRig(ControllerRig):
    """Its other end is the driver itself, so it goes with it."""

    driver_name = "simulated"
    faults = ("forgets", "never_applied")
    _away = False

    def site(self) -> Site:
        return Site()

    @property
    def vendor(self) -> SimulatedController:
        assert isinstance(self.driver, SimulatedController)
        return self.driver

    def fresh_driver(self) -> Controller:
        driver = super().fresh_driver()
        self.vendor.whims.away = self._away
        return driver

    def held_by_device(self) -> set[str]:
        return set(self.vendor.device_holds())

    def held_until(self, grant: ControllerGrant) -> Instant:
        return self.vendor.device_holds()[grant.id].window.end

    def copies(self, grant: ControllerGrant) -> int:
        return int(grant.id in self.vendor.device_holds())

    def plan_fault(self, fault: str) -> None:
        if fault == "forgets":
            for grant_id in self.held_by_device():
                self.vendor.forget(grant_id)
        else:
            self.vendor.whims.swallows = 2

    def cut(self) -> None:
        self._away = True
        if self.driver is not None:
            self.vendor.whims.away = True

    def mend(self) -> None:
        self._away = False
        if self.driver is not None:
            self.vendor.whims.away = False

    def reset(self) -> None:
        return None

    def close(self) -> None:
        return None
