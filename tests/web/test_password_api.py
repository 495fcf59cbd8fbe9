"""Changing one's password over the API, and what a password for one time is good for until then."""

import pytest

from appliance.foundation.instants import HOUR
from appliance.identity.signing_in import FIRST_LOCK_S, FREE_TRIES
from tests.builders import ADMIN, NOW
from tests.web.api_client import Api, codes, problem

NEW = "nio små hästar"
LATER = NOW + 30 * HOUR
RELEASE = ("/doors/entrance/release", {"reason": "locked out"})


def change(api: Api, old: str, new: str = NEW, **headers: str) -> int:
    return api.post("/session/password", {"old": old, "new": new}, **headers).status_code


def test_staff_changes_the_password_and_goes_on(api: Api) -> None:
    """SH-10: with a new cookie and CSRF token; the sessions elsewhere are over."""
    staff, elsewhere = api.staff(), api.staff()
    answer = staff.post("/session/password", {"old": api.site.password, "new": NEW})
    told = answer.get_json()
    assert (answer.status_code, told["user"], told["must_change_password"]) == (200, ADMIN, False)
    assert told["csrf_token"] != staff.headers["X-CSRF-Token"]
    assert all(part in answer.headers["Set-Cookie"] for part in ("portvakt_session=", "HttpOnly", "SameSite=Strict"))
    assert staff.post(*RELEASE).status_code == 403
    staff.headers["X-CSRF-Token"] = told["csrf_token"]
    assert staff.post(*RELEASE).status_code == 200
    assert elsewhere.get("/journal").status_code == 401
    assert api.staff(NEW).get("/journal").status_code == 200


def test_only_a_session_with_its_csrf_token_changes_a_password(api: Api) -> None:
    """SH-10: and a stranger learns nothing of the body."""
    assert problem(api.post("/session/password", {}))["code"] == "unauthorised"
    assert api.bearer("reader").post("/session/password", {}).status_code == 401
    assert change(api.staff(), api.site.password, X_CSRF_Token="wrong") == 403
    api.staff()


@pytest.mark.parametrize(
    ("old", "new", "status", "reason", "field"),
    [
        ("a guess", NEW, 401, "wrong_sign_in", set()),
        ("", "short", 422, "password_too_short", {("new", "password_too_short")}),
        ("", "", 422, "password_too_short", {("new", "password_too_short")}),
        ("", "same", 422, "password_unchanged", {("new", "password_unchanged")}),
        ("a guess", "short", 401, "wrong_sign_in", {("new", "password_too_short")}),
    ],
)
def test_a_refused_change_says_why(
    api: Api, old: str, new: str, status: int, reason: str, field: set[tuple[str, str]]
) -> None:
    staff, password = api.staff(), api.site.password
    body = {"old": old or password, "new": password if new == "same" else new}
    answer = staff.post("/session/password", body, Accept_Language="en")
    assert (answer.status_code, problem(answer)["reason"], codes(answer)) == (status, reason, field)
    assert password not in answer.text
    assert staff.get("/journal").status_code == 200


@pytest.mark.parametrize("body", [{}, {"old": "x"}, {"old": 1, "new": None}, {"old": "x", "new": "y" * 1025}])
def test_a_malformed_change_is_told_its_mistakes_and_costs_no_try(api: Api, body: dict[str, object]) -> None:
    staff = api.staff()
    for _ in range(FREE_TRIES + 1):
        answer = staff.post("/session/password", body)
        assert answer.status_code == 422
        assert codes(answer)
    assert change(staff, api.site.password) == 200


def test_guessing_at_an_open_screen_is_as_slow_as_anywhere(api: Api) -> None:
    """AC-10: one count for both, and the right password must wait too."""
    staff = api.staff()
    assert [change(staff, "a guess") for _ in range(FREE_TRIES)] == [401] * FREE_TRIES
    locked = staff.post("/session/password", {"old": api.site.password, "new": NEW}, Accept_Language="en")
    assert (locked.status_code, problem(locked)["passes_at"]) == (429, "2026-11-30T09:00:30+01:00")
    assert problem(locked)["title"] == "Too many tries. Wait until 09:01 and try again."
    assert api.another().post("/session", {"user": ADMIN, "password": api.site.password}).status_code == 429
    api.site.clock.advance(FIRST_LOCK_S)
    assert change(staff, api.site.password) == 200


def test_a_one_time_password_is_good_for_nothing_but_changing_it(api: Api) -> None:
    """SH-10: whatever staff may do, and whatever anybody may do who is not signed in."""
    made = api.booked(LATER)
    staff = api.staff(api.site.one_time_password())
    own, start = f"/bookings/{made['id']}", {"start": api.booking(LATER + HOUR)["start"]}
    answers = {
        "journal": staff.get("/journal"),
        "journal, badly asked": staff.get("/journal", cursor="x"),
        "release": staff.post(*RELEASE),
        "release, badly asked": staff.post(RELEASE[0], {}),
        "booking": staff.get(own),
        "cancel": staff.post(f"{own}/cancel", {}),
        "move": staff.post(f"{own}/move", start),
        "extend": staff.post(f"{own}/extend", {"duration": 120}),
        "book": staff.post("/bookings", staff.booking(LATER + HOUR)),
        "hold": staff.post("/holds", {"service": "padel", **start}),
    }
    for what, answer in answers.items():
        assert (what, answer.status_code, problem(answer)["code"]) == (what, 403, "must_change_password")
        assert "POST /api/v1/session/password" in problem(answer)["title"]
    assert not [call for call in api.doors.asked if call[0] == "release"]
    assert api.site.status(made["id"]) == "confirmed"


def test_who_changed_a_one_time_password_may_do_everything(api: Api) -> None:
    """SH-10."""
    password = api.site.one_time_password()
    staff = api.another()
    begun = staff.post("/session", {"user": ADMIN, "password": password}).get_json()
    assert begun["must_change_password"] is True
    staff.headers["X-CSRF-Token"] = begun["csrf_token"]
    changed = staff.post("/session/password", {"old": password, "new": NEW}).get_json()
    assert changed["must_change_password"] is False
    staff.headers["X-CSRF-Token"] = changed["csrf_token"]
    assert staff.post(*RELEASE).status_code == 200
    assert staff.get("/journal").status_code == 200


def test_who_has_a_one_time_password_may_leave_instead(api: Api) -> None:
    staff = api.staff(api.site.one_time_password())
    assert staff.delete("/session").status_code == 204
    assert problem(staff.get("/journal"))["code"] == "unauthorised"
