"""Messages of the gateway protocol: read strictly or not at all (DR-13)."""

import json

from hypothesis import given
from hypothesis import strategies as st

from drivers.controller_contract import Confirmation
from drivers.gateway import messages
from drivers.gateway.messages import DoorNotice, Reply

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
