"""Many facilities of one organisation behind one address: the portal, the nearest free time, and who may act where."""

import re
from collections.abc import Iterator
from itertools import permutations

import pytest

from appliance.booking.actions.nearest import FacilityAnswer, FreeStart, Wanted, nearest_first
from appliance.booking.actions.searching import current_catalogue
from appliance.foundation.instants import HOUR, Instant, Interval, format_instant
from appliance.foundation.money import Money
from appliance.identity.signing_in import issue_device_token
from appliance.identity.store import DeviceToken
from tests.builders import ADMIN, STOCKHOLM, TEN, Site, second_facility
from tests.web.organisation import BELOW, NORTH, Organisation, organisation

ANNA = {"name": "Anna Ek", "email": "anna.ek@example.se"}
NEAR_THE_NORTH, NEAR_THE_SOUTH = "59.350,18.010", "59.300,18.070"


@pytest.fixture
def both(site: Site) -> Iterator[Organisation]:
    with organisation(site) as made:
        yield made


def shown(at: Instant) -> str:
    return format_instant(at, STOCKHOLM)


def order(both: Organisation, **query: str) -> list[str]:
    """The slugs of the facilities as they are recommended for padel at ten."""
    wanted = {"service": "padel", "from": shown(TEN), "to": shown(TEN + 4 * HOUR), **query}
    return [each["slug"] for each in both.ask("/api/v1/facilities/nearest", **wanted)["facilities"]]


def fill_north(both: Organisation, first: Instant, last: Instant) -> None:
    """Take both courts of Norra Hallen, hour by hour."""
    for start in range(first, last, HOUR):
        for _ in range(2):
            body = {"service": "padel", "start": shown(start), "customer": ANNA}
            assert both.post(f"{BELOW}/api/v1/bookings", body).status_code == 201


def test_one_portal_leads_to_every_facility(both: Organisation) -> None:
    """DY-58: `/` shows all of them; each is booked at below its own path, and both calendars are apart."""
    assert both.client.get("/").headers["Location"] == "/facilities"
    page = both.page("/facilities?day=2026-11-30&time=10:00")
    links = re.findall(r'href="([^"]*/book\?[^"]*)"', page)
    assert {link.partition("?")[0] for link in links} == {"/book", f"{BELOW}/book"}
    north = next(link for link in links if link.startswith(BELOW)).replace("&amp;", "&")
    booking = both.page(north)
    assert f'value="{TEN}" checked' in booking
    assert 'href="/facilities"' in booking
    made = both.post(f"{BELOW}/api/v1/bookings", {"service": "padel", "start": shown(TEN), "customer": ANNA})
    assert made.status_code == 201, made.text
    assert made.json
    assert made.json["links"]["page"].startswith(f"http://unit.test{BELOW}/k/")
    sig = made.json["links"]["self"].partition("sig=")[2]
    assert both.page(f"{BELOW}/k/{made.json['id']}?sig={sig}")
    assert both.page(f"/k/{made.json['id']}?sig={sig}", 404)
    # The first of the unit's own courts is still free: nothing of Norra Hallen takes anything of Södra Padel.
    own = both.post("/api/v1/bookings", {"service": "padel", "start": shown(TEN), "customer": ANNA})
    assert own.status_code == 201


def test_the_customer_chooses_where_and_the_nearest_with_a_free_slot_comes_first(both: Organisation) -> None:
    """DY-59: the nearest; unless it has nothing in time, then whoever has; what is not offered comes last."""
    assert order(both, near=NEAR_THE_NORTH) == [NORTH, "sodra-padel"]
    assert order(both, near=NEAR_THE_SOUTH) == ["sodra-padel", NORTH]
    fill_north(both, TEN, TEN + 4 * HOUR)
    assert order(both, near=NEAR_THE_NORTH) == ["sodra-padel", NORTH]
    answers = both.ask(
        "/api/v1/facilities/nearest",
        service="badminton", **{"from": shown(TEN), "to": shown(TEN + HOUR), "near": NEAR_THE_SOUTH},
    )["facilities"]  # fmt: skip
    north, south = answers
    assert (north["slug"], north["is_offered"], north["is_in_time"]) == (NORTH, True, False)
    assert north["first"]["start"] == shown(TEN + 4 * HOUR)
    assert north["first"]["price"] == {"amount": 16_000, "currency": "SEK"}
    assert north["links"]["book"] == f"http://unit.test{BELOW}/book"
    assert (south["is_offered"], south["first"], south["distance_m"]) == (False, None, 537)


