"""The planner in the console: what is booked by day and by week."""

import pytest

from appliance.booking.extras import ExtraWish
from appliance.foundation.instants import DAY, HOUR
from tests.builders import BO, TEN
from tests.several import statements
from tests.web.admin.staff import Desk
from tests.web.extra_world import RACKET, added


@pytest.mark.feature("DY-26")
def test_a_day_shows_who_has_what_where_and_when(desk: Desk) -> None:
    """DY-26, PH-04: by day and by week; other days are left out."""
    hers, his = desk.site.book(TEN), desk.site.book(TEN + DAY, BO)
    page = desk.get("/admin/planner?day=2026-11-30")
    assert f'href="/admin/bookings/{hers.id}"' in page
    assert "Anna Ek" in page
    assert "10:00\N{EN DASH}11:00" in page
    assert his.id not in page
    week = desk.get("/admin/planner?view=week&day=2026-11-30")
    assert hers.id in week
    assert his.id in week
    assert hers.id in desk.get("/admin/planner")
    assert hers.id in desk.get("/admin/planner?day=nonsense")


@pytest.mark.feature("DY-70")
def test_extras_stand_in_the_planner(desk: Desk) -> None:
    """DY-70: on the booking itself, by day, by week, and in the list that a phone shows."""
    racket = added(desk.api(), "/extras", **RACKET)
    desk.site.book(TEN, extras=(ExtraWish(racket["id"], 2),))
    for view in ("day", "week"):
        assert desk.get(f"/admin/planner?day=2026-11-30&view={view}").count("2 × Racket") == 2


def test_the_number_of_queries_is_the_same_for_an_empty_and_a_full_day(desk: Desk) -> None:
    """DY-26."""
    desk.site.book(TEN, BO)
    few = {view: queries(desk, view) for view in ("day", "week")}
    for number in range(8):
        desk.site.book(TEN + (number // 4 + 1) * HOUR)
    assert {view: queries(desk, view) for view in ("day", "week")} == few


def queries(desk: Desk, view: str) -> int:
    """How many statements a page takes once it was shown before."""
    path = f"/admin/planner?view={view}"
    desk.get(path)
    with statements(desk.site) as asked:
        desk.get(path)
    return len(asked)


def test_the_planner_in_another_language_stays_on_its_day(desk: Desk) -> None:
    """PH-04."""
    assert 'href="/admin/planner?day=2026-12-01&amp;lang=fr"' in desk.get("/admin/planner?day=2026-12-01")
