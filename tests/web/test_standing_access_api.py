"""Standing access over the API: a member's card opens by entitlement, and by nothing else than that (AC-06)."""

import json
from typing import Any

import pytest

from appliance.boot.demo_world import ENTRANCE
from appliance.foundation.instants import DAY, HOUR, format_instant
from appliance.storage import journal
from tests.builders import NOW, STOCKHOLM, TEN, Site
from tests.storage.test_folding import folded
from tests.web.api_client import Api, codes, problem

CARD_BITS = "26:2EC0C86"
OTHER_BITS = "34:2EC0C8600"
DAYTIME = [{"weekdays": [0, 1, 2, 3, 4, 5, 6], "from_minute": 360, "to_minute": 1320}]
GYM = {"name": "Gymkort", "kind": "subscription", "amount": 39900, "vat_percent": 6}
ACCESS = {"doors": ["entrance", "court-1"], "hours": DAYTIME}


@pytest.fixture
def desk(api: Api) -> Api:
    return api.staff()


def added(desk: Api, path: str, **body: object) -> dict[str, Any]:
    answer = desk.post(path, body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.get_json()
    return made


def member(api: Api) -> str:
    """Anna, who has booked once before."""
    known = api.booked(NOW + HOUR, resource="court-4")
    return str(api.site.rows("SELECT customer_id FROM booking WHERE id = ?", known["id"])[0][0])


def sold(desk: Api, who: str, product: dict[str, Any], **more: object) -> dict[str, Any]:
    return added(desk, f"/customers/{who}/entitlements", product=product["id"], reason="såld i receptionen", **more)


def standing(site: Site, state: str = "live") -> list[tuple[Any, ...]]:
    """Entitlement, window and hours of the standing keys in one state."""
    rows = site.rows(
        "SELECT booking_id, valid_from, valid_to, hours, doors FROM key WHERE kind = 'standing' AND state = ?"
        " ORDER BY id",
        state,
    )
    return [(*row[:3], json.loads(str(row[3])), set(json.loads(str(row[4])))) for row in rows]


@pytest.mark.feature("AC-06")
def test_a_card_and_an_entitlement_give_one_standing_key_whichever_comes_first(api: Api, desk: Api) -> None:
    """AC-06: one key for each card, in force before the answer, with the hours in it and the entitlement's window."""
    who = member(api)
    gym = added(desk, "/entitlement-products", **GYM, valid_days=30, access=ACCESS)
    held = sold(desk, who, gym)
    assert (held["access"], held["in_force"]) == (gym["access"], "done")
    assert standing(api.site) == []
    bound = added(desk, "/cards", customer=who, bits=CARD_BITS)
    assert (bound["in_force"], api.doors.asked[-1][0]) == ("done", "catch_up")
    week = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    hours = [{"days": week, "from": "06:00", "to": "22:00"}]
    doors = {api.site.world.door_ids[slug] for slug in ("entrance", "court-1")}
    assert standing(api.site) == [(held["id"], NOW, NOW + 30 * DAY, hours, doors)]
    more = sold(desk, who, gym, starts=format_instant(NOW + 30 * DAY, STOCKHOLM))
    added(desk, "/cards", customer=who, bits=OTHER_BITS)
    assert sorted(key[0] for key in standing(api.site)) == sorted([held["id"], held["id"], more["id"], more["id"]])
    [first, _] = desk.get(f"/customers/{who}/entitlements").get_json()["entitlements"]
    assert first["access"] == {"doors": sorted(doors), "hours": DAYTIME}


@pytest.mark.feature("AC-06")
def test_it_ends_with_the_entitlement_the_card_and_the_access_of_the_product(api: Api, desk: Api) -> None:
    """AC-06: each of the three, before the answer; another member's key goes on where only one card was blocked."""
    who = member(api)
    gym = added(desk, "/entitlement-products", **GYM, access=ACCESS)
    bo = str(
        api.site.rows(
            "SELECT customer_id FROM booking WHERE id = ?",
            api.booked(TEN, customer={"name": "Bo", "email": "bo@example.se"})["id"],
        )[0][0]
    )
    hers, his = (sold(desk, each, gym) for each in (who, bo))
    card = added(desk, "/cards", customer=who, bits=CARD_BITS)
    added(desk, "/cards", customer=bo, bits=OTHER_BITS)
    assert [key[0] for key in standing(api.site)] == [hers["id"], his["id"]]
    blocked = desk.post(f"/cards/{card['id']}/block", {}).get_json()
    assert (blocked["in_force"], [key[0] for key in standing(api.site)]) == ("done", [his["id"]])
    changed = desk.put(f"/entitlement-products/{gym['id']}", {**GYM, "access": None, "version": 1})
    assert (changed.get_json()["in_force"], changed.get_json()["access"], standing(api.site)) == ("done", None, [])
    again = {**GYM, "access": {"doors": [ENTRANCE], "hours": DAYTIME}, "version": 2}
    assert desk.put(f"/entitlement-products/{gym['id']}", again).status_code == 200
    assert [(key[0], len(key[4])) for key in standing(api.site)] == [(his["id"], 1)]
    api.site.clock.advance(HOUR)
    ended = api.staff().post(f"/customers/{bo}/entitlements/{his['id']}/end", {"reason": "flyttar"}).get_json()
    assert (ended["in_force"], ended["ends"]) == ("done", format_instant(NOW + HOUR, STOCKHOLM))
    [key] = standing(api.site)
    assert (key[1], key[2]) == (NOW, NOW + HOUR)


@pytest.mark.feature("AC-06")
def test_an_entitlement_is_ended_once_and_opens_and_pays_nothing_more(api: Api, desk: Api) -> None:
    """AC-06, DY-23: who and why is on record; one that had not begun leaves no key behind."""
    who = member(api)
    gym = added(desk, "/entitlement-products", **GYM, access=ACCESS, covers=[{"service": "padel", "percent": 100}])
    later = sold(desk, who, gym, starts=format_instant(NOW + DAY, STOCKHOLM))
    added(desk, "/cards", customer=who, bits=CARD_BITS)
    assert len(standing(api.site)) == 1
    path = f"/customers/{who}/entitlements/{later['id']}/end"
    assert codes(desk.post(path, {})) == {("reason", "missing")}
    assert api.post(path, {"reason": "x"}).status_code == 401
    for _ in range(2):
        assert desk.post(path, {"reason": "ångrade sig"}).status_code == 200
    assert (standing(api.site), len(standing(api.site, "revoked"))) == ([], 1)
    entries = api.site.rows("SELECT actor, after FROM journal WHERE entity = 'entitlement' AND verb = 'ended'")
    assert [json.loads(str(after))["end_reason"] for _, after in entries] == ["ångrade sig"]
    assert str(entries[0][0]).startswith("staff:")
    refused = api.post("/bookings", api.booking(NOW + 2 * DAY, entitlement=later["id"]))
    assert problem(refused)["reason"] == "entitlement_ended"
    elsewhere = desk.post(f"/customers/{who}/entitlements/nothing/end", {"reason": "x"})
    assert (elsewhere.status_code, problem(elsewhere)["reason"]) == (404, "unknown_entitlement")


@pytest.mark.feature("AC-06", "BM-05")
def test_who_is_blocked_or_archived_in_the_register_does_not_walk_in(api: Api, desk: Api) -> None:
    """AC-06, BM-05: before the answer; and comes in again when that is over. The card itself stays bound."""
    who = member(api)
    sold(desk, who, added(desk, "/entitlement-products", **GYM, access=ACCESS))
    card = added(desk, "/cards", customer=who, bits=CARD_BITS)
    contact = {"name": "Anna Ek", "email": "anna.ek@example.se"}
    for version, status, keys in ((1, "blocked", 0), (2, "active", 1), (3, "archived", 0)):
        body = {"customer": contact, "status": status, "version": version}
        changed = desk.put(f"/customers/{who}", body)
        assert (changed.status_code, changed.get_json()["in_force"]) == (200, "done"), changed.text
        assert len(standing(api.site)) == keys
    assert [one["state"] for one in desk.get("/cards", customer=who).get_json()["cards"]] == ["live"]
    assert desk.post(f"/cards/{card['id']}/block", {}).status_code == 200


@pytest.mark.feature("AC-06")
def test_all_mistakes_in_an_access_are_told_at_once(api: Api, desk: Api) -> None:
    """AC-06: doors that are none, hours that are none, and a clip card that has any."""
    wrong = {
        "doors": ["entrance", 7],
        "hours": [{"weekdays": [7], "from_minute": -1, "to_minute": 1441}, {"weekdays": []}],
    }
    assert codes(desk.post("/entitlement-products", {**GYM, "access": wrong})) == {
        ("access.doors.1", "invalid"),
        ("access.hours.0.weekdays.0", "out_of_range"),
        ("access.hours.0.from_minute", "out_of_range"),
        ("access.hours.0.to_minute", "out_of_range"),
        ("access.hours.1.from_minute", "missing"),
        ("access.hours.1.to_minute", "missing"),
    }
    nowhere = {**GYM, "access": {"doors": ["entrance", "cellar", "attic"], "hours": DAYTIME}}
    assert codes(desk.post("/entitlement-products", nowhere)) == {
        ("access.doors.1", "unknown"),
        ("access.doors.2", "unknown"),
    }
    half = {**GYM, "access": {"doors": [], "hours": DAYTIME}}
    assert codes(desk.post("/entitlement-products", half)) == {("access.doors", "missing")}
    card = {**GYM, "kind": "clips", "clips": 8, "access": ACCESS}
    assert codes(desk.post("/entitlement-products", card)) == {("access.doors", "out_of_range")}
    nothing = added(desk, "/entitlement-products", **GYM, access={"doors": [], "hours": []})
    assert nothing["access"] is None
    night = [{"weekdays": [4], "from_minute": 1320, "to_minute": 120}]
    over_midnight = added(desk, "/entitlement-products", **GYM, access={"doors": ["entrance"], "hours": night})
    assert over_midnight["access"] == {"doors": [api.site.world.door_ids[ENTRANCE]], "hours": night}


@pytest.mark.feature("AC-06", "SH-06")
def test_folding_the_journal_gives_the_keys_products_and_entitlements(api: Api, desk: Api) -> None:
    """AC-06, SH-06: after all that can become of a standing key."""
    who = member(api)
    gym = added(desk, "/entitlement-products", **GYM, valid_days=60, access=ACCESS)
    held = sold(desk, who, gym)
    card = added(desk, "/cards", customer=who, bits=CARD_BITS)
    changed = {**GYM, "valid_days": 60, "access": {**ACCESS, "doors": ["entrance"]}, "version": 1}
    assert desk.put(f"/entitlement-products/{gym['id']}", changed).status_code == 200
    api.site.clock.advance(HOUR)
    late = api.staff()
    sold(late, who, gym)
    assert late.post(f"/customers/{who}/entitlements/{held['id']}/end", {"reason": "x"}).status_code == 200
    assert late.post(f"/cards/{card['id']}/block", {}).status_code == 200
    with api.site.side.book.read(api.site.side.scope) as tx:
        told = {entity: folded(journal.entries(tx.connection), entity) for entity in ("key", "entitlement")}
        product: Any = folded(journal.entries(tx.connection), "entitlement_product")[gym["id"]]
    names = ["id", "booking_id", "kind", "lookup", "valid_from", "valid_to", "revision", "state"]
    rows = api.site.rows(f"SELECT {', '.join(names)}, hours, doors FROM key")
    assert sorted(rows) == sorted(
        (
            *(each[name] for name in names),
            json.dumps(each["hours"]) if each["hours"] else None,
            json.dumps(each["doors"]),
        )
        for each in told["key"].values()
    )
    assert sum(each["kind"] == "standing" for each in told["key"].values()) == 2
    held_rows = api.site.rows("SELECT id, starts, ends, sold_until, ended_at, end_reason FROM entitlement")
    columns = ("id", "starts", "ends", "sold_until", "ended_at", "end_reason")
    assert sorted(held_rows) == sorted(tuple(each[name] for name in columns) for each in told["entitlement"].values())
    assert [row["door_id"] for row in product["product_door"]] == [api.site.world.door_ids[ENTRANCE]]
    hours = ("position", "weekdays", "from_minute", "to_minute")
    assert api.site.rows(f"SELECT {', '.join(hours)} FROM product_hours") == [
        tuple(row[name] for name in hours) for row in product["product_hours"]
    ]


@pytest.mark.feature("AC-06")
def test_what_a_standing_key_opened_is_told_and_forgotten_with_its_person(api: Api, desk: Api) -> None:
    """AC-06, AC-21: door records of an entitlement are her records as those of a booking are."""
    who = member(api)
    held = sold(desk, who, added(desk, "/entitlement-products", **GYM, access=ACCESS))
    desk.get(f"/customers/{who}/records")
    asked: Any = api.doors.asked[-1]
    assert held["id"] in asked[1]


@pytest.mark.feature("AC-06")
def test_where_nobody_has_access_nothing_more_is_asked(api: Api, desk: Api) -> None:
    """AC-06: who sells entitlements without access issues no key."""
    who = member(api)
    added(desk, "/cards", customer=who, bits=CARD_BITS)
    sold(desk, who, added(desk, "/entitlement-products", **GYM))
    assert standing(api.site) == []
