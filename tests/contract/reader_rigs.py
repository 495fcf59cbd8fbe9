"""A reader driver with its other end: what the contract suite needs to know of each kind of reader."""

import json
import logging
from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

from appliance.access.device_secrets import DeviceSecrets
from appliance.foundation.clock import SystemClock
from drivers import registry
from drivers.contract import Pins, Site
from drivers.reader_contract import Entry, EntryKind, Feedback, Reader, ReaderSettings
from drivers.registry import ConfiguredReader
from tests.contract.programs import Program, told
from tests.waiting import until

READER_ID = "0198c0de-0000-7000-8000-000000000002"
KEY = "00112233445566778899aabbccddeeff"
logging.getLogger("drivers").setLevel(logging.DEBUG)


class ReaderRig(ABC):
    """One reader. The other end lives as long as the rig; drivers come and go."""

    driver_name: ClassVar[str]
    kind: ClassVar[EntryKind]
    sample: ClassVar[str]
    """What is presented, and what the driver hands over for it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = folder / "port"
        self.control = folder / "control"
        self.site = Site()
        self.entries: list[Entry] = []
        self.driver: Reader | None = None
        self.other_end = self.make_other_end()
        self.other_end.start()

    @abstractmethod
    def make_other_end(self) -> Program: ...

    @abstractmethod
    def settings(self) -> dict[str, object]: ...

    @abstractmethod
    def present(self) -> None:
        """Type or hold up the sample."""

    def act(self, act: str, **more: object) -> dict[str, object]:
        """What a hand does at the device."""
        answer = told(self.control, act=act, **more)
        assert answer["ok"], answer
        return answer

    def configured(self, **changes: object) -> ConfiguredReader:
        settings = {**self.settings(), **changes}
        secrets = DeviceSecrets(self.folder / "devices")
        found, errors = secrets.read(settings, registry.READERS.load(self.driver_name).secrets)
        assert errors == []
        reader = ReaderSettings(READER_ID, "outer", settings, found, secrets.keeper(settings))
        return ConfiguredReader(self.driver_name, reader)

    def started(self, **changes: object) -> Reader:
        """A driver that has been started; perhaps not online yet."""
        configured = self.configured(**changes)
        assert registry.check_readers([configured], self.site) == []
        self.entries = []
        self.driver = registry.build_reader(configured, self.site, SystemClock())
        self.driver.start(self.entries.append)
        return self.driver

    def online(self, **changes: object) -> Reader:
        driver = self.started(**changes)
        assert until(lambda: driver.health().online), driver.health()
        return driver

    def read(self, count: int = 1, seconds: float = 10.0) -> bool:
        """Whether so many entries came, and all of them are the sample."""
        whole = Entry(READER_ID, self.kind, self.sample)
        return until(lambda: len(self.entries) >= count, seconds) and self.entries == [whole] * count

    def stop_driver(self) -> None:
        if self.driver is not None:
            self.driver.stop()
            self.driver = None

    def close(self) -> None:
        self.stop_driver()
        self.other_end.stop()


class SerialScannerRig(ReaderRig):
    """`serial_scanner` and the emulated one."""

    driver_name = "serial_scanner"
    kind = EntryKind.QR
    sample = "PV1" + "AB234567" * 19

    def make_other_end(self) -> Program:
        return Program("drivers.emulators.scanner", ["--pty", self.port, "--control", self.control])

    def settings(self) -> dict[str, object]:
        return {"port": str(self.port)}

    def present(self) -> None:
        self.act("scan", text=self.sample)


class OsdpRig(ReaderRig):
    """`osdp` and the emulated one."""

    driver_name = "osdp"
    kind = EntryKind.PIN
    sample = "271828"
    address = 5

    def __init__(self, folder: Path, *, key: str | None = KEY, unit_key: str | None = KEY, plain: bool = False) -> None:
        self.key_file = folder / "reader.key"
        self.journal = folder / "journal"
        self._plain = plain
        if key is not None:
            self.key_file.write_text(key)
        if unit_key is not None:
            self.put_key(folder, unit_key)
        super().__init__(folder)

    def put_key(self, folder: Path, key: str) -> None:
        path = folder / "devices" / "outer.key"
        path.parent.mkdir(exist_ok=True)
        path.write_text(key + "\n")
        path.chmod(0o600)

    def make_other_end(self) -> Program:
        options: list[object] = ["--pty", self.port, "--address", self.address, "--key", self.key_file]
        options += ["--control", self.control, "--journal", self.journal]
        return Program("drivers.emulators.osdp_reader", options + ["--plain"] * self._plain)

    def settings(self) -> dict[str, object]:
        return {"port": str(self.port), "address": self.address, "key_file": "outer.key"}

    def present(self) -> None:
        # The star ends what may be the rest of an entry, right after the channel came up.
        self.act("type", keys=f"*{self.sample}#")

    def shown(self) -> list[dict[str, object]]:
        """What lamp and buzzer did, without when."""
        lines = self.journal.read_text().splitlines() if self.journal.exists() else []
        return [{name: value for name, value in json.loads(line).items() if name != "at_us"} for line in lines]


class WiegandRig(ReaderRig):
    """`wiegand` and the emulated one, on the pins of an emulated board. Its cable carries its cover switch."""

    driver_name = "wiegand"
    kind = EntryKind.PIN
    sample = "271828"
    pins: ClassVar = {"d0": 5, "d1": 6, "green": 13, "red": 19, "buzzer": 26, "tamper": 12}

    def __init__(self, folder: Path) -> None:
        self.edges = folder / "edges"
        super().__init__(folder)
        self.site = Site(pins=Pins.WIRE, pins_socket=self.port)

    def make_other_end(self) -> Program:
        wiring = "outer:" + ",".join(f"{name}={pin}" for name, pin in self.pins.items())
        arguments: list[object] = ["--socket", self.port, "--edges", self.edges, "--control", self.control]
        return Program("drivers.emulators.gpio_wire", [*arguments, "--reader", wiring])

    def act(self, act: str, **more: object) -> dict[str, object]:
        return super().act(act, reader="outer", **more)

    def settings(self) -> dict[str, object]:
        return {f"{name}_pin": pin for name, pin in self.pins.items()}

    def present(self) -> None:
        # The hash ends what may be the rest of an entry, right after the board came up.
        self.act("type", keys=f"#{self.sample}#")

    def lit(self) -> set[str]:
        """Which lamps are lit, and whether the buzzer sounds, as the reader sees it."""
        readers = told(self.control, act="look")["readers"]
        assert isinstance(readers, dict)
        return {name for name, is_lit in readers["outer"].items() if is_lit}


RIGS: dict[str, type[ReaderRig]] = {rig.driver_name: rig for rig in (SerialScannerRig, OsdpRig, WiegandRig)}
SHOWN = {
    Feedback.GRANTED: ("green", 1),
    Feedback.DENIED: ("red", 3),
    Feedback.LOCKED_OUT: ("red", 1),
    Feedback.FAULT: ("amber", 2),
}
