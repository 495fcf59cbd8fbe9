"""What is offered by hours and by the million, and keys that are checked with nothing but public keys."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from statistics import median
from time import perf_counter

import pytest

from appliance.booking import set_up_store
from appliance.booking.schedule import ExceptionKind, ScheduleException, WeeklyHours
from appliance.foundation.instants import DAY, HOUR, Interval, at_local, format_instant
from appliance.keys import passes
from appliance.keys.secrets_store import open_door_secrets
from tests.builders import MONDAY, NOW, STOCKHOLM, Site
from tests.web.api_client import Api, problem
from tests.web.clinic import put, work

TUESDAY = MONDAY + timedelta(days=1)
MILLION = 1_000_000


def shown(instant: int) -> str:
    return format_instant(instant, STOCKHOLM)


def service_id(site: Site, slug: str) -> str:
    return str(site.rows("SELECT id FROM service WHERE slug = ?", slug)[0][0])


def hours(api: Api) -> set[str]:
    """The wall-clock times offered on Tuesday."""
    day = at_local(TUESDAY, 0, STOCKHOLM)
    found = api.get("/slots", service="padel", from_=shown(day), to=shown(day + DAY)).get_json()["slots"]
    return {slot["start"][11:16] for slot in found}


@pytest.mark.feature("DY-24")
def test_a_service_is_offered_when_facility_service_and_court_are_open(api: Api) -> None:
    """DY-24: their hours intersect, and exceptions are taken off; the same booking is refused outside."""
    site = api.site
    courts = [site.resource(f"court-{n}") for n in (1, 2, 3, 4)]
    work(api.staff(), site.world.facility.id, 8, 20)
    with site.side.book.write(site.side.scope, "staff") as tx:
        opening = [WeeklyHours(service_id(site, "padel"), day, 10 * 60, 22 * 60) for day in range(7)]
        opening += [WeeklyHours(court, day, 0, 18 * 60) for court in courts for day in range(7)]
        set_up_store.add_hours(tx, opening)
        noon = at_local(TUESDAY, 12 * 60, STOCKHOLM)
        closed = ScheduleException(site.world.facility.id, Interval(noon, noon + HOUR), ExceptionKind.CLOSED)
        set_up_store.add_exception(tx, closed)
    wanted = [minute for minute in range(10 * 60, 17 * 60 + 1, 15) if not 11 * 60 < minute < 13 * 60]
    assert hours(api) == {f"{minute // 60:02}:{minute % 60:02}" for minute in wanted}
    for minute in (9 * 60, 11 * 60 + 15, 17 * 60 + 15):
        refused = api.post("/bookings", api.booking(at_local(TUESDAY, minute, STOCKHOLM)))
        assert problem(refused)["reason"] == "closed"
    api.booked(at_local(TUESDAY, 17 * 60, STOCKHOLM))


@pytest.mark.feature("BM-04")
def test_a_facility_without_opening_hours_offers_nothing_and_says_what_to_do(api: Api) -> None:
    """BM-04, DY-24: what stands in it inherits its hours, and there are none; staff is told so too."""
    staff, facility = api.staff(), api.site.world.facility.id
    version = staff.get(f"/opening-hours/{facility}").get_json()["version"]
    assert hours(api) != set()
    assert put(staff, f"/opening-hours/{facility}", {"version": version, "lines": []}).status_code == 200
    assert hours(api) == set()
    noon = at_local(TUESDAY, 12 * 60, STOCKHOLM)
    for caller in (api, staff):
        refused = problem(caller.post("/bookings", api.booking(noon)))
        assert refused["reason"] == "no_opening_hours"
        assert "inga öppettider ännu" in refused["title"]
    work(staff, facility, 8, 20)
    api.booked(noon)


@pytest.mark.feature("BM-22")
def test_the_code_dies_when_the_booking_has_ended(api: Api) -> None:
    """BM-22: and a code tried at a booking that is another's finds nothing."""
    made, other = api.booked(NOW + HOUR), api.booked(NOW + HOUR)
    crossed = api.post(f"/bookings/{other['id']}/cancel", {"cancel_code": made["cancel_code"]})
    assert crossed.status_code == 404
    api.site.clock.advance(2 * HOUR)
    late = api.post(f"/bookings/{made['id']}/cancel", {"cancel_code": made["cancel_code"]})
    assert (late.status_code, problem(late)["reason"]) == (409, "not_cancellable")


@pytest.mark.feature("BM-25")
def test_the_pass_in_the_answer_is_good_with_the_doors_public_keys_alone(api: Api) -> None:
    """BM-25: no file of bookings and no network is asked; one character changed and it is no pass."""
    made = api.booked(NOW + HOUR, resource="court-3")
    token = made["keys"][1]["token"]
    public = open_door_secrets(api.site.settings.secrets).public_keys
    parsed = passes.parse(token)
    assert parsed is not None
    claims = passes.verify(parsed, public)
    assert claims is not None
    assert (claims.not_before, claims.minutes) == (NOW + HOUR - 900, 90)
    assert claims.doors == passes.door_mask(frozenset({0, 3}))
    assert claims.facility_tag == passes.facility_tag(api.site.world.facility.id)
    for place in range(len(token)):
        forged = passes.parse(token[:place] + ("B" if token[place] == "A" else "A") + token[place + 1 :])
        assert forged is None or passes.verify(forged, public) is None


def fill(site: Site, bookings: int) -> None:
    """So many bookings of the years before, through the guard."""
    with closing(sqlite3.connect(site.settings.booking_file, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(
            "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ? - 1)"
            " INSERT INTO booking (id, facility_id, number, service_id, status, channel, starts, ends, quantity,"
            " amount, currency, vat_percent, revision, created_at, committed_at)"
            " SELECT printf('old-%d', i), f.id, printf('O%d', i), s.id, 'confirmed', 'public',"
            " ? - (i / 4) * 3600, ? - (i / 4) * 3600 + 3600, 1, 32000, 'SEK', 6, 0, 0, 0"
            " FROM n, facility f, service s WHERE s.slug = 'padel'",
            (bookings, NOW - HOUR, NOW - HOUR),
        )
        connection.execute(
            "INSERT INTO claim(facility_id, resource_id, booking_id, starts, ends, quantity, active)"
            " SELECT b.facility_id, r.id, b.id, b.starts, b.ends, 1, 1 FROM booking b, resource r"
            " WHERE b.id LIKE 'old-%' AND r.slug = 'court-' || (CAST(substr(b.id, 5) AS INTEGER) % 4 + 1)"
        )
        connection.execute("COMMIT")


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.feature("BM-10")
def test_a_million_bookings_slow_nobody_down(api: Api) -> None:
    """BM-10: to search a week and to book take as long as in an empty file, within a generous budget."""
    fill(api.site, MILLION)
    assert api.site.rows("SELECT count(*) FROM claim") == [(MILLION,)]
    searches, bookings = [], []
    for turn in range(40):
        begun = perf_counter()
        answer = api.get("/slots", service="padel", from_=shown(NOW + DAY), to=shown(NOW + 8 * DAY))
        searches.append(perf_counter() - begun)
        assert answer.status_code == 200
        begun = perf_counter()
        api.booked(NOW + (2 + turn) * HOUR)
        bookings.append(perf_counter() - begun)
    assert median(searches) < 0.1, searches
    assert median(bookings) < 0.1, bookings
