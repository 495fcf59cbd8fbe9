"""Nothing is sold while nobody knows what time it is (AC-16)."""

from dataclasses import replace

import pytest

from appliance.boot.web import unit_of
from appliance.door_socket.client import DoorHealth
from appliance.foundation.refusals import Refusal
from appliance.web.app import make_app
from appliance.web.kiosk_desk import KioskDesk
from appliance.web.sure_clock import KEPT_S
from tests.builders import TEN, Site
from tests.web.api_client import Api, PlayedDoors, problem

LOST = DoorHealth("red", (), "unknown", "current", 1, 1, None, 0, 0)


class LostTime(PlayedDoors):
    """Doors whose clock is `clock`."""

    clock = "unknown"

    def health(self) -> DoorHealth:
        self._note("health")
        return replace(LOST, clock=self.clock)


@pytest.mark.feature("AC-16")
def test_the_api_sells_nothing_until_the_time_is_known_again(site: Site) -> None:
    """AC-16: 503 with a sentence; it asks the doors again within seconds, and while they are away their word stays."""
    doors = LostTime(site)
    app = make_app(replace(unit_of(site.settings, site.side), doors=doors))
    api = Api(site, app, doors, app.test_client())
    refused = api.post("/bookings", api.booking(TEN))
    assert (refused.status_code, problem(refused)["code"]) == (503, "clock_unknown")
    assert (
        "does not know what time it is"
        in api.client.post("/api/v1/bookings", json=api.booking(TEN), headers={"Accept-Language": "en"}).get_json()[
            "title"
        ]
    )
    assert doors.asked.count(("health",)) == 1
    site.clock.advance(KEPT_S)
    doors.away = True
    assert api.post("/bookings", api.booking(TEN)).status_code == 503
    site.clock.advance(KEPT_S)
    doors.away, doors.clock = False, "degraded"
    assert api.post("/bookings", api.booking(TEN)).status_code == 201


@pytest.mark.feature("AC-16")
def test_the_kiosk_holds_and_sells_nothing(site: Site) -> None:
    """AC-16."""
    doors = LostTime(site)
    desk = KioskDesk(replace(unit_of(site.settings, site.side), doors=doors), "entrance")
    service = desk.services()[0].id
    assert desk.hold(service, TEN, 60, None, 1) == Refusal("clock_unknown")
    doors.clock = "trusted"
    site.clock.advance(KEPT_S)
    held = desk.hold(service, TEN, 60, None, 1)
    assert not isinstance(held, Refusal)
    doors.clock = "unknown"
    site.clock.advance(KEPT_S)
    assert desk.book(held.id, "", "", "0701740605") == Refusal("clock_unknown")
