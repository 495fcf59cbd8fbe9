"""Booking over HTTP: what is answered, what is refused and why, and who may see it (BM-10, BM-22, BM-24, DY-15)."""

from datetime import date

import pytest

from appliance.foundation.instants import DAY, HOUR, at_local, format_instant, parse_instant
from tests.builders import NOW, STOCKHOLM, TEN
from tests.web.api_client import Api, codes, problem

LATER = NOW + 30 * HOUR
LESSON = NOW + 9 * HOUR


def shown(instant: int) -> str:
    return format_instant(instant, STOCKHOLM)


@pytest.mark.feature("BM-24", "DY-15")
def test_a_booking_comes_with_its_keys_its_code_and_its_link(api: Api) -> None:
    """BM-24, DY-15: everything the customer needs is in the one answer."""
    made = api.booked(LATER, resource="court-2", duration=90)
    assert (made["status"], made["start"], made["end"]) == ("confirmed", shown(LATER), shown(LATER + 90 * 60))
    assert made["price"] == {"amount": 46_000, "currency": "SEK"}
    assert made["resources"] == [api.site.resource("court-2")]
    pin, qr = made["keys"]
    assert (pin["kind"], len(pin["code"]), pin["code"].isdigit()) == ("pin", 6, True)
    assert (qr["kind"], "token" in qr) == ("qr", True)
    assert pin["valid_from"] == shown(LATER - 900)
    assert len(str(made["cancel_code"])) == 14
    link = str(made["links"]["self"])
    seen = api.another().client.get(link.removeprefix("http://unit.test"))
    assert seen.get_json() == made
    assert made["links"]["page"] == link.replace("/api/v1/bookings/", "/k/")
    assert parse_instant(str(made["start"])) == LATER


@pytest.mark.feature("DY-06", "SH-16")
def test_what_is_offered_can_be_booked_until_it_is_gone(api: Api) -> None:
    """DY-06, SH-16: each offered start is accepted, and no longer offered once its last court is taken."""
    answer = api.get("/slots", service="padel", from_=shown(TEN), to=shown(TEN + HOUR))
    assert answer.status_code == 200
    slots = answer.get_json()["slots"]
    assert [slot["start"] for slot in slots] == [shown(TEN + 900 * n) for n in range(4)]
    assert [slot["seats_left"] for slot in slots] == [4, 4, 4, 4]
    for left in (3, 2, 1, 0):
        api.booked(TEN)
        found = api.get("/slots", service="padel", from_=shown(TEN), to=shown(TEN + 1)).get_json()["slots"]
        assert [slot["seats_left"] for slot in found] == ([left] if left else [])
    refused = api.post("/bookings", api.booking(TEN))
    assert (refused.status_code, problem(refused)["reason"]) == (409, "slot_taken")


@pytest.mark.feature("DY-24")
def test_both_passes_of_a_repeated_hour_are_offered_with_their_offsets(api: Api) -> None:
    """DY-24: 02:30+02:00 and 02:30+01:00, and in spring no time that does not exist."""
    for night, wanted in (
        (date(2027, 10, 31), ["02:30:00+02:00", "02:45:00+02:00", "02:00:00+01:00", "02:15:00+01:00"]),
        (date(2027, 3, 28), ["01:30:00+01:00", "01:45:00+01:00", "03:00:00+02:00", "03:15:00+02:00"]),
    ):
        api.site.clock.set(at_local(night, 0, STOCKHOLM) - DAY)
        first = at_local(night, 150, STOCKHOLM) if night.month == 10 else at_local(night, 90, STOCKHOLM)
        found = api.get("/slots", service="padel", from_=shown(first), to=shown(first + HOUR)).get_json()["slots"]
        assert [slot["start"][11:] for slot in found] == wanted
        for slot in found:
            body = {**api.booking(TEN), "start": slot["start"]}
            assert api.post("/bookings", body).get_json()["start"] == slot["start"]


def test_all_mistakes_in_a_body_are_told_at_once(api: Api) -> None:
    """DY-15: nobody mends a form one field at a time."""
    body = {
        "service": "curling", "start": "2026-12-01", "quantity": -1, "duration": 0, "resource": "court-9", "x": 1,
        "customer": {"name": "A" * 121, "email": "no", "phone": "12"},
    }  # fmt: skip
    answer = api.post("/bookings", body)
    assert answer.status_code == 422
    assert {field for field, _ in codes(answer)} == {
        "service", "start", "quantity", "duration", "resource", "x", "customer.name",
    } | ({field for field, _ in codes(answer)} & {"customer.email", "customer.phone"})  # fmt: skip
    answer = api.post("/bookings", {**body, "customer": {"name": "A", "email": "no", "phone": "12"}})
    assert {"customer.email", "customer.phone", "start", "service"} <= {field for field, _ in codes(answer)}
    empty = api.post("/bookings", {})
    assert codes(empty) == {("service", "missing"), ("start", "missing"), ("customer", "missing")}
    assert codes(api.post("/bookings", api.booking(LATER, customer={}))) == {("customer.email", "contact_missing")}


