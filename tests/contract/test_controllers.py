"""The controller contract, over every registered controller with its other end (DR-01, DR-04, DR-05, DR-06, DR-11).

What is held is asked of the other end, never of the driver. The loop that tells a controller is the unit's own
(`appliance.access.holding`), so that what converges here converges on a site.
"""

import contextlib
import threading

import pytest

from drivers import registry
from drivers.contract import DriverRefused, DriverUnreachable
from drivers.controller_contract import ControllerGrant, Takes
from tests.contract.controller_kinds import CONTROLLER_KINDS
from tests.contract.controller_rigs import ControllerRig
from tests.waiting import stays, until

pytestmark = pytest.mark.slow


def test_every_registered_controller_has_its_other_end_in_this_suite() -> None:
    """DR-01: the suite runs over every registered controller."""
    assert {name.partition("-")[0] for name in CONTROLLER_KINDS} == set(registry.CONTROLLERS.names())


def test_a_controller_is_what_the_contract_says(controller: ControllerRig) -> None:
    """DR-01, BM-27: capabilities are declared, constant, and those that its info tells for these settings."""
    driver = controller.started()
    info = registry.CONTROLLERS.load(controller.driver_name)
    assert driver.capabilities == driver.capabilities == info.capabilities(controller.settings())
    assert info.check(controller.settings(), controller.site()) == []
    assert driver.capabilities.takes
    assert driver.capabilities.takes <= set(Takes)


def test_a_start_does_not_wait_and_a_stop_ends_in_two_seconds(controller: ControllerRig) -> None:
    """DR-01: also when the controller is away."""
    controller.cut()
    driver = controller.fresh_driver()
    for act in (lambda: driver.start(lambda _: None), driver.stop):
        doing = threading.Thread(target=act)
        doing.start()
        doing.join(2.5)
        assert not doing.is_alive()


def test_a_grant_is_held_and_taken_back(controller: ControllerRig) -> None:
    """DR-11: in the other end's own words."""
    controller.keep([grant := controller.grant()])
    assert until(lambda: controller.held_by_device() == {grant.id}, 20), controller.story()
    assert controller.converges("confirmed")
    controller.keep([])
    assert until(lambda: controller.held_by_device() == set(), 20), controller.story()
    assert controller.converges("removed")


def test_telling_twice_is_telling_once(controller: ControllerRig) -> None:
    """DR-11: upsert and revoke are idempotent by grant id and revision."""
    driver, grant = controller.started(), controller.grant()
    assert until(lambda: driver.health().online, 15)
    for _ in range(2):
        controller.says(lambda: driver.upsert(grant))
    assert until(lambda: controller.held_by_device() == {grant.id}, 20)
    assert controller.copies(grant) == 1
    if driver.capabilities.lists:
        assert [one.grant_id for one in controller.says(driver.held) if one.grant_id] == [grant.id]
    gone = controller.newer(grant)
    for _ in range(2):
        controller.says(lambda: driver.revoke(gone))
    assert until(lambda: controller.held_by_device() == set(), 20)


def test_an_older_revision_never_overwrites_a_newer_one(controller: ControllerRig) -> None:
    """DR-11: what overtakes on the way is what counts."""
    older_loses(controller)


@pytest.mark.parametrize("any_controller", ["axema-https"], indirect=True)
def test_an_older_revision_loses_at_a_vendor_that_is_slow(controller: ControllerRig) -> None:
    """DR-11: the call ends half-way, is made again, and does not ask twice for what is on its way."""
    controller.plan_fault("delay@reserve")
    assert controller.copies(older_loses(controller)) == 1


def older_loses(controller: ControllerRig) -> ControllerGrant:
    """The older of two revisions is told last, and what is held is the newer one."""
    driver, old = controller.started(), controller.grant()
    assert until(lambda: driver.health().online, 15)
    newer = controller.newer(old, later_s=3600)
    controller.says(lambda: driver.upsert(newer))
    with contextlib.suppress(DriverRefused):
        controller.says(lambda: driver.upsert(old))
    assert until(lambda: controller.held_by_device() == {old.id}, 20)
    assert until(lambda: controller.held_until(old) == newer.window.end)
    assert stays(lambda: controller.held_until(old) == newer.window.end, 0.2)
    return old


def test_a_controller_that_is_away_is_told_when_it_is_back(controller: ControllerRig) -> None:
    """DR-11, DR-10: cut in the middle of things, and mended."""
    first, second = controller.grant(), controller.grant()
    controller.keep([first])
    assert until(lambda: controller.held_by_device() == {first.id}, 20), controller.story()
    controller.cut()
    assert until(lambda: not controller.online(), 20)
    controller.keep([second])
    controller.mend()
    assert until(lambda: controller.held_by_device() == {second.id}, 60), controller.story()
    assert controller.converges("confirmed", "removed")


def test_a_change_reaches_a_healthy_controller_within_two_seconds(controller: ControllerRig) -> None:
    """DR-11: a grant that is given, changed and taken back, as the other end sees it."""
    grant = controller.grant()
    controller.keep([grant])
    assert until(lambda: controller.held_by_device() == {grant.id}, 20), controller.story()
    assert controller.converges("confirmed")
    longer, other = controller.newer(grant, later_s=3600), controller.grant()
    controller.keep([longer, other])
    changed = {grant.id, other.id}
    assert until(lambda: controller.held_by_device() == changed, 2), controller.story()
    assert until(lambda: controller.held_until(grant) == longer.window.end, 2), controller.story()
    assert controller.converges("confirmed")
    controller.keep([])
    assert until(lambda: controller.held_by_device() == set(), 2), controller.story()


def faults_of_every_controller() -> list[object]:
    """Kind and fault; what is not of the routine run is marked."""
    found: list[object] = []
    for kind, rig in sorted(CONTROLLER_KINDS.items()):
        routine = rig.faults if rig.routine is None else rig.routine
        assert set(routine) <= set(rig.faults)
        for fault in rig.faults:
            marks = [] if fault in routine else [pytest.mark.long]
            found.append(pytest.param(kind, fault, marks=marks))
    return found


@pytest.mark.parametrize(("any_controller", "fault"), faults_of_every_controller(), indirect=["any_controller"])
def test_reconciliation_converges_after_every_fault(controller: ControllerRig, fault: str) -> None:
    """DR-04 to DR-06, DR-11: each fault under way while a grant is given, one changed and one taken back."""
    kept, changed, gone = controller.grant(), controller.grant(), controller.grant()
    controller.keep([changed, gone])
    assert until(lambda: controller.held_by_device() == {changed.id, gone.id}, 30), controller.story()
    controller.plan_fault(fault)
    controller.keep([kept, controller.newer(changed, later_s=3600)])
    wanted = {kept.id, changed.id}
    assert until(lambda: controller.held_by_device() == wanted and controller.settled(), 90), controller.story()
    assert controller.held_until(changed) == changed.window.end + 3600
    assert all(controller.copies(one) == 1 for one in (kept, changed))


def test_nobody_home_is_unreachable_and_not_a_bug(controller: ControllerRig) -> None:
    """DR-01: a call that nobody answers raises what says that it may be tried again."""
    driver = controller.started()
    controller.cut()
    with pytest.raises(DriverUnreachable):
        driver.upsert(controller.grant())
