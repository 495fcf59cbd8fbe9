"""Extras beside price rules, entitlements and the kiosk: one quote says what all costs (DY-16, DY-65 to DY-67)."""

from typing import Any

import pytest

from appliance.foundation.instants import HOUR, MINUTE, at_local, format_instant, local_date
from appliance.web.kiosk_desk import KioskDesk
from appliance.web.unit import EXTENSION
from kiosk_ui.desk import HoldView
from tests.builders import NOW, STOCKHOLM
from tests.web.api_client import Api
from tests.web.extra_world import RACKET, WARM_UP, added, projectors, wish

TOMORROW = local_date(NOW + 24 * HOUR, STOCKHOLM)
EVENING = {"name": "Kväll", "effect": "percent", "value": 150, "from_minute": 1080, "to_minute": 1320}
CARD = {"name": "8-kort", "kind": "clips", "amount": 24900, "vat_percent": 6, "clips": 8}


def at(hour: int) -> int:
    return at_local(TOMORROW, hour * 60, STOCKHOLM)


def shown(instant: int) -> str:
    return format_instant(instant, STOCKHOLM)


@pytest.fixture
def staff(api: Api) -> Api:
    return api.staff()


def prices(api: Api, **query: object) -> dict[str, int]:
    answer = api.get("/slots", service="padel", from_=shown(at(12)), to=shown(at(20)), **query)
    assert answer.status_code == 200, answer.text
    return {slot["start"]: slot["price"]["amount"] for slot in answer.get_json()["slots"]}


def lines(told: dict[str, Any]) -> list[tuple[str, int]]:
    return [(line["kind"], line["amount"]["amount"]) for line in told["lines"]]


@pytest.mark.feature("DY-67")
def test_extras_come_on_top_of_the_price_of_each_start(api: Api, staff: Api) -> None:
    """DY-67, DY-16: slots, booking, move, extension and change of extras; the rule is for the service, not for them."""
    added(staff, "/price-rules", **EVENING)
    warm_up, racket = added(staff, "/extras", **WARM_UP), added(staff, "/extras", **RACKET)
    plain, offered = prices(api), prices(api, extras=f"{warm_up['id']}:1,{racket['id']}:2")
    assert {plain[start] for start in offered} == {32_000, 48_000}
    assert {offered[start] - plain[start] for start in offered} == {5_000 + 2 * 3_000}
    made = api.booked(at(18), extras=[wish(warm_up), wish(racket, 2)])
    assert made["price"]["amount"] == offered[made["start"]]
    assert lines(made) == [("service", 48_000), ("extra", 5_000), ("extra", 6_000)]
    code, path = {"cancel_code": made["cancel_code"]}, f"/bookings/{made['id']}"
    moved = api.post(f"{path}/move", {**code, "start": shown(at(12))}).get_json()
    assert lines(moved) == [("service", 32_000), ("extra", 5_000), ("extra", 6_000)]
    longer = api.post(f"{path}/extend", {**code, "duration": 90}).get_json()
    assert lines(longer) == [("service", 46_000), ("extra", 5_000), ("extra", 6_000)]
    changed = api.post(f"{path}/extras", {**code, "extras": [wish(racket)]}).get_json()
    assert lines(changed) == [("service", 46_000), ("extra", 3_000)]
    assert changed["price"]["amount"] == 49_000
    assert lines(staff.get(path).get_json()) == lines(changed)


def test_a_price_for_a_thing_is_not_asked_for_who_has_it_as_an_extra(api: Api, staff: Api) -> None:
    """DY-67, DY-16: what is offered is what is paid, although the booking claims the thing too."""
    projectors(api)
    added(staff, "/price-rules", name="Kräver projektor", effect="percent", value=200, resource="projector-1")
    projector = added(staff, "/extras", name="Projektor", amount=9_000, need={"pool": "projectors"})
    offered = prices(api, extras=f"{projector['id']}:1")
    made = api.booked(at(12), extras=[wish(projector)])
    assert lines(made) == [("service", 32_000), ("extra", 9_000)]
    assert made["price"]["amount"] == offered[made["start"]]


def test_a_card_pays_the_service_and_leaves_the_extras_to_pay(api: Api, staff: Api) -> None:
    """DY-67, DY-36: also when other extras are taken later; the card is used once."""
    racket = added(staff, "/extras", **RACKET)
    known = api.booked(NOW + HOUR, resource="court-4")
    who = api.site.rows("SELECT customer_id FROM booking WHERE id = ?", known["id"])[0][0]
    sold = added(staff, "/entitlement-products", **CARD, covers=[{"service": "padel", "percent": 100}])
    added(staff, f"/customers/{who}/entitlements", product=sold["id"], reason="såld i receptionen")
    made = api.booked(at(12), extras=[wish(racket, 2)])
    assert lines(made) == [("service", 32_000), ("extra", 6_000), ("entitlement", -32_000)]
    changed = api.post(
        f"/bookings/{made['id']}/extras", {"cancel_code": made["cancel_code"], "extras": [wish(racket)]}
    ).get_json()
    assert lines(changed) == [("service", 32_000), ("extra", 3_000), ("entitlement", -32_000)]
    assert changed["entitlement"]["clips_left"] == 7


def test_the_kiosk_shows_and_asks_the_price_with_extras(api: Api, staff: Api) -> None:
    """DY-65, DY-16: at each start, as the same search of the API says it."""
    added(staff, "/price-rules", **EVENING)
    warm_up = added(staff, "/extras", **WARM_UP)
    kiosk = KioskDesk(api.app.extensions[EXTENSION], None)
    taken = ((warm_up["id"], 1),)
    with api.app.app_context():
        service = next(each for each in kiosk.services() if each.slug == "padel")
        times = {time.start: time for time in kiosk.times(service.id, TOMORROW, 60, taken)}
        assert [times[at(hour)].price.amount for hour in (12, 18)] == [37_000, 53_000]
        assert times[at(18)].end == at(18) + 75 * MINUTE
        held = kiosk.hold(service.id, at(18), 60, None, 1, taken)
        assert kiosk.times(service.id, TOMORROW, 60, (("gone", 1),)) == ()
    assert isinstance(held, HoldView)
    assert (held.price, held.extras) == (times[at(18)].price, (("Uppvärmning", 1),))