@pytest.mark.parametrize(
    ("parts", "status", "reason"),
    [
        ({"start": shown(LATER + 60)}, 422, "off_grid"),
        ({"start": shown(NOW - 900)}, 422, "in_the_past"),
        ({"start": shown(NOW + 29 * DAY)}, 403, "too_early"),
        ({"duration": 75}, 422, "duration_not_offered"),
        ({"quantity": 2}, 422, "quantity_not_offered"),
        ({"resource": "class-places"}, 422, "resource_not_offered"),
        ({"hold": "01900000-0000-7000-8000-000000000000"}, 409, "hold_gone"),
    ],
)
@pytest.mark.parametrize("language", ["sv", "en", "fr"])
def test_each_refusal_has_its_status_its_reason_and_a_sentence(
    api: Api, parts: dict[str, object], status: int, reason: str, language: str
) -> None:
    """DY-15: and, where waiting helps, the instant at which it would pass."""
    answer = api.post("/bookings", {**api.booking(LATER), **parts}, Accept_Language=language)
    told = problem(answer)
    assert (answer.status_code, told["code"], told["reason"]) == (status, reason, reason)
    assert told["passes_at"] == (shown(NOW + DAY) if reason == "too_early" else None)
    assert api.site.rows("SELECT count(*) FROM booking") == [(0,)]


@pytest.mark.parametrize(
    "start",
    ["2026-12-01T10:00:00", "2026-12-01", "10:00", "", "tomorrow", 1796029200, None, True, ["x"], {"a": 1},
     "2026-12-01T10:00:00.5+01:00", "2026-02-30T10:00:00+01:00", "9999-12-31T23:59:59-23:59",
     "0001-01-01T00:00:00+23:59",
     "2026-12-01T10:00:00+01:00" + "0" * 500],
)  # fmt: skip
def test_a_time_without_its_offset_or_sense_is_refused(api: Api, start: object) -> None:
    """DY-15."""
    answer = api.post("/bookings", {**api.booking(LATER), "start": start})
    assert answer.status_code == 422
    assert {field for field, _ in codes(answer)} == {"start"}


@pytest.mark.parametrize("quantity", [-1, 0, 1001, 2**70, 1.5, "2", None, True, "NaN"])
def test_a_quantity_that_is_none_is_refused(api: Api, quantity: object) -> None:
    """DY-15."""
    answer = api.post("/bookings", api.booking(LESSON, service="padel-class", quantity=quantity))
    assert answer.status_code == 422
    assert {field for field, _ in codes(answer)} == {"quantity"}


@pytest.mark.parametrize(
    ("raw", "status"),
    [(b"{bad", 400), (b"", 400), (b"[]", 422), (b'"x"', 422), (b"null", 422), (b"\xff\xfe", 400),
     (b'{"quantity": ' + b"9" * 5000 + b"}", 400),
     (b'{"start": NaN}', 422), (b"[" * 20_000, 400), (b'{"customer": "x"}', 422), (b'{"customer": [1]}', 422)],
)  # fmt: skip
def test_what_is_no_json_object_is_refused(api: Api, raw: bytes, status: int) -> None:
    """DY-15."""
    answer = api.client.post("/api/v1/bookings", data=raw, content_type="application/json")
    assert answer.status_code in (status, 422)
    problem(answer)


def test_a_name_of_a_megabyte_is_refused_unread(api: Api) -> None:
    """DY-15: and so is one that merely does not fit."""
    huge = api.post("/bookings", api.booking(LATER, customer={"name": "A" * 1_000_000, "email": "a@example.se"}))
    assert (huge.status_code, problem(huge)["code"]) == (413, "request_entity_too_large")
    long = api.post("/bookings", api.booking(LATER, customer={"name": "A" * 5000, "email": "a@example.se"}))
    assert codes(long) == {("customer.name", "too_long")}
    odd = api.post("/bookings", api.booking(LATER, customer={"name": "A\x00B", "email": "a@example.se"}))
    assert odd.status_code == 422


@pytest.mark.parametrize("booking_id", ["x", "01900000-0000-7000-8000-000000000000", "..%2f..", "%00", "' OR 1=1 --"])
@pytest.mark.parametrize("verb", ["", "/cancel", "/move", "/extend", "/check-out"])
def test_a_booking_that_is_not_there_is_not_found(api: Api, booking_id: str, verb: str) -> None:
    """BM-22: also for staff; never a fault."""
    for caller in (api, api.staff()):
        body = {"/move": {"start": shown(LATER)}, "/extend": {"duration": 90}}.get(verb, {})
        answer = caller.post(f"/bookings/{booking_id}{verb}", body) if verb else caller.get(f"/bookings/{booking_id}")
        assert answer.status_code == 404
        problem(answer)


