"""Series over HTTP: previewed, booked all at once or not at all, shown and cancelled as one order (DY-46 to DY-50)."""

from datetime import date
from typing import Any

import pytest

from appliance.booking.services import Several
from appliance.foundation.instants import DAY, HOUR, Instant, at_local, format_instant
from tests.builders import NOW, STOCKHOLM, TEN, Site
from tests.several import allow, open_ahead, shut, statements
from tests.web.api_client import Api, codes, problem

WEEK = 7 * DAY
MONDAYS = ["2026-11-30", "2026-12-07", "2026-12-14", "2026-12-21", "2026-12-28"]


def shown(instant: Instant) -> str:
    return format_instant(instant, STOCKHOLM)


def weekly(times: int, **parts: object) -> dict[str, object]:
    return {"cadence": "weekly", "times": times, **parts}


def of(api: Api, start: Instant, repeat: dict[str, object], **parts: object) -> dict[str, object]:
    """The body of a series."""
    return {**api.booking(start), "repeat": repeat, **parts}


def previewed(api: Api, start: Instant, repeat: dict[str, object], **parts: object) -> list[dict[str, Any]]:
    body = of(api, start, repeat, **parts)
    del body["customer"]
    answer = api.post("/series/preview", body)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.get_json()["occurrences"]
    return found


def made(api: Api, start: Instant, repeat: dict[str, object], **parts: object) -> dict[str, Any]:
    answer = api.post("/series", of(api, start, repeat, **parts))
    assert answer.status_code == 201, answer.text
    order: dict[str, Any] = answer.get_json()
    return order


@pytest.fixture(autouse=True)
def series_allowed(site: Site) -> None:
    allow(site, "padel", Several(series=True))
    open_ahead(site)


def filled(api: Api, start: Instant, courts: tuple[int, ...] = (1, 2, 3, 4)) -> None:
    for court in courts:
        api.booked(start, resource=f"court-{court}")


@pytest.mark.feature("DY-46")
def test_a_series_is_real_bookings_in_one_order(api: Api) -> None:
    """DY-46: one answer and one total; each booking with its own number, keys and code, and movable by itself."""
    order = made(api, TEN, weekly(5), resource="court-2")
    assert (order["kind"], order["total"]) == ("series", {"amount": 5 * 32_000, "currency": "SEK"})
    bookings = order["bookings"]
    assert [each["start"][:10] for each in bookings] == MONDAYS
    for name in ("id", "number", "cancel_code"):
        assert len({each[name] for each in bookings}) == 5
    assert len({key["code"] for each in bookings for key in each["keys"] if key["kind"] == "pin"}) == 5
    third = bookings[2]
    body = {"start": shown(TEN + 2 * WEEK + HOUR), "cancel_code": third["cancel_code"]}
    assert api.post(f"/bookings/{third['id']}/move", body).status_code == 200
    gone = api.post(f"/bookings/{bookings[0]['id']}/cancel", {"cancel_code": bookings[0]["cancel_code"]})
    assert gone.get_json()["status"] == "cancelled"
    link = order["links"]["self"].removeprefix("http://unit.test")
    seen = api.another().client.get(link).get_json()
    assert [each["status"] for each in seen["bookings"]] == ["cancelled"] + ["confirmed"] * 4
    assert seen["total"]["amount"] == 4 * 32_000
    assert seen["bookings"][2]["start"] == shown(TEN + 2 * WEEK + HOUR)
    assert api.another().get(f"/orders/{order['id']}").status_code == 404
    assert api.another().get(f"/orders/{order['id']}", cancel_code=order["cancel_code"]).status_code == 200


@pytest.mark.feature("DY-47")
def test_series_are_switched_on_and_off_for_each_service(api: Api) -> None:
    """DY-47: staff switch them, the next request goes by it; the second of two who save is told."""
    staff = api.staff()
    row = staff.get("/several").get_json()["several"][0]
    body = {"service": "padel", "series": False, "most_in_a_row": 2}
    changed = staff.client.put(f"/api/v1/several/{row['id']}", json={**body, "version": 1}, headers=staff.headers)
    assert (changed.status_code, changed.get_json()["version"]) == (200, 2)
    refused = api.post("/series", of(api, TEN, weekly(2)))
    assert (refused.status_code, problem(refused)["reason"]) == (422, "series_not_offered")
    late = staff.client.put(f"/api/v1/several/{row['id']}", json={**body, "version": 1}, headers=staff.headers)
    assert (late.status_code, problem(late)["code"]) == (409, "changed_meanwhile")
    assert codes(staff.post("/several", body)) == {("service", "taken")}
    unsaid = api.post("/series", of(api, NOW + 9 * HOUR, weekly(2), service="padel-class"))
    assert problem(unsaid)["reason"] == "series_not_offered"
    lesson = {"service": "padel-class", "most_in_a_row": 2}
    assert codes(staff.post("/several", lesson)) == {("most_in_a_row", "not_offered")}
    assert staff.post("/several", {"service": "padel-class", "series": True}).status_code == 201
    made(api, NOW + 9 * HOUR, weekly(2), service="padel-class")
    assert api.get("/several").status_code == 401


