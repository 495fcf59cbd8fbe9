"""A witness outside the door process proves each release, and that nothing fires on a denial (DR-02, DR-03)."""

import json
from collections.abc import Iterator

import pytest

from tests.waiting import stays, until
from tests.whole_unit.demo_api import Booked, Json
from tests.whole_unit.demo_unit import ENTRANCE_PIN, Demo
from tests.witness import CommandWitness, Pulse, read_pulses

pytestmark = [pytest.mark.whole_unit, pytest.mark.slow]
RELEASE_S = 5
ROUNDS = 2


@pytest.fixture
def witness(demo: Demo) -> Iterator[CommandWitness]:
    """On the bus from before the first presentation of the test."""
    assert all(demo.locked(door) for door in ("entrance", "court-1", "court-2"))
    with demo.witness() as witness:
        yield witness


def pulses(demo: Demo) -> list[Pulse]:
    return read_pulses(demo.data / "edges.jsonl", ENTRANCE_PIN)


def lock_lines(demo: Demo) -> list[Json]:
    return [json.loads(line) for line in (demo.data / "lock-court-1.jsonl").read_text().splitlines()]


def granted(demo: Demo, door: str, after: int) -> list[str]:
    """The ids of all presentations that the door's own journal calls granted."""
    return [
        entry["entity_id"]
        for entry in demo.door_journal(after)
        if (entry["entity"], entry["verb"]) == ("presentation", "granted")
        and entry["after"]["door_id"] == demo.door_ids[door]
    ]


def head(demo: Demo) -> int:
    return max((int(entry["seq"]) for entry in demo.door_journal()), default=0)


def both_open(demo: Demo) -> tuple[Booked, Booked]:
    """Bookings of the first and the second court that are open at the same time."""
    while True:
        one, two = demo.book_open("court-1"), demo.book_open("court-2")
        if max(one.valid_from, two.valid_from) <= demo.clock.now() < min(one.valid_to, two.valid_to) - 60:
            return one, two


def _happened(demo: Demo, door: str, after: int) -> list[str]:
    return [entry["verb"] for entry in demo.door_journal(after) if entry["entity_id"] == demo.door_ids[door]]


@pytest.mark.feature("AC-09", "AC-11", "AC-15", "DR-02", "DR-03", "AC-20")
def test_every_release_is_seen_by_a_witness_and_is_a_grant_in_the_journal(demo: Demo, witness: CommandWitness) -> None:
    """DR-03, DR-02: as many commands and edges as grants, one for one; each strike relocks by itself."""
    one, two = both_open(demo)
    began, edges, lines = head(demo), len(pulses(demo)), len(lock_lines(demo))
    for kind in ("pin", "qr")[:ROUNDS]:
        key = {"pin": one.pin, "qr": one.qr}[kind]
        answers = [demo.present(door, kind, key) for door in ("entrance", "court-1")]
        answers.append(demo.present("court-2", kind, {"pin": two.pin, "qr": two.qr}[kind]))
        assert [answer["verdict"] for answer in answers] == ["granted"] * 3
        assert witness.saw(answers[1]["id"])
        assert until(lambda: demo.state("court-2") == "released")
        assert until(lambda: demo.state("court-1") == "released", 4), "its own word comes by the bus"
        denials = [demo.present(door, kind, key)["reason"] for door in ("court-2", "court-3", "court-4")]
        assert denials == ["wrong_door"] * 3
        assert demo.present("court-1", "qr", two.qr)["reason"] == "wrong_door"
        assert all(demo.locked(door) for door in ("entrance", "court-1", "court-2"))
    commands = [seen.id for seen in witness.commands("release", "court-1")]
    assert commands == granted(demo, "court-1", began)
    assert len(commands) == ROUNDS
    assert [seen.topic for seen in witness.commands("release") if "court-1" not in seen.topic] == []
    assert witness.wrongs() == []
    assert all(seen.not_after - demo.clock.now() <= RELEASE_S for seen in witness.commands("release"))
    fresh = pulses(demo)[edges:]
    assert len(fresh) == len(granted(demo, "entrance", began)) == ROUNDS
    for pulse in fresh:
        assert pulse.end is not None
        assert pulse.ended_by == "program"
        assert RELEASE_S - 0.1 <= pulse.end - pulse.start <= RELEASE_S + 1.5
    assert [line["bolt"] for line in lock_lines(demo)[lines:] if "bolt" in line] == ["released", "locked"] * ROUNDS
    # A door is locked a moment before its journal says so.
    assert until(lambda: _happened(demo, "court-2", began) == ["released", "locked"] * ROUNDS, 5)