@pytest.mark.feature("BM-22")
def test_a_booking_is_cancelled_with_its_code_and_the_code_only_once(api: Api) -> None:
    """BM-22: in force at the doors before the answer, or the answer says so."""
    made = api.booked(LATER)
    path = f"/bookings/{made['id']}/cancel"
    for wrong in ({}, {"cancel_code": ""}, {"cancel_code": "AAAA-BBBB-CCCC"}, {"cancel_code": "x" * 60}):
        assert api.post(path, wrong).status_code == 404
    lower = str(made["cancel_code"]).lower().replace("-", " ")
    answer = api.post(path, {"cancel_code": lower})
    told = answer.get_json()
    assert (answer.status_code, told["status"], told["revocation"], told["keys"]) == (200, "cancelled", "done", [])
    assert "cancel_code" not in told
    assert ("catch_up", api.site.rows("SELECT max(seq) FROM journal WHERE entity = 'key'")[0][0]) in api.doors.asked
    assert api.post(path, {"cancel_code": made["cancel_code"]}).status_code == 404
    again = api.staff().post(path, {})
    assert (again.status_code, problem(again)["reason"]) == (409, "not_cancellable")


@pytest.mark.parametrize(("away", "reached"), [(True, None), (False, 0)])
def test_a_cancel_that_the_doors_have_not_heard_of_is_pending(api: Api, away: bool, reached: int | None) -> None:
    """BM-22: the booking is cancelled all the same."""
    made = api.booked(LATER)
    api.doors.away, api.doors.reached = away, reached
    answer = api.post(f"/bookings/{made['id']}/cancel", {"cancel_code": made["cancel_code"]})
    assert (answer.status_code, answer.get_json()["revocation"]) == (200, "pending")


@pytest.mark.parametrize(("used", "away", "status"), [(False, False, 200), (True, False, 403), (False, True, 200)])
def test_a_cancel_by_grace_asks_the_door_first(api: Api, used: bool, away: bool, status: int) -> None:
    """BRP-21: a used key ends the grace; a door that cannot be asked keeps nobody from cancelling."""
    made = api.booked(TEN)
    api.doors.used, api.doors.away = used, away
    answer = api.post(f"/bookings/{made['id']}/cancel", {"cancel_code": made["cancel_code"]})
    assert answer.status_code == status
    assert away or ("retire", made["id"]) in api.doors.asked
    if status == 403:
        assert problem(answer)["reason"] == "too_late_to_cancel"


def test_a_move_gives_new_keys_and_leaves_the_code(api: Api) -> None:
    """BM-22: the code is used up by cancelling only."""
    made = api.booked(LATER)
    path, body = f"/bookings/{made['id']}/move", {"start": shown(LATER + HOUR), "cancel_code": made["cancel_code"]}
    told = api.post(path, body).get_json()
    assert (told["start"], told["number"], told["cancel_code"]) == (
        shown(LATER + HOUR), made["number"], made["cancel_code"],
    )  # fmt: skip
    assert told["keys"] != made["keys"]
    assert api.post(path, {"start": shown(LATER + 2 * HOUR)}).status_code == 404
    assert api.post(path, {**body, "start": shown(LATER + 61)}).status_code == 422
    assert api.post(path, {"cancel_code": made["cancel_code"]}).status_code == 422


def test_a_link_shows_and_does_not_change(api: Api) -> None:
    """BM-22: who finds a link in a mailbox can read it; to cancel takes the code."""
    made = api.booked(LATER)
    sig = str(made["links"]["self"]).partition("sig=")[2]
    stranger = api.another()
    assert stranger.get(f"/bookings/{made['id']}").status_code == 404
    assert stranger.get(f"/bookings/{made['id']}", sig=sig).status_code == 200
    assert stranger.get(f"/bookings/{made['id']}", sig=sig[:-1] + "_").status_code == 404
    assert stranger.client.post(f"/api/v1/bookings/{made['id']}/cancel?sig={sig}", json={}).status_code == 404
    other = api.booked(LATER)
    assert stranger.get(f"/bookings/{other['id']}", sig=sig).status_code == 404
    assert stranger.get(f"/bookings/{made['id']}", cancel_code=made["cancel_code"]).status_code == 200


def test_a_hold_is_kept_taken_up_and_given_back(api: Api) -> None:
    """DY-15."""
    wish = {"service": "padel", "start": shown(LATER)}
    held = api.post("/holds", wish)
    assert (held.status_code, held.get_json()["expires_at"]) == (201, shown(NOW + 300))
    customer = {"name": "Bo", "phone": "070-174 06 05"}
    made = api.post("/bookings", {"hold": held.get_json()["id"], "customer": customer})
    assert (made.status_code, made.get_json()["id"]) == (201, held.get_json()["id"])
    assert api.delete(f"/holds/{made.get_json()['id']}").status_code == 409
    second = api.post("/holds", wish).get_json()["id"]
    assert api.delete(f"/holds/{second}").status_code == 204
    assert api.delete(f"/holds/{second}").status_code == 409
    late = api.post("/holds", wish).get_json()["id"]
    api.site.clock.advance(300)
    gone = api.post("/bookings", {"hold": late, "customer": customer})
    assert (gone.status_code, problem(gone)["reason"]) == (409, "hold_gone")
