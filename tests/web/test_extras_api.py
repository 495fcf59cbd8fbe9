"""Extras over HTTP: they lengthen what is searched for, are claimed, paid for, shown and changed (DY-65 to DY-70)."""

import io
from typing import Any

import pytest
from PIL import Image
from werkzeug.test import TestResponse

from appliance.booking import extra_store
from appliance.booking.extras import Extra
from appliance.booking.services import Need
from appliance.foundation.instants import HOUR, MINUTE, format_instant
from appliance.foundation.money import Money
from appliance.storage import versioned
from appliance.web.pictures import LARGEST_SIDE, LARGEST_UPLOAD
from tests.builders import NOW, STOCKHOLM, TEN
from tests.web.api_client import API, Api, codes, problem
from tests.web.extra_world import RACKET, WARM_UP, added, balls, projectors, wish

LATER = NOW + 30 * HOUR


def shown(instant: int) -> str:
    return format_instant(instant, STOCKHOLM)


@pytest.fixture
def staff(api: Api) -> Api:
    return api.staff()


def starts(api: Api, first: int, end: int, **query: object) -> list[str]:
    """The starts that are offered on court 1."""
    answer = api.get("/slots", service="padel", resource="court-1", from_=shown(first), to=shown(end), **query)
    assert answer.status_code == 200, answer.text
    return [slot["start"] for slot in answer.get_json()["slots"]]


@pytest.mark.feature("DY-65", "DY-66")
def test_a_service_names_its_extras_with_all_that_is_shown_of_them(api: Api, staff: Api) -> None:
    """DY-65, DY-66, DY-69: in the order of the owner; a service without any has none, so that the step is skipped."""
    racket = added(staff, "/extras", **RACKET, position=2, shows=["title", "price"])
    warm_up = added(staff, "/extras", **WARM_UP, position=1)
    services = {each["slug"]: each for each in api.get("/services").get_json()["services"]}
    assert [each["id"] for each in services["padel"]["extras"]] == [warm_up["id"], racket["id"]]
    assert [each["id"] for each in services["padel-class"]["extras"]] == [racket["id"]]
    told = services["padel"]["extras"][1]
    assert (told["price"], told["most"], told["shows"]) == (
        {"amount": 3_000, "currency": "SEK"}, 4, ["price", "title"],
    )  # fmt: skip


@pytest.mark.feature("DY-67")
def test_an_hour_and_a_quarter_do_not_fit_in_a_gap_of_an_hour(api: Api, staff: Api) -> None:
    """DY-67: 60 + 15 min does not fit in a 60 gap: it is neither offered, nor held, nor booked."""
    warm_up = added(staff, "/extras", **WARM_UP)
    for start in (TEN, TEN + 2 * HOUR):
        api.booked(start, resource="court-1")
    gap = TEN + HOUR
    assert starts(api, gap, gap + HOUR) == [shown(gap)]
    assert starts(api, gap, gap + HOUR, extras=f"{warm_up['id']}:1") == []
    body = {"service": "padel", "start": shown(gap), "resource": "court-1", "extras": [wish(warm_up)]}
    for answer in (api.post("/holds", body), api.post("/bookings", api.booking(gap) | body)):
        assert (answer.status_code, problem(answer)["reason"]) == (409, "slot_taken")
    assert api.post("/holds", {**body, "extras": []}).status_code == 201


@pytest.mark.feature("DY-67", "DY-66")
def test_price_and_length_are_those_of_all_that_was_chosen(api: Api, staff: Api) -> None:
    """DY-67, DY-66: what is offered is what is paid, and what was chosen stays as it was when the extra changes."""
    warm_up = added(staff, "/extras", **{**WARM_UP, "most": 2})
    racket = added(staff, "/extras", **RACKET)
    chosen = f"{warm_up['id']}:2,{racket['id']}:3"
    slot = api.get("/slots", service="padel", from_=shown(LATER), to=shown(LATER + 1), extras=chosen)
    offered = slot.get_json()["slots"][0]
    made = api.booked(LATER, extras=[wish(warm_up, 2), wish(racket, 3)])
    assert offered["price"] == made["price"] == {"amount": 32_000 + 2 * 5_000 + 3 * 3_000, "currency": "SEK"}
    assert offered["end"] == made["end"] == shown(LATER + 90 * MINUTE)
    staff.put(f"/extras/{racket['id']}", {**RACKET, "name": "Rack", "amount": 1, "version": 1})
    seen = staff.get(f"/bookings/{made['id']}").get_json()
    assert [(e["name"], e["quantity"], e["total"]["amount"]) for e in seen["extras"]] == [
        ("Uppvärmning", 2, 10_000),
        ("Racket", 3, 9_000),
    ]


