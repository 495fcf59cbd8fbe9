"""Price rules over the API: every mistake at once, the second to save is told, and what is used is kept."""

import pytest

from appliance.foundation.instants import MINUTE
from tests.builders import NOW
from tests.web.api_client import Api, codes, problem

EVENING = {"name": "Kväll", "effect": "percent", "value": 150, "from_minute": 1080, "to_minute": 1320}


@pytest.fixture
def desk(api: Api) -> Api:
    return api.staff()


def add(desk: Api, path: str, **body: object) -> dict[str, object]:
    answer = desk.post(path, body)
    assert answer.status_code == 201, answer.text
    made: dict[str, object] = answer.get_json()
    return made


def test_a_rule_is_added_shown_changed_and_removed(desk: Api) -> None:
    """DY-16: each change raises the version and says who made it when."""
    made = add(desk, "/price-rules", **EVENING, service="padel", weekdays=[5, 6])
    assert (made["version"], made["changed_by"], made["weekdays"]) == (1, "admin", [5, 6])
    assert desk.get(f"/price-rules/{made['id']}").get_json() == made
    assert desk.get("/price-rules").get_json() == {"price_rules": [made]}
    desk.site.clock.advance(MINUTE)
    changed = desk.put(f"/price-rules/{made['id']}", {**EVENING, "value": 120, "version": 1}).get_json()
    assert (changed["version"], changed["value"], changed["service"]) == (2, 120, None)
    assert changed["changed_at"] != made["changed_at"]
    assert desk.delete(f"/price-rules/{made['id']}", version=2).status_code == 204
    assert desk.get(f"/price-rules/{made['id']}").status_code == 404
    assert desk.get("/price-rules").get_json() == {"price_rules": []}


def test_the_second_to_save_is_told_by_whom_and_when_it_was_changed(desk: Api) -> None:
    """DY-16: two people edit the same rule; nothing of the first is lost, also not by removing it."""
    made = add(desk, "/price-rules", **EVENING)
    path = f"/price-rules/{made['id']}"
    desk.site.clock.advance(MINUTE)
    first = desk.put(path, {**EVENING, "value": 120, "version": 1}).get_json()
    for late in (desk.put(path, {**EVENING, "value": 130, "version": 1}), desk.delete(path, version=1)):
        told = problem(late)
        assert (late.status_code, told["code"], told["version"]) == (409, "changed_meanwhile", 2)
        assert (told["changed_by"], told["changed_at"]) == ("admin", first["changed_at"])
    assert desk.get(path).get_json() == first


def test_every_mistake_in_a_rule_is_told_at_once(desk: Api) -> None:
    """DY-16: field by field."""
    wrong = {"name": " ", "effect": "gift", "value": "1", "service": "golf", "weekdays": [7], "date_from": "2026-02-30"}
    assert codes(desk.post("/price-rules", wrong)) == {
        ("name", "missing"),
        ("effect", "out_of_range"),
        ("value", "invalid"),
        ("service", "unknown"),
        ("weekdays.0", "out_of_range"),
        ("date_from", "invalid"),
    }
    backwards = {"name": "x", "effect": "amount", "value": -1, "from_minute": 5, "date_from": "2026-02-02"}
    assert codes(desk.post("/price-rules", {**backwards, "date_to": "2026-02-01"})) == {
        ("service", "missing"),
        ("duration", "missing"),
        ("value", "out_of_range"),
        ("to_minute", "missing"),
        ("date_to", "out_of_range"),
    }
    assert codes(desk.post("/price-rules", {**EVENING, "category": "nobody"})) == {("category", "unknown")}


def test_two_rules_without_a_winner_are_refused_and_the_other_is_named(desk: Api) -> None:
    """DY-16: overlapping price rules of one rank, on adding and on changing; what does not overlap is welcome."""
    add(desk, "/price-rules", **EVENING)
    later = add(desk, "/price-rules", **{**EVENING, "name": "Natt", "from_minute": 1320, "to_minute": 360})
    clash = desk.post("/price-rules", {**EVENING, "name": "Sen kväll", "from_minute": 1260})
    assert {(error["code"], error["message"]) for error in problem(clash)["errors"]} == {
        ("ambiguous", "Den här prisregeln och ”Kväll” skulle gälla samtidigt, och ingen är mer specifik.")
    }
    changed = desk.put(f"/price-rules/{later['id']}", {**EVENING, "from_minute": 1300, "version": 1})
    assert codes(changed) == {("", "ambiguous")}
    assert len(desk.get("/price-rules").get_json()["price_rules"]) == 2


def test_the_same_request_twice_makes_one_rule(desk: Api) -> None:
    """DY-16: Idempotency-Key."""
    made = [desk.post("/price-rules", EVENING, Idempotency_Key="k").get_json() for _ in range(2)]
    assert made[0] == made[1]
    assert len(desk.get("/price-rules").get_json()["price_rules"]) == 1


def test_a_category_that_a_rule_is_for_is_archived_instead_of_deleted(desk: Api) -> None:
    """DY-16: it is listed no more, but its name is still known."""
    child, adult = (add(desk, "/customer-categories", name=name) for name in ("Barn", "Vuxen"))
    add(desk, "/price-rules", **EVENING, category=child["id"])
    for category in (child, adult):
        assert desk.delete(f"/customer-categories/{category['id']}", version=1).status_code == 204
    assert desk.get("/customer-categories").get_json() == {"customer_categories": []}
    kept = desk.get("/customer-categories", archived="true").get_json()["customer_categories"]
    assert [(each["name"], each["archived"]) for each in kept] == [("Barn", True)]
    assert desk.get(f"/customer-categories/{adult['id']}").status_code == 404


def test_a_stranger_learns_and_changes_nothing(api: Api) -> None:
    """DY-16: all calls are for staff."""
    answers = (
        api.get("/price-rules"),
        api.post("/price-rules", EVENING),
        api.put("/price-rules/x", {}),
        api.delete("/price-rules/x"),
    )
    assert [answer.status_code for answer in answers] == [401] * 4


def test_what_is_edited_is_in_the_journal(desk: Api) -> None:
    """DY-16: before and after, with whoever did it."""
    made = add(desk, "/price-rules", **EVENING)
    desk.put(f"/price-rules/{made['id']}", {**EVENING, "value": 120, "version": 1})
    desk.delete(f"/price-rules/{made['id']}", version=2)
    assert desk.site.rows("SELECT verb, at FROM journal WHERE entity = 'price_rule' ORDER BY seq") == [
        ("added", NOW),
        ("changed", NOW),
        ("removed", NOW),
    ]
