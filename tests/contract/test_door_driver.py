"""The driver contract, over every registered driver with its other end (DR-01).

The bolt is asked of the other end: the emulator's own word, or the edges that the wire wrote down.
"""

import time
from collections.abc import Callable

import pytest

from appliance.foundation.clock import SystemClock
from drivers import registry
from drivers.contract import Act, Capability, DoorDriver, DriverUnreachable, Fact
from tests.contract.conftest import KINDS
from tests.contract.rigs import Rig
from tests.waiting import stays, until

pytestmark = pytest.mark.slow


def test_every_registered_driver_has_its_other_end_in_this_suite() -> None:
    """DR-01: the suite runs over every registered driver."""
    own = {name.partition("-")[0] for name in KINDS}
    # Doors on a vendor's controller do what that can; tests/contract/test_controlled_doors.py is theirs.
    assert own | set(registry.CONTROLLERS.names()) == set(registry.DOORS.names())


def test_a_driver_is_what_the_contract_says(rig: Rig) -> None:
    """DR-01: capabilities are declared, constant, and never more than the driver's kind can do."""
    driver: DoorDriver = rig.started()
    assert driver.capabilities == driver.capabilities <= registry.DOORS.load(rig.driver_name).capabilities
    assert registry.check([rig.door()], rig.site()) == []


def test_a_door_starts_locked_and_tells_its_first_state(rig: Rig) -> None:
    """DR-01: after start the door is locked and its first state is told; start does not wait for the device."""
    driver = rig.fresh_driver()
    began = time.monotonic()
    driver.start(rig.facts)
    assert time.monotonic() - began < 2
    assert rig.facts.saw(Fact.ONLINE, Fact.LOCKED, Fact.CLOSED, seconds=15)
    assert not rig.bolt_free()
    assert until(lambda: driver.health().online)
    assert driver.health().fault == ""
    assert driver.health().last_seen is not None


def test_a_release_moves_the_bolt_for_its_seconds_and_no_longer(rig: Rig) -> None:
    """DR-01: release returns within 50 ms, moves the bolt, and ends by itself."""
    driver, taken = rig.started(), list[float]()
    for grant in [rig.grant(release_s=1) for _ in range(3)]:
        began = time.monotonic()
        driver.release(grant)
        taken.append(time.monotonic() - began)
    assert sorted(taken)[1] < 0.05, "the median, because another process may have our processor"
    assert until(rig.bolt_free)
    moved = time.monotonic()
    assert rig.facts.saw(Fact.RELEASED)
    assert until(lambda: not rig.bolt_free(), 5)
    assert 0.7 < time.monotonic() - moved < 2
    assert rig.facts.saw(Fact.RELEASED, Fact.LOCKED)


def test_one_presentation_is_one_release(rig: Rig) -> None:
    """DR-01: release is idempotent by presentation id, also after it has ended."""
    driver = rig.started()
    grant = rig.grant(release_s=1)
    driver.release(grant)
    assert rig.facts.saw(Fact.RELEASED, Fact.LOCKED)
    rig.facts.clear()
    driver.release(grant)
    assert stays(lambda: not rig.bolt_free(), 0.3)
    assert Fact.RELEASED not in rig.facts.all()


def test_nothing_moves_at_or_after_the_end_of_a_grant(rig: Rig) -> None:
    """DR-01: at `not_after` it is too late; a release that never was leaves the presentation unused."""
    driver = rig.started()
    driver.release(rig.grant(life_s=0))
    driver.release(rig.grant(life_s=-30))
    assert stays(lambda: not rig.bolt_free(), 0.3)


def test_two_grants_overlap_and_the_later_end_counts(rig: Rig) -> None:
    """DR-01: a short release does not cut a long one."""
    driver = rig.started()
    driver.release(rig.grant(release_s=4))
    driver.release(rig.grant(release_s=1))
    assert until(rig.bolt_free)
    assert stays(rig.bolt_free, 1.8)
    assert until(lambda: not rig.bolt_free(), 5)


def test_a_hold_lasts_until_it_is_ended(rig: Rig) -> None:
    """DR-01: hold keeps the door released past any pulse, and ending it locks at once."""
    driver = rig.started()
    driver.hold(True)
    assert until(rig.bolt_free)
    driver.release(rig.grant(release_s=1))
    assert stays(rig.bolt_free, 1.3)
    driver.hold(False)
    assert until(lambda: not rig.bolt_free(), 1)
    assert rig.facts.saw(Fact.RELEASED, Fact.LOCKED)


def test_what_happens_at_the_door_is_told_once_and_in_order(rig: Rig) -> None:
    """DR-01: the contact, the REX button and the cover are facts of the door, not of what was commanded."""
    driver = rig.started()
    assert driver.capabilities >= {Capability.CONTACT, Capability.REX, Capability.TAMPER}
    rig.facts.clear()
    assert not rig.act(Act.OPEN), "a locked door does not open"
    assert rig.act(Act.FORCE)
    assert rig.facts.saw(Fact.OPENED)
    rig.act(Act.CLOSE)
    assert rig.facts.saw(Fact.OPENED, Fact.CLOSED)
    rig.act(Act.REX)
    assert rig.facts.saw(Fact.CLOSED, Fact.REX)
    rig.act(Act.TAMPER)
    assert rig.facts.saw(Fact.REX, Fact.TAMPER)
    rig.act(Act.TAMPER_OVER)
    assert rig.facts.saw(Fact.TAMPER, Fact.TAMPER_OVER)
    assert rig.facts.all() == [Fact.OPENED, Fact.CLOSED, Fact.REX, Fact.TAMPER, Fact.TAMPER_OVER]


