"""The desk pages over a furnished unit and its real sessions, with doors that are played."""

from dataclasses import replace

from flask import Flask

from appliance.boot.web import guest_pages, unit_of
from appliance.web.admin.blueprint import console
from appliance.web.app import make_app
from appliance.web.pages.blueprint import pages
from appliance.web.pages.reception import UnitReception
from appliance.web.unit import Unit
from kiosk_ui.blueprint import kiosk
from tests.builders import Site
from tests.kiosk_ui.fake_desk import FakeDesk
from tests.web.api_client import PlayedDoors
from tests.web.pages.fake_doors import FakeDoors


def desk_unit(site: Site, played: PlayedDoors) -> Unit:
    """The unit behind the pages: no demo, with doors that are played."""
    return replace(unit_of(site.settings, site.side), doors=played, demo=False)


def desk_app(site: Site, doors: FakeDoors, unit: Unit | None = None) -> Flask:
    """API, pages and console of a unit that is no demo; the kiosk brings what the pages look like.

    doors: those of the wall. unit: behind the console and the API.
    """
    screen = FakeDesk()
    unit = unit or desk_unit(site, PlayedDoors(site))
    reception = UnitReception(unit)
    desk_pages = pages(doors, reception, demo=False)
    faces = (kiosk(screen, screen.clock), desk_pages, console(unit, reception), *guest_pages(unit, reception))
    return make_app(unit, faces)
