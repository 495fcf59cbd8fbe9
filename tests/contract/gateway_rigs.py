"""Vendors behind our gateway: the emulator as a process, over a pty and over a real broker (DR-04 to DR-06)."""

import secrets
import threading
from abc import abstractmethod
from dataclasses import replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from appliance.foundation.instants import Instant, Interval
from drivers.contract import Broker, Site
from drivers.controller_contract import ControllerGrant
from drivers.local_broker import LocalBroker
from tests.contract.controller_rigs import FACILITY, SLUG, ControllerRig
from tests.contract.programs import Program, told
from tests.waiting import until

ON_THE_WAY = tuple(
    f"{kind}@{channel}"
    for channel in ("request", "reply")
    for kind in ("drop", "duplicate", "delay", "reorder", "bit_flip", "half_frame")
)


class GatewayRig(ControllerRig):
    """An emulator that keeps what it was told in a file, and a hand at it."""

    module: str
    devices = ("D1", "D2")
    faults = (*ON_THE_WAY, "never_applied@request", "power_cut@request", "clock_skew")

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._timers: list[threading.Timer] = []
        self.control, self.journal = folder / "hand", folder / "journal"
        rest = ["--kept", folder / "kept", "--journal", self.journal, "--control", self.control]
        self.emulator = Program(self.module, [*self.system(), *rest, *self.way()])
        self.emulator.start()

    def driver_settings(self) -> dict[str, object]:
        return {"emulated": True}

    def held_by_device(self) -> set[str]:
        return set(self._held())

    def held_until(self, grant: ControllerGrant) -> Instant:
        return self._held().get(grant.id, [0, 0])[1]

    def copies(self, grant: ControllerGrant) -> int:
        return int(grant.id in self._held())

    def plan_fault(self, fault: str) -> None:
        if fault == "clock_skew":
            told(self.control, act="skew", seconds=-20)
            return
        kind, _, channel = fault.partition("@")
        told(self.control, act="fault", on=channel, kind=kind, nth=1, count=4, delay_ms=700)
        if kind == "power_cut":
            self._later(0, self._power_again)

    def cut(self) -> None:
        self.emulator.kill()

    def finish(self) -> None:
        while self._timers:
            self._timers.pop().join(20)
        super().finish()

    def mend(self) -> None:
        if not self.emulator.alive:
            self.emulator.start()

    def reset(self) -> None:
        told(self.control, act="clear")

    def close(self) -> None:
        assert self.emulator.stop() == 0

    @abstractmethod
    def system(self) -> list[object]:
        """The emulator's options of the vendor's system."""

    @abstractmethod
    def way(self) -> list[object]:
        """The emulator's options of the way to it."""

    def seen(self) -> set[str]:
        """The ids of what is held; raises when nobody can be asked."""
        return set(self._looked())

    def _held(self) -> dict[str, list[int]]:
        try:
            return self._looked()
        except (OSError, ValueError):  # the power is off in this very moment
            return {}

    def _looked(self) -> dict[str, list[int]]:
        held = told(self.control, act="look")["held"]
        assert isinstance(held, dict)
        return held

    def _power_again(self) -> None:
        assert until(lambda: not self.emulator.alive, 20), "the power was not cut"
        self.emulator.kill()
        self.emulator.start()

    def _later(self, seconds: float, act: object) -> None:
        assert callable(act)
        timer = threading.Timer(seconds, act)
        timer.daemon = True
        self._timers.append(timer)
        timer.start()


class OverSerial(GatewayRig):
    """Over a pty in place of an RS-485 adapter."""

    def way(self) -> list[object]:
        self.port, self.key = self.folder / "port", secrets.token_hex(32)
        key_file = self.folder / "link.key"
        key_file.write_text(self.key + "\n")
        return ["--pty", self.port, "--link-key", key_file]

    def driver_settings(self) -> dict[str, object]:
        way = {"transport": "serial", "port": str(self.port), "link_key": "link.key"}
        return {**super().driver_settings(), **way}

    def secrets(self) -> dict[str, str]:
        return {"link_key": self.key}

    def site(self) -> Site:
        return Site()


class OverMqtt(GatewayRig):
    """Over a real broker."""

    def way(self) -> list[object]:
        self.broker, self.signing = LocalBroker(self.folder / "nats"), Ed25519PrivateKey.generate()
        self.broker.start()
        public = self.folder / "public.pem"
        spki = PublicFormat.SubjectPublicKeyInfo
        public.write_bytes(self.signing.public_key().public_bytes(Encoding.PEM, spki))
        where = f"{self.broker.host}:{self.broker.port}"
        return ["--broker", where, "--facility", FACILITY, "--controller", SLUG, "--public-key", public]

    def driver_settings(self) -> dict[str, object]:
        return {**super().driver_settings(), "transport": "mqtt"}

    def site(self) -> Site:
        return Site(Broker(self.broker.host, self.broker.port), signing_key=self.signing.private_bytes_raw())

    def close(self) -> None:
        super().close()
        self.broker.stop()


LIKE_RCO = ("drop@request", "delay@reply", "never_applied@request", "power_cut@request")
"""What goes wrong on the way is the same for every vendor, and tried out whole with RCO."""


class AxemaMqttRig(OverMqtt):
    """Two doors with a resource each, slots of an hour all day long."""

    driver_name = "axema"
    routine = LIKE_RCO
    module = "drivers.emulators.axema"

    def system(self) -> list[object]:
        options: list[object] = ["--system", "S1", "--user", "U1", "--schedule", "P1"]
        for device in self.devices:
            options += ["--door", device, "--resource", f"R-{device}", "--resource-of", f"{device}=R-{device}"]
        return options

    def grant(self, starts_in_s: int = 7200, seconds: int = 3600) -> ControllerGrant:
        """No two of them want the same slots: a resource has room for one."""
        return apart(super().grant(starts_in_s, seconds))


class ParakeyMqttRig(OverMqtt):
    """Two accesses."""

    driver_name = "parakey"
    routine = LIKE_RCO
    module = "drivers.emulators.parakey"

    def system(self) -> list[object]:
        return ["--access", "D1", "--access", "D2"]


def apart(grant: ControllerGrant) -> ControllerGrant:
    """The same grant at a time of its own, on the grid of an hour."""
    shift = int(grant.id[-6:], 16) * 8 * 3600
    return replace(grant, window=Interval(grant.window.start + shift, grant.window.end + shift))
