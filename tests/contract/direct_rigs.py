"""Axema and Parakey as the unit reaches them by itself: their clouds as processes, over HTTP (DR-05, DR-06)."""

import time
from collections import Counter
from pathlib import Path

from appliance.foundation.instants import Instant, parse_instant
from drivers.contract import Site
from drivers.controller_contract import Controller, ControllerGrant
from tests.contract.controller_rigs import ControllerRig
from tests.contract.gateway_rigs import apart
from tests.contract.vendor_rigs import AxemaRig, ParakeyRig, VendorRig

ANSWERS = (
    "error",
    "error_after",
    "too_many",
    "cut",
    "half_json",
    "never_applied",
    "expired",
    "drop",
    "duplicate",
    "delay",
)
WEBHOOKS = ("drop@webhook", "duplicate@webhook", "delay@webhook")
Holding = tuple[str, Instant, Instant]
"""One door, and from when until when: what a cloud holds, in its own words."""


class HastyClock:
    """Ten seconds pass for one, so that minutes between two looks are not waited for."""

    def now(self) -> Instant:
        return int(time.time())

    def monotonic(self) -> float:
        return 10 * time.monotonic()


class DirectRig(ControllerRig):
    """A cloud that forgets everything when it is killed."""

    cloud: VendorRig

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.clock = HastyClock()

    def site(self) -> Site:
        return Site()

    def driver_settings(self) -> dict[str, object]:
        return self.cloud.settings()

    def secrets(self) -> dict[str, str]:
        return self.cloud.secrets()

    def fresh_driver(self) -> Controller:
        driver = super().fresh_driver()
        self.cloud.hooks.controller = driver
        return driver

    def held_by_device(self) -> set[str]:
        return set(self._held())

    def held_until(self, grant: ControllerGrant) -> Instant:
        held = self._held().get(grant.id, [])
        return min(max((end for device, _, end in held if device == one), default=0) for one in self.devices)

    def copies(self, grant: ControllerGrant) -> int:
        return max(Counter(self._held().get(grant.id, [])).values(), default=0)

    def plan_fault(self, fault: str) -> None:
        kind, _, channel = fault.partition("@")
        if kind == "clock_skew":
            self.cloud.act("skew", seconds=-20)
        else:
            self.cloud.fault(channel, kind, count=4, delay_ms=700)

    def cut(self) -> None:
        self.cloud.program.kill()

    def mend(self) -> None:
        if not self.cloud.program.alive:
            self.cloud.program.start()

    def reset(self) -> None:
        self.cloud.act("clear")

    def close(self) -> None:
        self.cloud.close()

    def _held(self) -> dict[str, list[Holding]]:
        """What the cloud holds, by grant."""
        raise NotImplementedError

    def _looked(self, what: str) -> list[dict[str, object]]:
        try:
            found = self.cloud.act("look")[what]
        except OSError:
            return []
        assert isinstance(found, list)
        return found


class AllDay(AxemaRig):
    """Slots of an hour, also at night."""

    slots = "00:00-24:00/60"


class AxemaDirectRig(DirectRig):
    """VAKA keeps no id of ours: a reservation belongs to the grant whose time it lies in, and no two have one time."""

    driver_name = "axema"
    devices = (AxemaRig.COURT_DOOR, AxemaRig.HALL_DOOR)
    faults = (*(f"{kind}@reserve" for kind in ANSWERS), "error@cancel", "error@list", "expired@list", *WEBHOOKS,
              "clock_skew")  # fmt: skip
    routine = ("expired@reserve", "error_after@reserve", "never_applied@reserve", "drop@webhook", "duplicate@webhook")

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.cloud = AllDay(folder / "cloud")
        self._starts: dict[str, Instant] = {}

    def grant(self, starts_in_s: int = 7200, seconds: int = 3600) -> ControllerGrant:
        made = apart(super().grant(starts_in_s, seconds))
        self._starts[made.id] = made.window.start
        return made

    def _held(self) -> dict[str, list[Holding]]:
        doors = {AxemaRig.COURT: AxemaRig.COURT_DOOR, AxemaRig.HALL: AxemaRig.HALL_DOOR}
        found: dict[str, list[Holding]] = {}
        for one in self._looked("reservations"):
            start, end = (parse_instant(str(one[name])) for name in ("startTime", "endTime"))
            id_ = next(id_ for id_, first in self._starts.items() if first <= start < first + 3 * 3600)
            found.setdefault(id_, []).append((doors[str(one["resourceId"])], start, end))
        return found


class ParakeyDirectRig(DirectRig):
    """A key is known by its tag."""

    driver_name = "parakey"
    devices = (ParakeyRig.COURT, ParakeyRig.HALL)
    faults = (*(f"{kind}@manage" for kind in ANSWERS), "error@keys", "half_json@keys", *WEBHOOKS, "clock_skew")
    routine = ("expired@manage", "error_after@manage", "never_applied@manage", "duplicate@manage")

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.cloud = ParakeyRig(folder / "cloud")

    def _held(self) -> dict[str, list[Holding]]:
        found: dict[str, list[Holding]] = {}
        for key in self._looked("keys"):
            access, id_ = key["access"], str(key["aliasTag"]).removeprefix("hall-1-")
            assert isinstance(access, dict)
            start, end = (parse_instant(str(key[name])) for name in ("startDate", "endDate"))
            found.setdefault(id_, []).append((str(access["aliasId"]).removeprefix("hall-1-"), start, end))
        return found
