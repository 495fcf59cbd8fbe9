"""Booking rules over the API: in force at once, on every channel, and telling why not."""

from typing import Any

import pytest

from appliance.booking.actions.desk import change, existing
from appliance.booking.bookings import Status
from appliance.foundation.instants import DAY, HOUR, MINUTE, format_instant
from tests.builders import MONDAY, NOW, STOCKHOLM, TEN
from tests.web.api_client import Api, codes, problem

RULE = "Open to everybody, four weeks ahead"
ANNA = {"name": "Anna", "email": "anna@example.se"}


@pytest.fixture
def desk(api: Api) -> Api:
    return api.staff()


def rule_now(desk: Api) -> dict[str, Any]:
    """The one rule that all services go by."""
    (only,) = (each for each in desk.get("/booking-rules").get_json()["booking_rules"] if each["services"])
    found: dict[str, Any] = only
    return found


def let(desk: Api, **parts: object) -> dict[str, Any]:
    """Change parts of that rule."""
    was = rule_now(desk)
    body = {name: value for name, value in was.items() if name not in META} | parts
    answer = desk.put(f"/booking-rules/{was['id']}", body | {"version": was["version"]})
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.get_json()
    return made


FEE = {"name": "Sen avbokning", "account": "3990", "vat_percent": 25}
MEMBERSHIP = {
    "name": "Medlem",
    "kind": "subscription",
    "amount": 9_900,
    "vat_percent": 6,
    "valid_days": 30,
}
META = {"id", "version", "changed_at", "changed_by", "archived", "services", "warnings"}


def book(api: Api, start: int | None = None, hold: str | None = None, customer: dict[str, str] | None = None) -> Any:
    """The answer to whoever books an hour, or takes up a hold."""
    if hold is not None:
        return api.post("/bookings", {"hold": hold, "customer": customer or ANNA})
    return api.post("/bookings", api.booking(start or TEN, customer=customer or ANNA))


def held(api: Api, start: int) -> str:
    """The id of a hold on an hour."""
    answer = api.post("/holds", {"service": "padel", "start": format_instant(start, STOCKHOLM)})
    assert answer.status_code == 201, answer.text
    return str(answer.get_json()["id"])


def starts(api: Api, first: int, end: int) -> list[str]:
    """What is offered."""
    span = {"from": format_instant(first, STOCKHOLM), "to": format_instant(end, STOCKHOLM)}
    return [slot["start"] for slot in api.get("/slots", service="padel", **span).get_json()["slots"]]


def customer_of(api: Api, booking_id: str) -> str:
    ((customer,),) = api.site.rows("SELECT customer_id FROM booking WHERE id = ?", booking_id)
    return str(customer)


def told(answer: Any) -> tuple[int, object, object]:
    body = problem(answer)
    return answer.status_code, body["reason"], body["passes_at"]


def test_a_rule_shows_its_services_and_one_that_nothing_goes_by_warns(desk: Api) -> None:
    """BRP-02, BRP-03: one rule, many services; a rule without any is told of; names are unique."""
    assert (rule_now(desk)["services"], rule_now(desk)["warnings"]) == (["padel", "padel-class"], [])
    made = desk.post("/booking-rules", {"name": "Members"})
    assert (made.status_code, made.get_json()["warnings"]) == (201, ["unlinked"])
    assert codes(desk.post("/booking-rules", {"name": "Members"})) == {("name", "taken")}


def test_a_change_is_in_force_at_the_next_request_in_every_process(desk: Api) -> None:
    """DY-10, BRP-04, BRP-22: every process obeys the next request; open checkouts keep their quote."""
    guest = desk.another()
    other = desk.site.reopened()
    checkout = held(guest, TEN)
    window = {"earliest": {"value": 30, "unit": "minutes"}}
    let(desk, windows={"public": window})
    with other.side.book.read(other.side.scope) as tx:
        (changed,) = other.side.desk.catalogues.current(tx).rules.values()
    assert changed.windows.public.earliest is not None
    assert told(book(guest, start=TEN)) == (403, "too_early", format_instant(TEN - 30 * MINUTE, STOCKHOLM))
    assert book(guest, hold=checkout).status_code == 201
    other.close()


def test_two_who_edit_the_same_rule_do_not_overwrite_each_other(desk: Api) -> None:
    """BRP-10."""
    was = rule_now(desk)
    let(desk, name="Theirs")
    late = desk.put(f"/booking-rules/{was['id']}", {"name": "Mine", "version": was["version"]})
    assert (late.status_code, problem(late)["code"]) == (409, "changed_meanwhile")
    assert rule_now(desk)["name"] == "Theirs"


