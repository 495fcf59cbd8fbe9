"""Visits over HTTP: chains of services and slots in a row, searched, booked and cancelled as one (DY-54 to DY-57)."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from appliance.booking import set_up_store as set_up
from appliance.booking.resources import Pool, Resource, ResourceKind
from appliance.booking.services import Need, Service, ServiceKind, Several
from appliance.foundation.instants import HOUR, MINUTE, Instant, format_instant
from appliance.foundation.money import Money
from tests.builders import NOW, STOCKHOLM, TEN, Site
from tests.several import allow, shut, statements
from tests.web.api_client import Api, codes, problem

CUSTOMER = {"name": "Anna Ek", "email": "anna.ek@example.se"}


def shown(instant: Instant) -> str:
    return format_instant(instant, STOCKHOLM)


def add_salon(site: Site, *, gap: int = 0) -> None:
    """Two services of a salon: Maja and Nils cut, Nils alone colours; a cut is 30 minutes, a colour 60."""
    with site.side.book.write(site.side.scope, "test") as tx:
        staff = [Resource(tx.ids.new(), slug, slug.title(), ResourceKind.STAFF) for slug in ("maja", "nils")]
        for each in staff:
            set_up.add_resource(tx, each, 9)
        for slug, minutes, members in (("cut", 30, staff), ("colour", 60, staff[1:])):
            pool = Pool(tx.ids.new(), slug, tuple(each.id for each in members))
            set_up.add_pool(tx, pool)
            service = Service(
                tx.ids.new(), slug, slug.title(), ServiceKind.INDIVIDUAL, (minutes,), (Money(minutes * 1000, "SEK"),),
                (Need(pool.id),), 15, several=Several(chains=True, longest_gap_minutes=gap),
            )  # fmt: skip
            set_up.add_service(tx, service, 25, 9)


def visits(api: Api, services: str, first: Instant, last: Instant, **query: object) -> list[dict[str, Any]]:
    answer = api.get("/visits", services=services, from_=shown(first), to=shown(last), **query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.get_json()["visits"]
    return found


def book(api: Api, start: Instant, *services: str, **parts: object) -> TestResponse:
    legs = [{"service": name} for name in services]
    return api.post("/visits", {"legs": legs, "start": shown(start), "customer": CUSTOMER, **parts})


@pytest.mark.feature("DY-54", "DY-55")
def test_a_visit_offers_start_times_of_the_whole(api: Api) -> None:
    """DY-54, DY-55: the colour follows the cut at once, with another person where need be; booked as one order."""
    add_salon(api.site)
    found = visits(api, "cut,colour", TEN, TEN + HOUR)
    assert [each["start"] for each in found] == [shown(TEN + n * 15 * MINUTE) for n in range(4)]
    assert (found[0]["end"], found[0]["price"]["amount"]) == (shown(TEN + 90 * MINUTE), 90_000)
    assert [leg["start"] for leg in found[0]["legs"]] == [shown(TEN), shown(TEN + 30 * MINUTE)]
    api.booked(TEN, service="cut", resource="nils")
    order = book(api, TEN, "cut", "colour").get_json()
    assert (order["kind"], order["total"]["amount"]) == ("chain", 90_000)
    cut, colour = order["bookings"]
    assert (cut["resources"], colour["resources"]) == ([api.site.resource("maja")], [api.site.resource("nils")])
    assert colour["start"] == cut["end"]
    assert cut["cancel_code"] != colour["cancel_code"]
    assert [each["start"] for each in visits(api, "cut,colour", TEN, TEN + HOUR)] == []
    refused = book(api, TEN, "cut", "colour")
    assert (refused.status_code, problem(refused)["reason"]) == (409, "slot_taken")
    gone = api.post(f"/orders/{order['id']}/cancel", {"cancel_code": order["cancel_code"]}).get_json()
    assert {each["status"] for each in gone["bookings"]} == {"cancelled"}


@pytest.mark.feature("DY-54")
def test_services_in_any_order_and_with_a_gap_find_more(api: Api) -> None:
    """DY-54: Nils is away from 11 to 12: the colour goes first, or waits where its service allows that."""
    add_salon(api.site, gap=60)
    shut(api.site, api.site.resource("nils"), TEN + HOUR, TEN + 2 * HOUR)
    assert [each["start"] for each in visits(api, "cut,colour", TEN, TEN + 1)] == []
    (found,) = visits(api, "cut,colour", TEN, TEN + 1, any_order="true")
    colour, cut = found["legs"]
    assert (colour["start"], cut["start"]) == (shown(TEN), shown(TEN + HOUR))
    (late,) = visits(api, "cut,colour", TEN + HOUR, TEN + HOUR + 1)
    assert [leg["start"] for leg in late["legs"]] == [shown(TEN + HOUR), shown(TEN + 2 * HOUR)]
    order = book(api, TEN, "cut", "colour", any_order=True).get_json()
    assert [each["start"] for each in order["bookings"]] == [shown(TEN), shown(TEN + HOUR)]
    assert [each["service"] for each in order["bookings"]] == [colour["service"], cut["service"]]


@pytest.mark.feature("SB-18", "DY-54")
def test_a_visit_begins_on_the_grid_of_the_person_and_goes_on_when_that_ends(api: Api) -> None:
    """SB-18, DY-54: Nils starts at full hours; who follows somebody else begins when that ends."""
    add_salon(api.site)
    with api.site.side.book.write(api.site.side.scope, "test") as tx:
        tx.connection.exec_driver_sql("UPDATE resource SET grid_minutes = 60, anchor = 'midnight' WHERE slug = 'nils'")
    half = TEN + 30 * MINUTE
    assert [each["start"] for each in visits(api, "colour,cut", TEN, TEN + 2 * HOUR)] == [shown(TEN), shown(TEN + HOUR)]
    (after,) = visits(api, "cut,colour", TEN, TEN + 1)
    assert [leg["start"] for leg in after["legs"]] == [shown(TEN), shown(half)]
    maja = [shown(TEN + n * 15 * MINUTE) for n in range(4)]
    assert [each["start"] for each in visits(api, "cut,colour", TEN, TEN + HOUR)] == maja
    assert [each["start"] for each in visits(api, "cut,colour", TEN, TEN + HOUR, resources="nils,")] == [shown(TEN)]
    assert problem(book(api, half, "colour", "cut"))["reason"] == "off_grid"
    order = book(api, half, "cut", "colour").get_json()
    assert order["bookings"][0]["resources"] == [api.site.resource("maja")]


def test_a_person_can_be_wanted_for_each_service(api: Api) -> None:
    """DY-54: the same person does both, or somebody else the one."""
    add_salon(api.site)
    nils, maja = api.site.resource("nils"), api.site.resource("maja")
    (same,) = visits(api, "cut,colour", TEN, TEN + 1, resources="nils,")
    assert same["start"] == shown(TEN)
    legs = [{"service": "cut", "resource": "nils"}, {"service": "colour"}]
    order = api.post("/visits", {"legs": legs, "start": shown(TEN), "customer": CUSTOMER}).get_json()
    assert [each["resources"] for each in order["bookings"]] == [[nils], [nils]]
    assert visits(api, "cut,colour", TEN, TEN + 1, resources="maja,maja") == []
    wrong = [{"service": "cut", "resource": "maja"}, {"service": "colour", "resource": "maja"}]
    refused = api.post("/visits", {"legs": wrong, "start": shown(TEN), "customer": CUSTOMER})
    assert (refused.status_code, problem(refused)["reason"]) == (422, "resource_not_offered")
    assert maja != nils


@pytest.mark.feature("DY-54")
def test_a_chain_that_cannot_be_is_refused_and_says_why(api: Api) -> None:
    """DY-54: services that are not for chains, too many of them, off the grid, too late; nothing is booked."""
    add_salon(api.site)
    for answer in (
        book(api, TEN, "cut", "padel"),
        book(api, NOW + 9 * HOUR, "cut", "padel-class"),
        api.get("/visits", services="padel,cut", from_=shown(TEN), to=shown(TEN + HOUR)),
    ):
        assert (answer.status_code, problem(answer)["reason"]) == (422, "chain_not_offered")
    assert codes(book(api, TEN, *["cut"] * 5)) == {("legs", "too_many")}
    assert codes(book(api, TEN)) == {("legs", "missing")}
    assert codes(book(api, TEN, "cut", "colour", count=2)) == {("count", "invalid")}
    assert problem(book(api, TEN + 60, "cut", "colour"))["reason"] == "off_grid"
    assert problem(book(api, NOW - HOUR, "cut", "colour"))["reason"] == "in_the_past"
    shut(api.site, api.site.world.facility.id, TEN + HOUR, TEN + 20 * HOUR)
    assert problem(book(api, TEN, "cut", "colour"))["reason"] == "closed"
    five = api.get("/visits", services="cut,cut,cut,cut,cut", from_=shown(TEN), to=shown(TEN), durations="x", count=2)
    assert codes(five) == {
        ("services", "too_many"), ("durations", "invalid"), ("count", "invalid"), ("to", "out_of_range"),
    }  # fmt: skip
    unknown = api.get("/visits", services="cut,curling", from_=shown(TEN), to=shown(TEN + HOUR))
    assert codes(unknown) == {("service", "unknown")}
    assert api.site.rows("SELECT count(*) FROM booking") == [(0,)]


@pytest.mark.feature("DY-56")
def test_so_many_slots_in_a_row_stay_on_one_court(api: Api) -> None:
    """DY-56: n of 1 to the most, on the same court throughout; a booking in between leaves that court out."""
    allow(api.site, "padel", Several(most_in_a_row=3))
    for court in (1, 2, 3):
        api.booked(TEN + HOUR, resource=f"court-{court}")
    for count, left in ((1, 4), (2, 1), (3, 1)):
        found = visits(api, "padel", TEN, TEN + 1, count=count)
        assert [each["end"] for each in found] == [shown(TEN + count * HOUR)], left
    assert visits(api, "padel", TEN, TEN + 1, count=2, resources="court-1") == []
    order = book(api, TEN, "padel", count=3).get_json()
    assert (order["kind"], order["total"]["amount"]) == ("row", 3 * 32_000)
    assert {tuple(each["resources"]) for each in order["bookings"]} == {(api.site.resource("court-4"),)}
    assert [each["start"] for each in order["bookings"]] == [shown(TEN + n * HOUR) for n in range(3)]
    assert visits(api, "padel", TEN, TEN + 1, count=2) == []
    assert problem(book(api, TEN, "padel", count=2))["reason"] == "slot_taken"
    too_many = book(api, TEN, "padel", count=4)
    assert (too_many.status_code, codes(too_many)) == (422, {("count", "so_many_in_a_row_not_offered")})
    middle = order["bookings"][1]
    body = {"cancel_code": middle["cancel_code"]}
    assert api.post(f"/bookings/{middle['id']}/cancel", body).get_json()["status"] == "cancelled"
    assert api.booked(TEN + HOUR)["resources"] == middle["resources"]


@pytest.mark.feature("DY-57")
def test_each_slot_in_a_row_carries_the_name_of_who_comes(api: Api) -> None:
    """DY-57: shown to whom the order belongs to; sealed in the file and in the journal."""
    allow(api.site, "padel", Several(most_in_a_row=3))
    order = book(api, TEN, "padel", count=3, participants=["Åsa Öberg", None, "Pelle"]).get_json()
    assert [each["participant"] for each in order["bookings"]] == ["Åsa Öberg", None, "Pelle"]
    first = order["bookings"][0]
    seen = api.get(f"/bookings/{first['id']}", cancel_code=first["cancel_code"]).get_json()
    assert (seen["participant"], seen["order"]) == ("Åsa Öberg", order["id"])
    kept = api.site.rows("SELECT participant FROM booking WHERE id = ?", first["id"])[0][0]
    journal = api.site.rows("SELECT group_concat(after) FROM journal")[0][0]
    assert "berg" not in str(kept)
    assert "Pelle" not in str(journal)
    assert codes(book(api, TEN, "padel", participants=["a", "b"])) == {("participants", "too_many")}


def test_a_search_for_visits_costs_the_same_number_of_questions(api: Api) -> None:
    """DY-54: one service or three, an hour or a month."""
    add_salon(api.site)

    def questions(services: str, hours: int) -> int:
        with statements(api.site) as asked:
            visits(api, services, TEN, TEN + hours * HOUR)
        return len(asked)

    questions("cut", 1)
    assert questions("cut", 1) == questions("cut,colour,cut", 700)
