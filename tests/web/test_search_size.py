"""A search asks the same of the file however many resources there are."""

import pytest

from appliance.booking import set_up_store
from appliance.booking.resources import Pool, Resource
from appliance.booking.services import Need, Service, ServiceKind
from appliance.foundation.instants import DAY, format_instant
from appliance.foundation.money import Money
from tests.builders import NOW, STOCKHOLM, Site
from tests.several import statements
from tests.web.api_client import Api


def add_rooms(site: Site, slug: str, many: int) -> None:
    """A service of so many rooms."""
    with site.side.book.write(site.side.scope, "test") as tx:
        rooms = [Resource(f"{slug}-{number}", f"{slug}-{number}", "Rum") for number in range(many)]
        for room in rooms:
            set_up_store.add_resource(tx, room, 50)
        set_up_store.add_pool(tx, Pool(slug, slug, tuple(room.id for room in rooms)))
        prices = (Money(100, "SEK"),)
        service = Service(slug, slug, "Rum", ServiceKind.INDIVIDUAL, (60,), prices, (Need(slug),))
        set_up_store.add_service(tx, service, vat_percent=6, position=50)


@pytest.mark.feature("DY-06")
def test_a_search_of_two_hundred_rooms_asks_what_one_of_two_asks(api: Api) -> None:
    """DY-06: counted on the connection itself, and there is something to count."""
    add_rooms(api.site, "few", 2)
    add_rooms(api.site, "many", 200)
    window = {"from_": format_instant(NOW, STOCKHOLM), "to": format_instant(NOW + 7 * DAY, STOCKHOLM)}
    counts = []
    for service in ("few", "many"):
        assert api.get("/slots", service=service, **window).status_code == 200
        with statements(api.site) as asked:
            assert api.get("/slots", service=service, **window).get_json()["slots"]
        counts.append(len(asked))
    assert counts[0] == counts[1] > 0
