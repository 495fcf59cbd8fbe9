"""A scanner at a real pty (DR-09, DR-10)."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from appliance.foundation.clock import SystemClock
from drivers.contract import Site
from drivers.reader_contract import Entry, EntryKind, Feedback, Reader, ReaderSettings
from drivers.registry import ConfiguredReader, build_reader, check_readers
from tests.ptys import plugged
from tests.waiting import until

PASS = "PV1" + "AB234567" * 19


def scanner(port: object = "/dev/none", **settings: object) -> ConfiguredReader:
    return ConfiguredReader("serial_scanner", ReaderSettings("id", "scanner", {"port": port, **settings}))


@contextmanager
def reading(path: Path) -> Iterator[tuple[Reader, list[Entry]]]:
    entries: list[Entry] = []
    driver = build_reader(scanner(str(path)), Site(), SystemClock())
    driver.start(entries.append)
    try:
        yield driver, entries
    finally:
        driver.stop()


def test_a_code_is_read_and_what_came_before_we_listened_is_not(tmp_path: Path) -> None:
    """DR-09: whoever showed the old one has gone."""
    link = tmp_path / "scanner"
    master = plugged(link)
    slave = os.open(link, os.O_RDWR | os.O_NOCTTY)
    os.write(master, b"STALECODE\r")
    with reading(link) as (driver, entries):
        assert until(lambda: driver.health().online)
        os.write(master, b"https://example.org\r\n" + PASS.encode() + b"\r\n")
        assert until(lambda: len(entries) == 1)
        driver.show(Feedback.GRANTED)
    assert entries == [Entry("id", EntryKind.QR, PASS)]
    os.close(slave)
    os.close(master)


def test_a_scanner_that_is_pulled_out_is_a_fault_and_comes_back_by_itself(tmp_path: Path) -> None:
    """DR-10: health says what to do, and nobody has to do anything but plug it in again."""
    link = tmp_path / "scanner"
    with reading(link) as (driver, entries):
        assert until(lambda: "is not there" in driver.health().fault)
        master = plugged(link)
        assert until(lambda: driver.health().online)
        os.close(master)
        assert until(lambda: not driver.health().online)
        assert "cable" in driver.health().last_fault or "not there" in driver.health().last_fault
        link.unlink()
        master = plugged(link)
        assert until(lambda: driver.health().online)
        os.write(master, PASS.encode() + b"\r")
        assert until(lambda: len(entries) == 1)
        os.close(master)


def test_every_mistake_at_once_and_no_port_for_two() -> None:
    """DR-01: told before anything is opened."""
    found = check_readers([scanner("ttyACM0", baud=1234, speed=1), scanner(17)], Site())
    assert [(error.field, error.code) for error in found] == [
        ("readers.scanner.settings.port", "malformed"),
        ("readers.scanner.settings.baud", "out_of_range"),
        ("readers.scanner.settings.speed", "unknown"),
        ("readers.scanner.settings.port", "malformed"),
    ]
    two = [
        scanner("/dev/ttyACM0"),
        ConfiguredReader("serial_scanner", ReaderSettings("b", "b", {"port": "/dev/ttyACM0"})),
    ]
    assert [(error.field, error.code) for error in check_readers(two, Site())] == [("readers.b.settings", "taken")]
