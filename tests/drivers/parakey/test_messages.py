"""What Parakey says is read exactly or not at all (DR-06, DR-13)."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.foundation.instants import HOUR, Interval
from drivers.parakey import messages
from drivers.parakey.messages import Cursor, EventFields, EventLog, KeyFields

START = 1_800_000_000
KEYS, EVENTS = KeyFields(), EventFields()
LOG = {
    "id": "RZglGYR2Je",
    "createdAt": "2027-01-15T09:30:00.250Z",
    "timestamp": "2027-01-15T08:00:00.999Z",
    "device": {"id": "lock-1"},
    "user": {"email": "anna@example.org"},
}
KEY = {
    "access": {"id": "a-1", "aliasId": "hall-1-court"},
    "user": {"email": "anna@example.org"},
    "startDate": "2027-01-15T08:00:00.000Z",
    "endDate": "2027-01-15T09:00:00.000Z",
    "aliasTag": "hall-1-g",
}
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from([*LOG, *KEY, "x"]), inner),
)
logs = st.lists(
    st.builds(EventLog, st.sampled_from("abcdefgh"), st.integers(0, 5), st.just(START), st.just("d"), st.just("e")),
    max_size=12,
    unique_by=lambda log: log.id,
)


def test_a_log_is_read_with_both_of_its_times() -> None:
    """DR-06: `timestamp` to the second it began in, `createdAt` to the millisecond."""
    found = messages.parse_logs(json.dumps([LOG, {**LOG, "timestamp": "noon"}]).encode(), EVENTS)
    assert found == ([EventLog("RZglGYR2Je", (START + 5400) * 1000 + 250, START, "lock-1", "anna@example.org")], 1)
    wrapped = json.dumps({"results": [LOG]}).encode()
    assert messages.parse_logs(wrapped, EVENTS) is None
    assert messages.parse_logs(wrapped, EVENTS, "results") is not None


def test_a_key_is_read_with_its_window() -> None:
    """DR-06: one without times has no window; one without an access spoils the listing."""
    (key,) = messages.parse_keys(json.dumps([KEY]).encode(), KEYS) or []
    assert (key.access, key.window, key.tag) == ("hall-1-court", Interval(START, START + HOUR), "hall-1-g")
    (endless,) = messages.parse_keys(json.dumps([{**KEY, "endDate": None}]).encode(), KEYS) or []
    assert endless.window is None
    assert messages.parse_keys(json.dumps([KEY, {"user": {}}]).encode(), KEYS) is None


def test_what_is_asked_is_as_the_pages_print_it() -> None:
    """DR-06: article 204 and 205."""
    access = [{"aliasId": "hall-1-court"}]
    flags = {"sendPush": True, "sendInvitationEmail": False}
    body = messages.insert_request(access, "a@b.se", Interval(START, START + HOUR), "hall-1-g", KEYS, flags)
    assert json.loads(body) == {
        "insert": [
            {
                "access": {"aliasId": "hall-1-court"},
                "user": {"email": "a@b.se"},
                "startDate": "2027-01-15T08:00:00.000Z",
                "endDate": "2027-01-15T09:00:00.000Z",
                "aliasTag": "hall-1-g",
            }
        ],
        "sendPush": True,
        "sendInvitationEmail": False,
    }
    assert json.loads(messages.delete_request("hall-1-g", KEYS)) == {"delete": [{"aliasTag": "hall-1-g"}]}


@given(logs)
def test_a_cursor_passes_every_log_once_however_they_are_cut_into_pages(found: list[EventLog]) -> None:
    """DR-06: several logs of one millisecond, some of them learned of later than others."""
    cursor, told = Cursor(0), list[str]()
    ordered = sorted(found, key=lambda log: log.created_ms)
    for count in range(len(ordered) + 1):
        known = ordered[:count]
        fresh = [log for log in known if cursor.is_news(log)]
        told += [log.id for log in fresh]
        cursor = cursor.after(fresh)
        again = messages.parse_cursor(str(cursor))
        assert again == cursor
    assert sorted(told) == sorted(log.id for log in found)


@pytest.mark.parametrize(
    "text", ["", "{}", '{"at":-1,"ids":[]}', '{"at":1,"ids":[1]}', '{"at":1}', "[" * 9000, "\ud800"]
)
def test_a_cursor_of_somebody_elses_is_none(text: str) -> None:
    """DR-13."""
    assert messages.parse_cursor(text) is None


@given(anything)
def test_any_json_is_read_or_not_and_never_a_crash(found: object) -> None:
    """DR-13."""
    for body in (json.dumps(found).encode(), json.dumps([found]).encode()):
        messages.parse_logs(body, EVENTS)
        messages.parse_keys(body, KEYS)
        messages.parse_cursor(body.decode())


@given(st.sampled_from([[LOG], [KEY]]), st.binary(max_size=20), st.integers(0, 400))
def test_bytes_that_were_cut_are_nothing(whole: list[object], noise: bytes, at: int) -> None:
    """DR-13: and noise in them is no crash."""
    body = json.dumps(whole).encode()
    cut = body[: at % len(body)]
    assert messages.parse_logs(cut, EVENTS) is None
    assert messages.parse_keys(cut, KEYS) is None
    messages.parse_logs(cut + noise + body[len(cut) :], EVENTS)
    messages.parse_keys(cut + noise + body[len(cut) :], KEYS)


def test_too_much_and_too_deep_is_nothing() -> None:
    """DR-13."""
    for body in (b"[" + b" " * messages.LARGEST_ANSWER + b"]", b"[" * 100_000 + b"]" * 100_000, b"[NaN]", b"\xff"):
        assert messages.parse_logs(body, EVENTS) is None
        assert messages.parse_keys(body, KEYS) is None


def test_addresses_are_taken_out_of_what_parakey_says() -> None:
    """DR-06: a refusal is shown and written down; whom it is about is not."""
    assert (
        messages.without_addresses('{"error":"no access for anna@example.org"}') == '{"error":"no access for (address)'
    )
