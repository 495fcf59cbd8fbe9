"""Broker, cable and vendor's system are killed while a grant is under way: its life tells the truth throughout (DR-11).

A witness looks at both sides all the time: what the unit shows as confirmed is held by the devices, what it shows as
removed is not. The devices are asked, never the driver.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.contract.controller_rigs import ControllerRig, SimulatedControllerRig
from tests.contract.gateway_rigs import AxemaMqttRig, GatewayRig, OverMqtt, ParakeyMqttRig
from tests.contract.programs import told
from tests.contract.rco_rigs import RcoHttpRig, RcoMqttRig, RcoSerialRig
from tests.waiting import stays, until

pytestmark = pytest.mark.slow


class Witness:
    """lies: what the unit showed and was not so, both before and after a look at the devices."""

    def __init__(self, rig: ControllerRig) -> None:
        self.lies: list[str] = []
        self.looks = 0
        self._rig = rig
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._over.set()
        self._thread.join(10)

    def _watch(self) -> None:
        while not self._over.wait(0.01):
            before = self._rig.states()
            held = self._seen()
            after = self._rig.states()
            if held is None:
                continue
            self.looks += 1
            for grant_id, state in before.items():
                is_lie = {"confirmed": grant_id not in held, "removed": grant_id in held}.get(state, False)
                if is_lie and after.get(grant_id) == state:
                    self.lies.append(f"{grant_id[-4:]} is {state}, and the devices hold {held}")

    def _seen(self) -> set[str] | None:
        """What the devices hold; None while nobody can be asked."""
        if not isinstance(self._rig, GatewayRig):
            return self._rig.held_by_device()
        try:
            return self._rig.seen()
        except (OSError, ValueError):
            return None


def kill_broker(rig: GatewayRig) -> None:
    assert isinstance(rig, OverMqtt)
    rig.broker.kill()


def broker_again(rig: GatewayRig) -> None:
    assert isinstance(rig, OverMqtt)
    rig.broker.start()


def pull_cable(rig: GatewayRig) -> None:
    told(rig.control, act="unplug")


def plug_cable(rig: GatewayRig) -> None:
    told(rig.control, act="plug")


Hit = Callable[[GatewayRig], None]
BROKER: tuple[Hit, Hit] = (kill_broker, broker_again)
CABLE: tuple[Hit, Hit] = (pull_cable, plug_cable)
SYSTEM: tuple[Hit, Hit] = (GatewayRig.cut, GatewayRig.mend)
KILLS = {
    "rco-mqtt-broker": (RcoMqttRig, "request", BROKER),
    "axema-mqtt-broker": (AxemaMqttRig, "request", BROKER),
    "parakey-mqtt-broker": (ParakeyMqttRig, "reply", BROKER),
    "rco-serial-cable": (RcoSerialRig, "request", CABLE),
    "rco-serial-system": (RcoSerialRig, "reply", SYSTEM),
    "rco-mqtt-system": (RcoMqttRig, "reply", SYSTEM),
    "axema-mqtt-system": (AxemaMqttRig, "request", SYSTEM),
    "rco-http-system": (RcoHttpRig, "put", SYSTEM),
}


@pytest.fixture(params=KILLS)
def under_way(request: pytest.FixtureRequest, tmp_path: Path, short_folder: Path) -> Iterator[tuple[GatewayRig, str]]:
    folder = short_folder / tmp_path.name
    folder.mkdir()
    rig = KILLS[request.param][0](folder)
    yield rig, request.param
    rig.finish()
    rig.close()


def test_a_kill_while_a_grant_is_under_way_leaves_its_life_telling_the_truth(under_way: tuple[GatewayRig, str]) -> None:
    """DR-11: what nobody knows is shown as sent or as removing until the devices were heard of again."""
    rig, name = under_way
    _, channel, (kill, again) = KILLS[name]
    kept, gone, fresh = rig.grant(), rig.grant(), rig.grant()
    rig.keep([kept, gone])
    assert rig.converges("confirmed"), rig.story()
    with closing(Witness(rig)) as witness:
        told(rig.control, act="fault", on=channel, kind="delay", nth=1, count=9, delay_ms=900)
        rig.keep([kept, fresh])
        assert until(lambda: "removing" in rig.states().values(), 5), rig.story()
        kill(rig)
        assert until(lambda: rig.states()[fresh.id] in ("planned", "sent"), 5), rig.story()
        # Until it is back nobody can know more; what was on the way may have arrived, or not.
        unknown = stays(lambda: rig.states()[fresh.id] in ("planned", "sent"), 1.0)
        assert unknown, rig.story()
        assert rig.states()[gone.id] == "removing"
        again(rig)
        told(rig.control, act="fault", on=channel, kind="drop", nth=1, count=1)
        wanted = {kept.id, fresh.id}
        assert until(lambda: rig.held_by_device() == wanted and rig.settled(), 60), rig.story()
        assert until(lambda: witness.looks > 20)
    assert witness.lies == []


def test_the_witness_sees_a_lie(tmp_path: Path) -> None:
    """DR-11, the control: a device that forgets is held for confirmed until the next listing."""
    rig = SimulatedControllerRig(tmp_path)
    rig.keep([grant := rig.grant()])
    assert rig.converges("confirmed")
    with closing(Witness(rig)) as witness:
        rig.vendor.forget(grant.id)
        assert until(lambda: bool(witness.lies), 5)
    rig.finish()
