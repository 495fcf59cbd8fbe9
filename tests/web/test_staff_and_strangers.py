"""Sessions, throttles, tenants and headers: who gets in, and what the others see."""

from dataclasses import replace
from statistics import median
from time import perf_counter

import pytest

from appliance.foundation.instants import HOUR, format_instant
from appliance.identity import store as identity_store
from appliance.identity.store import SESSION_IDLE_S, SESSION_LIFE_S, SignInThrottle
from tests.builders import BO, NOW, STOCKHOLM, Site, second_facility
from tests.web.api_client import Api, api_of, codes, problem

LATER = NOW + 30 * HOUR
STRANGE_ID = "01900000-0000-7000-8000-000000000000"


def shown(instant: int) -> str:
    return format_instant(instant, STOCKHOLM)


def sign_in(api: Api, password: str, user: str = "admin") -> int:
    return api.post("/session", {"user": user, "password": password}).status_code


def test_staff_signs_in_acts_and_signs_out(api: Api) -> None:
    """SH-10: with cookie and CSRF token; the cookie is out of reach of scripts."""
    staff = api.another()
    answer = staff.post("/session", {"user": "admin", "password": api.site.password})
    told, cookie = answer.get_json(), answer.headers["Set-Cookie"]
    assert (told["user"], told["role"], told["must_change_password"]) == ("admin", "administrator", False)
    assert all(part in cookie for part in ("HttpOnly", "SameSite=Strict", "Path=/"))
    assert staff.get("/journal").status_code == 200
    assert staff.delete("/session").status_code == 403
    staff.headers["X-CSRF-Token"] = told["csrf_token"]
    assert staff.delete("/session").status_code == 204
    assert staff.get("/journal").status_code == 401


@pytest.mark.parametrize("token", ["", "wrong", "0" * 64, "\xe5" * 64])
def test_a_session_changes_nothing_without_its_csrf_token(api: Api, token: str) -> None:
    """SH-10: whatever the call."""
    made = api.booked(LATER)
    staff = api.staff()
    staff.headers["X-CSRF-Token"] = token
    for path, body in (
        (f"/bookings/{made['id']}/cancel", {}),
        ("/bookings", staff.booking(LATER)),
        ("/holds", {"service": "padel", "start": shown(LATER)}),
        ("/doors/entrance/release", {"reason": "test"}),
    ):
        answer = staff.post(path, body)
        assert (answer.status_code, problem(answer)["code"]) == (403, "csrf"), path
    assert staff.get("/journal").status_code == 200
    assert api.site.status(made["id"]) == "confirmed"


def test_the_csrf_token_of_another_session_does_not_do(api: Api) -> None:
    """SH-10."""
    first, second = api.staff(), api.staff()
    first.headers["X-CSRF-Token"] = second.headers["X-CSRF-Token"]
    assert first.delete("/session").status_code == 403


@pytest.mark.parametrize(("idle", "alive"), [(SESSION_IDLE_S - 1, True), (SESSION_IDLE_S, False)])
def test_an_idle_session_ends(api: Api, idle: int, alive: bool) -> None:
    """SH-10: after two hours, to the second."""
    staff = api.staff()
    api.site.clock.advance(idle)
    assert staff.get("/journal").status_code == (200 if alive else 401)


