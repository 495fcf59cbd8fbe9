"""Several bookings at once are each held by rules, paid for, priced and cancelled as one by itself would be."""

from typing import Any

import pytest

from appliance.booking.limits import Limit, Per, Whose
from appliance.booking.services import Several
from appliance.foundation.instants import DAY, HOUR, MINUTE, Instant, format_instant
from tests.booking.test_waiting import keep_list
from tests.builders import STOCKHOLM, TEN
from tests.several import allow, change_rules, open_ahead, statements
from tests.web.api_client import Api, codes, problem
from tests.web.test_booking_rules_api import FEE, let
from tests.web.test_entitlements_api import CARD, TWICE_A_WEEK, add, customer, granted, left
from tests.web.test_entitlements_api import WEEKLY as SUBSCRIPTION

WEEK = 7 * DAY
DAILY: dict[str, object] = {"cadence": "daily"}
WEEKLY: dict[str, object] = {"cadence": "weekly"}


def shown(instant: Instant) -> str:
    return format_instant(instant, STOCKHOLM)


def of(api: Api, repeat: dict[str, object], times: int, **parts: object) -> dict[str, object]:
    """The body of a series from ten o'clock on."""
    return {**api.booking(TEN), "repeat": {**repeat, "times": times}, **parts}


def previewed(api: Api, body: dict[str, object]) -> Any:
    answer = api.post("/series/preview", {name: part for name, part in body.items() if name != "customer"})
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def row(api: Api, count: int, **parts: object) -> Any:
    legs = [{"service": "padel"}]
    customer = api.booking(TEN)["customer"]
    return api.post("/visits", {"legs": legs, "start": shown(TEN), "count": count, "customer": customer, **parts})


def offered(api: Api, count: int, first: Instant = TEN) -> list[dict[str, Any]]:
    query = {"services": "padel", "from_": shown(first), "to": shown(first + 1), "count": count}
    found: list[dict[str, Any]] = api.get("/visits", **query).get_json()["visits"]
    return found


@pytest.fixture(autouse=True)
def several_allowed(api: Api) -> None:
    allow(api.site, "padel", Several(series=True, most_in_a_row=3))
    open_ahead(api.site)


@pytest.fixture
def desk(api: Api) -> Api:
    return api.staff()


@pytest.mark.feature("DY-29")
def test_the_second_date_of_a_week_counts_the_first(api: Api) -> None:
    """DY-29: two a week of a series of every day; what is over is named by its date, and only what fits is booked."""
    change_rules(api.site, limits=(Limit(2, Per.WEEK),))
    body = of(api, DAILY, 9)
    over = [f"2026-12-0{day}" for day in (2, 3, 4, 5, 6)]
    found = previewed(api, body)
    assert [each["date"] for each in found["occurrences"] if each["outcome"] == "skipped"] == over
    assert found["total"]["amount"] == 4 * 32_000
    refused = api.post("/series", body)
    assert codes(refused) == {(f"dates.{day}", "too_many_that_week") for day in over}
    assert api.site.rows("SELECT count(*) FROM booking") == [(0,)]
    order = api.post("/series", {**body, "skip_taken": True}).get_json()
    assert [each["start"][:10] for each in order["bookings"]] == [
        "2026-11-30", "2026-12-01", "2026-12-07", "2026-12-08",
    ]  # fmt: skip
    late = {"date": over[0], "cancel_code": order["cancel_code"]}
    assert problem(api.post(f"/series/{order['id']}/occurrences", late))["reason"] == "too_many_that_week"


