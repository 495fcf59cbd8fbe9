"""What VAKA Online says is read exactly or not at all (DR-05, DR-13)."""

import json
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.foundation.instants import HOUR, Interval
from drivers.axema import messages

START = 1_800_000_000
TOKEN = {"token_type": "Bearer", "expires_in": 3599, "access_token": "abc.def"}
ACCEPTED = {"correlationId": "f2be8082-5815-4f57-be97-b1e730ceda85", "timestamp": "2024-01-01T00:30:00.1231Z"}
ENTRY = {
    "id": "r-1",
    "userId": "u-1",
    "ownerType": "User",
    "status": "Unused",
    "resourceId": "res-1",
    "startTime": "2027-01-15T08:00Z",
    "endTime": "2027-01-15T09:00:00.000Z",
}
PAGE = {"reservations": [ENTRY], "continuationToken": "next please"}
SCHEDULES = {
    "timeSchedules": [{"id": "s-1", "scheduleType": "Week", "schedule": [[[360, 60], [420, 60]], []]}],
    "continuationToken": None,
}
# As printed on the vendor's page guides/webhooks.
RESULT = {
    "correlationId": "f2be8082-5815-4f57-be97-b1e730ceda85",
    "eventType": "operationResult",
    "eventData": {"succeded": True, "errorCode": None, "errorDescription": None},
    "timestamp": "2024-01-01T00:30:00.1231Z",
}
WHOLE = [TOKEN, ACCEPTED, PAGE, SCHEDULES, RESULT]
READERS = [
    messages.parse_token,
    messages.parse_accepted,
    messages.parse_page,
    messages.parse_schedules,
    messages.parse_result,
]
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def test_what_the_vendor_prints_is_read() -> None:
    """DR-05: its own examples."""
    assert messages.parse_token(json.dumps(TOKEN).encode()) == messages.Token("abc.def", 3599)
    assert messages.parse_accepted(json.dumps(ACCEPTED).encode()) == ACCEPTED["correlationId"]
    page = messages.parse_page(json.dumps(PAGE).encode())
    assert page is not None
    assert page.following == "next please"
    assert page.reservations[0].window == Interval(START, START + HOUR)
    assert messages.parse_schedules(json.dumps(SCHEDULES).encode()) == ({"s-1": (((360, 60), (420, 60)), ())}, None)
    result = messages.parse_result(json.dumps(RESULT).encode())
    assert result == messages.Result(ACCEPTED["correlationId"], "operationResult", True)


def test_what_is_asked_is_as_the_vendor_prints_it() -> None:
    """DR-05: times to the minute in UTC, the form of RFC 6749."""
    body = json.loads(messages.reservation_request("u-1", "res-1", Interval(START, START + HOUR)))
    assert body == {
        "userId": "u-1",
        "resourceId": "res-1",
        "startTime": "2027-01-15T08:00Z",
        "endTime": "2027-01-15T09:00Z",
    }
    form = parse_qs(messages.token_request("me", "s&cret", "api://x/.default").decode())
    assert form["client_secret"] == ["s&cret"]
    assert messages.listing_path("sys", "a&b=c").endswith("continuationToken=a%26b%3Dc")


@pytest.mark.parametrize("spelling", ["succeeded", "success"])
def test_a_result_is_told_by_the_vendors_spelling_alone(spelling: str) -> None:
    """DR-05: `succeded`; a result that does not say it says nothing."""
    other = {**RESULT, "eventData": {spelling: True}}
    assert messages.parse_result(json.dumps(other).encode()) is None


def test_a_failure_is_shown_in_one_clean_line() -> None:
    """DR-13: what a vendor writes is for people's eyes, not for their terminals."""
    data = {"succeded": False, "errorCode": "E\x1b[31m7", "errorDescription": "no\nslot " * 100}
    result = messages.parse_result(json.dumps({**RESULT, "eventData": data}).encode())
    assert result is not None
    assert result.error.startswith("E [31m7: no slot no slot")
    assert result.error.isprintable()
    assert len(result.error) < 420


@given(anything)
def test_any_json_is_read_or_not_and_never_a_crash(found: object) -> None:
    """DR-13."""
    body = json.dumps(found).encode()
    for read in READERS:
        read(body)


@given(st.sampled_from(WHOLE), st.binary(max_size=20), st.integers(0, 400))
def test_bytes_that_were_cut_or_filled_with_noise_are_nothing_or_something_whole(
    whole: dict[str, object], noise: bytes, at: int
) -> None:
    """DR-13: what lost its end is nothing."""
    body = json.dumps(whole).encode()
    cut = body[: at % len(body)]
    for read in READERS:
        assert read(cut) is None
        read(cut + noise + body[len(cut) :])


@given(st.sampled_from(WHOLE), st.data())
def test_a_value_of_another_type_is_refused_or_unused(whole: dict[str, object], data: st.DataObject) -> None:
    """DR-13: one value replaced by anything at all."""
    name = data.draw(st.sampled_from(sorted(whole)))
    spoiled = json.dumps({**whole, name: data.draw(anything)}).encode()
    for read in READERS:
        read(spoiled)


def test_too_much_and_too_deep_is_nothing() -> None:
    """DR-13: a body of any size, a nest of any depth, a number of any length, a name said twice."""
    for body in (
        b'{"correlationId":"a"' + b" " * messages.LARGEST_ANSWER + b"}",
        b'{"reservations":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"token_type":"Bearer","access_token":"a","expires_in":' + b"9" * 5000 + b"}",
        b'{"correlationId":"a","correlationId":"b"}',
        b'{"correlationId":NaN}',
    ):
        assert [read(body) for read in READERS] == [None] * len(READERS)
    many = {"reservations": [ENTRY] * (messages.PAGE_SIZE + 1)}
    assert messages.parse_page(json.dumps(many).encode()) is None