def test_a_busy_session_ends_after_its_life(api: Api) -> None:
    """SH-10: after twelve hours, however busy."""
    staff = api.staff()
    for _ in range(SESSION_LIFE_S // 3600 - 1):
        api.site.clock.advance(3600)
        assert staff.get("/journal").status_code == 200
    api.site.clock.advance(3600)
    assert staff.get("/journal").status_code == 401


@pytest.mark.parametrize("user", ["admin", "nobody", "ADMIN", "å" * 80])
def test_wrong_passwords_are_throttled_for_whoever_they_are_tried(site: Site, user: str) -> None:
    """AC-10: five free tries, then 30 s doubling to 15 min, for a name that exists and one that does not."""
    api = api_of(site)
    assert [sign_in(api, "wrong", user) for _ in range(5)] == [401] * 5
    waits = []
    for _ in range(7):
        locked = api.post("/session", {"user": user, "password": site.password})
        assert locked.status_code == 429
        left = identity_lock(site, user) - site.clock.now()
        assert problem(locked)["passes_at"] == shown(site.clock.now() + left)
        waits.append(left)
        site.clock.advance(left - 1)
        assert sign_in(api, site.password, user) == 429
        site.clock.advance(1)
        assert sign_in(api, "wrong", user) == 401
    assert waits == [30, 60, 120, 240, 480, 900, 900]


def identity_lock(site: Site, user: str) -> int:
    return int(str(site.rows("SELECT locked_until FROM sign_in_throttle WHERE subject = ?", user)[0][0]))


def test_a_lock_out_survives_a_restart_and_the_right_password_ends_the_count(site: Site) -> None:
    """AC-10."""
    api = api_of(site)
    for _ in range(5):
        sign_in(api, "wrong")
    again = site.reopened()
    assert sign_in(api_of(again), site.password) == 429
    site.clock.advance(30)
    assert sign_in(api_of(again), site.password) == 200
    assert [sign_in(api_of(again), "wrong") for _ in range(4)] == [401] * 4
    assert sign_in(api_of(again), site.password) == 200
    again.close()


def test_a_lock_out_from_a_clock_that_was_put_back_does_not_last_for_years(site: Site) -> None:
    """AC-10: no lock is longer than fifteen minutes, so one that seems longer is left over."""
    api = api_of(site)
    for _ in range(5):
        sign_in(api, "wrong")
    site.clock.set(NOW - 400 * 24 * HOUR)
    assert sign_in(api, site.password) == 200


def test_names_that_were_tried_once_are_not_kept_for_ever(site: Site) -> None:
    """AC-10: a flood of made-up names must not fill the card."""
    with site.side.book.write(site.side.scope, "test") as tx:
        for number in range(500):
            identity_store.set_throttle(tx, f"made-up-{number}", SignInThrottle(1, tx.now))
    site.clock.advance(25 * HOUR)
    sign_in(api_of(site), "wrong", "somebody")
    assert site.rows("SELECT subject FROM sign_in_throttle") == [("somebody",)]


@pytest.mark.slow
def test_an_unknown_user_takes_as_long_as_a_known_one(site: Site) -> None:
    """AC-10: the time of an answer tells nobody which users there are."""
    api = api_of(site)
    took: dict[str, list[float]] = {"admin": [], "nobody": []}
    for turn in range(8):
        for user, times in took.items():
            begun = perf_counter()
            assert sign_in(api, "wrong", user) == 401
            times.append(perf_counter() - begun)
        site.clock.advance(1000 if turn >= 3 else 0)
    known, unknown = median(took["admin"][1:]), median(took["nobody"][1:])
    assert 0.4 < unknown / known < 2.5


@pytest.mark.parametrize(
    ("path", "body"),
    [("/session", {}), ("/session", {"user": "a" * 81, "password": "x"}), ("/session", {"user": 1, "password": None})],
)
def test_a_malformed_sign_in_is_told_its_mistakes(api: Api, path: str, body: dict[str, object]) -> None:
    answer = api.post(path, body)
    assert answer.status_code == 422
    assert codes(answer)


def test_the_journal_is_for_staff_and_turns_its_pages(api: Api) -> None:
    """SH-10, BM-10: newest first, each entry once, whatever comes in meanwhile."""
    assert problem(api.get("/journal"))["code"] == "unauthorised"
    assert problem(api.get("/journal", entity="booking", cursor="x"))["code"] == "unauthorised"
    assert api.bearer("reader").get("/journal").status_code == 401
    staff = api.staff()
    with api.site.side.book.write(api.site.side.scope, "test") as tx:
        for number in range(250):
            tx.record("thing", f"t{number}", "made", after={"n": number})
    seen, cursor, pages = [], None, 0
    while cursor is not None or pages == 0:
        page = staff.get("/journal", entity="thing", **({"cursor": cursor} if cursor else {})).get_json()
        seen += [entry["entity_id"] for entry in page["entries"]]
        cursor, pages = page["cursor"], pages + 1
        with api.site.side.book.write(api.site.side.scope, "test") as tx:
            tx.record("thing", f"late{pages}", "made")
    assert seen == [f"t{number}" for number in reversed(range(250))]
    assert pages == 3
    between = staff.get("/journal", from_=shown(NOW), to=shown(NOW + 1)).get_json()["entries"]
    assert between
    assert staff.get("/journal", from_=shown(NOW + 1)).get_json()["entries"] == []


def test_health_is_for_everybody_and_holds_no_secret(api: Api) -> None:
    """DY-06: also when the door process is away."""
    made = api.booked(LATER)
    body = api.get("/health")
    assert {"status", "version", "facility", "clock", "doors", "sync"} <= body.get_json().keys()
    for secret in (
        made["keys"][0]["code"],
        made["cancel_code"],
        api.site.password,
        "Anna",
        str(api.site.settings.data),
    ):
        assert str(secret) not in body.text
    api.doors.away = True
    away = api.get("/health")
    assert (away.status_code, away.get_json()["status"]) == (200, "failing")
    assert api.get("/doors").status_code == 503
    assert api.get("/services").status_code == 200


@pytest.mark.parametrize("path", ["/health", "/services", "/nowhere", "/bookings/x", "/openapi.json"])
def test_every_answer_carries_the_headers_that_keep_it_shut(api: Api, path: str) -> None:
    """DY-06."""
    headers = api.get(path).headers
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    wanted = {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
    assert {name: headers[name] for name in wanted} == wanted


@pytest.mark.parametrize(("method", "status"), [("PUT", 405), ("PATCH", 405), ("DELETE", 405)])
def test_a_wrong_method_is_a_problem_that_names_the_right_ones(api: Api, method: str, status: int) -> None:
    answer = api.client.open("/api/v1/bookings", method=method)
    assert (answer.status_code, problem(answer)["code"]) == (status, "method_not_allowed")
    assert "POST" in answer.headers["Allow"]


PRESENTATION = {"kind": "pin", "value": "123456", "presentation_id": STRANGE_ID}


def test_a_presentation_needs_the_token_of_a_reader_of_that_door(api: Api) -> None:
    """AC-09: nobody, a wrong token, a kiosk's, another door's."""
    path, door_ids = "/doors/entrance/presentations", api.site.world.door_ids
    assert api.post(path, {}).status_code == 401
    for header in ("Bearer x", "Bearer", "Bearer " + "A" * 43, "Basic YTpi", "Bearer \xff"):
        assert api.post(path, PRESENTATION, Authorization=header).status_code == 401
    assert api.bearer("kiosk").post(path, PRESENTATION).status_code == 401
    assert api.staff().post(path, PRESENTATION).status_code == 401
    other = api.bearer("reader", door_id=door_ids["court-1"])
    assert problem(other.post(path, PRESENTATION))["code"] == "wrong_reader"
    assert other.post("/doors/court-1/presentations", PRESENTATION).status_code == 200
    assert not [call for call in api.doors.asked if call[0] == "present" and call[1] != "court-1"]


def test_a_presentation_is_answered_in_the_guests_language(api: Api) -> None:
    """AC-09: granted or denied, with a sentence; the door's answer is passed on as it is."""
    reader = api.bearer("reader")
    granted = reader.post("/doors/entrance/presentations", PRESENTATION).get_json()
    assert (granted["verdict"], granted["reason"], granted["released_s"]) == ("granted", "granted", 5)
    denied = [
        reader.post(
            "/doors/entrance/presentations", {**PRESENTATION, "value": "1"}, Accept_Language=language
        ).get_json()
        for language in ("sv", "en", "fr")
    ]
    assert {each["reason"] for each in denied} == {"unknown"}
    assert ({each["tries_left"] for each in denied}, granted["tries_left"]) == ({3}, None)
    assert all(each["message"] for each in denied)
    assert api.doors.asked[-1][-1] == STRANGE_ID


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({**PRESENTATION, "value": "1" * 1025}, "value"),
        ({**PRESENTATION, "kind": "crowbar"}, "kind"),
        ({**PRESENTATION, "presentation_id": "1"}, "presentation_id"),
        ({**PRESENTATION, "value": 123456}, "value"),
        ({"kind": "pin", "value": "1"}, "presentation_id"),
    ],
)
def test_a_malformed_presentation_never_reaches_the_door(api: Api, body: dict[str, object], field: str) -> None:
    """DR-13."""
    answer = api.bearer("reader").post("/doors/entrance/presentations", body)
    assert answer.status_code == 422
    assert field in {name for name, _ in codes(answer)}
    assert not [call for call in api.doors.asked if call[0] == "present"]


