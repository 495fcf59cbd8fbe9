"""`wiegand` over the pins of an emulated board, with a hand that holds up cards and types keys (DR-08, AC-06)."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers import registry
from drivers.contract import DoorSettings, Fail, Pins, Site
from drivers.reader_contract import Entry, EntryKind, Feedback, ReaderSettings
from drivers.registry import ConfiguredDoor, ConfiguredReader
from drivers.wiegand.listening import NOISE_FRAMES
from tests.contract.reader_rigs import READER_ID, WiegandRig
from tests.waiting import stays, until
from tests.witness import read_edges

pytestmark = pytest.mark.slow


@pytest.fixture
def rig() -> Iterator[WiegandRig]:
    with tempfile.TemporaryDirectory(prefix="pv-") as name:
        one = WiegandRig(Path(name))
        yield one
        one.close()


def with_parity(length: int, data: int) -> str:
    """A card with its parity bits, by the published masks."""
    inner, half = f"{data:0{length - 2}b}", {26: 12, 34: 16, 37: 18}[length]
    even, odd = inner[:half].count("1") % 2, 1 - inner[-half:].count("1") % 2
    return f"{length}:{int(f'{even}{inner}{odd}', 2):X}"


@pytest.mark.parametrize("length", [26, 34, 37])
def test_a_card_is_read_and_one_with_a_wrong_parity_bit_is_not(rig: WiegandRig, length: int) -> None:
    """AC-06: each format, its whole bits as they came."""
    rig.online()
    card = with_parity(length, 0x3ABCDE)
    first, last = (f"{length}:{int(card.partition(':')[2], 16) ^ bit:X}" for bit in (1 << length - 1, 1))
    for shown in (first, last, card):
        rig.act("hold", card=shown)
    assert until(lambda: len(rig.entries) > 0)
    assert rig.entries == [Entry(READER_ID, EntryKind.CARD, card)]


@pytest.mark.parametrize("bits", [4, 8])
def test_keys_come_alone_by_four_bits_or_by_eight(rig: WiegandRig, bits: int) -> None:
    """DR-08"""
    rig.online()
    rig.act("type", keys="#271828#314159#", bits=bits)
    assert until(lambda: [one.value for one in rig.entries] == ["271828", "314159"])


def test_a_reader_that_gathers_a_pin_sends_it_as_one_frame(rig: WiegandRig) -> None:
    """DR-08: told by a setting alone."""
    rig.online(buffered=True)
    rig.act("type", keys="#")
    rig.act("pulse", bits=f"{0x271828:024b}")
    assert until(lambda: [(one.kind, one.value) for one in rig.entries] == [(EntryKind.PIN, "271828")])


@pytest.mark.parametrize(
    ("feedback", "lamps"),
    [
        (Feedback.GRANTED, {"green"}), (Feedback.DENIED, {"red"}), (Feedback.LOCKED_OUT, {"red"}),
        (Feedback.FAULT, {"green", "red"}),
    ],
)  # fmt: skip
def test_the_verdict_is_seen_and_heard_at_the_reader(rig: WiegandRig, feedback: Feedback, lamps: set[str]) -> None:
    """DR-08: by its lamp and buzzer wires, which are dark again when the driver stops amid it."""
    driver = rig.online()
    assert rig.lit() == set()
    driver.show(feedback)
    assert until(lambda: rig.lit() == {*lamps, "buzzer"})
    driver.stop()
    assert until(lambda: rig.lit() == set())
    assert {edge.level for edge in read_edges(rig.edges, rig.pins["buzzer"])} == {0, 1}


def test_a_lamp_goes_out_by_itself(rig: WiegandRig) -> None:
    """DR-08: and a newer verdict takes the place of an older one."""
    driver = rig.online()
    driver.show(Feedback.LOCKED_OUT)
    assert until(lambda: "red" in rig.lit())
    driver.show(Feedback.GRANTED)
    assert until(lambda: "green" in rig.lit())
    assert until(lambda: rig.lit() == set())


def test_nothing_is_read_while_the_cover_is_off(rig: WiegandRig) -> None:
    """DR-08: whoever opened the reader, or cut its cable, is at its wires."""
    driver = rig.online()
    rig.act("tamper")
    assert until(lambda: "cover" in driver.health().fault)
    rig.present()
    assert stays(lambda: rig.entries == [], 0.5)
    rig.act("tamper_over")
    assert until(lambda: driver.health().online)
    assert "cover" in driver.health().last_fault
    rig.present()
    assert rig.read()


def test_noise_on_the_wires_is_said_and_nothing_is_believed_meanwhile(rig: WiegandRig) -> None:
    """DR-13: it is over by itself once they are quiet (tests/drivers/wiegand)."""
    driver = rig.online()
    for _ in range(NOISE_FRAMES):
        rig.act("pulse", bits="0" * 26)
    assert until(lambda: "shield" in driver.health().fault)
    rig.act("hold", card=with_parity(26, 5))
    assert stays(lambda: rig.entries == [], 0.5)
    assert not driver.health().online


def test_every_mistake_at_once_and_no_pin_for_two() -> None:
    """DR-08, DR-01: a reader's own, those of two readers, and those of a reader and a door."""
    site = Site(pins=Pins.WIRE, pins_socket=Path("/run/wire"))

    def reader(slug: str, **settings: object) -> ConfiguredReader:
        return ConfiguredReader("wiegand", ReaderSettings(slug, slug, settings))

    wrong = reader("a", d0_pin=99, green_pin="13", buffered=1, colour="red")
    assert [(error.field, error.code) for error in registry.check_readers([wrong], Site(pins=Pins.WIRE))] == [
        ("readers.a.settings.d0_pin", "out_of_range"),
        ("readers.a.settings.d1_pin", "missing"),
        ("readers.a.settings.green_pin", "out_of_range"),
        ("readers.a.settings.buffered", "malformed"),
        ("readers.a.settings.colour", "unknown"),
        ("readers.a.driver", "no_socket"),
    ]
    assert [error.field for error in registry.check_readers([reader("a", d0_pin=5, d1_pin=5)], site)] == [
        "readers.a.settings.d1_pin"
    ]
    two = [reader("a", d0_pin=5, d1_pin=6), reader("b", d0_pin=7, d1_pin=8, buzzer_pin=6)]
    assert [(error.field, error.code) for error in registry.check_readers(two, site)] == [
        ("readers.b.settings", "taken")
    ]
    checking = registry.Checking(site)
    door = DoorSettings("d", "court-1", "hall", Fail.SECURE, {"strike_pin": 6})
    registry.check([ConfiguredDoor("gpio", door)], site, (), checking)
    checking.look_at(registry.READERS, "readers", "a", "wiegand", two[0].settings)
    assert [error.message for error in checking.errors] == ["pin 6 already belongs to court-1"]
