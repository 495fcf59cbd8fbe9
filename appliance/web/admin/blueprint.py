"""The staff console as one blueprint. A further page is a class with `register`, named in `PAGES`."""

from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from appliance.foundation.static_version import FOR_EVER, static_version
from appliance.web.admin.book import BookOfConsole
from appliance.web.admin.book_series import SeriesOfConsole
from appliance.web.admin.book_visit import VisitOfConsole
from appliance.web.admin.bookings import BookingsOfConsole
from appliance.web.admin.console import Console
from appliance.web.admin.devices import DevicesOfConsole
from appliance.web.admin.doors import DoorsOfConsole
from appliance.web.admin.help_desk import HelpDeskOfConsole
from appliance.web.admin.journal import JournalOfConsole
from appliance.web.admin.kiosks import KiosksOfConsole
from appliance.web.admin.me import MeOfConsole
from appliance.web.admin.messages import MessagesOfConsole
from appliance.web.admin.orders import OrdersOfConsole
from appliance.web.admin.planner import PlannerOfConsole
from appliance.web.admin.purchases import PurchasesOfConsole
from appliance.web.admin.records import RecordsOfConsole
from appliance.web.admin.set_up import SetUpOfConsole
from appliance.web.admin.starting import StartOfConsole
from appliance.web.admin.waiting import WaitingOfConsole
from appliance.web.pages.reception import Reception
from appliance.web.unit import Unit, catalogue_now

STATIC: Final = Path(__file__).parent / "static"


class ConsolePage(Protocol):
    """One page, or a few that belong together."""

    def register(self, blueprint: Blueprint) -> None:
        """Put its addresses, all below `/admin/`, on the blueprint."""


PAGES: Final[tuple[Callable[[Console], ConsolePage], ...]] = (
    PlannerOfConsole,
    BookOfConsole,
    SeriesOfConsole,
    VisitOfConsole,
    BookingsOfConsole,
    OrdersOfConsole,
    WaitingOfConsole,
    PurchasesOfConsole,
    DoorsOfConsole,
    HelpDeskOfConsole,
    DevicesOfConsole,
    JournalOfConsole,
    RecordsOfConsole,
    MessagesOfConsole,
    StartOfConsole,
    KiosksOfConsole,
    MeOfConsole,
    SetUpOfConsole,
)


def console(unit: Unit, reception: Reception) -> Blueprint:
    """Every page of the console over `unit`, for whoever the `reception` knows."""
    blueprint = Blueprint(
        "admin",
        __name__,
        url_prefix="/admin",
        static_folder="static",
        static_url_path=f"/static/{static_version(STATIC)}",
        template_folder="templates",
    )
    shell = Console(unit, reception)
    shell.guard(blueprint)
    for made in PAGES:
        made(shell).register(blueprint)
    blueprint.add_url_rule("/", "home", _home)

    @blueprint.after_request
    def keep_pictures(answer: Response) -> Response:
        if request.endpoint == "admin.static" and answer.status_code < 400:
            answer.headers["Cache-Control"] = FOR_EVER
        return answer

    return blueprint


def _home() -> ResponseReturnValue:
    """To the doors; of a facility that offers nothing yet to the wizard (BM-03)."""
    return redirect(url_for("admin.doors" if catalogue_now().services else "admin.start"), 303)
