"""Making a screen a kiosk from the console: by an address that is shown once."""

import re

import pytest
from flask import Blueprint

from appliance.boot.web import unit_of
from appliance.web.app import make_app
from appliance.web.kiosk_gate import guard_kiosk
from tests.web.admin.staff import Desk


def address_of(page: str) -> str:
    found = re.search(r'href="[^"]*(/kiosk/\?device=[^"]+)"', page)
    assert found, page
    return found[1]


def is_kiosk(desk: Desk, address: str) -> bool:
    """Whether a browser that opens the address is one from then on."""
    unit = unit_of(desk.site.settings, desk.site.side)
    gated = Blueprint("gated", __name__, url_prefix="/kiosk")
    gated.add_url_rule("/", "first", lambda: "a kiosk")
    guard_kiosk(gated, unit)
    return make_app(unit, (gated,)).test_client().get(address, follow_redirects=True).status_code == 200


@pytest.mark.feature("BM-03")
def test_a_screen_becomes_a_kiosk_by_an_address_that_is_shown_once(desk: Desk) -> None:
    """BM-03: a unit that was never a demo can have kiosks; a new address ends the old one; taken away, none is left."""
    assert "guests cannot book by themselves" in desk.get("/admin/setup/kiosks")
    first = address_of(desk.post("/admin/setup/kiosks", 200, name="Entrance"))
    assert is_kiosk(desk, first)
    shown = desk.get("/admin/setup/kiosks")
    assert "<strong>Entrance</strong>" in shown
    assert first.partition("=")[2] not in shown
    assert "gets a new address" in desk.post("/admin/setup/kiosks", 200, name="Entrance")
    second = address_of(desk.post("/admin/setup/kiosks", 200, name="Entrance", confirmed="yes"))
    assert (is_kiosk(desk, first), is_kiosk(desk, second)) == (False, True)
    assert "shows nothing more" in desk.post("/admin/setup/kiosks/remove", 200, name="Entrance")
    assert is_kiosk(desk, second)
    assert "is taken away" in desk.post("/admin/setup/kiosks/remove", 200, name="Entrance", confirmed="yes")
    assert not is_kiosk(desk, second)
    desk.post("/admin/setup/kiosks/remove", 404, name="Entrance", confirmed="yes")
    assert "This is needed." in desk.post("/admin/setup/kiosks", 422, name=" ")