def test_what_is_recommended_can_be_booked_there(both: Organisation) -> None:
    """DY-06, DY-59: the first free start that each facility answers is accepted by it."""
    answers = both.ask("/api/v1/facilities/nearest", service="padel", **{"from": shown(TEN), "to": shown(TEN + 1)})
    for each in answers["facilities"]:
        api = each["links"]["api"].removeprefix("http://unit.test")
        body = {"service": "padel", "start": each["first"]["start"], "customer": ANNA}
        assert both.post(f"{api}/bookings", body).status_code == 201


def test_hostile_questions_are_refused_in_words(both: Organisation) -> None:
    """Every mistake by its field, on the page the nearest sense of it; never a fault."""
    for near in ("91,0", "0,181", "1e3,4", "north", "59.3", "59.3,18.0,1", "\uff15,\uff16", "nan,nan", "9" * 5000):
        query = {"service": "padel", "from": shown(TEN), "to": shown(TEN + 1), "near": near}
        assert both.client.get("/api/v1/facilities/nearest", query_string=query).status_code == 422, near
        both.page(f"/facilities?near=here&at={near[:60]}&day=2026-13-45&time=99:99&service=%00'")
    for late in (TEN, TEN + 63 * 24 * HOUR):
        query = {"service": "padel", "from": shown(TEN), "to": shown(late)}
        assert both.client.get("/api/v1/facilities/nearest", query_string=query).status_code == 422
    unknown = both.ask("/api/v1/facilities/nearest", service="golf", **{"from": shown(TEN), "to": shown(TEN + 1)})
    assert [each["is_offered"] for each in unknown["facilities"]] == [False, False]


def test_staff_of_the_organisation_act_at_each_facility_and_its_kiosks_only_there(both: Organisation) -> None:
    """DY-58: one sign-in; a kiosk of one facility is nobody at another."""
    signed_in = both.post("/api/v1/session", {"user": ADMIN, "password": both.own.password})
    assert signed_in.json
    names = re.findall(r'<nav class="rail-facilities".*?</nav>', both.page(f"{BELOW}/admin/setup"), re.DOTALL)
    assert re.findall(r'href="([^"]+)"( aria-current)?', names[0]) == [
        ("/admin/", ""),
        (f"{BELOW}/admin/", " aria-current"),
    ]
    settings = both.ask(f"{BELOW}/api/v1/facility-settings")
    body = {name: settings[name] for name in ("name", "zone", "address", "help_phone", "rule", "version")}
    token = {"X-CSRF-Token": signed_in.json["csrf_token"]}
    path = f"{BELOW}/api/v1/facility-settings"
    changed = both.client.put(path, json={**body, "position": "59.36, 18.01"}, headers=token)
    assert changed.json
    assert (changed.json["position"], changed.json["changed_by"]) == ("59.360000,18.010000", ADMIN)
    assert both.ask("/api/v1/facility-settings")["name"] == "Södra Padel"
    with both.further.side.book.write(both.further.side.scope, "test") as tx:
        kiosk = issue_device_token(tx, DeviceToken("kiosk", "entrance", None))
    both.client.delete_cookie("portvakt_session")
    # Ten minutes late is for kiosks alone.
    both.own.clock.set(TEN + 300)
    late = {"service": "padel", "start": shown(TEN), "customer": ANNA}
    bearer = {"Authorization": f"Bearer {kiosk}"}
    assert both.post(f"{BELOW}/api/v1/bookings", late, **bearer).status_code == 201
    assert (both.post("/api/v1/bookings", late, **bearer).json or {})["reason"] == "in_the_past"


def test_a_facility_of_its_own_has_no_portal_to_lead_to(site: Site) -> None:
    """DY-58: a unit with one facility looks as it always did, whoever else's rows lie in its file."""
    with second_facility(site), organisation(site) as made:
        portal = made.ask("/api/v1/facilities")["facilities"]
        assert [each["slug"] for each in portal] == ["sodra-padel", NORTH]


def test_best_first_is_one_order_whatever_comes_first(site: Site) -> None:
    """DY-59: in time by distance, later by time, then full, then not offered; unknown distances come last."""
    place = site.world.facility
    wanted = Wanted("padel", Interval(TEN, TEN + HOUR))
    service = current_catalogue(site.side.desk).services[0]

    def answer(distance: int | None, start: Instant | None, *, offered: bool = True) -> FacilityAnswer:
        price = Money(1, "SEK")
        first = None if start is None else FreeStart(Interval(start, start + HOUR), price, price)
        return FacilityAnswer(place, distance, service if offered else None, first)

    best = [
        answer(10, TEN + 900),
        answer(20, TEN),
        answer(None, TEN),
        answer(5, TEN + HOUR),
        answer(1, TEN + 2 * HOUR),
        answer(1, None),
        answer(1, None, offered=False),
    ]
    for mixed in list(permutations(best))[::97]:
        assert nearest_first(mixed, wanted) == best
