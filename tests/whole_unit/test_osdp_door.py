"""A door with an OSDP reader, door process and reader as processes of their own (DR-07, AC-10)."""

import json
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.access.bookings import document, door, uuid
from tests.access.rig import eventually
from tests.contract.programs import Program, told
from tests.whole_unit.door_unit import DoorUnit, door_unit

pytestmark = [pytest.mark.whole_unit, pytest.mark.slow]
KEY = "00112233445566778899aabbccddeeff"
PIN, WRONG = "271828", "999999"
GREEN, RED = {"lamp": "green", "tenths": 30}, {"lamp": "red", "tenths": 20}
LOCKED_OUT = {"lamp": "red", "tenths": 50}


class Entrance:
    """The unit, and the reader beside its door."""

    def __init__(self, unit: DoorUnit, folder: Path) -> None:
        self.unit = unit
        self._control, self._journal = folder / "control", folder / "journal"
        key = folder / "reader.key"
        key.write_text(KEY)
        self.reader = Program(
            "drivers.emulators.osdp_reader",
            ["--pty", folder / "port", "--key", key, "--control", self._control, "--journal", self._journal],
        )
        self.reader.start()
        devices = unit.settings.secrets / "door" / "devices"
        devices.mkdir(parents=True, mode=0o700)
        devices.parent.chmod(0o700)
        (devices / "entrance.key").touch(0o600)
        (devices / "entrance.key").write_text(KEY + "\n")
        settings = {"port": str(folder / "port"), "address": 0, "key_file": "entrance.key"}
        reader = {"id": uuid(200), "slug": "outer", "name": "Outer", "door": uuid(100), "driver": "osdp"}
        plan = {**document(door(0, "entrance")), "readers": [{**reader, "settings": settings}]}
        unit.bookings.put(unit.bookings.pin_key(1, PIN))
        unit.bookings.plan(1, plan)
        self.seconds = unit.start()
        eventually(self.online, "the reader")

    def online(self) -> bool:
        return any(reader.online for one in self.unit.client.doors() for reader in one.readers)

    def type(self, digits: str) -> None:
        assert told(self._control, act="type", keys=f"*{digits}#")["ok"]

    def lamps(self) -> list[dict[str, Any]]:
        """What the lamp showed, in order."""
        lines = self._journal.read_text().splitlines() if self._journal.exists() else []
        found = [json.loads(line) for line in lines]
        return [{name: line[name] for name in ("lamp", "tenths")} for line in found if "lamp" in line]

    def showed(self, lamps: list[dict[str, Any]]) -> bool:
        return self.lamps() == lamps

    def state(self) -> str:
        return self.unit.client.doors()[0].state


@pytest.fixture
def entrance() -> Iterator[Entrance]:
    with tempfile.TemporaryDirectory(prefix="pv-") as name, door_unit() as unit:
        one = Entrance(unit, Path(name))
        yield one
        one.reader.stop()


def test_a_pin_at_the_reader_opens_the_door_and_the_lamp_says_so(entrance: Entrance) -> None:
    """DR-07: green and open, red and shut, and locked out after five; no PIN in any file, and still a small process."""
    entrance.type(PIN)
    eventually(lambda: entrance.lamps() == [GREEN], "the green lamp")
    assert entrance.state() == "released"
    eventually(lambda: entrance.state() == "locked", "the lock")
    for count in range(1, 5):
        entrance.type(WRONG)
        eventually(partial(entrance.showed, [GREEN, *[RED] * count]), "the red lamp")
    assert entrance.state() == "locked"
    entrance.type(WRONG)
    eventually(lambda: len(entrance.lamps()) == 6, "the fifth wrong one")
    entrance.type(PIN)
    eventually(lambda: entrance.lamps()[-1] == LOCKED_OUT, "the lock-out")
    assert entrance.state() == "locked"
    assert entrance.unit.rss_mib() < 60
    data = entrance.unit.settings.data
    for file in (data / "access.db", data / "access.db-wal"):
        assert PIN.encode() not in file.read_bytes()
        assert WRONG.encode() not in file.read_bytes()


def test_a_reader_that_dies_is_said_and_one_that_comes_back_is_served(entrance: Entrance) -> None:
    """DR-10: kill -9 of the reader, and of the door process with the reader alive."""
    entrance.reader.kill()
    eventually(lambda: any("reader outer" in one for one in entrance.unit.client.health().problems), "the trouble")
    assert not entrance.online()
    entrance.reader.start()
    eventually(entrance.online, "the reader")
    entrance.unit.kill()
    entrance.unit.start()
    eventually(entrance.online, "the reader")
    entrance.type(PIN)
    eventually(lambda: GREEN in entrance.lamps(), "the green lamp")
