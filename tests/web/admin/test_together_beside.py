"""Several at once for a customer at the console: staff are asked what the facility asks, and can take extras."""

import pytest

from appliance.foundation.instants import DAY
from tests.builders import TEN
from tests.web.admin.staff import Desk
from tests.web.admin.test_several import FIRST, all_allowed, booked, customer, planned
from tests.web.extra_world import WARM_UP, added

PLATE = {"slug": "plate", "label": "Bil", "kind": "text", "pattern": "AAA 99N", "required": True, "service": "padel"}
GIVEN = {"field-plate": "ABC 12D"}

__all__ = ["all_allowed"]


def answers(desk: Desk) -> list[list[str]]:
    """What staff see of each booking that was made together."""
    staff = desk.api()
    found = desk.site.rows("SELECT id FROM booking WHERE order_id IS NOT NULL ORDER BY starts")
    told = [staff.get(f"/bookings/{row[0]}").get_json()["answers"] for row in found]
    return [[each["value"] for each in of_one] for of_one in told]


@pytest.mark.feature("DY-61", "DY-67", "DY-46")
def test_staff_answer_once_for_a_series_and_a_date_that_is_added_has_it_too(desk: Desk) -> None:
    """DY-61, DY-67, DY-46, DY-50: with extras in length and price; what is missing books nothing."""
    anna, staff = customer(desk), desk.api()
    added(staff, "/fields", **PLATE)
    warm_up = added(staff, "/extras", **WARM_UP)
    chosen = {"customer": anna, f"extra-{warm_up['id']}": "1"}
    page = planned(desk, 200, **chosen)
    assert "10:00\N{EN DASH}11:15" in page
    lacks = booked(desk, page, 422, **chosen)
    assert "This is needed." in lacks
    assert desk.site.rows("SELECT count(*) FROM booking_order") == [(0,)]
    two = page.replace(f'value="{TEN + 7 * DAY}" checked', "")
    order = booked(desk, two, 200, **chosen, **GIVEN)
    assert "2 bookings are made." in order
    [(order_id,)] = desk.site.rows("SELECT id FROM booking_order")
    late = {"date": "2026-12-07", "day": "2026-12-07", "time": "12:00"}
    staff.delete(f"/customers/{anna}/answers")
    assert "Bil: This is needed." in desk.post(f"/admin/orders/{order_id}/dates", 200, **late)
    assert answers(desk) == [[], []]


@pytest.mark.feature("DY-61", "DY-50")
def test_a_date_that_staff_add_has_the_answers_of_the_others(desk: Desk) -> None:
    """DY-61, DY-50."""
    anna = customer(desk)
    added(desk.api(), "/fields", **PLATE)
    page = planned(desk, customer=anna).replace(f'value="{TEN + 7 * DAY}" checked', "")
    booked(desk, page, 200, customer=anna, **GIVEN)
    [(order_id,)] = desk.site.rows("SELECT id FROM booking_order")
    late = {"date": "2026-12-07", "day": "2026-12-07", "time": "12:00"}
    assert "The date is booked." in desk.post(f"/admin/orders/{order_id}/dates", 200, **late)
    assert answers(desk) == [["ABC 12D"]] * 3


@pytest.mark.feature("DY-61", "DY-67", "DY-54", "DY-56")
def test_staff_answer_once_for_a_row_and_for_a_chain(desk: Desk) -> None:
    """DY-61, DY-67, DY-56, DY-54: each service of a chain has extras of its own."""
    anna, staff = customer(desk), desk.api()
    added(staff, "/fields", **PLATE)
    warm_up = added(staff, "/extras", **WARM_UP)
    row = {**FIRST, "customer": anna, "count": "2", f"extra-{warm_up['id']}": "1"}
    assert "10:00 to 12:30, 740\N{NO-BREAK SPACE}kr" in desk.post("/admin/book/row", 200, act="look", **row)
    assert "This is needed." in desk.post("/admin/book/row", 422, act="book", start=str(TEN), **row)
    assert "2 bookings are made." in desk.post("/admin/book/row", 200, act="book", start=str(TEN), **row, **GIVEN)
    chain = {**FIRST, "customer": anna, "leg-1": "padel", "leg-2": "padel", f"extra-2-{warm_up['id']}": "1"}
    page = desk.post("/admin/book/visit", 200, act="look", **chain)
    assert "10:00 to 12:15, 690\N{NO-BREAK SPACE}kr" in page
    assert "This is needed." in desk.post("/admin/book/visit", 422, act="book", start=str(TEN), **chain)
    assert "2 bookings are made." in desk.post("/admin/book/visit", 200, act="book", start=str(TEN), **chain, **GIVEN)
    assert answers(desk) == [["ABC 12D"]] * 4
