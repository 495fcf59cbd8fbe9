"""What each vendor's system does by its own published ways, seen through the driver: by gateway and by mapping file."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.foundation.grants import Grant
from drivers.contract import DriverRefused, Fact, Observation
from drivers.controller_contract import Confirmation, ControllerGrant, Passage
from tests.contract.controller_rigs import ControllerRig
from tests.contract.gateway_rigs import AxemaMqttRig, GatewayRig, ParakeyMqttRig
from tests.contract.programs import told
from tests.contract.rco_rigs import RcoHttpRig, RcoRig, RcoSerialRig
from tests.waiting import until

pytestmark = pytest.mark.slow


class Delayed(RcoRig):
    """A server that learns of passages an hour late."""

    def system(self) -> list[object]:
        return [*super().system(), "--passage-delay-s", "3600"]


class DelayedSerial(Delayed, RcoSerialRig):
    """Behind a gateway."""


class DelayedHttp(Delayed, RcoHttpRig):
    """By its API."""


RCO: dict[str, Callable[[Path], GatewayRig]] = {"serial": RcoSerialRig, "http": RcoHttpRig}


def opened(folder: Path, name: str, make: Callable[[Path], GatewayRig]) -> GatewayRig:
    own = folder / name
    own.mkdir()
    return make(own)


@pytest.fixture(scope="module", params=RCO)
def any_rco(request: pytest.FixtureRequest, short_folder: Path) -> Iterator[GatewayRig]:
    rig = opened(short_folder, request.param, RCO[request.param])
    yield rig
    rig.close()


@pytest.fixture
def rco(any_rco: GatewayRig) -> Iterator[GatewayRig]:
    yield any_rco
    any_rco.finish()


def now_open(rig: ControllerRig) -> ControllerGrant:
    grant, now = rig.grant(), rig.clock.now() // 60 * 60
    return replace(grant, window=replace(grant.window, start=now - 600, end=now + 3600))


def swiped(rig: GatewayRig, grant: ControllerGrant, **more: object) -> object:
    return told(rig.control, act="swipe", device="D1", card=grant.card, **more)["verdict"]


def test_a_card_lands_when_the_sub_controller_is_back_and_not_before(rco: GatewayRig) -> None:
    """DR-04: accepted is not confirmed while one sub-controller is cut off."""
    grant = now_open(rco)
    told(rco.control, act="unlink", sub="south")
    rco.keep([grant])
    assert until(lambda: rco.states()[grant.id] == "accepted"), rco.story()
    assert swiped(rco, grant) == "granted", "the other sub-controller has it"
    told(rco.control, act="link", sub="south")
    assert rco.converges("confirmed"), rco.story()
    told(rco.control, act="unlink", sub="north")
    rco.keep([])
    assert until(lambda: rco.states()[grant.id] == "removing"), rco.story()
    assert swiped(rco, grant) == "granted", "who was cut off knows nothing of it yet"
    told(rco.control, act="link", sub="north")
    assert rco.converges("removed"), rco.story()
    assert swiped(rco, grant) == "denied"


def test_the_night_brings_what_went_nowhere(rco: GatewayRig) -> None:
    """DR-04: a change that was taken and lost on its way is mended by the full sync."""
    confirmed: list[Confirmation] = []
    driver, grant = rco.fresh_driver(), now_open(rco)
    driver.start(confirmed.append)
    assert until(lambda: driver.health().online, 15)
    for sub in ("north", "south"):
        told(rco.control, act="unlink", sub=sub)
    driver.upsert(grant)
    told(rco.control, act="night")
    assert swiped(rco, grant) == "denied"
    for sub in ("north", "south"):
        told(rco.control, act="link", sub=sub)
    told(rco.control, act="night")
    assert until(lambda: [(one.grant_id, one.applied) for one in confirmed] == [(grant.id, True)])
    assert swiped(rco, grant) == "granted"


def test_of_functions_that_overlap_the_most_secure_wins_and_on_a_holiday_none_below_a_pin(rco: GatewayRig) -> None:
    """DR-04: RCO's support pages; a booked card does not open then, and the emulator shows it."""
    grant = now_open(rco)
    rco.keep([grant])
    assert rco.converges("confirmed"), rco.story()
    told(rco.control, act="functions", device="D1", names=["unlocked", "card_and_pin"])
    assert (swiped(rco, grant), swiped(rco, grant, pin=True)) == ("denied", "granted")
    told(rco.control, act="functions", device="D1", names=["card"])
    assert swiped(rco, grant) == "granted"
    told(rco.control, act="holiday")
    assert (swiped(rco, grant), swiped(rco, grant, pin=True)) == ("denied", "denied")
    told(rco.control, act="workday")


