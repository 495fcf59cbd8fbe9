"""The readers at the demo's entrance: what a person types, holds up and shows there, seen by witnesses (DR-07, DR-09).

Keys go to the emulators' control sockets, as fingers and cards would, and never to the unit.
"""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from appliance.boot.booking_side import open_booking_side
from appliance.door_socket.client import DoorClient
from appliance.foundation.cards import CardBits
from tests.contract.programs import told
from tests.waiting import stays, until
from tests.whole_unit.demo_api import Booked, Json
from tests.whole_unit.demo_unit import ENTRANCE_PIN, Demo, left_of, running_demo
from tests.witness import read_pulses

pytestmark = [pytest.mark.whole_unit, pytest.mark.slow]
KEYPAD, SCANNER = "entrance-keypad", "entrance-scanner"
CARD = CardBits(26, 0x468ACE)


def hand(demo: Demo, reader: str) -> Path:
    return demo.run / f"{reader}-hand.sock"


def edges(demo: Demo) -> int:
    return len(read_pulses(demo.data / "edges.jsonl", ENTRANCE_PIN))


def lamps(demo: Demo) -> list[str]:
    lines = [json.loads(line) for line in (demo.data / f"{KEYPAD}.jsonl").read_text().splitlines()]
    return [line["lamp"] for line in lines if "lamp" in line]


def presented(demo: Demo) -> list[Json]:
    """Every presentation as the door wrote it down, oldest first."""
    return [entry for entry in demo.door_journal() if entry["entity"] == "presentation"]


def opened(demo: Demo, before: int) -> bool:
    return edges(demo) == before + 1


def bound_card(demo: Demo, booking: Booked) -> None:
    """A member's card for whoever made the booking, and the door has heard of it."""
    side = open_booking_side(demo.settings)
    side.cards.bind(CARD, side.cards.customer_of(booking.id) or "", "staff:test")
    side.book.close()
    assert until(demo.door_has_heard, 10)


@pytest.fixture
def booking(demo: Demo) -> Iterator[Booked]:
    yield demo.book_open("court-2")
    assert demo.locked("entrance")


@pytest.mark.parametrize("kind", ["pin", "qr", "card"])
def test_a_key_at_the_reader_opens_the_entrance_and_no_stranger_does(demo: Demo, booking: Booked, kind: str) -> None:
    """DR-07, DR-09: one pulse on the wire, green on the lamp where there is one, the reader's name in the journal."""
    if kind == "card":
        bound_card(demo, booking)
    reader = SCANNER if kind == "qr" else KEYPAD
    right, wrong = {
        "pin": ({"act": "type", "keys": f"*{booking.pin}#"}, {"act": "type", "keys": "*999999#"}),
        "qr": ({"act": "scan", "text": booking.qr}, {"act": "scan", "text": "A" * 136}),
        "card": ({"act": "card", "card": str(CARD)}, {"act": "card", "card": "26:3468ACE"}),
    }[kind]
    before, entries = edges(demo), len(presented(demo))
    assert told(hand(demo, reader), **wrong)["ok"]
    assert until(lambda: [entry["verb"] for entry in presented(demo)[entries:]] == ["denied"], 5)
    assert stays(lambda: edges(demo) == before, 0.5)
    assert told(hand(demo, reader), **right)["ok"]
    assert until(partial(opened, demo, before), 5)
    assert until(lambda: len(presented(demo)) == entries + 2, 5)
    entry = presented(demo)[-1]
    assert (entry["verb"], entry["after"]["reader"], entry["after"]["kind"]) == ("granted", reader, kind)
    if reader == KEYPAD:
        assert until(lambda: lamps(demo)[-1] == "green", 3)


def test_the_keypad_has_a_key_of_this_run_and_its_port_lies_in_the_run_folder(demo: Demo) -> None:
    """DR-07: no default, for its owner alone, and the channel is secure."""
    devices = demo.settings.secrets / "door" / "devices"
    assert {secret.stat().st_mode & 0o077 for secret in devices.iterdir()} == {0}
    assert len(bytes.fromhex((devices / f"{KEYPAD}.key").read_text())) == 16
    assert told(hand(demo, KEYPAD), act="look")["secure"] is True
    assert {path.name for path in demo.run.glob("*.port")} == {f"{KEYPAD}.port", f"{SCANNER}.port", "rco.port"}


def test_readers_that_die_are_said_and_come_back() -> None:
    """DR-10: kill -9 of both emulators; health names them, the door stays shut, and they serve again."""
    with running_demo() as demo:
        booking = demo.book_open("court-2")
        for reader, emulator in ((KEYPAD, "osdp-reader"), (SCANNER, "scanner")):
            with demo.unsupervised():
                (pid,) = [pid for pid, line in left_of(demo.data).items() if f"emulate {emulator}" in line]
                os.kill(pid, signal.SIGKILL)
                assert until(partial(_is_away, demo, reader), 20), reader
                assert edges(demo) == 0
            assert until(partial(_online, demo, reader), 30), reader
        told(hand(demo, KEYPAD), act="type", keys=f"*{booking.pin}#")
        assert until(partial(opened, demo, 0), 5)


def test_the_lights_of_a_court_follow_its_booking(demo: Demo, booking: Booked) -> None:
    """AC-17: five minutes before it begins, and not those of the court beside it."""
    demo.clock.set(max(demo.clock.now(), booking.start - 4 * 60))
    assert until(lambda: _lit(demo) == {"light-court-2"}, 10), _lit(demo)


def _online(demo: Demo, reader: str) -> bool:
    doors = demo.api.ask("GET", "/doors").body["doors"]
    (found,) = [one for door in doors for one in door["readers"] if one["slug"] == reader]
    return bool(found["online"])


def _is_away(demo: Demo, reader: str) -> bool:
    return not _online(demo, reader)


def _lit(demo: Demo) -> set[str]:
    with closing(DoorClient(demo.run)) as client:
        return {output.slug for output in client.outputs() if output.on}
