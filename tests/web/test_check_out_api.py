"""Checking out over HTTP: whose booking it is, what is answered, and what is free afterwards (AC-07)."""

from datetime import date

import pytest

from appliance.foundation.instants import DAY, HOUR, MINUTE, at_local, format_instant
from appliance.web.kiosk_desk import KioskDesk
from appliance.web.unit import EXTENSION
from kiosk_ui.desk import CheckOutView
from tests.builders import STOCKHOLM, TEN
from tests.web.api_client import Api, problem

ORDINARY, SPRING, AUTUMN = date(2026, 12, 1), date(2027, 3, 28), date(2027, 10, 31)


def shown(instant: int) -> str:
    return format_instant(instant, STOCKHOLM)


@pytest.mark.feature("AC-07")
def test_a_booking_is_checked_out_of_with_its_code_which_stays_good(api: Api) -> None:
    """AC-07: in force at the doors before the answer, with the same keys for ten minutes more."""
    made = api.booked(TEN)
    path, code = f"/bookings/{made['id']}/check-out", {"cancel_code": made["cancel_code"]}
    api.site.clock.set(TEN + 20 * MINUTE)
    for wrong in ({}, {"cancel_code": ""}, {"cancel_code": "AAAA-BBBB-CCCC"}):
        assert api.post(path, wrong).status_code == 404
    answer = api.post(path, code)
    told = answer.get_json()
    assert (answer.status_code, told["status"], told["revocation"]) == (200, "completed", "done")
    assert (told["start"], told["end"], told["price"]) == (made["start"], made["end"], made["price"])
    assert [key["valid_to"] for key in told["keys"]] == [shown(TEN + 30 * MINUTE)] * 2
    assert told["keys"][0]["code"] == made["keys"][0]["code"]
    assert told["cancel_code"] == made["cancel_code"]
    assert ("catch_up", api.site.rows("SELECT max(seq) FROM journal WHERE entity = 'key'")[0][0]) in api.doors.asked
    again = api.post(path, code)
    assert (again.status_code, problem(again)["reason"]) == (409, "already_ended")


def test_before_its_start_the_answer_says_from_when_and_what_to_do_instead(api: Api) -> None:
    """AC-07: in the caller's language."""
    made = api.booked(TEN)
    for language in ("sv", "en", "fr"):
        path = f"/bookings/{made['id']}/check-out"
        answer = api.post(path, {"cancel_code": made["cancel_code"]}, Accept_Language=language)
        told = problem(answer)
        assert (answer.status_code, told["code"], told["passes_at"]) == (409, "not_begun", made["start"])


def test_staff_check_out_for_who_forgot_to_and_the_journal_says_who(api: Api) -> None:
    """AC-07: without a code."""
    made = api.booked(TEN)
    api.site.clock.set(TEN + HOUR - 1)
    assert api.staff().post(f"/bookings/{made['id']}/check-out", {}).status_code == 200
    (actor,) = api.site.rows("SELECT actor FROM journal WHERE verb = 'checked_out'")
    assert str(actor[0]).startswith("staff:")


@pytest.mark.parametrize(("away", "reached"), [(True, None), (False, 0)])
def test_a_check_out_that_the_doors_have_not_heard_of_is_pending(api: Api, away: bool, reached: int | None) -> None:
    """AC-07: the booking is over all the same."""
    made = api.booked(TEN)
    api.site.clock.set(TEN)
    api.doors.away, api.doors.reached = away, reached
    answer = api.post(f"/bookings/{made['id']}/check-out", {"cancel_code": made["cancel_code"]})
    assert (answer.status_code, answer.get_json()["revocation"]) == (200, "pending")


def test_a_link_does_not_check_out(api: Api) -> None:
    """AC-07: as it neither cancels nor moves; who finds it in a mailbox can read it."""
    made = api.booked(TEN)
    api.site.clock.set(TEN)
    sig = str(made["links"]["self"]).partition("sig=")[2]
    stranger = api.another()
    assert stranger.client.post(f"/api/v1/bookings/{made['id']}/check-out?sig={sig}", json={}).status_code == 404


@pytest.mark.feature("AC-07")
@pytest.mark.parametrize(
    ("night", "minute", "left", "ends", "starts"),
    [
        (ORDINARY, 90, 10, "2026-12-01T01:50:00+01:00", ["02:00:00+01:00", "02:15:00+01:00"]),
        (SPRING, 90, 10, "2027-03-28T01:50:00+01:00", ["03:00:00+02:00", "03:15:00+02:00"]),
        (SPRING, 90, 20, "2027-03-28T03:00:00+02:00", ["03:00:00+02:00", "03:15:00+02:00"]),
        (SPRING, 90, 21, "2027-03-28T03:01:00+02:00", ["03:15:00+02:00", "03:30:00+02:00"]),
        (AUTUMN, 90, 65, "2027-10-31T02:45:00+02:00", ["02:45:00+02:00", "02:00:00+01:00"]),
        (AUTUMN, 90, 66, "2027-10-31T02:46:00+02:00", ["02:00:00+01:00", "02:15:00+01:00"]),
        (AUTUMN, 150, 25, "2027-10-31T02:05:00+01:00", ["02:15:00+01:00", "02:30:00+01:00"]),
    ],
)
def test_the_rest_of_the_time_is_offered_again_in_both_nights(
    api: Api, night: date, minute: int, left: int, ends: str, starts: list[str]
) -> None:
    """AC-07: the first start of the grid after the grace, with its offset; the keys end by real time."""
    start = at_local(night, minute, STOCKHOLM)
    api.site.clock.set(start - DAY)
    made = api.booked(start, resource="court-1", duration=90)
    api.site.clock.set(start + left * MINUTE)
    told = api.post(f"/bookings/{made['id']}/check-out", {"cancel_code": made["cancel_code"]}).get_json()
    assert {key["valid_to"] for key in told["keys"]} == {ends}
    query = {"service": "padel", "resource": "court-1", "from_": shown(start), "to": shown(start + 2 * HOUR)}
    found = [slot["start"][11:] for slot in api.get("/slots", **query).get_json()["slots"]]
    assert found[:2] == starts


def test_the_kiosk_checks_out_by_the_code(api: Api) -> None:
    """AC-07: it offers to from the start of the booking on, and says until when the keys open."""
    made = api.booked(TEN)
    desk, code = KioskDesk(api.app.extensions[EXTENSION], None), str(made["cancel_code"])
    before = desk.booking(code)
    assert before is not None
    assert before.check_out_refusal is not None
    assert (before.check_out_refusal.reason, before.check_out_refusal.passes_at) == ("not_begun", TEN)
    api.site.clock.set(TEN)
    running = desk.booking(code)
    assert running is not None
    assert running.check_out_refusal is None
    assert desk.check_out(code) == CheckOutView(str(made["number"]), TEN + 600, revocation_pending=False)
    over = desk.booking(code)
    assert over is not None
    assert over.status == "completed"
    assert over.check_out_refusal is not None
    assert getattr(desk.check_out("AAAA-BBBB-CCCC"), "reason", None) == "unknown_booking"
    assert getattr(desk.check_out(code), "reason", None) == "already_ended"
