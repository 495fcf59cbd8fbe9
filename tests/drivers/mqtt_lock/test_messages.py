"""The messages of the door over MQTT, against the lock's own reading of the published description (DR-03, DR-13)."""

import json
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from drivers.emulators.lock_firmware import Firmware
from drivers.mqtt_lock.discovery import discovery
from drivers.mqtt_lock.messages import (
    Bolt,
    Command,
    DoorTopics,
    Event,
    Happening,
    Leaf,
    State,
    Verb,
    command_bytes,
    parse_availability,
    parse_event,
    parse_state,
)

NOW = 1_800_000_000
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
COMMAND = Command("hall", "court-1", "id-1", Verb.RELEASE, 5, NOW, NOW + 5)
STATE = {"v": 1, "boot": "k3f9", "seq": 17, "lock": "locked", "contact": "closed", "tamper": False}
EVENT = {"v": 1, "boot": "k3f9", "seq": 4, "event_type": "rex"}


def lock(booted_at: int = NOW) -> Firmware:
    return Firmware("hall", "court-1", KEY.public_key(), "boot", booted_at)


def verdict(command: Command, now: int = NOW, firmware: Firmware | None = None) -> str:
    """What the lock makes of a command that was signed as it stands."""
    noted = (firmware or lock()).command(command_bytes(command, KEY.sign), now, 0.0)
    return str(noted["reason"] or noted["verdict"])


@given(
    command_id=st.text("abcXYZ019_.:@-", min_size=1, max_size=64),
    verb=st.sampled_from([Verb.RELEASE, Verb.HOLD]),
    release_s=st.integers(1, 600),
    life_s=st.integers(1, 120),
)
def test_what_the_driver_writes_the_lock_reads(command_id: str, verb: Verb, release_s: int, life_s: int) -> None:
    """DR-03: two readings of one description agree."""
    assert verdict(Command("hall", "court-1", command_id, verb, release_s, NOW, NOW + life_s)) == "obeyed"


def test_a_command_is_what_the_description_shows() -> None:
    """DR-03: byte for byte, so that a firmware's author can check his own (Ed25519 is deterministic, RFC 8032)."""
    assert command_bytes(COMMAND, KEY.sign) == (
        b'{"v":1,"facility":"hall","door":"court-1","id":"id-1","verb":"release","release_s":5,'
        b'"issued_at":1800000000,"not_after":1800000005,"sig":"'
        b'IgI4iAI8o4xmInPJT978G_XybWDyGg3ZF8ktNkDw5bQLIResltVvKxjd1a0SH8DT5fRiodt-VGWV3F9PAHNLAA"}'
    )


@pytest.mark.parametrize(
    ("change", "now", "reason"),
    [
        ({}, NOW + 5, "expired"),
        ({}, NOW + 4, "obeyed"),
        ({"facility": "other"}, NOW, "foreign"),
        ({"door": "court-2"}, NOW, "foreign"),
        ({"not_after": NOW + 121}, NOW, "bad_times"),
        ({"issued_at": NOW + 61, "not_after": NOW + 65}, NOW, "bad_times"),
        ({"issued_at": NOW - 1}, NOW, "before_boot"),
        ({"release_s": 0}, NOW, "malformed"),
        ({"verb": Verb.LOCK, "release_s": 5}, NOW, "malformed"),
        ({"verb": Verb.LOCK, "release_s": 0}, NOW, "obeyed"),
    ],
)
def test_a_lock_refuses_what_is_late_foreign_or_odd(change: dict[str, object], now: int, reason: str) -> None:
    """DR-03: signed or not, a command is obeyed only within its window, by its own door, once."""
    order = {**json.loads(command_bytes(COMMAND, KEY.sign)), **change}
    names = ("facility", "door", "id", "verb", "release_s", "issued_at", "not_after")
    altered = Command(**{name: order[name] for name in names})
    altered = replace(altered, verb=Verb(altered.verb))
    assert verdict(altered, now) == reason


def test_a_lock_obeys_one_command_once() -> None:
    """DR-03: replay within its life is refused by its id, after its life by its expiry."""
    firmware = lock()
    assert verdict(COMMAND, NOW, firmware) == "obeyed"
    assert verdict(COMMAND, NOW + 1, firmware) == "replayed"
    assert verdict(COMMAND, NOW + 9, firmware) == "expired"