@pytest.mark.feature("DY-66")
def test_an_extra_is_for_each_person_or_for_the_booking(api: Api, staff: Api) -> None:
    """DY-66: four places in a class with two rackets each are eight rackets; one per booking stays one."""
    racket = added(staff, "/extras", **RACKET, per="person")
    shower = added(staff, "/extras", name="Dusch", amount=1_000)
    lesson = NOW + 9 * HOUR
    made = api.booked(lesson, service="padel-class", quantity=4, extras=[wish(racket, 2), wish(shower)])
    assert [each["units"] for each in made["extras"]] == [8, 1]
    assert made["price"]["amount"] == 4 * 15_000 + 8 * 3_000 + 1_000


@pytest.mark.feature("DY-67")
def test_an_extra_takes_a_thing_of_its_own_for_as_long_as_it_is_needed(api: Api, staff: Api) -> None:
    """DY-67: two projectors, one hour each; the third booking beside them cannot have one, but does without."""
    projectors(api, 2)
    projector = added(staff, "/extras", name="Projektor", amount=9_000, need={"pool": "projectors"})
    made = [api.booked(LATER, extras=[wish(projector)]) for _ in range(2)]
    assert {len(each["resources"]) for each in made} == {2}
    refused = api.post("/bookings", api.booking(LATER, extras=[wish(projector)]))
    assert (refused.status_code, problem(refused)["reason"]) == (409, "slot_taken")
    assert starts(api, LATER, LATER + HOUR + 1, extras=f"{projector['id']}:1") == [shown(LATER + HOUR)]
    api.booked(LATER)
    api.booked(LATER + HOUR, extras=[wish(projector)])


@pytest.mark.feature("DY-67")
def test_so_many_of_a_counted_thing_are_shared_by_all(api: Api, staff: Api) -> None:
    """DY-67: six balls; whoever wants four is refused while another has three, for the part that needs them."""
    balls(api, 6)
    need = {"pool": "balls", "offset_minutes": 30, "length_minutes": 30}
    ball = added(staff, "/extras", name="Boll", amount=500, most=6, need=need)
    api.booked(LATER, extras=[wish(ball, 3)])
    refused = api.post("/bookings", api.booking(LATER, extras=[wish(ball, 4)]))
    assert problem(refused)["reason"] == "slot_taken"
    api.booked(LATER, extras=[wish(ball, 3)])
    api.booked(LATER + 30 * MINUTE, extras=[wish(ball, 4)])


@pytest.mark.feature("DY-66")
def test_two_hundred_extras_are_told_and_booked(api: Api, staff: Api) -> None:
    """DY-66: as many as one likes; the search asks the database no more often than without."""
    balls(api, 1000)
    with api.site.side.book.write(api.site.side.scope, "test") as tx:
        pool = str(api.site.rows("SELECT id FROM pool WHERE slug = 'balls'")[0][0])
        many = [_extra(f"Sak {number}", pool if number % 2 else None) for number in range(200)]
        kind = extra_store.kind("SEK")
        ids = [versioned.add(tx, kind, each).id for each in many]
    offered = api.get("/services").get_json()["services"][0]["extras"]
    assert {each["id"] for each in offered} == set(ids)
    wishes = [{"id": each, "quantity": 1} for each in ids]
    made = api.booked(LATER, extras=wishes)
    assert len(made["extras"]) == 200
    assert made["price"]["amount"] == 32_000 + 200 * 100
    assert api.another().get(f"/bookings/{made['id']}", cancel_code=made["cancel_code"]).get_json() == made
    asked = ",".join(f"{each}:1" for each in ids)
    assert starts(api, LATER + HOUR, LATER + HOUR + 1, extras=asked) == [shown(LATER + HOUR)]


def test_every_mistake_in_extras_is_told_at_once(api: Api, staff: Api) -> None:
    """DY-66: unknown, too many, twice, too long; together with those in the rest of the body."""
    racket = added(staff, "/extras", **RACKET)
    wrong = [{"id": "x", "quantity": 1}, wish(racket, 5), wish(racket, 1), {"id": racket["id"], "quantity": 0}]
    assert codes(api.post("/bookings", api.booking(LATER, extras=wrong[:3], customer={}))) == {
        ("extras.0.id", "unknown"),
        ("extras.1.quantity", "out_of_range"),
        ("extras.2.id", "twice"),
        ("customer.email", "contact_missing"),
    }
    assert codes(api.post("/holds", {"service": "padel", "start": shown(LATER), "extras": wrong[3:]})) == {
        ("extras.0.quantity", "out_of_range")
    }
    for asked in ("x", "x:0", ":1", "x:-1", f"{racket['id']}:1,", "x:99999"):
        answer = api.get("/slots", service="padel", from_=shown(LATER), to=shown(LATER + 1), extras=asked)
        assert codes(answer) == {("extras", "invalid")}, asked
    long = added(staff, "/extras", name="Dygn", amount=0, minutes=1440)
    assert codes(api.post("/bookings", api.booking(LATER, extras=[wish(long)]))) == {("extras", "too_long")}


