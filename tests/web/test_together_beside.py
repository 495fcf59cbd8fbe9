"""What is booked together is asked and taken as one booking by itself would be: custom fields and extras."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from appliance.booking.actions.answering import forget_answers
from appliance.booking.limits import Limit, Per
from appliance.booking.services import Several
from appliance.foundation.instants import DAY, HOUR, MINUTE, Instant, format_instant
from tests.builders import STOCKHOLM, TEN
from tests.several import allow, change_rules, open_ahead, statements
from tests.web.api_client import Api, codes, problem
from tests.web.extra_world import RACKET, WARM_UP, added, projectors, wish
from tests.web.test_visits_api import add_salon

PLATE = {"slug": "plate", "label": "Bil", "kind": "text", "pattern": "AAA 99N", "required": True, "service": "padel"}
WHY = {"slug": "why", "label": "Varför", "kind": "text"}
GOOD = {"plate": "ABC 12D", "why": "kul"}
CUSTOMER = {"name": "Anna Ek", "email": "anna.ek@example.se"}


def shown(instant: Instant) -> str:
    return format_instant(instant, STOCKHOLM)


def series(api: Api, times: int, **parts: object) -> TestResponse:
    return api.post("/series", {**api.booking(TEN), "repeat": {"cadence": "daily", "times": times}, **parts})


def visit(api: Api, *legs: dict[str, Any], **parts: object) -> TestResponse:
    return api.post("/visits", {"legs": list(legs), "start": shown(TEN), "customer": CUSTOMER, **parts})


def row(api: Api, count: int, extras: list[dict[str, Any]], **parts: object) -> TestResponse:
    return visit(api, {"service": "padel", "extras": extras}, count=count, **parts)


def made(answer: TestResponse) -> dict[str, Any]:
    assert answer.status_code == 201, answer.text
    order: dict[str, Any] = answer.get_json()
    return order


def answered(staff: Api, order: dict[str, Any]) -> list[dict[str, str]]:
    """What staff see of each booking of an order, by field."""
    told = [staff.get(f"/bookings/{each['id']}").get_json()["answers"] for each in order["bookings"]]
    return [{each["field"]: each["value"] for each in of_one} for of_one in told]


@pytest.fixture
def staff(api: Api) -> Api:
    allow(api.site, "padel", Several(series=True, most_in_a_row=3))
    open_ahead(api.site)
    return api.staff()


@pytest.fixture
def asked(staff: Api) -> Api:
    """A number plate with padel, which is needed for 30 days; a reason with everything, if there is one."""
    added(staff, "/fields", **PLATE, position=1, retention_days=30)
    added(staff, "/fields", **WHY, position=2)
    return staff


@pytest.mark.feature("DY-61", "DY-46")
def test_a_series_is_asked_once_and_every_date_keeps_the_answers(api: Api, asked: Api) -> None:
    """DY-61, DY-46: each date forgets them by its own end; nothing of them stands in the file in clear."""
    order = made(series(api, 3, fields=GOOD))
    assert answered(asked, order) == [GOOD, GOOD, GOOD]
    assert "ABC 12D" not in str(api.site.rows("SELECT sealed FROM booking_answer"))
    assert "ABC 12D" not in str(api.site.rows("SELECT before, after FROM journal"))
    api.site.clock.set(TEN + HOUR + 31 * DAY)
    with api.site.side.book.write(api.site.side.scope, "job") as tx:
        forget_answers(tx, "")
    slugs = api.site.rows("SELECT slug FROM booking_answer JOIN booking ON booking_id = id ORDER BY starts, position")
    assert slugs == [("why",), ("why",), ("plate",), ("why",)]


@pytest.mark.feature("DY-61", "DY-46", "DY-56", "DY-54")
def test_what_is_missing_is_refused_with_every_other_mistake_and_nothing_is_booked(api: Api, asked: Api) -> None:
    """DY-61: of a series, of a row and of a chain, whatever else is wrong; a preview is asked nothing."""
    racket = added(asked, "/extras", **{**RACKET, "most": 1})
    needed = {("fields.plate", "missing")}
    wrong = {"plate": "ABC12D", "x": 1}
    bad = {("fields.plate", "pattern"), ("fields.x", "unknown"), ("customer.email", "not_an_email")}
    nobody = {"email": "no"}
    assert codes(series(api, 2)) == needed
    assert codes(series(api, 2, fields=wrong, customer=nobody, extras=[wish(racket, 2)])) == {
        *bad, ("extras.0.quantity", "out_of_range"),
    }  # fmt: skip
    assert codes(row(api, 2, [])) == needed
    assert codes(row(api, 2, [wish(racket, 2)], fields=wrong, customer=nobody)) == {
        *bad, ("legs.0.extras.0.quantity", "out_of_range"),
    }  # fmt: skip
    body = {**api.booking(TEN), "repeat": {"cadence": "daily", "times": 2}}
    del body["customer"]
    assert api.post("/series/preview", body).status_code == 200
    assert api.site.rows("SELECT count(*) FROM booking") == [(0,)]


@pytest.mark.feature("DY-61", "DY-54")
def test_a_chain_asks_what_its_services_ask_and_each_keeps_its_own(api: Api, asked: Api) -> None:
    """DY-61, DY-54: what is asked with everything is asked once; the cut keeps nothing of what the colour asks."""
    add_salon(api.site)
    added(asked, "/fields", slug="tone", label="Nyans", kind="choice", choices=["Röd"], required=True, service="colour")
    legs = ({"service": "cut"}, {"service": "colour"})
    assert codes(visit(api, *legs, fields={"plate": "ABC 12D"})) == {
        ("fields.tone", "missing"), ("fields.plate", "unknown"),
    }  # fmt: skip
    order = made(visit(api, *legs, fields={"tone": "Röd", "why": "fest"}))
    assert answered(asked, order) == [{"why": "fest"}, {"tone": "Röd", "why": "fest"}]


@pytest.mark.feature("DY-61", "DY-50")
def test_a_date_that_is_added_later_takes_over_what_was_answered(api: Api, asked: Api) -> None:
    """DY-61, DY-50: or what is said anew; what is kept no more must be said again."""
    racket = added(asked, "/extras", **RACKET)
    order = made(series(api, 3, fields=GOOD, extras=[wish(racket, 2)], dates=[{"date": "2026-11-30"}]))
    path, code = f"/series/{order['id']}/occurrences", order["cancel_code"]
    grown = made(api.post(path, {"date": "2026-12-01", "cancel_code": code, "fields": {"why": "igen"}}))
    assert answered(asked, grown) == [GOOD, {**GOOD, "why": "igen"}]
    assert [each["price"]["amount"] for each in grown["bookings"]] == [32_000 + 6_000] * 2
    asked.delete(f"/customers/{api.site.rows('SELECT customer_id FROM booking')[0][0]}/answers")
    assert codes(api.post(path, {"date": "2026-12-02", "cancel_code": code})) == {("fields.plate", "missing")}
    last = made(api.post(path, {"date": "2026-12-02", "cancel_code": code, "fields": GOOD}))
    assert answered(asked, last) == [{}, {}, GOOD]


@pytest.mark.feature("DY-67", "DY-46")
def test_every_date_of_a_series_has_the_extras_in_length_and_price(api: Api, staff: Api) -> None:
    """DY-67, DY-46: an hour and a quarter does not stay in a gap of an hour."""
    warm_up = added(staff, "/extras", **WARM_UP)
    for start in (TEN + DAY - HOUR, TEN + DAY + HOUR):
        api.booked(start, resource="court-1")
    chosen = {"extras": [wish(warm_up)], "resource": "court-1"}
    body = {**api.booking(TEN), "repeat": {"cadence": "daily", "times": 2}, **chosen}
    del body["customer"]
    told = api.post("/series/preview", body).get_json()
    first, second = told["occurrences"]
    assert (first["outcome"], first["end"]) == ("ok", shown(TEN + 75 * MINUTE))
    assert (second["outcome"], second["start"]) == ("moved", shown(TEN + DAY + 2 * HOUR))
    assert told["total"]["amount"] == 2 * (32_000 + 5_000)
    assert codes(series(api, 2, **chosen)) == {("dates.2026-12-01", "slot_taken")}
    dates = [{"date": "2026-11-30"}, {"date": "2026-12-01", "start": second["start"]}]
    order = made(series(api, 2, **chosen, dates=dates))
    assert order["total"] == told["total"]
    assert [each["end"] for each in order["bookings"]] == [first["end"], second["end"]]
    assert [each["name"] for booked in order["bookings"] for each in booked["extras"]] == ["Uppvärmning"] * 2


@pytest.mark.feature("DY-67", "DY-56")
def test_each_slot_of_a_row_has_the_extras_and_what_they_need(api: Api, staff: Api) -> None:
    """DY-67, DY-56: two of an hour and a quarter; one projector is enough for both and for nobody else."""
    projectors(api, 1)
    warm_up = added(staff, "/extras", **WARM_UP)
    projector = added(staff, "/extras", name="Projektor", amount=9_000, service="padel", need={"pool": "projectors"})
    chosen = f"{warm_up['id']}:1,{projector['id']}:1"

    def found(first: Instant) -> list[dict[str, Any]]:
        query = {"services": "padel", "count": 2, "extras": chosen, "from_": shown(first), "to": shown(first + 1)}
        listed: list[dict[str, Any]] = api.get("/visits", **query).get_json()["visits"]
        return listed

    (offered,) = found(TEN)
    assert (offered["end"], offered["price"]["amount"]) == (shown(TEN + 150 * MINUTE), 2 * (32_000 + 5_000 + 9_000))
    order = made(row(api, 2, [wish(warm_up), wish(projector)]))
    assert order["total"] == offered["price"]
    assert [each["start"] for each in order["bookings"]] == [shown(TEN), shown(TEN + 75 * MINUTE)]
    thing = api.site.resource("projector-1")
    taken = api.site.rows("SELECT starts, ends FROM claim WHERE resource_id = ? ORDER BY starts", thing)
    assert taken == [(TEN, TEN + 75 * MINUTE), (TEN + 75 * MINUTE, TEN + 150 * MINUTE)]
    assert found(TEN + 75 * MINUTE) == []
    assert problem(row(api, 2, [wish(projector)]))["reason"] == "slot_taken"
    assert row(api, 2, []).status_code == 201
    middle = order["bookings"][0]
    gone = api.post(f"/bookings/{middle['id']}/cancel", {"cancel_code": middle["cancel_code"]})
    assert gone.get_json()["status"] == "cancelled"
    assert made(row(api, 1, [wish(projector)]))["total"]["amount"] == 41_000


@pytest.mark.feature("DY-67", "DY-54")
def test_each_service_of_a_chain_has_extras_of_its_own(api: Api, staff: Api) -> None:
    """DY-67, DY-54: the colour begins so much later; what the one has is not to be had with the other."""
    add_salon(api.site)
    tea = added(staff, "/extras", name="Te", amount=2_000, minutes=15, service="cut", most=2)
    query = {"services": "cut,colour", "extras": f"{tea['id']}:2;", "from_": shown(TEN), "to": shown(TEN + 1)}
    (offered,) = api.get("/visits", **query).get_json()["visits"]
    assert offered["price"]["amount"] == 90_000 + 2 * 2_000
    assert [leg["start"] for leg in offered["legs"]] == [shown(TEN), shown(TEN + HOUR)]
    assert codes(api.get("/visits", **{**query, "extras": "x:1"})) == {("extras", "invalid")}
    assert codes(api.get("/visits", **{**query, "extras": f";{tea['id']}:1"})) == {("extras.0.id", "unknown")}
    cut = {"service": "cut", "extras": [wish(tea, 2)]}
    order = made(visit(api, cut, {"service": "colour"}))
    assert order["total"] == offered["price"]
    assert [each["start"] for each in order["bookings"]] == [shown(TEN), shown(TEN + HOUR)]
    wrong = codes(visit(api, cut, {"service": "colour", "extras": [wish(tea)]}))
    assert wrong == {("legs.1.extras.0.id", "unknown")}


@pytest.mark.feature("DY-67", "DY-56")
def test_a_row_that_its_extras_make_longer_than_a_day_is_refused(api: Api, staff: Api) -> None:
    """DY-67, DY-56: sixteen of an hour and a half would fit in it, with a quarter more each they do not."""
    many = staff.get("/several").get_json()["several"][0]
    most = {"service": "padel", "series": True, "most_in_a_row": 16, "version": many["version"]}
    assert staff.client.put(f"/api/v1/several/{many['id']}", json=most, headers=staff.headers).status_code == 200
    warm_up = added(staff, "/extras", **WARM_UP)
    long = {"service": "padel", "duration": 90, "extras": [wish(warm_up)]}
    assert problem(visit(api, long, count=16))["reason"] == "visit_too_long"
    assert visit(api, long, count=13).get_json().get("reason") != "visit_too_long"
    assert api.post("/bookings", api.booking(TEN, duration=90, extras=[wish(warm_up)])).status_code == 201


@pytest.mark.feature("DY-67", "DY-29")
def test_a_search_with_extras_and_answers_asks_the_file_no_more_often(api: Api, asked: Api) -> None:
    """DY-67: the preview of two dates and of fifty-two, with extras or without."""
    change_rules(api.site, limits=(Limit(100, Per.WEEK),))
    warm_up = added(asked, "/extras", **WARM_UP)

    def questions(times: int, **parts: object) -> int:
        body = {**api.booking(TEN), "repeat": {"cadence": "weekly", "times": times}, **parts}
        del body["customer"]
        with statements(api.site) as heard:
            assert api.post("/series/preview", body).status_code == 200
        return len(heard)

    questions(2)
    assert questions(2) == questions(52, extras=[wish(warm_up)])