def test_doors_are_opened_held_and_seen(rco: GatewayRig) -> None:
    """BM-27: remote opening by every way."""
    driver, seen = rco.started(), list[Observation]()
    driver.attach("D1", "door", seen.append)
    assert until(lambda: driver.health().online, 15)
    now = rco.clock.now()
    driver.unlock("D1", Grant("p-1", "door", "court", "key", 1, now, now + 5))
    assert until(lambda: Fact.RELEASED in [one.fact for one in seen]), seen
    assert until(lambda: seen[-1].fact is Fact.LOCKED, 10), seen
    driver.hold("D1", released=True)
    assert until(lambda: seen[-1].fact is Fact.RELEASED, 10), seen
    driver.hold("D1", released=False)
    assert until(lambda: seen[-1].fact is Fact.LOCKED, 10), seen
    told(rco.control, act="force", device="D1")
    assert until(lambda: seen[-1].fact is Fact.OPENED, 10), seen
    told(rco.control, act="close", device="D1")
    with pytest.raises(DriverRefused):
        driver.unlock("D9", Grant("p-2", "door", "court", "key", 1, now, now + 5))


@pytest.mark.parametrize("make", [DelayedSerial, DelayedHttp])
def test_passages_that_are_told_late_say_so(make: Callable[[Path], GatewayRig], short_folder: Path) -> None:
    """DR-04: an hour late is not missing, because nothing younger is said to be complete."""
    with closing(opened(short_folder, make.__name__, make)) as rig:
        driver, grant = rig.started(), now_open(rig)
        assert until(lambda: driver.health().online, 15)
        driver.upsert(grant)
        cursor = driver.events("").cursor
        assert until(lambda: swiped(rig, grant) == "granted")
        early = driver.events(cursor)
        assert early.events == ()
        assert early.complete_until is not None
        assert early.complete_until <= rig.clock.now() - 3600
        told(rig.control, act="skew", seconds=3700)
        assert until(lambda: bool(driver.events(cursor).events))
        (event,) = driver.events(cursor).events
        assert (event.device, event.passage, event.grant_id) == ("D1", Passage.GRANTED, grant.id)
        assert event.heard_at - event.at == 3600
        driver.stop()


def test_vaka_takes_whole_slots_only_behind_a_gateway_too(short_folder: Path) -> None:
    """DR-05: a window without a slot is refused with the reason, and a door is unlocked on demand."""
    with closing(opened(short_folder, "axema", AxemaMqttRig)) as rig:
        driver, grant = rig.started(), rig.grant()
        assert until(lambda: driver.health().online, 15)
        half = replace(grant.window, start=grant.window.start + 600)
        with pytest.raises(DriverRefused, match="no slot within"):
            driver.upsert(replace(grant, window=half))
        assert not driver.upsert(grant).applied, "202 is accepted and no more"
        assert until(lambda: rig.held_by_device() == {grant.id})
        now = rig.clock.now()
        driver.unlock("D1", Grant("p-1", "door", "court", "key", 1, now, now + 5))
        with pytest.raises(DriverRefused, match="cannot keep a door open"):
            driver.hold("D1", released=True)
        driver.stop()


def test_a_lock_of_parakeys_that_was_alone_tells_late_behind_a_gateway_too(short_folder: Path) -> None:
    """DR-06: when it was opened is not when the cloud learned of it."""
    with closing(opened(short_folder, "parakey", ParakeyMqttRig)) as rig:
        driver, grant = rig.started(), now_open(rig)
        assert until(lambda: driver.health().online, 15)
        driver.upsert(grant)
        assert until(lambda: rig.held_by_device() == {grant.id})
        cursor = driver.events("").cursor
        told(rig.control, act="offline", access="D1")
        for _ in range(3):
            told(rig.control, act="open", email=grant.email, access="D1")
        assert driver.events(cursor).events == ()
        told(rig.control, act="online", access="D1")
        found = driver.events(cursor).events
        assert [(one.device, one.grant_id) for one in found] == [("D1", grant.id)] * 3
        assert all(one.heard_at >= one.at for one in found)
        with pytest.raises(DriverRefused):
            driver.unlock("D1", Grant("p-1", "door", "court", "key", 1, rig.clock.now(), rig.clock.now() + 5))
        driver.stop()
