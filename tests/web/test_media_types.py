"""A body is JSON or is refused for not being it; no body at all is an empty one."""

import json

import pytest

from appliance.foundation.instants import HOUR
from tests.builders import NOW
from tests.web.api_client import Api, problem

LATER = NOW + 30 * HOUR


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", "application/xml", None])
def test_a_body_that_is_no_json_is_told_what_to_send(api: Api, kind: str | None) -> None:
    """DY-06, RFC 9110 section 15.5.16: and nothing is booked."""
    body = json.dumps(api.booking(LATER))
    answer = api.client.post("/api/v1/bookings", data=body, content_type=kind, headers={"Accept-Language": "en"})
    assert (answer.status_code, problem(answer)["code"]) == (415, "unsupported_media_type")
    assert "application/json" in problem(answer)["title"]
    assert api.site.rows("SELECT count(*) FROM booking") == [(0,)]


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8", "application/problem+json"])
def test_a_body_that_is_json_is_read(api: Api, kind: str) -> None:
    """Negative control: the same body under a type that says what it is."""
    answer = api.client.post("/api/v1/bookings", data=json.dumps(api.booking(LATER)), content_type=kind)
    assert answer.status_code == 201, answer.text


def test_a_call_that_needs_no_words_may_come_without_a_body(api: Api) -> None:
    """Staff cancels without a code, with and without a key of the request."""
    staff = api.staff()
    for headers in ({}, {"Idempotency-Key": "k-1"}):
        made = api.booked(LATER)
        answer = staff.client.post(f"/api/v1/bookings/{made['id']}/cancel", headers={**staff.headers, **headers})
        assert (answer.status_code, answer.get_json()["status"]) == (200, "cancelled")
