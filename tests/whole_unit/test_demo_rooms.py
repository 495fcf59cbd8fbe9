"""A door on each vendor's controller: bookings reach them, every key opens them, and their lives tell the truth."""

import json
import os
import signal
from collections.abc import Iterator

import pytest

from appliance.boot.demo_rooms import CARD, MEMBER
from drivers.local_broker import LocalBroker
from tests.contract.programs import told
from tests.waiting import stays, until
from tests.whole_unit.demo_rooms import VENDORS, Rooms
from tests.whole_unit.demo_unit import COURTS, ENTRANCE_PIN, Demo, left_of, running_demo
from tests.witness import read_pulses

pytestmark = [pytest.mark.whole_unit, pytest.mark.slow]
KINDS = ("pin", "qr", "card", "phone")
OPENED = (*COURTS, "gym", "sauna")
# What holds a call up while it is under way, by vendor.
HELD_UP = {
    "rco": {"on": "request", "kind": "drop", "count": 1000},
    "axema": {"on": "reserve", "kind": "slow", "delay_ms": 3000, "count": 1000},
    "parakey": {"on": "manage", "kind": "slow", "delay_ms": 3000, "count": 1000},
}


@pytest.fixture(scope="module")
def rooms() -> Iterator[Rooms]:
    """A demo whose emulators and broker may be killed."""
    with running_demo() as demo:
        yield Rooms(demo)


@pytest.mark.feature("DR-11", "BM-27")
@pytest.mark.parametrize("vendor", VENDORS)
def test_a_booking_reaches_its_controller_and_ends_with_it(rooms: Rooms, vendor: str) -> None:
    """DR-11: confirmed is what the vendor's own system holds, and removed what it holds no more."""
    booking = rooms.book(VENDORS[vendor], after_s=3 * 3600)
    assert rooms.reaches(vendor, booking, "confirmed")
    assert rooms.holds(vendor, booking)
    assert rooms.look(vendor)["counts"]["confirmed"] >= 1
    rooms.demo.cancel(booking)
    assert rooms.reaches(vendor, booking, "removed")
    assert not rooms.holds(vendor, booking)


@pytest.mark.feature("AC-06", "BM-26")
@pytest.mark.parametrize("place", OPENED)
def test_every_door_opens_by_pin_qr_card_and_phone(rooms: Rooms, place: str) -> None:
    """AC-06: at the entrance and at its own door each key of the member's booking opens, and no other door."""
    booking = rooms.book_open(place)
    for door in sorted(booking.doors):
        assert {kind: rooms.present(door, kind, booking) for kind in KINDS} == dict.fromkeys(KINDS, "granted"), door
    assert rooms.present("store-room", "card", booking) == "wrong_door"
    if place == "gym":
        assert rooms.act("rco", "look")["doors"]["gym"]["bolt"] == "released"
    if place == "sauna":
        assert until(lambda: rooms.act("axema", "look")["unlocked"] == ["sauna"] * len(KINDS), 5)


@pytest.mark.feature("DR-06")
def test_a_parakey_lock_is_opened_by_its_own_app_and_by_nothing_else(rooms: Rooms) -> None:
    """DR-06: the unit says that it cannot; the guest's phone opens, and that is the guest's arrival."""
    booking = rooms.book_open("club-room")
    assert rooms.reaches("parakey", booking, "confirmed")
    assert rooms.present("club-room", "pin", booking) == "door_fault"
    assert rooms.page(booking).count("data-unlock=") == 1, "the page of the booking unlocks the entrance alone"
    assert rooms.act("parakey", "open", email="stranger@example.org", access="sodra-room")["ok"] is False
    assert rooms.act("parakey", "open", email=MEMBER, access="sodra-room")["ok"] is True
    assert until(lambda: _passed(rooms.demo, "club-room") == ["granted"], 15)


@pytest.mark.feature("DR-04", "AC-06")
def test_a_card_at_the_controllers_own_reader_opens_within_its_time(rooms: Rooms) -> None:
    """DR-04: R-CARD decides alone; the passage is on record afterwards."""
    booking = rooms.book_open("gym")
    assert rooms.reaches("rco", booking, "confirmed")
    assert rooms.act("rco", "swipe", device="gym", card="26:1")["verdict"] == "denied"
    assert rooms.act("rco", "swipe", device="gym", card=str(CARD))["verdict"] == "granted"
    assert until(lambda: _passed(rooms.demo, "gym") == ["denied", "granted"], 15)


@pytest.mark.feature("AC-06", "DR-07")
def test_the_members_card_opens_at_the_reader_of_the_entrance(rooms: Rooms) -> None:
    """AC-06: held up to the OSDP reader; one pulse on the wire."""
    rooms.book_open("court-3")
    assert rooms.demo.locked("entrance")
    before = len(read_pulses(rooms.demo.data / "edges.jsonl", ENTRANCE_PIN))
    told(rooms.demo.run / "entrance-keypad-hand.sock", act="card", card=str(CARD))
    assert until(lambda: len(read_pulses(rooms.demo.data / "edges.jsonl", ENTRANCE_PIN)) == before + 1, 5)