@pytest.mark.feature("DY-29")
def test_a_series_counts_what_its_customer_has_already_and_what_everybody_may(api: Api) -> None:
    """DY-29: at once, one's own; of all, a day that others have filled."""
    api.booked(TEN + 5 * HOUR)
    change_rules(api.site, limits=(Limit(3, Per.AT_ONCE),))
    third = codes(api.post("/series", of(api, WEEKLY, 3)))
    assert third == {("dates.2026-12-14", "too_many_at_once")}
    change_rules(api.site, limits=(Limit(1, Per.DAY, Whose.EVERYBODY),))
    full = codes(api.staff().post("/series", of(api, WEEKLY, 2)))
    assert full == {("dates.2026-11-30", "day_is_full")}


@pytest.mark.feature("DY-29")
def test_each_slot_in_a_row_counts_those_before_it(api: Api) -> None:
    """DY-29: two a day leave a row of two, and of three none; what is offered is what is booked."""
    change_rules(api.site, limits=(Limit(2, Per.DAY),))
    assert (len(offered(api, 2)), len(offered(api, 3))) == (1, 0)
    assert problem(row(api, 3))["reason"] == "too_many_that_day"
    assert row(api, 2).status_code == 201
    assert problem(row(api, 1))["reason"] == "too_many_that_day"


@pytest.mark.feature("DY-36")
def test_a_card_is_clipped_once_for_each_date_and_says_at_which_it_is_empty(api: Api, desk: Api) -> None:
    """DY-36: nothing is booked and nothing clipped unless that date is left out; it may be paid in money later."""
    who = customer(api)
    card = granted(desk, who, {**CARD, "clips": 2})
    body = of(api, WEEKLY, 3, entitlement=card["id"])
    refused = api.post("/series", body)
    assert codes(refused) == {("dates.2026-12-14", "no_clips_left")}
    assert (left(desk, who), api.site.rows("SELECT count(*) FROM booking")) == ([2], [(1,)])
    order = api.post("/series", {**body, "skip_taken": True}).get_json()
    assert ([each["price"]["amount"] for each in order["bookings"]], left(desk, who)) == ([0, 0], [0])
    assert [each["entitlement"]["clips_left"] for each in order["bookings"]] == [0, 0]
    assert [(each["date"], each["reason"]) for each in order["skipped"]] == [("2026-12-14", "no_clips_left")]
    later = {"date": "2026-12-14", "cancel_code": order["cancel_code"]}
    grown = api.post(f"/series/{order['id']}/occurrences", later).get_json()
    assert grown["total"]["amount"] == 32_000
    gone = api.post(f"/orders/{order['id']}/cancel", {"cancel_code": order["cancel_code"]})
    assert (gone.status_code, left(desk, who)) == (200, [2])


@pytest.mark.feature("DY-29", "DY-36", "DY-49")
def test_a_date_that_cannot_be_paid_and_is_left_out_counts_against_no_limit(api: Api, desk: Api) -> None:
    """DY-29, DY-49: two a week are paid for, four more at once allowed: Wednesday to Sunday leave the others theirs."""
    who = customer(api)
    change_rules(api.site, limits=(Limit(5, Per.AT_ONCE),))
    card = granted(desk, who, {**SUBSCRIPTION, "limit": TWICE_A_WEEK})
    order = api.post("/series", of(api, DAILY, 11, entitlement=card["id"], skip_taken=True)).get_json()
    assert [each["start"][:10] for each in order["bookings"]] == [
        "2026-11-30", "2026-12-01", "2026-12-07", "2026-12-08",
    ]  # fmt: skip
    assert {each["date"]: each["reason"] for each in order["skipped"]} == {
        **{f"2026-12-0{day}": "entitlement_week_full" for day in (2, 3, 4, 5, 6)},
        "2026-12-09": "too_many_at_once", "2026-12-10": "too_many_at_once",
    }  # fmt: skip


@pytest.mark.feature("DY-36")
def test_a_row_for_which_a_card_has_too_few_clips_is_not_booked(api: Api, desk: Api) -> None:
    """DY-36: one clip for each slot, and none is lost."""
    who = customer(api)
    card = granted(desk, who, {**CARD, "clips": 2})
    assert problem(row(api, 3, entitlement=card["id"]))["reason"] == "no_clips_left"
    assert left(desk, who) == [2]
    assert row(api, 2, entitlement=card["id"]).get_json()["total"]["amount"] == 0
    assert left(desk, who) == [0]