@pytest.mark.feature("DY-48")
def test_a_series_stays_at_its_time_on_the_wall(api: Api) -> None:
    """DY-48: 18:00 before and after both changes of the clock."""
    for first in (date(2027, 3, 22), date(2027, 10, 25)):
        order = made(api, at_local(first, 18 * 60, STOCKHOLM), weekly(2))
        offsets = [each["start"][10:] for each in order["bookings"]]
        assert sorted(offsets) == ["T18:00:00+01:00", "T18:00:00+02:00"]


@pytest.mark.feature("DY-48")
def test_a_time_that_the_clocks_skip_begins_right_after_and_says_so(api: Api) -> None:
    """DY-48: 02:30 on 28 March 2027 does not exist; the first minute that does is 03:00."""
    found = previewed(api, at_local(date(2027, 3, 27), 150, STOCKHOLM), {"cadence": "daily", "times": 3})
    assert [each["outcome"] for each in found] == ["ok", "moved", "ok"]
    assert (found[1]["start"], found[1]["reason"]) == ("2027-03-28T03:00:00+02:00", "clock_change")
    order = made(api, at_local(date(2027, 3, 27), 150, STOCKHOLM), {"cadence": "daily", "times": 3})
    assert [each["start"][11:16] for each in order["bookings"]] == ["02:30", "03:00", "02:30"]


@pytest.mark.feature("DY-48")
def test_months_without_the_day_are_shown_as_skipped(api: Api) -> None:
    """DY-48: every 31st."""
    first = at_local(date(2027, 1, 31), 600, STOCKHOLM)
    found = previewed(api, first, {"cadence": "monthly_date", "until": "2027-05-31"})
    assert [each["date"] for each in found] == ["2027-01-31", "2027-02", "2027-03-31", "2027-04", "2027-05-31"]
    assert [each["reason"] for each in found] == [None, "no_such_date", None, "no_such_date", None]
    order = made(api, first, {"cadence": "monthly_date", "until": "2027-05-31"})
    assert [each["date"] for each in order["skipped"]] == ["2027-02", "2027-04"]


@pytest.mark.feature("DY-48")
def test_ten_thousand_are_refused_with_the_cap(api: Api) -> None:
    """DY-48: by number and by end; and every other mistake of a repetition is told."""
    answer = api.post("/series", of(api, TEN, {"cadence": "daily", "times": 10_000}))
    assert (answer.status_code, "104" in answer.text) == (422, True)
    answer = api.post("/series", of(api, TEN, {"cadence": "daily", "until": "2054-01-01"}))
    assert (codes(answer), "104" in answer.text) == ({("repeat.until", "too_many")}, True)
    wrong = {"cadence": "hourly", "every": 0, "times": 1, "weekdays": [7]}
    fields = {field for field, _ in codes(api.post("/series", of(api, TEN, wrong)))}
    assert fields == {"repeat.cadence", "repeat.every", "repeat.weekdays.0"}
    for ending in ({}, {"times": 2, "until": "2027-01-01"}):
        answer = api.post("/series", of(api, TEN, {"cadence": "daily", **ending}))
        assert codes(answer) == {("repeat.times", "missing")}
    assert api.site.rows("SELECT count(*) FROM booking") == [(0,)]


@pytest.mark.feature("DY-49")
def test_all_dates_are_booked_or_none(api: Api) -> None:
    """DY-49: what is taken is named with its reason and nothing was booked; on choice all the others are."""
    filled(api, TEN + WEEK)
    before = api.site.rows("SELECT count(*) FROM booking")
    refused = api.post("/series", of(api, TEN, weekly(4)))
    assert (refused.status_code, problem(refused)["reason"]) == (409, "series_not_whole")
    assert codes(refused) == {("dates.2026-12-07", "slot_taken")}
    assert api.site.rows("SELECT count(*) FROM booking") == before
    assert api.site.rows("SELECT count(*) FROM booking_order") == [(0,)]
    order = made(api, TEN, weekly(4), skip_taken=True)
    assert [each["start"][:10] for each in order["bookings"]] == [MONDAYS[0], MONDAYS[2], MONDAYS[3]]
    assert [(each["date"], each["reason"]) for each in order["skipped"]] == [(MONDAYS[1], "slot_taken")]


