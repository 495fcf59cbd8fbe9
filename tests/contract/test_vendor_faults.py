"""A hundred faults in a row: what vendors hold is in the end what the unit wants, once each (DR-05, DR-06, DR-11)."""

import json
import random
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.foundation.clock import FakeClock, SystemClock
from appliance.foundation.errors import NeedsAttention, Retryable
from appliance.foundation.instants import HOUR, Interval
from drivers.controller_contract import Controller, ControllerGrant, fingerprint_of
from tests.contract.vendor_rigs import AxemaRig, ParakeyRig, VendorRig
from tests.waiting import until

pytestmark = pytest.mark.slow
KINDS = ("error", "error_after", "too_many", "cut", "half_json", "never_applied", "expired")
FAULTS, PEOPLE, ROUNDS_LIMIT = 100, 6, 400


class Keeper:
    """The least that a unit does for grants: calls for what changed, and again for what a listing says is not so."""

    def __init__(self, controller: Controller) -> None:
        self.wanted: dict[str, ControllerGrant] = {}
        self.gone: dict[str, ControllerGrant] = {}
        self._controller = controller

    def want(self, grant: ControllerGrant) -> None:
        self.wanted[grant.id] = grant
        self.gone.pop(grant.id, None)

    def drop(self, grant: ControllerGrant) -> None:
        self.gone[grant.id] = replace(grant, revision=grant.revision + 1)
        del self.wanted[grant.id]

    def tried(self, call: Callable[[], object]) -> bool:
        """Whether the call went through; where a person must act, one did."""
        try:
            call()
        except (Retryable, NeedsAttention):
            return False
        return True

    def told(self, id_: str) -> bool:
        """Tell the controller of one grant."""
        if id_ in self.wanted:
            return self.tried(lambda: self._controller.upsert(self.wanted[id_]))
        return self.tried(lambda: self._controller.revoke(self.gone[id_]))

    def reconciled(self) -> bool:
        """Whether a listing says that all is as wanted; what is not is told again."""
        try:
            held = {one.grant_id: one for one in self._controller.held()}
        except (Retryable, NeedsAttention):
            return False
        odd = [id_ for id_ in self.gone if id_ in held]
        for id_, grant in self.wanted.items():
            found = held.get(id_)
            if found is None or found.fingerprint not in (None, fingerprint_of(grant)):
                odd.append(id_)
        for id_ in odd:
            self.told(id_)
        return not odd and "" not in held


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="pv-") as name:
        yield Path(name)


def rounds(rig: VendorRig, keeper: Keeper, channels: tuple[str, ...], windows: list[Interval], device: str) -> None:
    """Wants that come, change and go, with a fault before each call."""
    dice = random.Random(6)
    for number in range(ROUNDS_LIMIT):
        if spoiled(rig) >= FAULTS:
            break
        rig.fault(dice.choice(channels), dice.choice(KINDS))
        id_ = f"g-{dice.randrange(PEOPLE)}"
        before = keeper.wanted.get(id_)
        if before is not None and dice.random() < 0.4:
            keeper.drop(before)
        else:
            window = windows[PEOPLE * dice.randrange(2) + int(id_[2:])]
            email = f"{id_}@example.org" if isinstance(rig, ParakeyRig) else None
            keeper.want(ControllerGrant(id_, number * 2 + 2, (device,), window, email=email))
        keeper.told(id_)
        if dice.random() < 0.3:
            keeper.reconciled()


def settle(rig: VendorRig, keeper: Keeper) -> None:
    """Reconcile until all is as wanted; what was accepted and never done is asked again after its time."""
    assert isinstance(rig.clock, FakeClock)
    clock = rig.clock

    def again() -> bool:
        clock.advance(30)
        return keeper.reconciled()

    assert until(again, 20), "it does not converge"


def test_parakey_holds_what_is_wanted_after_a_hundred_faults(folder: Path) -> None:
    """DR-06: no grant lost or doubled over 100 faults."""
    with closing(ParakeyRig(folder)) as rig:
        rig.clock = FakeClock(SystemClock().now())
        keeper = Keeper(rig.started())
        start = rig.clock.now()
        windows = [Interval(start + at * HOUR, start + (at + 2) * HOUR) for at in range(2 * PEOPLE)]
        rounds(rig, keeper, ("manage", "keys"), windows, ParakeyRig.COURT)
        settle(rig, keeper)
        assert len(rig.listed()) == len(keeper.wanted) > 0
        assert sorted(key.split()[0].removeprefix("hall-1-") for key in rig.listed()) == sorted(keeper.wanted)
        assert spoiled(rig) >= FAULTS


def test_axema_holds_what_is_wanted_after_a_hundred_faults(folder: Path) -> None:
    """DR-05: reservations, webhooks lost, doubled and late among them."""
    with closing(AxemaRig(folder)) as rig:
        rig.clock = FakeClock(SystemClock().now())
        keeper, dice = Keeper(rig.started()), random.Random(5)
        windows = [rig.tomorrow(6 + at, hours=1) for at in range(2 * PEOPLE)]
        for number in range(FAULTS):
            rig.fault("webhook", dice.choice(("drop", "duplicate", "delay")), nth=number + 1, delay_ms=300)
        rounds(rig, keeper, ("reserve", "cancel", "list"), windows, AxemaRig.COURT_DOOR)
        settle(rig, keeper)
        starts = {grant.window.start for grant in keeper.wanted.values()}
        assert len(rig.reserved()) == len(starts) > 0
        assert spoiled(rig) >= FAULTS


def spoiled(rig: VendorRig) -> int:
    """How many calls met a fault, as the emulator wrote down."""
    calls = [json.loads(line) for line in rig.journal.read_text().splitlines()]
    return sum(bool(call.get("fault")) for call in calls)