@pytest.mark.feature("DY-16", "DY-21")
def test_each_date_has_its_own_price_and_its_own_terms(api: Api, desk: Api) -> None:
    """DY-16, DY-21: Tuesdays cost double, court 4 a crown more; what must be paid first waits, each for itself."""
    add(desk, "/price-rules", name="Tisdag", effect="percent", value=200, service="padel", weekdays=[1])
    found = previewed(api, of(api, DAILY, 3, resource="court-1"))
    assert found["total"]["amount"] == (1 + 2 + 1) * 32_000
    add(desk, "/payment-terms", service="padel", policy="prepay")
    order = api.post("/series", of(api, DAILY, 3, resource="court-1")).get_json()
    assert [each["price"]["amount"] for each in order["bookings"]] == [32_000, 64_000, 32_000]
    assert ({each["status"] for each in order["bookings"]}, order["total"]["amount"]) == ({"pending"}, 128_000)
    assert not any(each["keys"] for each in order["bookings"])
    paid = desk.post(f"/bookings/{order['bookings'][1]['id']}/payments", {"method": "card"}).get_json()
    assert paid["status"] == "confirmed"
    add(desk, "/price-rules", name="Bana 4", effect="addition", value=100, service="padel", resource="court-4")
    (visit,) = offered(api, 2, TEN + WEEK + DAY)
    assert (visit["price"]["amount"], visit["price_to"]["amount"]) == (2 * 64_000, 2 * 64_100)


@pytest.mark.feature("BRP-11", "DY-19")
def test_a_cancelled_order_costs_its_fees_and_makes_place_for_who_waits(api: Api, desk: Api) -> None:
    """BRP-11, DY-19: the first date is late and costs half, the others nothing; each place goes to who waits for it."""
    keep_list(api.site, "auto_book")
    assert desk.post("/fee-products", FEE).status_code == 201
    let(desk, cancelling={"tiers": [{"before_minutes": 24 * 60, "percent": 50}]})
    order = api.post("/series", of(api, DAILY, 2, resource="court-1")).get_json()
    for each in order["bookings"]:
        assert desk.post(f"/bookings/{each['id']}/payments", {"method": "card"}).status_code in (200, 201)
    for number in (2, 3, 4):
        guest = {"name": f"Gäst {number}", "email": f"guest{number}@example.se"}
        api.booked(TEN + DAY, resource=f"court-{number}", customer=guest)
    waits = {"service": "padel", "start": shown(TEN + DAY), "customer": {"name": "Vera", "email": "vera@example.se"}}
    assert api.post("/waiting", waits).status_code == 201
    api.site.clock.advance(30 * MINUTE)
    gone = api.post(f"/orders/{order['id']}/cancel", {"cancel_code": order["cancel_code"]}).get_json()
    settled = {name: part["amount"] for name, part in gone["settlement"].items()}
    assert settled == {"fee": 16_000, "refund": 48_000, "due": 0}
    assert api.site.rows("SELECT state FROM waiting") == [("booked",)]
    assert api.site.rows("SELECT count(*) FROM booking WHERE status = 'confirmed'") == [(4,)]


def test_terms_are_read_once_for_a_whole_series(api: Api) -> None:
    """DY-50: limits on everybody do not make the number of questions grow with the dates, nor do orders shown."""
    change_rules(api.site, limits=(Limit(50, Per.WEEK), Limit(1000, Per.MONTH, Whose.EVERYBODY)))

    def questions(times: int) -> int:
        with statements(api.site) as asked:
            previewed(api, of(api, WEEKLY, times))
        return len(asked)

    questions(2)
    assert questions(2) == questions(52)
