"""Every registered controller with its other end, and the faults that it knows."""

from tests.contract.controller_rigs import ControllerRig, SimulatedControllerRig
from tests.contract.direct_rigs import AxemaDirectRig, ParakeyDirectRig
from tests.contract.gateway_rigs import AxemaMqttRig, ParakeyMqttRig
from tests.contract.rco_rigs import RcoHttpRig, RcoMqttRig, RcoSerialRig

CONTROLLER_KINDS: dict[str, type[ControllerRig]] = {
    "simulated": SimulatedControllerRig,
    "rco-serial": RcoSerialRig,
    "rco-mqtt": RcoMqttRig,
    "rco-http": RcoHttpRig,
    "axema-https": AxemaDirectRig,
    "parakey-https": ParakeyDirectRig,
    "axema-mqtt": AxemaMqttRig,
    "parakey-mqtt": ParakeyMqttRig,
}
