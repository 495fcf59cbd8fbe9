"""One suite over a fake of each mix of what vendors can do: by what they know people, codes, steps, rooms (BM-27).

The fake is the simulated controller, which plays what its settings say. What is to be held follows from keys and
capabilities alone (`wanted_grants`), and is told by the unit's own loop.
"""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.access.known_keys import KnownKey
from appliance.access.wanted_grants import HoldingController, WantedGrant, wanted_grants
from appliance.foundation.clock import SystemClock
from appliance.foundation.grants import Grant
from appliance.foundation.instants import Interval
from drivers.contract import DoorSettings, DriverRefused, Fail, Observation, Site
from drivers.controlled_door import CANNOT_UNLOCK, controlled_door
from drivers.controller_contract import ControllerGrant, ControllerSettings, Takes
from drivers.controllers_in_service import ControllersInService
from drivers.simulated.controller import CONTROLLER
from tests.access.worlds import KEY
from tests.contract.controller_rigs import CONTROLLER_ID, DEVICE, SLUG, SimulatedControllerRig
from tests.waiting import until

pytestmark = pytest.mark.slow
SUBJECTS = {Takes.CARD: "26:2468ACE", Takes.PIN: "204816", Takes.EMAIL: "anna@example.org", Takes.NOBODY: None}
KINDS = {Takes.CARD: "card", Takes.PIN: "pin", Takes.EMAIL: "qr", Takes.NOBODY: "qr"}
MIXES: list[dict[str, object]] = [
    {"takes": takes.value, "resolution_s": step, "lists": lists}
    for takes, step, lists in itertools.product(Takes, (1, 900, 3600), (True, False))
]
CODES = [([4, 4], False), ([6, 6], True), ([4, 8], True), ([8, 10], False)]


def name_of(mix: dict[str, object]) -> str:
    return "-".join(str(value) for value in mix.values())


class MixRig(SimulatedControllerRig):
    """A fake of one mix."""

    mix: dict[str, object]

    def driver_settings(self) -> dict[str, object]:
        return self.mix

    def as_told(self, wanted: WantedGrant, id_: str) -> ControllerGrant:
        subject = SUBJECTS[wanted.takes]
        card, pin, email = (subject if wanted.takes is one else None for one in (Takes.CARD, Takes.PIN, Takes.EMAIL))
        return ControllerGrant(id_, 1, wanted.devices, wanted.window, card, email, pin)


@pytest.fixture
def fake(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MixRig]:
    rig = MixRig(tmp_path)
    rig.mix = request.param
    yield rig
    rig.finish()


def a_key(rig: MixRig, kind: str) -> KnownKey:
    """A key whose window fits no coarse grid."""
    start = rig.clock.now() // 3600 * 3600 + 7200 + 17 * 60
    doors = {"door": Interval(start, start + 3300)}
    return replace(KEY, id="0198c0de-0000-7000-8000-0000000000aa", kind=kind, doors=doors)


@pytest.mark.parametrize("fake", MIXES, ids=name_of, indirect=True)
def test_each_mix_holds_what_it_can_take_and_gives_it_back(fake: MixRig) -> None:
    """BM-27: one key, told by what the vendor knows people, for whole steps of its time, listed or not."""
    capabilities = CONTROLLER.capabilities(fake.settings())
    (takes,) = capabilities.takes
    holding = HoldingController(CONTROLLER_ID, capabilities.takes, capabilities.resolution_s, {"door": DEVICE})
    key = a_key(fake, KINDS[takes])
    (wanted,) = wanted_grants(key, [holding]).values()
    fake.keep([fake.as_told(wanted, key.id)])
    assert until(lambda: fake.held_by_device() == {key.id}), fake.story()
    held, own = fake.vendor.device_holds()[key.id], key.doors["door"]
    step = capabilities.resolution_s
    assert held.window.start % step == held.window.end % step == 0
    assert own.start - step < held.window.start <= own.start < own.end <= held.window.end < own.end + step
    assert {one for one in (held.card, held.pin, held.email) if one} == {SUBJECTS[takes]} - {None}
    assert fake.converges("confirmed")
    fake.keep([])
    assert until(lambda: fake.held_by_device() == set()), fake.story()


@pytest.mark.parametrize(("fake", "fits"), [({"takes": "pin", "code_digits": digits}, fits) for digits, fits in CODES],
                         ids=str, indirect=["fake"])  # fmt: skip
def test_a_code_goes_only_where_it_has_the_right_length(fake: MixRig, fits: bool) -> None:
    """BM-27: a PIN is neither cut nor filled up; staff are told."""
    window = fake.grant().window
    grant = ControllerGrant("0198c0de-0000-7000-8000-0000000000bb", 1, (DEVICE,), window, pin="204816")
    fake.keep([grant])
    assert until(lambda: set(fake.states().values()) == {"confirmed" if fits else "failed"}), fake.story()
    assert fake.held_by_device() == ({grant.id} if fits else set())
    assert ("this PIN has 6" in fake.story()) is not fits


@pytest.mark.parametrize("fake", [{"takes": "card", "max_grants": 2}], ids=name_of, indirect=True)
def test_a_full_controller_is_told_more_when_there_is_room(fake: MixRig) -> None:
    """BM-27: it never holds more than it can, and who waits is shown with the reason."""
    grants = [fake.grant() for _ in range(3)]
    fake.keep(grants)
    assert until(lambda: sorted(fake.states().values()) == ["confirmed", "confirmed", "planned"]), fake.story()
    assert len(fake.held_by_device()) == 2
    assert until(lambda: "as many grants as it can" in fake.story()), fake.story()


@pytest.mark.parametrize("fake", [{"unlocks": True}, {"unlocks": False}], ids=name_of, indirect=True)
def test_a_door_opens_for_our_own_keys_only_where_its_controller_can_be_told(fake: MixRig) -> None:
    """BM-27: remote opening; a vendor without it says so in words, and is not asked."""
    site, clock, seen = Site(), SystemClock(), list[Observation]()
    controller = fake.started()
    site.shared.get(ControllersInService, ControllersInService).put(SLUG, controller)
    settings = DoorSettings("d", "court", "hall", Fail.SECURE, {"controller": SLUG, "device": DEVICE})
    door = controlled_door("simulated").build(settings, site, clock)
    door.start(seen.append)
    grant = Grant("p-1", "d", "court", "key", 1, clock.now(), clock.now() + 5)
    if fake.mix["unlocks"]:
        door.release(grant)
        assert until(lambda: any(one.fact.value == "released" for one in seen))
    else:
        with pytest.raises(DriverRefused, match=CANNOT_UNLOCK[:40]):
            door.release(grant)
    door.stop()


def test_every_mistake_in_what_a_fake_is_to_play_is_told_at_once() -> None:
    wrong: dict[str, object] = {
        "takes": "face", "code_digits": [9, 2], "resolution_s": 0, "max_grants": 0, "revocation": "never", "lists": 1,
    }  # fmt: skip
    found = CONTROLLER.check(ControllerSettings("c", "v", "hall", wrong), Site())
    assert {error.field.removeprefix("settings.") for error in found} == set(wrong)