@pytest.mark.feature("AC-09", "DR-03", "AC-20")
def test_nothing_fires_on_a_denial(demo: Demo, witness: CommandWitness) -> None:
    """AC-09: every kind of no, at wire and bus: no edge, no command, no bolt; and each is on record."""
    later, gone = demo.book("court-1", after_s=3 * 3600), demo.book("court-1", after_s=5 * 3600)
    assert demo.cancel(gone).body["revocation"] == "done"
    edges, lines, began = len(pulses(demo)), len(lock_lines(demo)), head(demo)
    asked = [
        ("pin", later.pin, "too_early"),
        ("qr", later.qr, "too_early"),
        ("pin", gone.pin, "cancelled"),
        ("qr", gone.qr, "cancelled"),
        ("pin", "9" * 400, "malformed"),
        ("qr", "no pass at all", "malformed"),
        ("card", "0123", "malformed"),
    ]
    for door in ("entrance", "court-1"):
        for kind, value, reason in asked:
            answer = demo.present(door, kind, value)
            assert (answer["verdict"], answer["released_s"]) == ("denied", 0), (kind, reason)
            assert answer["reason"] in {reason, "unknown"}, (kind, reason)
    assert stays(lambda: len(pulses(demo)) == edges and witness.commands() == [], 1.0)
    assert [line for line in lock_lines(demo)[lines:] if "bolt" in line] == []
    assert granted(demo, "entrance", began) == granted(demo, "court-1", began) == []
    denied = [entry["after"]["reason"] for entry in demo.door_journal(began) if entry["verb"] == "denied"]
    assert denied.count("too_early") == denied.count("cancelled") == 4


@pytest.mark.feature("DR-03")
def test_the_same_presentation_twice_is_one_entry_and_one_release(demo: Demo, witness: CommandWitness) -> None:
    """A reader that repeats itself gets the same answer, and the door is told once."""
    booking = demo.book_open("court-1")
    first = demo.present("court-1", "qr", booking.qr)
    assert first["verdict"] == "granted"
    headers = {"Authorization": f"Bearer {demo.line['reader_token']}"}
    ask = {"kind": "qr", "value": booking.qr, "presentation_id": first["id"]}
    again = demo.api.ask("POST", "/doors/court-1/presentations", ask, headers)
    assert {name: again.body[name] for name in ("verdict", "reason")} == {"verdict": "granted", "reason": "granted"}
    assert witness.saw(first["id"])
    assert until(lambda: demo.state("court-1") == "released", 4)
    assert demo.locked("court-1")
    assert [seen.id for seen in witness.commands("release", "court-1")] == [first["id"]]
    assert demo.entry(first["id"])["verb"] == "granted"


@pytest.mark.feature("DR-03")
def test_a_stranger_on_the_bus_opens_nothing(demo: Demo, witness: CommandWitness) -> None:
    """DR-03: a command without our signature is published to the real broker; the lock refuses it."""
    from paho.mqtt.publish import single

    host, _, port = demo.line["mqtt"].rpartition(":")
    now = demo.clock.now()
    order = {
        "v": 1, "facility": "sodra-padel", "door": "court-1", "id": "stranger", "verb": "release", "release_s": 5,
        "issued_at": now, "not_after": now + 5, "sig": "A" * 86,
    }  # fmt: skip
    topic = "portvakt/v1/sodra-padel/door/court-1/command"
    single(topic, json.dumps(order), qos=1, hostname=host, port=int(port), client_id="stranger")
    assert witness.saw("stranger")
    assert [seen.wrong for seen in witness.wrongs()] == ["bad signature"]
    assert until(lambda: lock_lines(demo)[-1].get("verdict") == "refused")
    assert demo.state("court-1") == "locked"
