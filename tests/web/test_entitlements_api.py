"""Subscriptions and clip cards over the API: they pay by themselves, are counted by start, never go below zero."""

from datetime import date
from typing import Any

import pytest

from appliance.foundation.instants import DAY, HOUR, MINUTE, at_local, format_instant
from tests.builders import MONDAY, NOW, STOCKHOLM, TEN
from tests.web.api_client import Api, codes, problem

CARD = {"name": "8-kort", "kind": "clips", "amount": 24900, "vat_percent": 6, "clips": 8}
WEEKLY = {"name": "Två i veckan", "kind": "subscription", "amount": 3900, "vat_percent": 6}
TWICE_A_WEEK = {"most": 2, "per": "week"}
ALL = [{"service": "padel", "percent": 100}]


@pytest.fixture
def desk(api: Api) -> Api:
    return api.staff()


def add(desk: Api, path: str, **body: object) -> dict[str, Any]:
    answer = desk.post(path, body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.get_json()
    return made


def customer(api: Api) -> str:
    """Anna, who has booked once before."""
    known = api.booked(NOW + HOUR, resource="court-4")
    return str(api.site.rows("SELECT customer_id FROM booking WHERE id = ?", known["id"])[0][0])


def granted(desk: Api, who: str, product: dict[str, object], **more: object) -> dict[str, Any]:
    sold = add(desk, "/entitlement-products", **{"covers": ALL, **product})
    return add(desk, f"/customers/{who}/entitlements", product=sold["id"], reason="såld i receptionen", **more)


def left(desk: Api, who: str) -> list[int | None]:
    """What is left of each, clips or uses."""
    found = desk.get(f"/customers/{who}/entitlements").get_json()["entitlements"]
    return [each["clips_left"] if each["clips_left"] is not None else each["uses_left"] for each in found]


def at(day: date, hour: int, minute: int = 0) -> int:
    return at_local(day, hour * 60 + minute, STOCKHOLM)


@pytest.mark.feature("DY-36", "DY-23", "DY-37")
def test_a_clip_card_pays_by_itself_and_what_is_left_is_shown(api: Api, desk: Api) -> None:
    """DY-36, DY-23: +8, -1, +1; zero is left to pay, also where it must be paid first. DY-37: live."""
    add(desk, "/payment-terms", service="padel-class", policy="prepay")
    who = customer(api)
    add(desk, "/payment-terms", service="padel", policy="prepay")
    card = granted(desk, who, CARD)
    assert card["clips_left"] == 8
    made = api.booked(TEN)
    assert (made["status"], made["price"]["amount"], made["vat"]["amount"]) == ("confirmed", 0, 0)
    assert [(line["kind"], line["name"], line["amount"]["amount"]) for line in made["lines"]] == [
        ("service", "Padel", 32000),
        ("entitlement", "8-kort", -32000),
    ]
    assert made["entitlement"] == {"id": card["id"], "name": "8-kort", "ends": None, "clips_left": 7, "uses_left": None}
    assert left(desk, who) == [7]
    moved = api.post(
        f"/bookings/{made['id']}/move",
        {"start": format_instant(TEN + DAY, STOCKHOLM), "cancel_code": made["cancel_code"]},
    ).get_json()
    assert (moved["price"]["amount"], left(desk, who)) == (0, [7])
    longer = desk.post(f"/bookings/{made['id']}/extend", {"duration": 90}).get_json()
    assert (longer["price"]["amount"], left(desk, who)) == (0, [7])
    cancelled = api.post(f"/bookings/{made['id']}/cancel", {"cancel_code": made["cancel_code"]})
    assert (cancelled.status_code, left(desk, who)) == (200, [8])
    declined = api.booked(TEN, entitlement="none")
    assert (declined["status"], left(desk, who)) == ("pending", [8])


@pytest.mark.feature("DY-36")
def test_a_clip_is_kept_at_a_late_cancel_unless_its_product_says_otherwise(api: Api, desk: Api) -> None:
    """DY-36: returned in time, kept later; the setting of the product decides."""
    who = customer(api)
    kept = granted(desk, who, CARD)
    kind = granted(desk, who, {**CARD, "name": "Snällt kort", "returns_late": True})
    for card, after in ((kept, [7, 8]), (kind, [7, 8])):
        made = api.booked(NOW + 2 * HOUR, entitlement=card["id"])
        api.site.clock.set(NOW + 2 * HOUR + 5 * MINUTE)
        later = api.staff()
        assert later.post(f"/bookings/{made['id']}/cancel", {}).status_code == 200
        assert left(later, who) == after
        api.site.clock.set(NOW)


@pytest.mark.feature("DY-36")
def test_a_clip_that_comes_back_after_the_end_of_its_card_is_good_for_the_days_of_grace(api: Api, desk: Api) -> None:
    """DY-36: once; whoever books and cancels on and on does not keep the card for ever."""
    who = customer(api)
    card = granted(desk, who, {**CARD, "valid_days": 1, "grace_days": 7})
    assert card["ends"] == format_instant(NOW + DAY, STOCKHOLM)
    for start in (NOW + 20 * HOUR, NOW + 5 * DAY):
        made = api.booked(start, entitlement="8-kort")
        api.site.clock.set(start - 2 * HOUR)
        cancelled = api.post(f"/bookings/{made['id']}/cancel", {"cancel_code": made["cancel_code"]})
        assert cancelled.status_code == 200, cancelled.text
        (held,) = api.staff().get(f"/customers/{who}/entitlements").get_json()["entitlements"]
        assert (held["clips_left"], held["ends"]) == (8, format_instant(NOW + 8 * DAY, STOCKHOLM))
    ended = api.post("/bookings", api.booking(NOW + 8 * DAY, entitlement=card["id"]))
    assert (ended.status_code, problem(ended)["reason"]) == (403, "entitlement_ended")


@pytest.mark.feature("DY-36")
def test_an_unpaid_booking_that_runs_out_gives_its_clip_back(api: Api, desk: Api) -> None:
    """DY-36, DY-21: half is paid by the card, the other half never came."""
    who = customer(api)
    add(desk, "/payment-terms", service="padel", policy="prepay", pay_within_minutes=10)
    granted(desk, who, {**CARD, "covers": [{"service": "padel", "percent": 50}]})
    made = api.booked(TEN)
    assert (made["status"], made["price"]["amount"], left(desk, who)) == ("pending", 16000, [7])
    api.site.clock.advance(10 * MINUTE)
    api.booked(TEN + HOUR, entitlement="none")
    assert left(desk, who) == [8]
    again = desk.post(f"/bookings/{made['id']}/payments", {"method": "card"}).get_json()
    assert (again["status"], left(desk, who)) == ("confirmed", [7])


@pytest.mark.feature("DY-35", "DY-30")
def test_two_a_week_are_counted_by_the_start_from_monday_to_sunday(api: Api, desk: Api) -> None:
    """DY-35: Sunday 23:30 is the old week, Monday the new one; full is refused by name with the next week's start."""
    who = customer(api)
    held = granted(desk, who, {**WEEKLY, "limit": TWICE_A_WEEK})
    sunday, monday = date(2026, 12, 6), date(2026, 12, 7)
    first = api.booked(at(MONDAY, 18))
    assert first["entitlement"]["uses_left"] == 1
    assert api.booked(at(sunday, 23, 30))["price"]["amount"] == 0
    full = api.post("/bookings", api.booking(at(sunday, 12), entitlement=held["id"]))
    told = problem(full)
    assert (full.status_code, told["reason"]) == (403, "entitlement_week_full")
    assert told["passes_at"] == format_instant(at(monday, 0), STOCKHOLM)
    assert api.booked(at(sunday, 12))["price"]["amount"] == 32000
    assert api.booked(at(monday, 0))["price"]["amount"] == 0
    moved = api.post(
        f"/bookings/{first['id']}/move",
        {"start": format_instant(at(monday, 9), STOCKHOLM), "cancel_code": first["cancel_code"]},
    )
    assert (moved.status_code, left(desk, who)) == (200, [1])
    other = api.booked(at(sunday, 9))
    assert other["price"]["amount"] == 0
    crowded = desk.post(f"/bookings/{other['id']}/move", {"start": format_instant(at(monday, 15), STOCKHOLM)})
    assert problem(crowded)["reason"] == "entitlement_week_full"
    assert desk.get(f"/bookings/{other['id']}").get_json()["start"] == other["start"]


@pytest.mark.feature("DY-35")
def test_two_in_any_seven_days_do_not_begin_anew_on_monday(api: Api, desk: Api) -> None:
    """DY-35: the rolling week, with the first start at which it has room."""
    held = granted(desk, customer(api), {**WEEKLY, "limit": {**TWICE_A_WEEK, "rolling": True}})
    saturday, sunday, monday = date(2026, 12, 5), date(2026, 12, 6), date(2026, 12, 7)
    for day in (saturday, sunday):
        assert api.booked(at(day, 12))["price"]["amount"] == 0
    told = problem(api.post("/bookings", api.booking(at(monday, 12), entitlement=held["id"])))
    assert (told["reason"], told["passes_at"]) == (
        "entitlement_week_full",
        format_instant(at(date(2026, 12, 12), 12), STOCKHOLM),
    )
    assert api.booked(at(date(2026, 12, 12), 12))["price"]["amount"] == 0


@pytest.mark.feature("DY-23")
def test_a_subscription_goes_first_then_the_card_that_ends_first(api: Api, desk: Api) -> None:
    """DY-23: chosen automatically, in an order that is written down."""
    who = customer(api)
    granted(desk, who, {**CARD, "name": "Långt", "valid_days": 300})
    granted(desk, who, {**CARD, "name": "Kort", "valid_days": 30, "clips": 1})
    granted(desk, who, {**WEEKLY, "limit": {"most": 1, "per": "month"}})
    paid_by = [api.booked(TEN + day * DAY)["entitlement"]["name"] for day in (1, 2, 3)]
    assert paid_by == ["Två i veckan", "Kort", "Långt"]


@pytest.mark.feature("SB-26")
def test_clips_are_corrected_with_a_reason_and_never_below_zero(api: Api, desk: Api) -> None:
    """SB-26, DY-36: a visit earned, or taken back; strangers, other customers' cards and subscriptions are refused."""
    who = customer(api)
    card = granted(desk, who, {**CARD, "clips": 1})
    path = f"/customers/{who}/entitlements/{card['id']}/corrections"
    for _ in range(2):
        assert desk.post(path, {"delta": 1, "reason": "tionde besöket"}, Idempotency_Key="k").status_code == 201
    assert left(desk, who) == [2]
    below = desk.post(path, {"delta": -3, "reason": "fel"})
    assert (below.status_code, problem(below)["reason"], left(desk, who)) == (409, "no_clips_left", [2])
    assert codes(desk.post(path, {"delta": 0})) == {("delta", "out_of_range"), ("reason", "missing")}
    plan = granted(desk, who, {**WEEKLY, "name": "Fri"})
    unlimited = desk.post(f"/customers/{who}/entitlements/{plan['id']}/corrections", {"delta": 1, "reason": "x"})
    assert problem(unlimited)["reason"] == "not_clips"
    assert api.post(path, {"delta": 1, "reason": "x"}).status_code == 401
    assert desk.get("/customers/nobody/entitlements").status_code == 404
    unknown = desk.post(f"/customers/{who}/entitlements", {"product": "none", "reason": "x"})
    assert codes(unknown) == {("product", "unknown")}


def test_a_product_that_somebody_holds_is_archived_and_goes_on_paying(api: Api, desk: Api) -> None:
    """DY-36: no longer sold, still good; its name on old lines stays."""
    who = customer(api)
    card = granted(desk, who, CARD)
    assert desk.delete(f"/entitlement-products/{card['product']}", version=1).status_code == 204
    assert api.booked(TEN)["price"]["amount"] == 0
    again = desk.post(f"/customers/{who}/entitlements", {"product": card["product"], "reason": "x"})
    assert codes(again) == {("product", "unknown")}


def test_a_product_is_told_every_mistake_at_once(desk: Api) -> None:
    """DY-36: field by field."""
    wrong = {"name": "", "kind": "gift", "amount": -1, "vat_percent": 101, "covers": [{"service": "golf"}]}
    assert codes(desk.post("/entitlement-products", wrong)) == {
        ("name", "missing"),
        ("kind", "out_of_range"),
        ("amount", "out_of_range"),
        ("vat_percent", "out_of_range"),
        ("covers.0.service", "unknown"),
        ("covers.0.percent", "missing"),
    }
    assert codes(desk.post("/entitlement-products", {**CARD, "clips": None, "limit": TWICE_A_WEEK})) == {
        ("clips", "missing"),
        ("limit", "out_of_range"),
    }