def test_nonsense_is_refused_whole_with_every_mistake(desk: Api) -> None:
    """BRP-09, BRP-10: negative and absurd limits, a circle, a step that costs more the earlier one cancels."""
    was = rule_now(desk)
    wrong = {
        "name": "",
        "limits": [{"most": 0, "per": "week"}, {"most": 1, "per": "at_once", "whose": "everybody"}],
        "cancelling": {"tiers": [{"before_minutes": -1, "percent": 101}]},
        "windows": {"public": {"earliest": {"value": -1, "unit": "days"}}},
        "no_shows": {"wait_minutes": 0},
    }
    assert codes(desk.post("/booking-rules", wrong)) == {
        ("name", "missing"),
        ("limits.0.most", "out_of_range"),
        ("limits.1.whose", "out_of_range"),
        ("cancelling.tiers.0.before_minutes", "out_of_range"),
        ("cancelling.tiers.0.percent", "out_of_range"),
        ("windows.public.earliest.value", "out_of_range"),
        ("no_shows.wait_minutes", "out_of_range"),
    }
    circle = {"name": "Own tail", "swaps": [{"product": "card", "rule": was["id"]}]}
    tail = desk.post("/booking-rules", circle).get_json()["id"]
    body = {"name": RULE, "version": was["version"], "swaps": [{"product": "card", "rule": tail}]}
    assert codes(desk.put(f"/booking-rules/{was['id']}", body)) == {("swaps.0.rule", "cycle")}
    kept = desk.get(f"/booking-rules/{was['id']}").get_json()
    assert (kept["version"], kept["swaps"]) == (was["version"], [])


@pytest.mark.parametrize(
    ("per", "reason", "other"),
    [
        ("day", "too_many_that_day", TEN + DAY),
        ("week", "too_many_that_week", TEN + 7 * DAY),
        ("month", "too_many_that_month", TEN + DAY),
    ],
)
def test_a_customer_has_no_more_than_the_limit_and_anybody_else_has(
    desk: Api, per: str, reason: str, other: int
) -> None:
    """BRP-06, DY-29: by local day, ISO week and month; the same address in capitals is the same customer."""
    guest = desk.another()
    let(desk, limits=[{"most": 1, "per": per}])
    assert MONDAY.day == 30
    assert book(guest, start=TEN, customer=ANNA).status_code == 201
    again = {"name": "A. Ek", "email": "ANNA@example.se"}
    assert told(book(guest, start=TEN + 5 * HOUR, customer=again))[:2] == (403, reason)
    assert book(guest, start=TEN + 5 * HOUR, customer={"email": "bo@example.se"}).status_code == 201
    assert book(guest, start=other, customer=ANNA).status_code == 201


def test_a_hold_can_only_be_taken_up_by_who_may_still_book(desk: Api) -> None:
    """BRP-06: the limit is counted together with the insert, also behind a hold."""
    guest = desk.another()
    let(desk, limits=[{"most": 1, "per": "at_once"}])
    checkout = held(guest, TEN + 5 * HOUR)
    first = book(guest, start=TEN, customer=ANNA).get_json()
    late = book(guest, hold=checkout, customer=ANNA)
    assert told(late) == (403, "too_many_at_once", format_instant(TEN + HOUR, STOCKHOLM))
    cancelled = desk.post(f"/bookings/{first['id']}/cancel", {"cancel_code": first["cancel_code"]})
    assert cancelled.status_code == 200
    assert book(guest, hold=checkout, customer=ANNA).status_code == 201


def test_a_full_day_is_hidden_and_not_refused_late(desk: Api) -> None:
    """DY-29: the whole hall sells two hours a day; the third is not even offered, the next day is."""
    guest = desk.another()
    let(desk, limits=[{"most": 2, "per": "day", "whose": "everybody", "of": "service"}])
    for number in range(2):
        assert book(guest, start=TEN, customer={"email": f"guest{number}@example.se"}).status_code == 201
    assert starts(guest, NOW, NOW + 12 * HOUR) == []
    assert starts(guest, NOW + DAY, NOW + DAY + 3 * HOUR) != []
    assert told(book(guest, start=TEN + 3 * HOUR, customer=ANNA))[:2] == (403, "day_is_full")


def test_each_channel_has_its_own_window(desk: Api) -> None:
    """BRP-01, DY-28: the same wish, three channels, the verdict that the rule lists."""
    let(desk, windows={"public": {"latest": {"value": 2, "unit": "hours"}}, "kiosk": {}, "staff": {}})
    assert told(book(desk.another(), start=TEN))[:2] == (403, "too_late")
    assert book(desk.bearer("kiosk"), start=TEN).status_code == 201
    assert book(desk, start=TEN).status_code == 201


