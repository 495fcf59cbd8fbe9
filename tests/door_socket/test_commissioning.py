"""A walk over the doors of a whole door process: simulated doors, a hand, and the control socket."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from appliance.access import commissioning_record
from appliance.access.commissioning import LISTEN_S
from appliance.access.device_plan import ReaderPlan, Side
from appliance.boot.door import DoorProcess
from appliance.door_socket.client import DoorRefused
from appliance.foundation.clock import FakeClock
from appliance.foundation.errors import Invalid
from appliance.keys.secrets_store import load_journal_keys
from drivers.reader_contract import Entry, EntryKind, Feedback
from tests.access.bookings import document, door, uuid
from tests.access.rig import Rig, eventually, rigged
from tests.access.test_reader_posts import FakeReader, post

PIN = "048271"
ACTOR = "staff:7"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def rig(clock: FakeClock) -> Iterator[Rig]:
    with rigged(clock) as made:
        made.start_with_plan(document())
        yield made


def asked(rig: Rig, op: str, **values: object) -> dict[str, Any]:
    return rig.client.ask_commissioning(op, actor=ACTOR, **values)


def walk(rig: Rig) -> dict[str, Any]:
    found: dict[str, Any] = asked(rig, "look")["walk"]
    return found


def until_step(rig: Rig, kind: str) -> dict[str, Any]:
    eventually(lambda: walk(rig)["kind"] == kind, f"the step {kind}")
    return walk(rig)


def test_a_door_is_tried_whole_and_the_record_is_signed_and_kept(rig: Rig, clock: FakeClock) -> None:
    """DR-12."""
    begun = asked(rig, "begin", doors=["entrance"])["walk"]
    assert (begun["kind"], begun["words"], begun["of"]) == ("pulse", ["no", "skip"], 5)
    assert asked(rig, "pulse", step=begun["step"])["verdict"] == "granted"
    eventually(lambda: rig.client.doors()[0].state == "released", "the release")
    asked(rig, "answer", step=begun["step"], word="yes")
    assert walk(rig)["kind"] == "relock"
    clock.advance(5.1)
    until_step(rig, "open")
    asked(rig, "pulse", step=walk(rig)["step"])
    eventually(lambda: rig.client.doors()[0].state == "released", "the release")
    rig.client.hand("entrance", "open")
    until_step(rig, "close")
    rig.client.hand("entrance", "close")
    until_step(rig, "rex")
    rig.client.hand("entrance", "rex")
    eventually(lambda: walk(rig)["step"] == "", "the end")
    record = asked(rig, "finish")["record"]
    assert record["name"] == "Södra Padel"
    steps = record["doors"][0]["steps"]
    assert [(one["step"], one["result"], one["by"]) for one in steps] == [
        ("pulse", "passed", ACTOR), *((kind, "passed", "unit") for kind in ("relock", "open", "close", "rex")),
    ]  # fmt: skip
    assert steps[1]["took_ms"] == pytest.approx(5_000, abs=200)
    assert (record["doors"][0]["hardware"], record["by"]) == ("no_hardware", ACTOR)
    keys = load_journal_keys(rig.settings.secrets, "door")
    assert commissioning_record.verify(record, keys) == record
    eventually(lambda: bool(rig.entries("commissioning")), "the journal")
    kept = rig.entries("commissioning")[-1]
    assert (kept.actor, kept.verb, kept.body_after()) == (ACTOR, "signed", record)
    assert asked(rig, "look")["walk"] is None
    rig.stop()
    rig.start()
    assert asked(rig, "record")["record"] == record
    pulses = [entry.body_after()["kind"] for entry in rig.entries()]
    assert pulses == ["commission", "commission"]


def test_a_pulse_is_decided_like_everything_else(rig: Rig) -> None:
    """DR-12, control: a door that is locked down is not released by whoever commissions it."""
    step = asked(rig, "begin")["walk"]["step"]
    rig.client.mode("entrance", "lockdown", ACTOR, "fire drill")
    answer = asked(rig, "pulse", step=step)
    assert (answer["verdict"], answer["reason"]) == ("denied", "lockdown")
    assert walk(rig)["is_pulsed"] is False
    assert rig.client.doors()[0].state == "locked"
    rig.client.mode("entrance", "normal", ACTOR, "over")
    rig.client.mode("entrance", "free_access", ACTOR, "open day")
    with pytest.raises(DoorRefused, match="stands free"):
        asked(rig, "pulse", step=step)


def test_an_answer_to_another_step_is_not_taken(rig: Rig) -> None:
    """DR-12, control: a page that was sent twice answers nothing twice."""
    step = asked(rig, "begin")["walk"]["step"]
    for word, code in (("yes", "not_an_option"), ("perhaps", "not_an_option")):
        with pytest.raises(DoorRefused) as caught:
            asked(rig, "answer", step=step, word=word)
        assert caught.value.code == code
    asked(rig, "answer", step=step, word="skip")
    with pytest.raises(DoorRefused) as caught:
        asked(rig, "answer", step=step, word="skip")
    assert caught.value.code == "not_now"


def test_a_walk_is_taken_up_again_and_another_is_refused(rig: Rig) -> None:
    """DR-12."""
    step = asked(rig, "begin", doors=["entrance"])["walk"]["step"]
    asked(rig, "answer", step=step, word="skip")
    assert len(asked(rig, "begin")["walk"]["findings"]) == 2
    assert len(asked(rig, "begin", doors=["entrance"])["walk"]["findings"]) == 2
    with pytest.raises(DoorRefused, match="another walk"):
        asked(rig, "begin", doors=["court-1"])
    record = asked(rig, "finish")["record"]
    assert [one["result"] for one in record["doors"][0]["steps"]] == ["skipped", "skipped", *["not_done"] * 3]
    with pytest.raises(DoorRefused, match="no walk"):
        asked(rig, "finish")


def test_an_altered_record_is_found_and_so_is_a_strangers(rig: Rig) -> None:
    """DR-12, AC-20."""
    asked(rig, "begin", doors=["entrance"])
    record = asked(rig, "finish")["record"]
    keys = load_journal_keys(rig.settings.secrets, "door")
    record["doors"][0]["steps"][0]["result"] = "passed"
    with pytest.raises(Invalid, match="altered"):
        commissioning_record.verify(record, keys)
    with pytest.raises(Invalid, match="not signed by this unit"):
        commissioning_record.verify(record, {})
    odd: tuple[object, ...] = (None, [], {}, {**record, "signature": "zz"}, {**record, "signature": 5})
    for garbage in odd:
        with pytest.raises(Invalid):
            commissioning_record.verify(garbage, keys)


def test_a_door_that_a_newer_plan_takes_away_stays_in_the_record(rig: Rig) -> None:
    """DR-12: a walk can always be finished."""
    asked(rig, "begin")
    rig.bookings.plan(2, document(door(1, "court-1")))
    eventually(lambda: len(rig.client.doors()) == 1, "the newer plan")
    with pytest.raises(DoorRefused, match="no such door"):
        asked(rig, "pulse", step=walk(rig)["step"])
    assert [one["slug"] for one in asked(rig, "finish")["record"]["doors"]] == ["entrance", "court-1"]


def at_scan(rig: Rig) -> None:
    """A walk whose reader is in hand."""
    asked(rig, "begin", doors=["entrance"])
    while walk(rig)["kind"] != "scan":
        asked(rig, "answer", step=walk(rig)["step"], word="skip")


def put_reader(process: DoorProcess) -> None:
    """A reader in the plan in force; no driver of readers is needed to present something there."""
    plan = process.configurer.plan
    assert plan is not None
    reader = ReaderPlan(uuid(300), "keypad", "Keypad", uuid(100), Side.OUTSIDE, "none", {})
    process.configurer.plan = replace(plan, readers=(reader,))


def test_what_a_reader_reads_is_shown_once_and_presented_otherwise(rig: Rig, clock: FakeClock) -> None:
    """DR-12: digits and bits are in no journal, and a guest is kept out for two minutes at most."""
    rig.bookings.put(rig.bookings.pin_key(1, PIN))
    put_reader(rig.door)
    at_scan(rig)
    assert rig.client.present("entrance", "pin", PIN, "other").granted
    clock.advance(LISTEN_S)
    assert rig.client.present("entrance", "pin", PIN, "keypad").granted
    asked(rig, "answer", step=walk(rig)["step"], word="again")
    verdict = rig.client.present("entrance", "card", "26:2468ACE", "keypad")
    assert (verdict.granted, verdict.told) == (False, "door_fault")
    assert walk(rig)["shown"] == "26:2468ACE"
    assert rig.client.present("entrance", "pin", PIN, "keypad").granted
    record = asked(rig, "finish")["record"]
    scan = record["doors"][0]["steps"][-1]
    assert (scan["result"], scan["reader"], scan["entry"], scan["size"]) == ("passed", "keypad", "card", 26)
    assert "2468ACE" not in str(record)
    assert all("2468ACE" not in (entry.after or "") for entry in rig.entries("commissioning"))


def test_a_reader_that_is_tried_tells_the_walk_and_then_its_door(rig: Rig) -> None:
    """DR-12: what comes from a driver of a reader takes the same way as what comes through the socket."""
    reader = FakeReader()
    put_reader(rig.door)
    rig.door.readers.put_in_service([post(reader, slug="keypad")])
    at_scan(rig)
    card = Entry(uuid(200), EntryKind.CARD, "26:2468ACE")
    rig.door.readers.read(card)
    eventually(lambda: reader.shown == [Feedback.FAULT], "the lamp")
    rig.door.readers.read(card)
    eventually(lambda: reader.shown == [Feedback.FAULT, Feedback.DENIED], "the lamp")
    assert walk(rig)["findings"][-1]["size"] == 26
