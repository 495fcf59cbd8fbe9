"""Every POST that names itself is carried out once, and answered the same each time (DESIGN: public contract)."""

from collections.abc import Callable

import pytest

from appliance.foundation.instants import HOUR, format_instant
from tests.builders import NOW, STOCKHOLM
from tests.web.api_client import Api, problem

LATER = NOW + 30 * HOUR


def shown(instant: int) -> str:
    return format_instant(instant, STOCKHOLM)


def book(api: Api) -> tuple[str, dict[str, object]]:
    return "/bookings", api.booking(LATER)


def hold(_api: Api) -> tuple[str, dict[str, object]]:
    return "/holds", {"service": "padel", "start": shown(LATER)}


def cancel(api: Api) -> tuple[str, dict[str, object]]:
    made = api.booked(LATER)
    return f"/bookings/{made['id']}/cancel", {"cancel_code": made["cancel_code"]}


def move(api: Api) -> tuple[str, dict[str, object]]:
    made = api.booked(LATER)
    return f"/bookings/{made['id']}/move", {"start": shown(LATER + HOUR), "cancel_code": made["cancel_code"]}


def extend(api: Api) -> tuple[str, dict[str, object]]:
    made = api.booked(LATER)
    return f"/bookings/{made['id']}/extend", {"duration": 90, "cancel_code": made["cancel_code"]}


def check_out(api: Api) -> tuple[str, dict[str, object]]:
    made = api.booked(LATER)
    api.site.clock.set(LATER)
    return f"/bookings/{made['id']}/check-out", {"cancel_code": made["cancel_code"]}


Asking = Callable[[Api], tuple[str, dict[str, object]]]
EVERY = pytest.mark.parametrize("asking", [book, hold, cancel, move, extend, check_out])


@EVERY
def test_the_same_request_twice_is_answered_the_same(api: Api, asking: Asking) -> None:
    """DY-06: a lost answer does not make a second booking, a second hold or yet another PIN."""
    path, body = asking(api)
    first = api.post(path, body, Idempotency_Key="k-1")
    head = api.site.rows("SELECT max(seq), (SELECT count(*) FROM booking) FROM journal")
    second = api.post(path, body, Idempotency_Key="k-1")
    assert first.status_code in (200, 201)
    assert (second.status_code, second.get_json()) == (first.status_code, first.get_json())
    assert api.site.rows("SELECT max(seq), (SELECT count(*) FROM booking) FROM journal") == head


@EVERY
def test_the_same_key_for_something_else_is_a_conflict(api: Api, asking: Asking) -> None:
    """DY-06: another body, or the same body for another address."""
    path, body = asking(api)
    api.post("/holds", {"service": "padel", "start": shown(LATER + 9 * HOUR)}, Idempotency_Key="k-1")
    answer = api.post(path, body, Idempotency_Key="k-1")
    assert (answer.status_code, problem(answer)["code"]) == (409, "idempotency_conflict")


def test_a_key_is_one_to_two_hundred_characters(api: Api) -> None:
    path, body = book(api)
    for key in ("", "k" * 201):
        assert api.post(path, body, Idempotency_Key=key).status_code == 422
    assert api.post(path, body, Idempotency_Key="k" * 200).status_code == 201


def test_knowing_the_key_of_somebody_elses_cancel_is_not_enough(api: Api) -> None:
    """BM-22: the answer is made again only for who sends the very same body, code included."""
    path, body = cancel(api)
    api.post(path, body, Idempotency_Key="k-1")
    stranger = api.another()
    assert stranger.post(path, {}, Idempotency_Key="k-1").status_code == 409
    assert stranger.post(path, {}, Idempotency_Key="k-2").status_code == 404


def test_no_secret_of_an_answer_is_kept_for_the_second_time(api: Api) -> None:
    """AC-01: the answer is made again from the secrets; the file keeps digests."""
    path, body = book(api)
    made = api.post(path, body, Idempotency_Key="k-1").get_json()
    kept = api.site.rows("SELECT * FROM idempotency")
    assert len(kept) == 1
    assert str(made["cancel_code"]) not in str(kept)
    assert made["keys"][0]["code"] not in str(kept)
