"""A member's card opens by entitlement alone, in the whole program, also when nothing but the doors is left (AC-06)."""

from collections.abc import Iterator
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from appliance.boot.demo_rooms import CARD, MEMBER
from appliance.foundation.instants import DAY, HOUR, Instant, at_local, local_date
from tests.waiting import until
from tests.whole_unit.demo_api import Json, rfc3339
from tests.whole_unit.demo_staff import Staff
from tests.whole_unit.demo_unit import Demo, doors_ready, running_demo

pytestmark = [pytest.mark.whole_unit, pytest.mark.slow]
STOCKHOLM = ZoneInfo("Europe/Stockholm")
OPENS, SHUTS = 6, 22
DAILY = [{"weekdays": [0, 1, 2, 3, 4, 5, 6], "from_minute": OPENS * 60, "to_minute": SHUTS * 60}]
GYM = {
    "name": "Gymkort",
    "kind": "subscription",
    "amount": 39900,
    "vat_percent": 6,
    "valid_days": 3,
    "access": {"doors": ["entrance", "court-1"], "hours": DAILY},
}


@pytest.fixture
def members() -> Iterator[Demo]:
    """A demo of one's own: its web process is killed and its bookings are taken away."""
    with running_demo() as demo:
        yield demo


def tomorrow(demo: Demo) -> date:
    return local_date(demo.clock.now(), STOCKHOLM) + timedelta(days=1)


def at(day: date, hour: int) -> Instant:
    return at_local(day, hour * 60, STOCKHOLM)


def sold(demo: Demo) -> tuple[str, Json]:
    """The customer who has the card of the demo, and the subscription that they were sold at noon of the next day."""
    demo.clock.set(at(tomorrow(demo), 12))
    staff = Staff(demo)
    (customer,) = [one["id"] for one in staff.ask("GET", "/customers")["customers"] if one["email"] == MEMBER]
    assert demo.reason("entrance", "card", str(CARD)) == "unknown"
    product = staff.ask("POST", "/entitlement-products", GYM)
    held = staff.ask("POST", f"/customers/{customer}/entitlements", {"product": product["id"], "reason": "sold"})
    assert held["in_force"] == "done"
    return customer, held


@pytest.mark.feature("AC-06")
def test_a_members_card_opens_in_its_hours_with_web_killed_and_the_bookings_gone(members: Demo) -> None:
    """AC-06: no booking, no web process, no booking.db, a restarted door: the door knows the hours and the end."""
    demo = members
    sold(demo)
    noon = demo.clock.now()
    day, card = local_date(noon, STOCKHOLM), str(CARD)
    reasons = {door: demo.reason(door, "card", card) for door in ("entrance", "court-1", "court-2")}
    assert reasons == {"entrance": "granted", "court-1": "granted", "court-2": "wrong_door"}
    assert demo.locked("entrance")
    with demo.unsupervised():
        demo.kill("web")
        for file in demo.data.glob("booking.db*"):
            file.unlink()
        opened = demo.cli_present("entrance", "card", card)
        assert (opened["exit"], opened["reason"]) == (0, "granted")
        presented = [one["after"] for one in demo.door_journal() if one["entity"] == "presentation"]
        assert presented[-1]["stale"], "the door read the bookings, which are gone"
        demo.clock.set(at(day, SHUTS))
        shut = demo.cli_present("entrance", "card", card)
        assert (shut["exit"], shut["reason"]) == (1, "too_early")
        pid = demo.kill("door")
    assert until(lambda: demo.pid("door") not in (0, pid) and doors_ready(demo.run), 30)
    assert demo.cli_present("court-1", "card", card)["reason"] == "too_early"
    demo.clock.set(at(day + timedelta(days=1), OPENS))
    assert demo.cli_present("court-1", "card", card)["reason"] == "granted"
    demo.clock.set(noon + 3 * DAY - HOUR)
    assert demo.cli_present("entrance", "card", card)["reason"] == "granted"
    demo.clock.set(noon + 3 * DAY)
    assert demo.cli_present("entrance", "card", card)["reason"] == "ended"


@pytest.mark.feature("AC-06")
def test_a_members_card_opens_nothing_once_the_answer_says_that_the_entitlement_ended(members: Demo) -> None:
    """AC-06: the next presentation is refused; until then the guest hears when the card opens again."""
    demo = members
    customer, held = sold(demo)
    day, card = local_date(demo.clock.now(), STOCKHOLM), str(CARD)
    demo.clock.set(at(day, SHUTS) + 60)
    told = demo.present("entrance", "card", card)
    assert (told["verdict"], told["reason"]) == ("denied", "too_early")
    assert told["retry_at"] == f"{day + timedelta(days=1)}T06:00:00+01:00", rfc3339(demo.clock.now())
    demo.clock.set(at(day + timedelta(days=1), OPENS))
    assert demo.reason("entrance", "card", card) == "granted"
    staff = Staff(demo)
    ended = staff.ask("POST", f"/customers/{customer}/entitlements/{held['id']}/end", {"reason": "moves away"})
    assert (ended["in_force"], demo.reason("entrance", "card", card)) == ("done", "ended")
    assert demo.reason("court-1", "card", card) == "ended"
