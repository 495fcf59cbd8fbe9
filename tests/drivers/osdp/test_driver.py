"""Several readers on one bus, and noise on it (DR-07, DR-13)."""

import os
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from appliance.foundation.cards import CardBits
from appliance.foundation.clock import SystemClock
from drivers.contract import DriverRefused, Site
from drivers.emulators.line_server import LineServer
from drivers.emulators.osdp_device import OsdpDevice
from drivers.emulators.pty_end import PtyEnd
from drivers.osdp.meaning import card_of, key_of, keys_of
from drivers.reader_contract import Entry, EntryKind, Feedback, Reader, ReaderSettings
from drivers.registry import ConfiguredReader, build_reader
from tests.waiting import stays, until

pytestmark = pytest.mark.slow


def key(address: int) -> bytes:
    return bytes([address]) * 16


class Wire:
    """Some readers on one pty."""

    def __init__(self, port: Path, addresses: tuple[int, ...]) -> None:
        self.shown: list[tuple[int, str]] = []
        self.devices = {at: OsdpDevice(at, key(at), self._teller(at), os.urandom) for at in addresses}
        self.server = LineServer()
        self.cable = PtyEnd(port, self.server, self._heard)
        self.cable.plug()
        self._thread = threading.Thread(target=self.server.run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.server.stop()
        self._thread.join(5)
        self.cable.unplug()

    def _teller(self, address: int) -> Callable[[str, bytes], None]:
        return lambda what, _data: self.shown.append((address, what))

    def _heard(self, data: bytes) -> None:
        for device in self.devices.values():
            for reply in device.heard(data):
                self.cable.send(reply)


@contextmanager
def bus(folder: Path, *addresses: int) -> Iterator[tuple[Wire, dict[int, Reader], list[Entry]]]:
    wire, site, entries = Wire(folder / "port", addresses), Site(), list[Entry]()
    drivers = {at: built(folder, site, at) for at in addresses}
    for driver in drivers.values():
        driver.start(entries.append)
    try:
        assert until(lambda: all(driver.health().online for driver in drivers.values()))
        yield wire, drivers, entries
    finally:
        for driver in drivers.values():
            driver.stop()
        wire.close()


def built(folder: Path, site: Site, address: int, baud: int = 9600) -> Reader:
    settings = {"port": str(folder / "port"), "address": address, "key_file": f"{address}.key", "baud": baud}
    reader = ReaderSettings(f"reader-{address}", f"r{address}", settings, {"key_file": key(address).hex()})
    return build_reader(ConfiguredReader("osdp", reader), site, SystemClock())


def test_readers_share_a_bus_and_each_is_itself(tmp_path: Path) -> None:
    """DR-07: own keys, own entries, own lamps; one that goes leaves the others in peace."""
    with bus(tmp_path, 1, 2, 126) as (wire, drivers, entries):
        for address in drivers:
            wire.devices[address].typed("*" + f"{address:06}" + "#")
        assert until(lambda: len(entries) == 3)
        assert {(one.reader_id, one.value) for one in entries} == {
            ("reader-1", "000001"), ("reader-2", "000002"), ("reader-126", "000126"),
        }  # fmt: skip
        drivers[2].show(Feedback.GRANTED)
        assert until(lambda: wire.shown == [(2, "lamp"), (2, "buzzer")])
        drivers[1].stop()
        assert until(lambda: drivers[2].health().online and drivers[126].health().online)
        wire.devices[2].card(26, 5)
        assert until(lambda: entries[-1] == Entry("reader-2", EntryKind.CARD, "26:5"))


def test_a_reader_that_is_dead_does_not_hold_up_the_others(tmp_path: Path) -> None:
    """DR-10: asked again and again beside those that work."""
    with bus(tmp_path, 1, 2) as (wire, drivers, entries):
        wire.devices[1].address = 99
        assert until(lambda: "does not answer" in drivers[1].health().fault)
        assert drivers[2].health().online
        wire.devices[2].typed("*271828#")
        assert until(lambda: [one.value for one in entries] == ["271828"], 5)
        wire.devices[1].address = 1
        assert until(lambda: drivers[1].health().online, 20)


def test_readers_on_one_port_have_one_speed(tmp_path: Path) -> None:
    """DR-07: told when a plan is tried, so that the last good one stays."""
    site = Site()
    first = built(tmp_path, site, 1)
    first.start(lambda _entry: None)
    with pytest.raises(DriverRefused, match="same baud"):
        built(tmp_path, site, 2, baud=19200).start(lambda _entry: None)
    first.stop()
    second = built(tmp_path, site, 2, baud=19200)
    second.start(lambda _entry: None)
    second.stop()


def test_noise_on_the_bus_is_no_entry_and_stops_nobody(tmp_path: Path) -> None:
    """DR-13: random bytes, half frames and other readers' frames between all replies."""
    with bus(tmp_path, 1) as (wire, drivers, entries):
        dice = random.Random(12)
        for _ in range(300):
            wire.cable.send(dice.randbytes(dice.randrange(1, 60)))
            wire.cable.send(b"\x53\x81" + dice.randbytes(dice.randrange(1, 60)))
        assert stays(lambda: not entries, 0.5)
        assert until(lambda: drivers[1].health().online, 20)
        wire.devices[1].typed("*271828#")
        assert until(lambda: [one.value for one in entries] == ["271828"])


def test_keys_and_cards_mean_what_the_standard_says() -> None:
    """DR-07, AC-06: left-aligned bits; digits, 0x7F and 0x0D; nonsense is nothing."""
    assert keys_of(b"27\x7f18\r") == "27*18#"
    assert keys_of(b"*#\x00A\xff") == "*#"
    assert keys_of(17) == ""
    assert card_of(26, bytes.fromhex("91a2b380")) == CardBits(26, 0x2468ACE)
    assert card_of(8, b"\x0f") == CardBits(8, 15)
    for length, data in ((26, b"\x00"), (0, b""), (257, bytes(33)), ("26", bytes(4)), (26, "text"), (-1, b"")):
        assert card_of(length, data) is None
    assert key_of("00112233445566778899aabbccddeeff") == bytes.fromhex("00112233445566778899aabbccddeeff")
    for wrong in ("", "0011", "zz" * 16, "00 " * 16, "00" * 17):
        assert key_of(wrong) is None