@pytest.mark.feature("DY-67")
def test_taking_an_extra_away_makes_the_booking_end_sooner_and_its_keys_too(api: Api, staff: Api) -> None:
    """DY-67: by cancel code; the same court, the same PIN, and the time that is given back can be booked."""
    warm_up = added(staff, "/extras", **WARM_UP)
    made = api.booked(LATER, resource="court-1", extras=[wish(warm_up)])
    assert starts(api, LATER + HOUR, LATER + HOUR + 1) == []
    code = {"cancel_code": made["cancel_code"]}
    changed = api.post(f"/bookings/{made['id']}/extras", {**code, "extras": []}).get_json()
    assert (changed["end"], changed["price"]["amount"], changed["extras"]) == (shown(LATER + HOUR), 32_000, [])
    assert changed["resources"] == made["resources"]
    assert changed["keys"][0]["code"] == made["keys"][0]["code"]
    assert changed["keys"][0]["valid_to"] == shown(LATER + HOUR + 15 * MINUTE)
    assert changed["revocation"] == "done"
    assert starts(api, LATER + HOUR, LATER + HOUR + 1) == [shown(LATER + HOUR)]
    longer = api.post(f"/bookings/{made['id']}/extras", {**code, "extras": [wish(warm_up)]}).get_json()
    assert (longer["end"], longer["keys"][0]["code"]) == (made["end"], made["keys"][0]["code"])
    assert longer["keys"][0]["valid_to"] == made["keys"][0]["valid_to"]


def test_extras_are_changed_by_the_rule_for_moving(api: Api, staff: Api) -> None:
    """DY-67: a stranger finds nothing, who comes too late is refused, staff may; what does not fit changes nothing."""
    warm_up = added(staff, "/extras", **WARM_UP)
    made = api.booked(LATER, resource="court-1")
    path, wanted = f"/bookings/{made['id']}/extras", {"extras": [wish(warm_up)]}
    assert api.another().post(path, wanted).status_code == 404
    for court in (1, 2, 3, 4):
        api.booked(LATER + HOUR, resource=f"court-{court}")
    taken = staff.post(path, wanted)
    assert problem(taken)["reason"] == "slot_taken"
    assert staff.get(f"/bookings/{made['id']}").get_json()["end"] == made["end"]
    api.site.clock.set(LATER - HOUR)
    late = api.post(path, {"extras": [], "cancel_code": made["cancel_code"]})
    assert problem(late)["reason"] == "too_late_to_cancel"
    assert api.staff().post(path, {"extras": []}).status_code == 200


def test_a_booking_is_moved_and_made_longer_with_its_extras(api: Api, staff: Api) -> None:
    """DY-67: also with those that are sold no more, at the price that was agreed."""
    projectors(api)
    body = {**WARM_UP, "need": {"pool": "projectors"}}
    warm_up = added(staff, "/extras", **body)
    made = api.booked(LATER, extras=[wish(warm_up)])
    assert staff.delete(f"/extras/{warm_up['id']}", version=1).status_code == 204
    refused = api.post("/bookings", api.booking(LATER, extras=[wish(warm_up)]))
    assert codes(refused) == {("extras.0.id", "unknown")}
    code = {"cancel_code": made["cancel_code"]}
    moved = api.post(f"/bookings/{made['id']}/move", {**code, "start": shown(LATER + HOUR)}).get_json()
    assert (moved["end"], moved["price"], moved["extras"]) == (
        shown(LATER + 135 * MINUTE), made["price"], made["extras"],
    )  # fmt: skip
    assert moved["resources"] == made["resources"]
    longer = api.post(f"/bookings/{made['id']}/extend", {**code, "duration": 90}).get_json()
    assert longer["end"] == shown(LATER + HOUR + 105 * MINUTE)
    assert longer["price"]["amount"] == 46_000 + 5_000


@pytest.mark.feature("DY-70")
def test_the_calendar_of_staff_shows_extras(api: Api, staff: Api) -> None:
    """DY-70: with every booking of the day, also for who has none; nobody else sees the calendar."""
    racket = added(staff, "/extras", **RACKET)
    api.booked(TEN, extras=[wish(racket, 2)])
    api.booked(TEN + HOUR)
    api.booked(LATER)
    day = staff.get("/calendar", day="2026-11-30").get_json()
    assert [[(e["name"], e["quantity"]) for e in each["extras"]] for each in day["bookings"]] == [[("Racket", 2)], []]
    assert staff.get("/calendar").get_json() == day
    assert api.get("/calendar").status_code == 401