def test_a_lock_whose_clock_is_set_back_goes_on() -> None:
    """DR-03: a corrected clock does not lock everyone out; what was obeyed is not obeyed again."""
    firmware = lock()
    early = replace(COMMAND, id="early", issued_at=NOW - 100, not_after=NOW - 95)
    assert verdict(COMMAND, NOW, firmware) == "obeyed"
    assert verdict(early, NOW - 100, firmware) == "obeyed"
    assert verdict(COMMAND, NOW, firmware) == "replayed"


@pytest.mark.parametrize("name", ["facility", "door", "id", "verb", "release_s", "issued_at", "not_after"])
def test_each_field_is_under_the_signature(name: str) -> None:
    """DR-03: whoever changes one field has no signature any more."""
    order = json.loads(command_bytes(COMMAND, KEY.sign))
    order[name] = order[name] + 1 if isinstance(order[name], int) else "hold" if name == "verb" else order[name] + "x"
    assert lock().command(json.dumps(order).encode(), NOW, 0.0)["reason"] == "bad_signature"


@pytest.mark.parametrize(
    "wrong", [replace(COMMAND, id=""), replace(COMMAND, id="a b"), replace(COMMAND, release_s=601)]
)
def test_a_command_that_no_lock_would_read_is_not_written(wrong: Command) -> None:
    """DR-13: found where it is made."""
    with pytest.raises(ValueError, match=r"id is|at most"):
        command_bytes(wrong, KEY.sign)


def test_states_and_events_are_read() -> None:
    """DR-03: as the description shows them."""
    assert parse_state(json.dumps(STATE).encode()) == State("k3f9", 17, Bolt.LOCKED, Leaf.CLOSED, False)
    assert parse_event(json.dumps(EVENT).encode()) == Happening("k3f9", 4, Event.REX)
    assert [parse_availability(word) for word in (b"online", b"offline", b"Online", b"")] == [True, False, None, None]


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"v": True},
        {"boot": ""},
        {"boot": "a b"},
        {"boot": 1},
        {"seq": -1},
        {"seq": 1.0},
        {"seq": True},
        {"seq": 1 << 53},
        {"extra": 1},
        {"lock": "open", "event_type": "knock"},
        {"lock": None, "event_type": None},
        {"contact": "ajar", "event_type": ["rex"]},
        {"tamper": 0, "event_type": {}},
    ],
)
def test_anything_else_is_nothing(change: dict[str, object]) -> None:
    """DR-13: no guessing, no coercion."""
    state = {**STATE, **{name: value for name, value in change.items() if name in STATE or name == "extra"}}
    event = {**EVENT, **{name: value for name, value in change.items() if name in EVENT or name == "extra"}}
    assert state == STATE or parse_state(json.dumps(state).encode()) is None
    assert event == EVENT or parse_event(json.dumps(event).encode()) is None


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"null",
        b"[]",
        b"\xff",
        b"[" * 512,
        b'{"v":1,"v":1,"boot":"a","seq":1,"event_type":"rex"}',
        b'{"v":1,"boot":"a","seq":NaN,"event_type":"rex"}',
        b'{"v":1,"boot":"a","seq":1,"event_type":"rex"}' + b" " * 512,
    ],
)
def test_what_is_hardly_json_is_nothing(payload: bytes) -> None:
    """DR-13: repeated names, NaN, depth, size."""
    assert parse_event(payload) is None
    assert parse_state(payload) is None


@given(payload=st.binary(max_size=600))
def test_no_bytes_make_the_reader_stumble(payload: bytes) -> None:
    """DR-13: random bytes never raise."""
    assert parse_state(payload) is None
    assert parse_event(payload) is None
    assert lock().command(payload, NOW, 0.0)["verdict"] == "refused"


def test_discovery_describes_a_door_that_cannot_be_commanded() -> None:
    """DR-03: Home Assistant sees lock, leaf and events; nothing it could publish to."""
    topics = DoorTopics("hall", "court-1")
    found = {topic: json.loads(payload) for topic, payload in discovery(topics).items()}
    assert {payload["state_topic"] for payload in found.values()} == {topics.state, topics.event}
    assert {payload["availability_topic"] for payload in found.values()} == {topics.availability}
    assert len({payload["unique_id"] for payload in found.values()}) == 3
    assert not any("command" in name for payload in found.values() for name in payload)
    events = found["homeassistant/event/portvakt_hall_court-1/event/config"]["event_types"]
    assert events == [event.value for event in Event]
