"""A driver with its other end: what the contract suite needs to know of each kind of door.

The bolt is asked of the other end, never of the driver. A driver that is registered has a rig here, or the suite fails.
"""

import itertools
import threading
from abc import ABC, abstractmethod
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from appliance.foundation.clock import Clock, SystemClock
from appliance.foundation.grants import Grant
from drivers.contract import Act, Broker, DoorDriver, DoorSettings, Fact, Fail, Observation, Pins, Site
from drivers.registry import ConfiguredDoor, build
from drivers.simulated.driver import SimulatedDoor
from tests.contract.programs import AnyBroker, Program, told
from tests.waiting import until

DOOR_ID = "0198c0de-0000-7000-8000-000000000001"
SLUG = "court-1"
FACILITY = "hall"
_numbers = itertools.count(1)


class Facts:
    """What a driver observed, in order."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._facts: list[Fact] = []

    def __call__(self, observation: Observation) -> None:
        assert observation.door_id == DOOR_ID
        with self._lock:
            self._facts.append(observation.fact)

    def all(self) -> list[Fact]:
        with self._lock:
            return list(self._facts)

    def clear(self) -> None:
        with self._lock:
            self._facts.clear()

    def saw(self, *facts: Fact, seconds: float = 5.0) -> bool:
        """Whether these facts came, in this order, others in between allowed."""
        return until(lambda: self._has(facts), seconds)

    def _has(self, facts: tuple[Fact, ...]) -> bool:
        came = iter(self.all())
        return all(fact in came for fact in facts)


class Rig(ABC):
    """One door. The other end lives as long as the rig; drivers come and go."""

    driver_name: str
    settings: dict[str, object] = {}  # noqa: RUF012

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock: Clock = SystemClock()
        self.facts = Facts()
        self.driver: DoorDriver | None = None

    def door(self, fail: Fail = Fail.SECURE) -> ConfiguredDoor:
        return ConfiguredDoor(self.driver_name, DoorSettings(DOOR_ID, SLUG, FACILITY, fail, self.settings))

    def fresh_driver(self, fail: Fail = Fail.SECURE) -> DoorDriver:
        """A driver that is not started."""
        self.driver = build(self.door(fail), self.site(), self.clock)
        self.facts = Facts()
        return self.driver

    def started(self, fail: Fail = Fail.SECURE) -> DoorDriver:
        """A driver that has told its first state."""
        driver = self.fresh_driver(fail)
        driver.start(self.facts)
        assert self.facts.saw(Fact.ONLINE, Fact.LOCKED, seconds=15), self.facts.all()
        assert self.facts.saw(Fact.CLOSED), self.facts.all()
        return driver

    def grant(self, release_s: int = 1, life_s: int = 5, presentation_id: str | None = None) -> Grant:
        now = self.clock.now()
        name = presentation_id or f"presentation-{next(_numbers)}"
        return Grant(name, DOOR_ID, SLUG, "key", release_s, now, now + life_s)

    def finish(self) -> None:
        """Stop the driver and put the door back as it was."""
        if self.driver is not None:
            self.driver.stop()
            self.driver = None
        self.mend()
        self.act(Act.CLOSE)
        assert until(lambda: not self.bolt_free()), "the door was left open"

    @abstractmethod
    def site(self) -> Site: ...

    @abstractmethod
    def bolt_free(self) -> bool:
        """As the other end says."""

    @abstractmethod
    def act(self, act: Act) -> bool:
        """A hand at the door; whether the door gave way."""

    @abstractmethod
    def cut(self) -> None:
        """Kill the other end."""

    @abstractmethod
    def mend(self) -> None:
        """Bring the other end back, if it is away."""

    @abstractmethod
    def close(self) -> None:
        """End everything."""


class SimulatedRig(Rig):
    driver_name = "simulated"
    _last: SimulatedDoor | None = None

    def site(self) -> Site:
        return Site()

    def fresh_driver(self, fail: Fail = Fail.SECURE) -> DoorDriver:
        driver = super().fresh_driver(fail)
        assert isinstance(driver, SimulatedDoor)
        self._last = driver
        return driver

    def bolt_free(self) -> bool:
        assert self._last is not None
        return self._last.frame.bolt_free

    def act(self, act: Act) -> bool:
        assert self._last is not None
        if act is Act.OPEN and not self.bolt_free():
            return False
        self._last.hand(act)
        return True

    def cut(self) -> None:
        self.act(Act.UNPLUG)

    def mend(self) -> None:
        self.act(Act.PLUG)

    def close(self) -> None:
        return None


class GpioRig(Rig):
    driver_name = "gpio"
    settings = {"strike_pin": 17, "contact_pin": 27, "rex_pin": 22, "tamper_pin": 23}  # noqa: RUF012

    def __init__(self, folder: Path, fail: Fail = Fail.SECURE) -> None:
        super().__init__(folder)
        self.edges, self.socket, self.control = folder / "edges", folder / "wire", folder / "hand"
        wiring = f"{SLUG}:strike=17,contact=27,rex=22,tamper=23,fail={fail.value}"
        arguments = ["--socket", self.socket, "--edges", self.edges, "--control", self.control, "--door", wiring]
        self.wire = Program("drivers.emulators.gpio_wire", arguments)
        self.wire.start()

    def site(self) -> Site:
        return Site(pins=Pins.WIRE, pins_socket=self.socket)

    def bolt_free(self) -> bool:
        doors = told(self.control, act="look")["doors"]
        assert isinstance(doors, dict)
        return bool(doors[SLUG]["bolt_free"])

    def act(self, act: Act) -> bool:
        return told(self.control, act=act.value)["ok"] is True

    def cut(self) -> None:
        self.wire.kill()

    def mend(self) -> None:
        if not self.wire.alive:
            self.wire.start()

    def close(self) -> None:
        assert self.wire.stop() == 0


class MqttLockRig(Rig):
    driver_name = "mqtt_lock"

    def __init__(self, folder: Path, broker: AnyBroker) -> None:
        super().__init__(folder)
        self.broker = broker
        self.key = Ed25519PrivateKey.generate()
        self.journal, self.control, public = folder / "journal", folder / "hand", folder / "public.pem"
        spki = PublicFormat.SubjectPublicKeyInfo
        public.write_bytes(self.key.public_key().public_bytes(Encoding.PEM, spki))
        address = f"{broker.host}:{broker.port}"
        arguments = ["--broker", address, "--facility", FACILITY, "--door", SLUG, "--public-key", public]
        arguments += ["--journal", str(self.journal), "--control", str(self.control)]
        self.lock = Program("drivers.emulators.mqtt_lock", arguments)
        self._cut = False
        self.broker.start()
        self.lock.start()

    def started(self, fail: Fail = Fail.SECURE) -> DoorDriver:
        """Also past the command with which the driver locks the door it found."""
        known = self._orders()
        driver = super().started(fail)
        assert until(lambda: self._orders() > known)
        return driver

    def _orders(self) -> int:
        return self.journal.read_text().count('"verb": "lock"')

    def site(self) -> Site:
        broker = Broker(self.broker.host, self.broker.port)
        return Site(broker=broker, signing_key=self.key.private_bytes_raw())

    def bolt_free(self) -> bool:
        return told(self.control, act="look")["bolt_free"] is True

    def act(self, act: Act) -> bool:
        return told(self.control, act=act.value)["ok"] is True

    def cut(self) -> None:
        self._cut = True
        self.broker.kill()

    def mend(self) -> None:
        if self._cut:
            self.broker.start()
            self._cut = False

    def close(self) -> None:
        assert self.lock.stop() == 0
        self.broker.stop()
