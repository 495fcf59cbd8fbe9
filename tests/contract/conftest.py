"""Every registered driver with its other end, one rig a module and kind."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from drivers.local_broker import LocalBroker
from tests.contract.controller_kinds import CONTROLLER_KINDS
from tests.contract.controller_rigs import ControllerRig
from tests.contract.programs import Mosquitto
from tests.contract.rigs import GpioRig, MqttLockRig, Rig, SimulatedRig


def _over_nats(folder: Path) -> Rig:
    return MqttLockRig(folder, LocalBroker(folder / "nats"))


def _over_mosquitto(folder: Path) -> Rig:
    return MqttLockRig(folder, Mosquitto(folder / "mosquitto"))


KINDS: dict[str, Callable[[Path], Rig]] = {
    "simulated": SimulatedRig,
    "gpio": GpioRig,
    "mqtt_lock-nats": _over_nats,
    "mqtt_lock-mosquitto": _over_mosquitto,
}


def kind(name: str) -> object:
    """One parameter; Mosquitto's rig needs Mosquitto."""
    marks = [pytest.mark.needs("mosquitto")] if name.endswith("mosquitto") else []
    return pytest.param(name, marks=marks)


@pytest.fixture(scope="module")
def short_folder() -> Iterator[Path]:
    """A folder whose sockets stay below 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="pv-") as folder:
        yield Path(folder)


@pytest.fixture(scope="module", params=[kind(name) for name in KINDS])
def any_rig(request: pytest.FixtureRequest, short_folder: Path) -> Iterator[Rig]:
    """The other end, alive for the module."""
    folder = short_folder / request.param
    folder.mkdir()
    rig = KINDS[request.param](folder)
    yield rig
    rig.close()


@pytest.fixture
def rig(any_rig: Rig) -> Iterator[Rig]:
    """A door in its frame, locked, without a driver."""
    yield any_rig
    any_rig.finish()


@pytest.fixture(scope="module", params=sorted(CONTROLLER_KINDS))
def any_controller(request: pytest.FixtureRequest, short_folder: Path) -> Iterator[ControllerRig]:
    """The other end of a controller, alive for the module."""
    folder = tempfile.mkdtemp(prefix="c-", dir=short_folder)
    rig = CONTROLLER_KINDS[request.param](Path(folder))
    yield rig
    rig.close()


@pytest.fixture
def controller(any_controller: ControllerRig) -> Iterator[ControllerRig]:
    """A controller that holds nothing, without a driver."""
    yield any_controller
    any_controller.finish()