@pytest.mark.feature("DY-50")
def test_a_taken_date_is_moved_to_the_nearest_open_slot(api: Api) -> None:
    """DY-50: same day and court first, of two as near the earlier one; then any court; then the next days."""
    filled(api, TEN + WEEK, (2,))
    found = previewed(api, TEN, weekly(2), resource="court-2")
    assert [each["outcome"] for each in found] == ["ok", "moved"]
    assert (found[1]["start"], found[1]["reason"]) == (shown(TEN + WEEK - HOUR), "slot_taken")
    assert found[1]["resources"] == [api.site.resource("court-2")]
    after = previewed(api, TEN, weekly(2), resource="court-2", after_only=True)
    assert after[1]["start"] == shown(TEN + WEEK + HOUR)
    chosen = [{"date": MONDAYS[0]}, {"date": MONDAYS[1], "start": found[1]["start"]}]
    order = made(api, TEN, weekly(2), resource="court-2", dates=chosen)
    assert [each["start"] for each in order["bookings"]] == [shown(TEN), shown(TEN + WEEK - HOUR)]


@pytest.mark.feature("DY-50")
def test_a_court_that_is_closed_all_day_gives_way_to_another_and_then_to_the_next_day(api: Api) -> None:
    """DY-50: the court is closed on the second date, the whole facility on the third."""
    site = api.site
    day = at_local(date(2026, 12, 7), 0, STOCKHOLM)
    shut(site, site.resource("court-2"), day, day + DAY)
    shut(site, site.world.facility.id, day + WEEK, day + WEEK + DAY)
    found = previewed(api, TEN, weekly(3), resource="court-2")
    assert [each["outcome"] for each in found] == ["ok", "moved", "moved"]
    assert found[1]["start"] == shown(TEN + WEEK)
    assert found[1]["resources"] != [site.resource("court-2")]
    assert (found[2]["start"], found[2]["resources"]) == (shown(TEN + 2 * WEEK + DAY), [site.resource("court-2")])
    shut(site, site.world.facility.id, day + WEEK, day + WEEK + 8 * DAY)
    nothing = previewed(api, TEN, weekly(3), resource="court-2")[2]
    assert (nothing["outcome"], nothing["start"], nothing["reason"]) == ("skipped", None, "closed")


def test_moved_dates_do_not_meet_each_other(api: Api) -> None:
    """DY-50: a suggestion counts what was suggested before it."""
    site = api.site
    day = at_local(date(2026, 12, 1), 0, STOCKHOLM)
    shut(site, site.world.facility.id, day, day + DAY)
    found = previewed(api, TEN, {"cadence": "daily", "times": 3}, resource="court-1")
    starts = [each["start"] for each in found]
    assert starts == [shown(TEN), shown(TEN + 2 * DAY - HOUR), shown(TEN + 2 * DAY)]
    order = made(api, TEN, {"cadence": "daily", "times": 3}, resource="court-1", dates=[
        {"date": each["date"], "start": each["start"]} for each in found
    ])  # fmt: skip
    assert [each["start"] for each in order["bookings"]] == starts


@pytest.mark.feature("DY-50")
def test_a_skipped_date_is_added_later(api: Api) -> None:
    """DY-50: the same order grows; the same request twice adds it once; a date that was not skipped is none."""
    order = made(api, TEN, weekly(3), dates=[{"date": MONDAYS[0]}, {"date": MONDAYS[2]}])
    assert [(each["date"], each["reason"]) for each in order["skipped"]] == [(MONDAYS[1], "left_out")]
    path, code = f"/series/{order['id']}/occurrences", order["cancel_code"]
    assert api.post(path, {"date": MONDAYS[1]}).status_code == 404
    body = {"date": MONDAYS[1], "start": shown(TEN + WEEK + HOUR), "cancel_code": code}
    grown = [api.post(path, body, Idempotency_Key="k") for _ in range(2)]
    assert [each.status_code for each in grown] == [201, 201]
    assert grown[0].get_json() == grown[1].get_json()
    assert [each["start"] for each in grown[0].get_json()["bookings"]] == [
        shown(TEN), shown(TEN + WEEK + HOUR), shown(TEN + 2 * WEEK),
    ]  # fmt: skip
    assert grown[0].get_json()["skipped"] == []
    assert codes(api.post(path, {"date": MONDAYS[1], "cancel_code": code})) == {("date", "unknown")}