@pytest.mark.feature("DY-68")
@pytest.mark.parametrize(("form", "mode"), [("PNG", "RGBA"), ("JPEG", "RGB"), ("WEBP", "RGB"), ("PNG", "P")])
def test_a_picture_is_made_small_and_served_from_here(api: Api, staff: Api, form: str, mode: str) -> None:
    """DY-68: resized, written anew without what else was in the file, with a strict type."""
    racket = added(staff, "/extras", **RACKET)
    assert upload(staff, racket, drawn(form, mode), f"image/{form.lower()}").status_code == 204
    address = api.get("/services").get_json()["services"][0]["extras"][0]["image"]
    answer = api.client.get(address)
    assert (answer.status_code, answer.content_type) == (200, "image/webp")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert b"secret" not in answer.data
    with Image.open(io.BytesIO(answer.data)) as picture:
        assert (picture.format, max(picture.size)) == ("WEBP", LARGEST_SIDE)
    assert staff.delete(f"/extras/{racket['id']}/image").status_code == 204
    assert api.client.get(address).status_code == 404


@pytest.mark.feature("DY-68")
def test_what_is_no_picture_is_refused(api: Api, staff: Api) -> None:
    """DY-68: other types, damaged files, HTML by another name, too many bytes, too many pixels; nothing is kept."""
    racket = added(staff, "/extras", **RACKET)
    whole = drawn("PNG", "RGB")
    for content in (b"", b"<html><script>alert(1)</script>", whole[:40], b"GIF89a" + whole, whole[:-200] + b"x" * 100):
        answer = upload(staff, racket, content, "image/png")
        assert (answer.status_code, codes(answer)) == (422, {("", "invalid")}), content[:20]
    assert upload(staff, racket, whole, "image/svg+xml").status_code == 415
    assert upload(staff, racket, b"x" * (LARGEST_UPLOAD + 1), "image/png").status_code == 413
    huge = io.BytesIO()
    Image.new("1", (9000, 9000)).save(huge, "PNG")
    assert codes(upload(staff, racket, huge.getvalue(), "image/png")) == {("", "too_large")}
    assert upload(staff, {"id": "nobody"}, whole, "image/png").status_code == 404
    assert upload(api.another(), racket, whole, "image/png").status_code == 401
    assert api.client.get(f"{API}/extras/{racket['id']}/image").status_code == 404


@pytest.mark.feature("DY-66")
def test_extras_are_edited_like_all_set_up_data(api: Api, staff: Api) -> None:
    """DY-66: in force at once, the second to save is told, all mistakes at once, and what was booked stays known."""
    racket = added(staff, "/extras", **RACKET)
    path = f"/extras/{racket['id']}"
    assert staff.put(path, {**RACKET, "amount": 2_000, "version": 1}).status_code == 200
    assert problem(staff.put(path, {**RACKET, "version": 1}))["code"] == "changed_meanwhile"
    made = api.booked(LATER, extras=[wish(racket)])
    assert made["price"]["amount"] == 34_000
    wrong = {"name": " ", "amount": -1, "minutes": -5, "least": 3, "per": "dog", "shows": ["x"], "service": "golf"}
    assert codes(staff.post("/extras", {**wrong, "need": {"pool": "x"}})) == {
        ("name", "missing"), ("amount", "out_of_range"), ("minutes", "out_of_range"), ("per", "out_of_range"),
        ("shows.0", "out_of_range"), ("service", "unknown"), ("need.pool", "unknown"),
    }  # fmt: skip
    assert codes(staff.post("/extras", {"name": "x", "amount": 1, "least": 3, "most": 2})) == {
        ("least", "out_of_range")
    }
    lesson = {**WARM_UP, "service": "padel-class"}
    assert codes(staff.post("/extras", lesson)) == {("minutes", "not_offered")}
    assert api.post("/extras", RACKET).status_code == 401
    assert staff.delete(path, version=2).status_code == 204
    assert staff.get(path).get_json()["archived"] is True


def drawn(form: str, mode: str) -> bytes:
    """A picture larger than ours may be."""
    written = io.BytesIO()
    Image.effect_noise((1000, 500), 80).convert(mode).save(written, form, comment=b"secret")
    return written.getvalue()


def upload(staff: Api, extra: dict[str, Any], content: bytes, media_type: str) -> TestResponse:
    headers = {**staff.headers, "Content-Type": media_type}
    return staff.client.put(f"{API}/extras/{extra['id']}/image", data=content, headers=headers)


def _extra(name: str, pool: str | None) -> Extra:
    return Extra("", name, Money(100, "SEK"), need=Need(pool) if pool else None)
