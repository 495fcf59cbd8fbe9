"""Bad input changes nothing: each refusal is told in the open, and every row of the file is what it was before."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

import pytest
from werkzeug.test import TestResponse

from appliance.booking.services import Several
from appliance.foundation.instants import DAY, HOUR, MINUTE, format_instant
from tests.builders import STOCKHOLM, TEN, Site
from tests.several import allow
from tests.web.api_client import Api, problem
from tests.web.test_visits_api import add_salon, book

EVENING = {"name": "Evening", "effect": "percent", "value": 150, "from_minute": 1080, "to_minute": 1320}


@dataclass(frozen=True)
class Prepared:
    """A facility in which something is there to be damaged: a booking, a rule that leads to another, a price rule."""

    desk: Api
    guest: Api
    booked: dict[str, str]
    rules: tuple[str, str]
    price: str


def prepared(api: Api) -> Prepared:
    desk, guest = api.staff(), api.another()
    allow(api.site, "padel", Several(series=True, most_in_a_row=3))
    add_salon(api.site)
    guest.booked(TEN + 30 * MINUTE, service="colour")
    booked = guest.booked(TEN, resource="court-1")
    guest.booked(TEN + 2 * HOUR, resource="court-1")
    for court in (2, 3, 4):
        guest.booked(TEN + 2 * HOUR, resource=f"court-{court}")
    (base,) = desk.get("/booking-rules").get_json()["booking_rules"]
    swap = [{"product": "card", "rule": base["id"]}]
    other = desk.post("/booking-rules", {"name": "Other", "swaps": swap}).get_json()
    price = desk.post("/price-rules", EVENING).get_json()
    assert desk.put(f"/price-rules/{price['id']}", {**EVENING, "value": 90, "version": 1}).status_code == 200
    assert "id" in other, other
    return Prepared(desk, guest, booked, (base["id"], other["id"]), price["id"])


def cycle(at: Prepared) -> TestResponse:
    base = at.desk.get(f"/booking-rules/{at.rules[0]}").get_json()
    swap = {"product": "card", "rule": at.rules[1]}
    return at.desk.put(f"/booking-rules/{at.rules[0]}", {"name": "A", "version": base["version"], "swaps": [swap]})


def limited(most: int) -> Callable[[Prepared], TestResponse]:
    return lambda at: at.desk.post("/booking-rules", {"name": "L", "limits": [{"most": most, "per": "day"}]})


def series(at: Prepared) -> TestResponse:
    wish = {**at.guest.booking(TEN + DAY), "repeat": {"cadence": "daily", "times": 10_000}}
    return at.guest.post("/series", wish)


def chain(at: Prepared) -> TestResponse:
    """Nils alone colours, and has a guest when the cut is done."""
    return book(at.guest, TEN, "cut", "colour")


def move(at: Prepared) -> TestResponse:
    start = format_instant(TEN + 2 * HOUR, STOCKHOLM)
    body = {"start": start, "cancel_code": at.booked["cancel_code"]}
    return at.guest.post(f"/bookings/{at.booked['id']}/move", body)


TABLE: dict[str, tuple[Callable[[Prepared], TestResponse], set[int]]] = {
    "a rule that replaces itself in the end": (cycle, {422}),
    "a limit below zero": (limited(-1), {422}),
    "a limit of nothing": (limited(0), {422}),
    "an absurd limit": (limited(10**12), {422}),
    "two price rules of which none wins": (
        lambda at: at.desk.post("/price-rules", {**EVENING, "name": "Same"}), {409, 422},
    ),
    "a series of ten thousand": (series, {422}),
    "a chain that cannot fit": (chain, {409, 422}),
    "a move into a taken slot": (move, {409}),
    "a rule that somebody else has saved meanwhile": (
        lambda at: at.desk.put(f"/price-rules/{at.price}", {**EVENING, "value": 80, "version": 1}), {409},
    ),
}  # fmt: skip


def everything(site: Site) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, the journal among them; but for when sessions were last seen."""
    with closing(sqlite3.connect(site.settings.booking_file)) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name: sorted(connection.execute(f"SELECT * FROM {name}"), key=repr)
            for name in names
            if name not in ("staff_session", "sqlite_sequence")
        }


@pytest.mark.parametrize("what", TABLE)
def test_bad_input_is_refused_and_changes_no_row(api: Api, what: str) -> None:
    """BRP-06, BRP-08, DY-16, DY-48, DY-54, BM-21: each with a sentence; bookings, rules and journal as before."""
    at = prepared(api)
    send, statuses = TABLE[what]
    before = everything(api.site)
    answer = send(at)
    assert answer.status_code in statuses, answer.text
    assert problem(answer)["title"]
    assert everything(api.site) == before


def test_what_is_right_changes_rows(api: Api) -> None:
    """BM-21: negative control; the same comparison sees a move that is accepted."""
    at = prepared(api)
    before = everything(api.site)
    body = {"start": format_instant(TEN + 4 * HOUR + 15 * MINUTE, STOCKHOLM), "cancel_code": at.booked["cancel_code"]}
    assert at.guest.post(f"/bookings/{at.booked['id']}/move", body).status_code == 200
    assert everything(api.site) != before
