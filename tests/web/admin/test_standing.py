"""Standing access in the console: set up beside its product, and told at the help desk with the reason (AC-06)."""

import re

import pytest

from appliance.foundation.instants import DAY, HOUR
from tests.builders import ADMIN, ANNA, NOW, TEN
from tests.web.admin.staff import Desk
from tests.web.admin.test_set_up import thing

BITS = "26:2EC0C86"
PRODUCT = {
    "name": "Gymkort",
    "kind": "subscription",
    "amount": "399",
    "vat_percent": "6",
    "account": "",
    "grace_days": "0",
}


def form(desk: Desk, **more: str) -> dict[str, str]:
    door = desk.site.world.door_ids["entrance"]
    hours = {"access.hours.0.from_minute": "06:00", "access.hours.0.to_minute": "22:00", "access.hours.0.weekdays": "0"}
    return {**PRODUCT, "access.doors": door, **hours, **more}


@pytest.mark.feature("AC-06")
def test_doors_and_hours_are_set_up_beside_the_product(desk: Desk) -> None:
    """AC-06: one form; what was saved stands in it again, and all that is wrong is told beside its field."""
    refused = desk.post("/admin/setup/products/new", 422, **form(desk, **{"access.hours.0.to_minute": "25:00"}))
    assert 'id="access.hours.0.to_minute-wrong"' in refused
    nowhere = {name: value for name, value in form(desk).items() if name != "access.doors"}
    assert 'id="access.doors-wrong"' in desk.post("/admin/setup/products/new", 422, **nowhere)
    card = form(desk, kind="clips", clips="8")
    assert "This does not belong to this kind of product." in desk.post("/admin/setup/products/new", 422, **card)
    assert "in force" in desk.post("/admin/setup/products/new", 200, **form(desk))
    page = desk.get(thing(desk, "products", "Gymkort"))
    entrance = desk.site.world.door_ids["entrance"]
    assert re.search(rf'name="access.doors" value="{entrance}" checked', page)
    assert re.search(r'name="access.hours.0.from_minute"[^>]* value="06:00"', page)
    assert re.search(r'name="access.hours.0.weekdays" value="0" checked', page)
    nothing = {**PRODUCT, "version": "1"}
    assert "in force" in desk.post(thing(desk, "products", "Gymkort"), 200, **nothing)
    assert desk.site.rows("SELECT count(*) FROM product_door") == [(0,)]


@pytest.mark.feature("AC-06")
def test_a_door_that_has_not_heard_of_the_change_is_told(desk: Desk) -> None:
    """AC-06: saved, and not in force yet."""
    desk.doors.reached = 0
    assert "A door that is out of reach has not heard of it yet." in desk.post(
        "/admin/setup/products/new", 200, **form(desk)
    )


@pytest.mark.feature("AC-06", "AC-19")
def test_the_help_desk_says_why_a_members_card_opens_or_does_not(desk: Desk) -> None:
    """AC-06, AC-19: no card, open now (Monday 10:00), outside of its hours, ended; each with the time that counts."""
    desk.site.book(TEN, ANNA)
    who = str(desk.site.rows("SELECT customer_id FROM booking")[0][0])
    api = desk.api()
    desk.post("/admin/setup/products/new", 200, **form(desk))
    product = str(desk.site.rows("SELECT id FROM entitlement_product")[0][0])
    assert "Gymkort" not in desk.post("/admin/desk", typed="anna.ek@example.se")
    held = api.post(f"/customers/{who}/entitlements", {"product": product, "reason": "sold"}).get_json()
    page = desk.post("/admin/desk", typed="anna.ek@example.se")
    assert "No card is bound, or the one that was is blocked." in page
    assert "Monday 06:00–22:00" in page
    assert api.post("/cards", {"customer": who, "bits": BITS}).status_code == 201
    assert _why(desk, 8 * HOUR) == "The card opens now."
    assert _why(desk, DAY) == "Outside its hours: the card opens again 2026-12-07 06:00."
    ended = desk.api().post(f"/customers/{who}/entitlements/{held['id']}/end", {"reason": "moves"})
    assert ended.status_code == 200
    assert _why(desk, DAY).startswith("It ended 2026-12-01 ")
    assert "Gymkort" not in _found(desk, 40 * DAY)


def _found(desk: Desk, after_s: int) -> str:
    desk.site.clock.set(NOW + after_s)
    desk.client.post("/sign-in", data={"user": ADMIN, "password": desk.site.password})
    return desk.post("/admin/desk", typed="anna.ek@example.se")


def _why(desk: Desk, after_s: int) -> str:
    found = re.search(r'<td data-label="Why">([^<]*)</td>', _found(desk, after_s))
    assert found
    return found[1]