def test_a_step_that_costs_needs_a_fee_product(desk: Api) -> None:
    """BRP-14: refused on save where the facility has none."""
    costs = {"name": "Costs", "cancelling": {"tiers": [{"before_minutes": 60, "percent": 10}]}}
    assert codes(desk.post("/booking-rules", costs)) == {("cancelling.tiers", "no_fee_product")}
    assert desk.post("/fee-products", FEE).status_code == 201
    assert desk.post("/booking-rules", costs).status_code == 201


@pytest.mark.parametrize(
    ("paid", "invoiced", "fee", "refund", "due"),
    [
        (32_000, False, 16_000, 16_000, 0),
        (0, False, 0, 0, 0),
        (0, True, 16_000, 0, 16_000),
        (4_000, True, 16_000, 0, 12_000),
    ],
)
def test_a_late_cancel_keeps_its_fee_and_gives_the_rest_back(
    desk: Api, paid: int, invoiced: bool, fee: int, refund: int, due: int
) -> None:
    """BRP-11, BRP-12, BRP-13, BRP-16, BRP-17: half of the price, prepaid or not; the ledger adds up to zero."""
    assert desk.post("/fee-products", FEE).status_code == 201
    let(desk, cancelling={"tiers": [{"before_minutes": 24 * 60, "percent": 50}]})
    booked = book(desk.another(), start=TEN + HOUR).get_json()
    if paid:
        payment = {"method": "cash", "amount": paid}
        assert desk.post(f"/bookings/{booked['id']}/payments", payment).status_code == 201
    if invoiced:
        terms = {"customer": customer_of(desk, booked["id"]), "may_be_invoiced": True}
        assert desk.post("/customer-terms", terms).status_code == 201
    desk.site.clock.advance(3 * MINUTE)
    code = {"cancel_code": booked["cancel_code"]}
    settled = desk.another().post(f"/bookings/{booked['id']}/cancel", code).get_json()["settlement"]
    assert {name: value["amount"] for name, value in settled.items()} == {"fee": fee, "refund": refund, "due": due}
    rows = desk.site.rows("SELECT account, amount, vat_percent, text FROM ledger_entry")
    assert sum(int(str(row[1])) for row in rows) == 0
    assert [row for row in rows if row[0] == "3990"] == ([("3990", -fee, 25, "Sen avbokning")] if fee else [])


def test_staff_may_waive_the_fee(desk: Api) -> None:
    """BRP-11: a reason that the rule knows nothing of."""
    assert desk.post("/fee-products", FEE).status_code == 201
    let(desk, cancelling={"until": {"value": 2, "unit": "hours"}, "tiers": [{"before_minutes": 1440, "percent": 100}]})
    booked = [book(desk, start=TEN).get_json() for _ in range(2)]
    payment = {"method": "cash"}
    for each in booked:
        assert desk.post(f"/bookings/{each['id']}/payments", payment).status_code == 201
    desk.site.clock.advance(3 * MINUTE)
    fees = [
        desk.post(f"/bookings/{each['id']}/cancel", body).get_json()["settlement"]["fee"]["amount"]
        for each, body in zip(booked, ({}, {"waive_fee": True}), strict=True)
    ]
    assert fees == [32_000, 0]


def test_members_may_book_earlier_until_their_card_ends(desk: Api) -> None:
    """BRP-08, BRP-09: fourteen days for who holds the card, seven for others; the rule in force is noted."""
    seven, fourteen = ({"earliest": {"value": days, "unit": "days"}} for days in (7, 14))
    members = desk.post("/booking-rules", {"name": "Members", "windows": {"public": fourteen}}).get_json()
    product = desk.post("/entitlement-products", MEMBERSHIP)
    assert product.status_code == 201, product.text
    let(desk, windows={"public": seven}, swaps=[{"product": product.get_json()["id"], "rule": members["id"]}])
    known = book(desk.another(), start=TEN, customer=ANNA).get_json()
    customer = customer_of(desk, known["id"])
    assert told(book(desk.another(), start=TEN + 10 * DAY, customer=ANNA))[:2] == (403, "too_early")
    granted = desk.post(
        f"/customers/{customer}/entitlements", {"product": product.get_json()["id"], "reason": "Medlem"}
    )
    assert granted.status_code == 201, granted.text
    early = book(desk.another(), start=TEN + 10 * DAY, customer=ANNA)
    assert early.status_code == 201, early.text
    noted = desk.site.rows("SELECT rule_id FROM booking WHERE id = ?", early.get_json()["id"])
    assert noted == [(members["id"],)]
    assert told(book(desk.another(), start=TEN + 10 * DAY, customer={"email": "bo@example.se"}))[1] == "too_early"