def test_a_door_that_is_not_there_is_not_found(api: Api) -> None:
    """AC-09."""
    reader = api.bearer("reader")
    assert reader.post("/doors/nowhere/presentations", PRESENTATION).status_code == 404
    assert reader.post("/doors/nowhere/challenges", {}).status_code == 404
    assert api.get("/doors/nowhere").status_code == 404
    assert api.staff().post("/doors/nowhere/release", {"reason": "x"}).status_code == 404
    assert api.get(f"/doors/{api.site.world.door_ids['entrance']}").get_json()["slug"] == "entrance"


def test_staff_releases_a_door_with_a_reason(api: Api) -> None:
    """AC-19: and nobody else does."""
    assert api.post("/doors/entrance/release", {"reason": "x"}).status_code == 401
    assert api.bearer("reader").post("/doors/entrance/release", {"reason": "x"}).status_code == 401
    staff = api.staff()
    assert staff.post("/doors/entrance/release", {}).status_code == 422
    assert staff.post("/doors/entrance/release", {"reason": "locked out"}).get_json()["verdict"] == "granted"
    assert api.doors.asked[-1][-1] == "locked out"


def test_the_channel_follows_from_the_credential_alone(api: Api) -> None:
    """BRP-04: a kiosk may book ten minutes late; saying that one is a kiosk does not help."""
    api.site.clock.set(LATER + 300)
    assert problem(api.post("/bookings", api.booking(LATER)))["reason"] == "in_the_past"
    assert codes(api.post("/bookings", api.booking(LATER, channel="kiosk"))) == {("channel", "unknown")}
    assert api.post("/bookings", api.booking(LATER), Authorization="Bearer kiosk").status_code == 422
    assert api.bearer("kiosk").post("/bookings", api.booking(LATER)).status_code == 201


