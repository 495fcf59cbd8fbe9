"""Messages of the gateway protocol: read strictly or not at all (DR-13)."""

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.controller_contract import Confirmation
from drivers.gateway import messages
from drivers.gateway.messages import DoorNotice, Reply
from tests.contract.test_bad_input import damaged

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=6),
    max_leaves=20,
)
NAMES = st.sampled_from(
    ["v", "re", "ok", "code", "text", "notice", "grant", "revision", "applied", "reason", "held", "next", "events",
     "cursor", "complete_until", "doors", "device", "bolt", "leaf", "notices", "correlation"]
)  # fmt: skip
READERS = (
    messages.receipt_of, messages.held_of, messages.doors_of, messages.notices_of, messages.events_of,
)  # fmt: skip


@given(st.dictionaries(NAMES, ANYTHING, max_size=8) | ANYTHING | st.just({"v": 1, "re": "a", "ok": True}))
def test_any_json_is_read_or_not_and_never_a_crash(value: object) -> None:
    """DR-13: whatever a gateway sends."""
    payload = json.dumps(value).encode()
    messages.parse_notice(payload)
    reply = messages.parse_reply(payload)
    if isinstance(value, dict):
        for read in READERS:
            read(Reply("a", True, value))
    if reply is not None:
        for read in READERS:
            read(reply)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_not(payload: bytes) -> None:
    """DR-13."""
    assert messages.parse_notice(payload) is None
    messages.parse_reply(payload)
    messages.parse_availability(payload)


@pytest.mark.parametrize("rounds", [20_000, pytest.param(1_000_000, marks=pytest.mark.long)])
@pytest.mark.timeout(1800)
@pytest.mark.usefixtures("small_memory")
def test_no_damaged_message_is_more_than_it_was(rounds: int) -> None:
    """DR-13: damaged, cut, doubled, swollen, random; one flipped bit may make another message, no larger."""
    dice = random.Random(21)
    listing = {"grant": "g", "revision": 2, "on_device": True, "fingerprint": "f"}
    whole = [
        json.dumps({"v": 1, "re": "a", "ok": True, "held": [listing], "next": ""}).encode(),
        json.dumps({"v": 1, "notice": "door", "device": "D1", "bolt": "released", "leaf": "none"}).encode(),
        json.dumps({"v": 1, "notice": "confirmation", "grant": "g", "revision": 2, "applied": True}).encode(),
    ]
    for number in range(rounds):
        good = whole[number % len(whole)]
        payload = damaged(dice, good)
        notice, reply = messages.parse_notice(payload), messages.parse_reply(payload)
        assert (notice is None and reply is None) or len(payload.strip()) <= len(good) + 62, payload
        if reply is not None:
            for read in READERS:
                read(reply)


def test_what_is_right_is_read() -> None:
    """DR-04: as PROTOCOL.md says."""
    told = {"v": 1, "notice": "confirmation", "grant": "g", "revision": 2, "applied": True, "reason": ""}
    assert messages.parse_notice(json.dumps(told).encode()) == Confirmation("g", 2, applied=True)
    door = {"v": 1, "notice": "door", "device": "D1", "bolt": "released", "leaf": "none"}
    assert messages.parse_notice(json.dumps(door).encode()) == DoorNotice("D1", True, None)
    assert messages.parse_notice(json.dumps({**door, "more": 1}).encode()) is None


def test_what_is_too_large_is_nothing() -> None:
    """DR-13: memory is not filled by one message."""
    reply = json.dumps({"v": 1, "re": "a", "ok": True, "x": "y" * messages.LARGEST_MESSAGE}).encode()
    assert messages.parse_reply(reply) is None