def test_the_rule_holds_for_each_date(api: Api) -> None:
    """DY-46: what is too early is skipped with the moment at which it opens, and refuses the whole if it is wanted."""
    open_ahead(api.site, 14)
    found = previewed(api, TEN, weekly(4))
    assert [each["outcome"] for each in found] == ["ok", "ok", "skipped", "skipped"]
    assert (found[3]["reason"], found[3]["passes_at"]) == ("too_early", shown(TEN + WEEK))
    assert codes(api.post("/series", of(api, TEN, weekly(4)))) == {
        ("dates.2026-12-14", "too_early"), ("dates.2026-12-21", "too_early"),
    }  # fmt: skip


def test_the_same_request_twice_is_one_series(api: Api) -> None:
    """DY-49: another body under the same key is a conflict."""
    body = of(api, TEN, weekly(3))
    answers = [api.post("/series", body, Idempotency_Key="one") for _ in range(2)]
    assert answers[0].get_json() == answers[1].get_json()
    assert api.site.rows("SELECT count(*) FROM booking") == [(3,)]
    other = api.post("/series", of(api, TEN, weekly(4)), Idempotency_Key="one")
    assert (other.status_code, problem(other)["code"]) == (409, "idempotency_conflict")


@pytest.mark.feature("DY-46")
def test_a_whole_order_is_cancelled_as_far_as_each_booking_may_be(api: Api) -> None:
    """DY-46: what has begun too soon stays and says why; twice the same request is one cancel."""
    order = made(api, TEN, weekly(3))
    api.site.clock.set(TEN - HOUR // 2)
    body = {"cancel_code": order["cancel_code"]}
    assert api.another().post(f"/orders/{order['id']}/cancel", {}).status_code == 404
    gone = api.post(f"/orders/{order['id']}/cancel", body, Idempotency_Key="c").get_json()
    assert [each["status"] for each in gone["bookings"]] == ["confirmed", "cancelled", "cancelled"]
    assert [(each["id"], each["reason"]) for each in gone["kept"]] == [
        (order["bookings"][0]["id"], "too_late_to_cancel")
    ]
    assert gone["revocation"] == "done"
    assert all("cancel_code" not in each for each in gone["bookings"][1:])
    assert api.post(f"/orders/{order['id']}/cancel", body, Idempotency_Key="c").status_code == 200
    again = api.post(f"/orders/{order['id']}/cancel", body)
    assert (again.status_code, problem(again)["reason"]) == (403, "too_late_to_cancel")


@pytest.mark.feature("SB-21")
def test_a_booking_is_made_again_at_the_next_similar_time(api: Api) -> None:
    """SB-21: same service, same court, same weekday and time of the next week that lies ahead; else the nearest."""
    booked = api.booked(TEN, resource="court-3", duration=90)
    api.site.clock.set(TEN + 16 * DAY)
    link = f"/bookings/{booked['id']}/again"
    assert api.another().get(link).status_code == 404
    again = api.get(link, cancel_code=booked["cancel_code"]).get_json()
    assert (again["outcome"], again["start"], again["duration"]) == ("ok", shown(TEN + 3 * WEEK), 90)
    assert again["resources"] == booked["resources"]
    api.booked(TEN + 3 * WEEK, resource="court-3")
    nearest = api.get(link, cancel_code=booked["cancel_code"]).get_json()
    assert (nearest["outcome"], nearest["resources"]) == ("moved", booked["resources"])
    body = {**api.booking(0), "start": nearest["start"], "duration": 90, "resource": nearest["resources"][0]}
    assert api.post("/bookings", {**body, "service": nearest["service"]}).status_code == 201


def test_a_series_costs_the_same_number_of_questions_however_long_it_is(api: Api) -> None:
    """DY-50: the preview of four dates and of fifty-two, half of them taken."""

    def questions(times: int) -> int:
        with statements(api.site) as asked:
            previewed(api, TEN, weekly(times), resource="court-1")
        return len(asked)

    for week in range(1, 52, 2):
        api.booked(TEN + week * WEEK, resource="court-1")
    questions(4)
    assert questions(4) == questions(52)