def test_two_facilities_in_one_file_see_nothing_of_each_other(site: Site) -> None:
    """FL-07: neither services nor bookings, holds, staff, tokens or journal; also not by raw id."""
    with second_facility(site) as other_site:
        ours, theirs = api_of(site), api_of(other_site)
        made = ours.booked(LATER, resource="court-1")
        hold = ours.post("/holds", {"service": "padel", "start": shown(LATER)}).get_json()["id"]
        staff = theirs.staff()
        sig = str(made["links"]["self"]).partition("sig=")[2]
        for caller in (theirs, staff):
            assert caller.get(f"/bookings/{made['id']}").status_code == 404
            assert caller.get(f"/bookings/{made['id']}", sig=sig).status_code == 404
            for verb, body in (("cancel", {}), ("move", {"start": shown(LATER)}), ("extend", {"duration": 90})):
                body = {**body, "cancel_code": made["cancel_code"]}
                assert caller.post(f"/bookings/{made['id']}/{verb}", body).status_code == 404
            assert caller.delete(f"/holds/{hold}").status_code == 409
            taken = caller.post("/bookings", {"hold": hold, "customer": {"email": "x@example.se"}})
            assert problem(taken)["reason"] == "hold_gone"
            for field, name in (("service", made["service"]), ("resource", made["resources"][0])):
                answer = caller.post("/bookings", {**caller.booking(LATER), field: name})
                assert codes(answer) == {(field, "unknown")}
        theirs.booked(LATER, resource="court-1")
        entries = staff.get("/journal").get_json()["entries"]
        assert made["id"] not in str(entries)
        ours_ids = {each["id"] for each in ours.get("/services").get_json()["services"]}
        assert ours_ids.isdisjoint(each["id"] for each in theirs.get("/services").get_json()["services"])
        reader = ours.bearer("reader")
        stranger = replace(theirs.another(), headers=dict(reader.headers))
        assert stranger.post("/doors/entrance/presentations", PRESENTATION).status_code == 401
        session = ours.staff().client.get_cookie("portvakt_session")
        assert session is not None
        theirs.client.set_cookie("portvakt_session", session.value)
        assert theirs.get("/journal").status_code == 401
        assert site.book(LATER, BO).number != ""
