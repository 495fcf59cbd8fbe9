"""Two facilities of an organisation behind one address: Södra Padel, and Norra Hallen below `/f/norra-hallen`."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client, TestResponse

from appliance.boot import demo_further
from appliance.boot.booking_side import open_booking_side, prepare
from appliance.boot.web import unit_of
from appliance.config import FurtherFacility, facility_path
from appliance.web.portal import Portal
from tests.builders import Site
from tests.web.api_client import PlayedDoors
from tests.web.pages.desk import desk_app
from tests.web.pages.fake_doors import FakeDoors

NORTH: Final = "norra-hallen"
BELOW: Final = facility_path(NORTH)


@dataclass(frozen=True, slots=True)
class Organisation:
    """Both facilities, and a browser that reads English and keeps cookies."""

    own: Site
    further: Site
    app: DispatcherMiddleware
    client: Client

    def page(self, path: str, status: int = 200) -> str:
        answer = self.client.get(path, headers={"Accept-Language": "en"})
        assert answer.status_code == status, answer.text
        return answer.text

    def ask(self, path: str, **query: str) -> Any:
        """The JSON of a call that is answered."""
        answer = self.client.get(path, query_string=query)
        assert answer.status_code == 200, answer.text
        return answer.json

    def post(self, path: str, body: object, **headers: str) -> TestResponse:
        return self.client.post(path, json=body, headers=headers)


@contextmanager
def organisation(site: Site) -> Iterator[Organisation]:
    """The second facility beside that of `site`, in the same file, with an app over both."""
    made = demo_further.world(1)
    settings = replace(site.settings, further=(FurtherFacility(made.facility.id, made.facility.slug),))
    prepare(settings, site.world.facility, site.clock, [made.facility])
    north = settings.at(NORTH)
    side = open_booking_side(north, site.clock)
    with side.book.write(side.scope, "test") as tx:
        demo_further.furnish(tx, made)
    further = replace(site, settings=north, side=side)
    try:
        portal, doors = Portal(), PlayedDoors(site)
        units = [
            replace(unit_of(each.settings, each.side, portal), doors=doors, demo=False) for each in (site, further)
        ]
        own_app, further_app = (desk_app(site, FakeDoors(), unit) for unit in units)
        app = DispatcherMiddleware(own_app, {BELOW: further_app})
        yield Organisation(site, further, app, Client(app))
    finally:
        side.book.close()
