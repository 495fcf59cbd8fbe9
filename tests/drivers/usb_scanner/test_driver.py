"""A scanner that plays a keyboard, behind a stand-in for the kernel's device (DR-09, DR-10).

The real device needs /dev/uinput; the test marked `hardware` makes one there and reads it through evdev.
"""

import errno
import os
import struct
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from appliance.foundation.clock import SystemClock
from drivers.contract import Site
from drivers.reader_contract import Entry, EntryKind, Feedback, ReaderSettings
from drivers.registry import ConfiguredReader, build_reader, check_readers
from drivers.usb_scanner.driver import UsbScanner
from tests.drivers.readers.typing import L_ALT, PASS, Press, chord, typed
from tests.waiting import until

PATH = "/dev/input/by-id/usb-Honest_Scanner-event-kbd"
EVENT = struct.Struct("HHi")


class Event(NamedTuple):
    type: int
    code: int
    value: int


class PipeDevice:
    """A device whose events come through a pipe."""

    def __init__(self) -> None:
        self.fd, self._far = os.pipe()
        self.grabbed, self.closed = False, False

    def grab(self) -> None:
        self.grabbed = True

    def read(self) -> Iterator[Event]:
        data = os.read(self.fd, EVENT.size * 500)
        if not data:
            raise OSError(errno.ENODEV, "No such device")
        yield from (Event(*fields) for fields in EVENT.iter_unpack(data))

    def close(self) -> None:
        self.closed = True
        os.close(self.fd)

    def press(self, presses: list[Press]) -> None:
        os.write(self._far, b"".join(EVENT.pack(1, code, value) + EVENT.pack(0, 0, 0) for code, value in presses))

    def pull(self) -> None:
        os.close(self._far)


def scanner(device: object = PATH, **more: object) -> ConfiguredReader:
    return ConfiguredReader("usb_scanner", ReaderSettings("id", "scanner", {"device": device, **more}))


def test_a_code_is_read_from_a_device_that_is_ours_alone() -> None:
    """DR-09: grabbed before anything is read; a hostile code does nothing; pulled out and back."""
    devices = [PipeDevice(), PipeDevice()]
    waiting, entries = list(devices), list[Entry]()

    def opened(path: str) -> PipeDevice:
        assert path == PATH
        if not waiting:
            raise FileNotFoundError(path)
        return waiting.pop(0)

    driver = UsbScanner(scanner().settings, SystemClock(), opened)
    driver.start(entries.append)
    assert until(lambda: driver.health().online)
    assert devices[0].grabbed
    devices[0].press(chord(L_ALT, "F") + typed("ABCDEFGH") + typed(PASS))
    driver.show(Feedback.GRANTED)
    assert until(lambda: entries == [Entry("id", EntryKind.QR, PASS)])
    devices[0].pull()
    assert until(lambda: devices[1].grabbed)
    assert "check its cable" in driver.health().last_fault
    assert devices[0].closed
    driver.stop()
    assert devices[1].closed
    devices[1].pull()


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (FileNotFoundError(), "check that the scanner is plugged in"),
        (PermissionError(), "group input"),
        (ImportError(), "evdev is not installed"),
    ],
)
def test_health_says_what_to_do(fault: Exception, sentence: str) -> None:
    """DR-10: a scanner that is away, one that is not ours to open, and a part that is missing."""

    def opened(_path: str) -> PipeDevice:
        raise fault

    driver = UsbScanner(scanner().settings, SystemClock(), opened)
    driver.start(lambda _entry: None)
    assert until(lambda: sentence in driver.health().fault)
    driver.stop()


def test_a_scanner_that_another_program_has_is_said() -> None:
    """DR-09: not ours alone is not ours at all."""

    class TakenDevice(PipeDevice):
        def grab(self) -> None:
            raise OSError(errno.EBUSY, "Device or resource busy")

    device = TakenDevice()
    driver = UsbScanner(scanner().settings, SystemClock(), lambda _path: device)
    driver.start(lambda _entry: None)
    assert until(lambda: "belongs to another program" in driver.health().fault)
    driver.stop()
    device.pull()


def test_only_input_devices_may_be_named_and_each_once() -> None:
    """DR-01: told before anything is opened."""
    for wrong in ("/dev/sda", "/dev/input/../sda", 17, None):
        assert [error.field for error in check_readers([scanner(wrong)], Site())] == ["readers.scanner.settings.device"]
    assert [error.code for error in check_readers([scanner(colour=1)], Site())] == ["unknown"]
    other = ConfiguredReader("usb_scanner", ReaderSettings("b", "b", {"device": PATH}))
    assert [error.code for error in check_readers([scanner(), other], Site())] == ["taken"]


@pytest.mark.hardware
@pytest.mark.skipif(
    not Path("/dev/uinput").exists() or find_spec("evdev") is None, reason="needs /dev/uinput and evdev"
)
def test_a_virtual_keyboard_is_grabbed_and_read() -> None:
    """DR-09: the kernel's own device; nobody else hears the keys."""
    import evdev

    virtual: Any = evdev.UInput()
    entries: list[Entry] = []
    driver = build_reader(scanner(virtual.device.path), Site(), SystemClock())
    driver.start(entries.append)
    assert until(lambda: driver.health().online), driver.health()
    for code, value in typed(PASS):
        virtual.write(1, code, value)
    virtual.syn()
    assert until(lambda: [entry.value for entry in entries] == [PASS])
    driver.stop()
    virtual.close()
