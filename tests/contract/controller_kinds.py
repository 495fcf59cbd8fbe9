"""Every registered controller with its other end, and the faults that it knows."""

from collections.abc import Callable
from pathlib import Path

from tests.contract.controller_rigs import ControllerRig, SimulatedControllerRig
from tests.contract.rco_rigs import RcoMqttRig, RcoSerialRig

CONTROLLER_KINDS: dict[str, Callable[[Path], ControllerRig]] = {
    "simulated": SimulatedControllerRig,
    "rco-serial": RcoSerialRig,
    "rco-mqtt": RcoMqttRig,
}
FAULTS = {
    "simulated": SimulatedControllerRig.faults,
    "rco-serial": RcoSerialRig.faults,
    "rco-mqtt": RcoMqttRig.faults,
}