def test_the_terms_of_cancelling_are_told_before_one_cancels(desk: Api) -> None:
    """DY-11, BRP-07, BRP-05, BRP-15, BRP-16: half of what was charged within a day, before nothing."""
    assert desk.post("/fee-products", FEE).status_code == 201
    let(desk, cancelling={"tiers": [{"before_minutes": 24 * 60, "percent": 50}]})
    near, far = (book(desk, start=start).get_json() for start in (TEN + HOUR, TEN + 3 * DAY))
    desk.site.clock.advance(3 * MINUTE)
    shown = desk.get(f"/bookings/{near['id']}").get_json()["cancelling"]
    assert (shown["allowed"], shown["percent"], shown["fee"]) == (True, 50, {"amount": 16_000, "currency": "SEK"})
    assert desk.get(f"/bookings/{far['id']}").get_json()["cancelling"]["fee"]["amount"] == 0


def test_a_booking_is_cancelled_by_the_rule_that_it_was_made_under(desk: Api) -> None:
    """BRP-08: the rule in force is noted on the booking; another one for the service changes nothing for it."""
    booked = book(desk.another(), start=TEN + 3 * DAY).get_json()
    assert desk.site.rows("SELECT rule_id FROM booking WHERE id = ?", booked["id"]) == [(rule_now(desk)["id"],)]


def test_a_move_has_its_own_last_moment_and_is_counted(desk: Api) -> None:
    """BM-21: until an hour before and once; a move into a taken slot leaves the old one."""
    let(desk, moving={"until": {"value": 60, "unit": "minutes"}, "most": 1})
    guest = desk.another()
    booked = book(guest, start=TEN + 3 * HOUR).get_json()
    code = {"cancel_code": booked["cancel_code"]}

    def move(to: int) -> Any:
        return guest.post(f"/bookings/{booked['id']}/move", {"start": format_instant(to, STOCKHOLM), **code})

    for number in range(4):
        assert book(desk, start=TEN + 8 * HOUR, customer={"email": f"guest{number}@example.se"}).status_code == 201
    assert told(move(TEN + 8 * HOUR))[:2] == (409, "slot_taken")
    assert move(TEN + 4 * HOUR).status_code == 200
    assert told(move(TEN + 5 * HOUR))[:2] == (403, "moved_too_often")
    near = book(guest, TEN).get_json()
    desk.site.clock.advance(3 * MINUTE)
    to = {"start": format_instant(TEN + 5 * HOUR, STOCKHOLM), "cancel_code": near["cancel_code"]}
    assert told(guest.post(f"/bookings/{near['id']}/move", to))[:2] == (403, "too_late_to_move")


def test_why_not_shows_each_line_of_the_rule_with_its_numbers(desk: Api) -> None:
    """BRP-01: which line of which rule says no, and when it will not."""
    let(desk, limits=[{"most": 1, "per": "week"}, {"most": 5, "per": "month"}])
    booked = book(desk, start=TEN, customer=ANNA).get_json()
    customer = customer_of(desk, booked["id"])
    query = {"service": "padel", "start": format_instant(TEN + 5 * HOUR, STOCKHOLM), "customer": customer}
    said = desk.get("/why-not", **query).get_json()
    assert (said["allowed"], said["reason"], said["rule"]["name"]) == (False, "too_many_that_week", RULE)
    assert [(line["line"], line["holds"]) for line in said["lines"]] == [
        ("earliest", True),
        ("latest", True),
        ("limit", False),
        ("limit", True),
    ]
    assert said["lines"][2]["facts"] == {"per": "week", "whose": "customer", "booked": 1, "most": 1}
    assert desk.get("/why-not", **query | {"channel": "staff"}).get_json()["allowed"]
    assert desk.another().get("/why-not", **query).status_code == 401


def test_who_did_not_come_cannot_book_until_pardoned(desk: Api) -> None:
    """BRP-20's neighbour in the vendors' manual: n missed bookings within a time block; staff lifts it."""
    let(desk, no_shows={"wait_minutes": 15, "block": {"count": 1, "days": 30, "channels": ["public"]}})
    missed = book(desk.another(), start=TEN, customer=ANNA).get_json()
    with desk.site.side.book.write(desk.site.side.scope, "test") as tx:
        booking = existing(tx, missed["id"])
        change(tx, "no_show", booking, booking.at_status(Status.NO_SHOW))
    blocked = book(desk.another(), start=TEN + 2 * HOUR, customer=ANNA)
    assert told(blocked) == (403, "blocked_after_no_shows", format_instant(TEN + 30 * DAY, STOCKHOLM))
    assert book(desk.bearer("kiosk"), start=TEN + 2 * HOUR, customer=ANNA).status_code == 201
    customer = customer_of(desk, missed["id"])
    desk.site.clock.set(TEN + HOUR)
    assert desk.staff().post(f"/customers/{customer}/pardon", {"reason": "Sjuk"}).status_code == 204
    assert book(desk.another(), start=TEN + 3 * HOUR, customer=ANNA).status_code == 201
    assert desk.staff().post("/customers/nobody/pardon", {"reason": "x"}).status_code == 404