@pytest.mark.feature("DR-10", "DR-11", "BM-27")
@pytest.mark.parametrize("vendor", VENDORS)
def test_an_emulator_killed_while_a_grant_is_under_way(rooms: Rooms, vendor: str) -> None:
    """DR-11: its end of the line dies in the middle of a call. The life is never ahead of the truth, and ends there."""
    rooms.act(vendor, "fault", **HELD_UP[vendor])
    booking = rooms.book(VENDORS[vendor], after_s=5 * 3600)
    assert until(lambda: rooms.life(vendor, booking) == "sent", 10), rooms.life(vendor, booking)
    with rooms.demo.unsupervised():
        rooms.kill(vendor)
        assert until(lambda: rooms.grant(vendor, booking)["attempts"] > 0, 20)
        assert rooms.life(vendor, booking) == "sent"
        assert until(lambda: bool(rooms.look(vendor)["fault"]), 10), "health says that the vendor does not answer"
        assert stays(lambda: rooms.life(vendor, booking) != "confirmed", 0.5)
    assert until(lambda: _is_back(rooms, vendor), 20)
    assert stays(lambda: rooms.is_true(vendor, booking), 0.5)
    assert rooms.reaches(vendor, booking, "confirmed")
    assert rooms.holds(vendor, booking)
    with rooms.demo.unsupervised():
        rooms.kill(vendor)
        assert rooms.demo.cancel(booking).body["status"] == "cancelled"
        assert rooms.reaches(vendor, booking, "removing", 10)
    assert rooms.reaches(vendor, booking, "removed")
    assert not rooms.holds(vendor, booking)


@pytest.mark.feature("DR-11")
def test_a_person_is_alerted_before_the_guest_arrives(rooms: Rooms) -> None:
    """DR-11: the controller accepts and never applies. Health, doctor and page say so with the time; then it heals."""
    rooms.act("rco", "fault", on="request", kind="never_applied")
    booking = rooms.book("gym")
    assert rooms.reaches("rco", booking, "accepted")
    assert not rooms.holds("rco", booking)
    assert rooms.look("rco")["late"]["count"] == 1
    assert until(lambda: bool(rooms.problems("rco")), 10)
    assert rooms.demo.api.health()["status"] != "ok"
    findings = json.loads(rooms.demo.command("doctor", "--json").stdout)["findings"]
    about_rco = [one for one in findings if one["code"] == "grants_trouble" and "controller rco" in one["what"]]
    assert [one["severity"] for one in about_rco] == ["fault"], findings
    rooms.demo.clock.set(rooms.demo.clock.now() + 11 * 60)
    assert rooms.reaches("rco", booking, "confirmed")
    assert rooms.holds("rco", booking)
    assert until(lambda: not rooms.problems("rco"), 20), rooms.problems("rco")


@pytest.mark.feature("DR-03", "DR-11")
def test_a_broker_killed_while_a_release_is_under_way(rooms: Rooms) -> None:
    """DR-03: what the guest hears is what the lock did; it never opens late, and vendors' grants go on meanwhile."""
    demo = rooms.demo
    booking = rooms.book_open("court-1")
    assert demo.locked("court-1")
    before = _obeyed(demo)
    (pid,) = [pid for pid, line in left_of(demo.data).items() if "nats-server" in line]
    os.kill(pid, signal.SIGSTOP)
    verdict = demo.reason("court-1", "pin", booking.pin)
    os.kill(pid, signal.SIGKILL)
    # A command that left and was never heard of is no opening: the door's state is what the lock says.
    assert stays(lambda: demo.state("court-1") != "released", 0.5), verdict
    assert _obeyed(demo) == before
    assert until(lambda: demo.state("court-1") == "offline", 20)
    assert rooms.present("entrance", "pin", booking) == "granted"
    gym = rooms.book("gym", after_s=7 * 3600)
    assert rooms.reaches("rco", gym, "confirmed")
    broker = LocalBroker(demo.data / "broker", int(demo.line["mqtt"].rpartition(":")[2]))
    broker.start()
    try:
        assert until(lambda: demo.state("court-1") == "locked", 40)
        assert stays(lambda: _obeyed(demo) == before, 0.5)
        assert rooms.present("court-1", "pin", booking) == "granted"
        assert until(lambda: _obeyed(demo) == before + 1, 5)
    finally:
        broker.stop()


def _is_back(rooms: Rooms, vendor: str) -> bool:
    try:
        return rooms.act(vendor, "look")["ok"] is True
    except (OSError, ValueError):
        return False


def _passed(demo: Demo, door: str) -> list[str]:
    """What the door's journal says of passages at a door on a controller."""
    entries = [one for one in demo.door_journal() if one["entity"] == "passage"]
    return [one["verb"] for one in entries if one["after"].get("door_id") == demo.door_ids[door]]


def _obeyed(demo: Demo) -> int:
    """How many releases the lock of the first court obeyed, by its own journal."""
    lines = [json.loads(line) for line in (demo.data / "lock-court-1.jsonl").read_text().splitlines()]
    return len([line for line in lines if line.get("bolt") == "released"])