def test_a_released_door_opens_by_hand(rig: Rig) -> None:
    """DR-01: released, opened, closed, locked, as a guest would do it."""
    driver = rig.started()
    driver.release(rig.grant(release_s=1))
    assert until(rig.bolt_free)
    assert rig.act(Act.OPEN)
    assert rig.facts.saw(Fact.RELEASED, Fact.OPENED)
    rig.act(Act.CLOSE)
    assert rig.facts.saw(Fact.OPENED, Fact.CLOSED, Fact.LOCKED)


def test_health_tells_the_truth_about_a_device_that_is_away_and_back(rig: Rig) -> None:
    """DR-10: pulled off, the driver says so and what to do, refuses to release, and comes back by itself."""
    driver = rig.started()
    rig.cut()
    assert rig.facts.saw(Fact.OFFLINE)
    assert until(lambda: not driver.health().online)
    away = driver.health()
    assert away.fault
    assert away.last_fault_at is not None
    with pytest.raises(DriverUnreachable):
        driver.release(rig.grant())
    rig.facts.clear()
    rig.mend()
    assert rig.facts.saw(Fact.ONLINE, Fact.LOCKED, Fact.CLOSED, seconds=20)
    assert until(lambda: driver.health().online)
    back = driver.health()
    assert back.fault == ""
    assert back.last_fault
    assert stays(lambda: not rig.bolt_free(), 0.3), "what was refused is never done later"
    driver.release(rig.grant())
    assert until(rig.bolt_free)


def test_a_pulse_that_was_cut_off_is_not_taken_up_again(rig: Rig) -> None:
    """DR-03, DR-10: what was under way when the link broke does not open the door when it is back."""
    driver = rig.started()
    driver.release(rig.grant(release_s=1, life_s=1))
    rig.cut()
    assert rig.facts.saw(Fact.OFFLINE)
    second = SystemClock().now()
    assert until(lambda: SystemClock().now() > second + 1, 5)
    rig.facts.clear()
    rig.mend()
    assert rig.facts.saw(Fact.ONLINE, seconds=20)
    assert stays(lambda: not rig.bolt_free(), 0.5)


def test_a_hold_is_in_force_again_after_a_break(rig: Rig) -> None:
    """DR-10: free access is told again to a device that came back."""
    driver = rig.started()
    driver.hold(True)
    assert until(rig.bolt_free)
    rig.cut()
    assert rig.facts.saw(Fact.OFFLINE)
    rig.facts.clear()
    rig.mend()
    assert rig.facts.saw(Fact.ONLINE, seconds=20)
    assert until(rig.bolt_free)


def test_the_end_of_a_hold_is_remembered_while_the_device_is_away(rig: Rig) -> None:
    """DR-10: locking is never lost: ended during a break, the hold is over when the device is back."""
    driver = rig.started()
    driver.hold(True)
    assert until(rig.bolt_free)
    rig.cut()
    assert rig.facts.saw(Fact.OFFLINE)
    with pytest.raises(DriverUnreachable):
        driver.hold(False)
    rig.facts.clear()
    rig.mend()
    assert rig.facts.saw(Fact.ONLINE, seconds=20)
    assert until(lambda: not rig.bolt_free())
    assert stays(lambda: not rig.bolt_free(), 0.3)


def test_a_device_that_is_away_at_start_is_found_later(rig: Rig) -> None:
    """DR-10: start returns within two seconds also when nothing is there, and connects in its own time."""
    rig.started().stop()
    rig.cut()
    driver = rig.fresh_driver() if rig.driver_name != "simulated" else rig.driver
    assert driver is not None
    began = time.monotonic()
    driver.start(rig.facts)
    assert time.monotonic() - began < 2
    if rig.driver_name != "simulated":
        assert until(lambda: bool(driver.health().fault))
    rig.mend()
    assert rig.facts.saw(Fact.ONLINE, Fact.LOCKED, seconds=20)


@pytest.mark.parametrize(
    "release", [lambda driver, rig: driver.release(rig.grant(30)), lambda driver, _: driver.hold(True)]
)
def test_stopping_locks_a_door_that_fails_secure(rig: Rig, release: Callable[[DoorDriver, Rig], None]) -> None:
    """AC-15: stop puts the door in its safe state within two seconds, out of a release or a hold."""
    driver = rig.started()
    release(driver, rig)
    assert until(rig.bolt_free)
    began = time.monotonic()
    driver.stop()
    assert time.monotonic() - began < 2
    assert until(lambda: not rig.bolt_free(), 1)
    rig.facts.clear()
    rig.act(Act.FORCE)
    assert stays(lambda: rig.facts.all() == [], 0.2), "a stopped driver tells nothing"
