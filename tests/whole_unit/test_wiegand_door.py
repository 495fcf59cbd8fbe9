"""A door with a Wiegand reader: door process and board are processes of their own (DR-08, AC-06)."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.foundation.cards import parse
from appliance.keys.cards import card_lookup
from appliance.keys.secrets_store import open_web_secrets
from tests.access.bookings import document, door, key, uuid
from tests.access.rig import eventually
from tests.contract.programs import Program, told
from tests.whole_unit.door_unit import DoorUnit, door_unit
from tests.witness import read_edges

pytestmark = [pytest.mark.whole_unit, pytest.mark.slow]
STRIKE = 17
PINS = {"d0": 5, "d1": 6, "green": 13, "red": 19, "tamper": 12}
PIN = "271828"
# H10301, published parity; the second has its last bit flipped.
CARD, SPOILT = "26:2EC0C86", "26:2EC0C87"


class Entrance:
    """The unit, its board, and the reader beside its door."""

    def __init__(self, unit: DoorUnit, folder: Path) -> None:
        self.unit = unit
        self.control, self.edges = folder / "control", folder / "edges"
        self.edges.touch()
        wiring = "outer:" + ",".join(f"{name}={pin}" for name, pin in PINS.items())
        options = ["--socket", folder / "wire", "--edges", self.edges, "--control", self.control]
        options += ["--door", f"entrance:strike={STRIKE}", "--reader", wiring]
        self.board = Program("drivers.emulators.gpio_wire", options)
        self.board.start()
        with unit.config.open("a", encoding="utf-8") as config:
            config.write(f'[gpio]\npins = "wire"\nwire_socket = "{folder / "wire"}"\n')
        reader = {"id": uuid(200), "slug": "outer", "name": "Outer", "door": uuid(100), "driver": "wiegand"}
        settings = {f"{name}_pin": pin for name, pin in PINS.items()}
        steel = door(0, "entrance", driver="gpio", settings={"strike_pin": STRIKE})
        card = parse(CARD)
        assert card is not None
        lookup = card_lookup(open_web_secrets(unit.settings.secrets).lookup_key, card).hex()
        unit.bookings.put(unit.bookings.pin_key(1, PIN), key(2, kind="card", lookup=lookup))
        unit.bookings.plan(1, {**document(steel), "readers": [{**reader, "settings": settings}]})
        unit.start()
        eventually(self.online, "the reader")

    def online(self) -> bool:
        return any(one.online and reader.online for one in self.unit.client.doors() for reader in one.readers)

    def act(self, act: str, **more: object) -> None:
        assert told(self.control, act=act, reader="outer", **more)["ok"]

    def lit(self) -> set[str]:
        readers = told(self.control, act="look")["readers"]
        assert isinstance(readers, dict)
        return {name for name, is_lit in readers["outer"].items() if is_lit}

    def releases(self) -> int:
        """How often the relay was drawn, as the board saw it."""
        return [edge.level for edge in read_edges(self.edges, STRIKE)].count(1)


@pytest.fixture
def entrance() -> Iterator[Entrance]:
    with tempfile.TemporaryDirectory(prefix="pv-") as name, door_unit() as unit:
        one = Entrance(unit, Path(name))
        yield one
        one.board.stop()


def test_a_card_and_a_pin_at_a_wiegand_reader_open_the_door_and_nothing_else_does(entrance: Entrance) -> None:
    """DR-08, AC-06: the relay as the witness; a parity error, another card and another PIN draw nothing."""
    entrance.act("hold", card=SPOILT)
    entrance.act("hold", card=CARD)
    eventually(lambda: entrance.releases() == 1, "the card")
    eventually(lambda: "green" in entrance.lit(), "the green lamp")
    eventually(lambda: entrance.unit.client.doors()[0].state == "locked", "the lock")
    entrance.act("type", keys="#999999#")
    eventually(lambda: "red" in entrance.lit(), "the red lamp")
    assert entrance.releases() == 1
    entrance.act("type", keys=f"{PIN}#", bits=8)
    eventually(lambda: entrance.releases() == 2, "the PIN")
    assert entrance.unit.rss_mib() < 60
    data = entrance.unit.settings.data
    kept = b"".join(path.read_bytes() for path in data.glob("access.db*"))
    assert PIN.encode() not in kept
    assert b"2EC0C86" not in kept
