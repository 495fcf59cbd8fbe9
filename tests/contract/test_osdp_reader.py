"""An OSDP reader under way: secret on the wire, keyed once, honest about wrong keys, unharmed by faults (DR-07)."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import osdp_sys
import pytest

from drivers import registry
from drivers.reader_contract import Entry, EntryKind, Feedback
from drivers.transports.serial_port import SerialPort
from tests.contract.reader_rigs import KEY, READER_ID, SHOWN, OsdpRig
from tests.ptys import Tap
from tests.waiting import stays, until

pytestmark = pytest.mark.slow
OTHER = "ffeeddccbbaa99887766554433221100"
CARD = "26:2468ACE"
CARD_ON_WIRE = bytes.fromhex("91a2b380")
KEYS_ON_WIRE = [bytes([0x53, 0, 1, ord(digit)]) for digit in "271828"]
Make = Callable[..., OsdpRig]


@pytest.fixture
def make() -> Iterator[Make]:
    with tempfile.TemporaryDirectory(prefix="pv-") as name:
        made: list[OsdpRig] = []

        def one(*, key: str | None = KEY, unit_key: str | None = KEY, plain: bool = False) -> OsdpRig:
            made.append(OsdpRig(Path(name), key=key, unit_key=unit_key, plain=plain))
            return made[-1]

        yield one
        for rig in made:
            rig.close()


def test_a_card_is_handed_over_bit_by_bit(make: Make) -> None:
    """AC-06: all bits, parity included."""
    rig = make()
    rig.online()
    rig.act("card", card=CARD)
    assert until(lambda: rig.entries == [Entry(READER_ID, EntryKind.CARD, CARD)])
    rig.act("card", card="37:1FFFFFFFFF")
    assert until(lambda: rig.entries[-1].value == "37:1FFFFFFFFF")


@pytest.mark.parametrize("feedback", sorted(SHOWN))
def test_each_verdict_is_shown_by_lamp_and_buzzer(make: Make, feedback: Feedback) -> None:
    """DR-07: seen at the reader, not at the driver."""
    rig = make()
    driver = rig.online()
    driver.show(Feedback.KEY)
    driver.show(feedback)
    assert until(lambda: len(rig.shown()) == 2)
    colour, times = SHOWN[feedback]
    assert (rig.shown()[0]["lamp"], rig.shown()[1]["buzzer"]) == (colour, times)
    seen = rig.act("look")
    assert (seen["lamp"], seen["sounds"]) == (colour, True)


def test_nothing_typed_or_held_up_lies_open_on_the_wire(make: Make) -> None:
    """DR-07: a witness on the wire sees neither a key nor a card."""
    rig = make()
    tap = Tap(rig.folder / "tapped", rig.port)
    rig.online(port=str(rig.folder / "tapped"))
    rig.present()
    rig.act("card", card=CARD)
    assert until(lambda: len(rig.entries) == 2)
    rig.stop_driver()
    tap.close()
    assert len(tap.bytes) > 500
    assert CARD_ON_WIRE not in tap.bytes
    assert not any(key in tap.bytes for key in KEYS_ON_WIRE)
    assert bytes.fromhex(KEY) not in tap.bytes


def test_the_witness_sees_them_where_there_is_no_secure_channel(make: Make) -> None:
    """DR-07, control: the same reader and wire, and a panel that does not insist."""
    rig = make(key=None, plain=True)
    tap = Tap(rig.folder / "tapped", rig.port)
    port = SerialPort(str(rig.folder / "tapped"), 9600, 0)
    panel = lax_panel(port, rig.address)
    events: list[Mapping[str, object]] = []

    def happened(_at: int, event: Mapping[str, object]) -> int:
        events.append(event)
        return 0

    panel.set_event_callback(happened)

    def came(count: int) -> bool:
        panel.refresh()
        return len(events) >= count or (count == 0 and panel.status() == 1)

    assert until(lambda: came(0))
    rig.present()
    rig.act("card", card=CARD)
    assert until(lambda: came(9))
    port.close()
    tap.close()
    assert CARD_ON_WIRE in tap.bytes
    assert all(key in tap.bytes for key in KEYS_ON_WIRE)


def lax_panel(port: SerialPort, address: int) -> osdp_sys.ControlPanel:
    class Channel:
        id = 1

        def read(self, limit: int) -> bytes:
            return port.read(limit)

        def write(self, data: bytes) -> int:
            port.write(data)
            return len(data)

        def flush(self) -> None:
            return None

    ours = {"version": 1, "model": 1, "vendor_code": 0, "serial_number": 0, "firmware_version": 0}
    info = {"name": "lax", "address": address, "flags": 0, "scbk": None, "channel": Channel(), **ours}
    return osdp_sys.ControlPanel([info])


def test_a_reader_without_a_secure_channel_is_refused(make: Make) -> None:
    """DR-07: it is said what to do, and nothing that it sends is an entry."""
    rig = make(plain=True)
    driver = rig.started()
    assert until(lambda: "knows no secure channel" in driver.health().fault)
    rig.present()
    assert stays(lambda: not rig.entries and not driver.health().online, 1.0)


def test_a_wrong_key_is_said_with_its_file_and_the_right_one_works_within_seconds(make: Make) -> None:
    """DR-07: not after the 300 s for which libosdp would leave the reader alone."""
    rig = make(key=OTHER)
    driver = rig.started()
    assert until(lambda: "the key in outer.key is not this reader's" in driver.health().fault)
    rig.present()
    assert stays(lambda: not rig.entries and not driver.health().online, 1.0)
    assert KEY not in driver.health().fault
    rig.act("rekey", key=KEY)
    assert until(lambda: driver.health().online, 15)
    assert driver.health().fault == ""


def test_a_reader_that_fell_back_to_the_default_key_is_a_fault_and_is_not_keyed_anew(make: Make) -> None:
    """DR-07: reset or exchanged, it opens nothing before a person has looked."""
    rig = make()
    driver = rig.online()
    rig.act("reset")
    assert until(lambda: "default key that everybody knows" in driver.health().fault, 15)
    rig.present()
    assert stays(lambda: not rig.entries and not driver.health().online, 6.0)
    assert rig.act("look")["has_key"] is False


def test_a_new_reader_is_installed_once_with_a_key_that_is_kept(make: Make) -> None:
    """DR-07: 128 random bits, in a file of its owner alone, and then the reader takes nothing else."""
    rig = make(key=None, unit_key=None)
    driver = rig.online(install=True)
    kept = rig.folder / "devices" / "outer.key"
    assert until(lambda: "take install out of its settings" in driver.health().fault)
    key = kept.read_text().strip()
    assert len(bytes.fromhex(key)) == 16
    assert kept.stat().st_mode & 0o777 == 0o600
    assert key == rig.key_file.read_text().strip()
    assert not kept.with_name("outer.key.new").exists()
    rig.present()
    assert rig.read()
    rig.stop_driver()
    driver = rig.online()
    assert until(lambda: driver.health().fault == "")
    rig.stop_driver()
    rig.act("reset")
    # Installed already: the setting alone gives no key away again.
    driver = rig.started(install=True)
    assert until(lambda: "default key" in driver.health().fault)
    assert stays(lambda: not driver.health().online, 6.0)
    assert kept.read_text().strip() == key


@pytest.mark.parametrize("reader_has_it", [False, True])
def test_an_installation_that_was_cut_off_is_taken_up_with_the_same_key(make: Make, reader_has_it: bool) -> None:
    """DR-07: whether or not the reader had heard of the key, it is the one in the file."""
    rig = make(key=OTHER if reader_has_it else None, unit_key=OTHER)
    devices = rig.folder / "devices"
    (devices / "outer.key").rename(devices / "outer.key.new")
    driver = rig.online(install=True)
    assert until(lambda: "take install out" in driver.health().fault)
    assert (devices / "outer.key").read_text().strip() == OTHER
    assert rig.key_file.read_text().strip() == OTHER


def test_settings_are_checked_and_readers_are_installed_one_at_a_time(make: Make) -> None:
    """DR-07: a missing key, two at one address, two with one key, two installations."""
    rig = make(unit_key=None)

    def codes(*settings: dict[str, object]) -> list[tuple[str, str]]:
        readers = [rig.configured(**one) for one in settings]
        for at, reader in enumerate(readers):
            object.__setattr__(reader.settings, "slug", f"r{at}")
        return [(error.field.partition(".")[2], error.code) for error in registry.check_readers(readers, rig.site)]

    assert codes({}) == [("r0.settings.key_file", "no_file")]
    assert codes({"install": True, "address": 127, "baud": 9601, "port": "COM1", "colour": 1}) == [
        ("r0.settings.port", "malformed"),
        ("r0.settings.baud", "not_an_option"),
        ("r0.settings.address", "out_of_range"),
        ("r0.settings.colour", "unknown"),
    ]
    new = {"install": True, "key_file": "new.key", "address": 6}
    assert codes({"install": True}, new) == [("r1.settings", "taken")]
    rig.put_key(rig.folder, KEY)
    assert codes({}, new) == []
    assert codes({}, {"address": 6}) == [("r1.settings", "taken")]
    rig.put_key(rig.folder, "no key at all")
    assert codes({}) == [("r0.settings.key_file", "malformed")]


@pytest.mark.parametrize("channel", ["command", "reply"])
@pytest.mark.parametrize("kind", ["drop", "bit_flip", "half_frame", "delay", "duplicate"])
def test_no_fault_on_the_wire_loses_doubles_or_garbles_an_entry(make: Make, channel: str, kind: str) -> None:
    """DR-07, DR-13: an entry is what was typed, or nothing; the next one is read."""
    rig = make()
    rig.online()
    for nth in (1, 3, 6):
        rig.act("fault", on=channel, kind=kind, nth=nth, count=1, delay_ms=120)
    rig.present()
    assert stays(lambda: all(entry.value == rig.sample for entry in rig.entries), 1.0)
    before = len(rig.entries)
    assert before <= 1
    driver = rig.driver
    assert driver is not None
    assert until(lambda: driver.health().online, 15)
    rig.present()
    assert until(lambda: len(rig.entries) > before, 15)
    assert {entry.value for entry in rig.entries} == {rig.sample}


def test_a_power_cut_at_the_reader_is_over_in_seconds(make: Make) -> None:
    """DR-10: it comes back with its key and a channel of its own."""
    rig = make()
    driver = rig.online()
    rig.act("type", keys="*2718")
    assert until(lambda: rig.act("look")["secure"] is True)
    rig.act("power_cut")
    assert until(lambda: not driver.health().online)
    assert "is setting up its secure channel" in driver.health().fault or driver.health().online
    assert until(lambda: driver.health().online, 15)
    # The rest of what was begun before is no entry, and the lamp says so.
    rig.act("type", keys="828#")
    assert until(lambda: {"lamp": "red", "tenths": 20} in rig.shown())
    rig.present()
    assert rig.read()
