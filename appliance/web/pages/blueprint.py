"""The desk pages as one blueprint: doors, commissioning, password, in and out. The kiosk's brings tokens and icons."""

from pathlib import Path
from typing import Final

from flask import Blueprint, Response, request

from appliance.foundation.static_version import FOR_EVER, static_version
from appliance.web.live import LiveHub
from appliance.web.pages.commission import CommissionPage, WalkedDoors
from appliance.web.pages.doors import DoorProcess, DoorsPage, PretendWorld
from appliance.web.pages.password import PasswordPage
from appliance.web.pages.reception import Reception
from appliance.web.pages.sign_in import SignInPage
from appliance.web.pages.trouble import TroublePage

STATIC: Final = Path(__file__).parent / "static"


def pages(
    doors: DoorProcess,
    reception: Reception,
    *,
    demo: bool,
    live: LiveHub | None = None,
    walked: WalkedDoors | None = None,
    pretend: PretendWorld | None = None,
) -> Blueprint:
    """The pages over a door process. In a `demo` everybody sees the doors and may move the pretend ones by hand.

    walked: the doors that staff may commission; without them that page is not there. pretend: the readers and
    controllers at which something can be done by hand.
    """
    blueprint = Blueprint(
        "pages",
        __name__,
        static_folder="static",
        static_url_path=f"/pages/static/{static_version(STATIC)}",
        template_folder="templates",
    )
    if walked is not None:
        CommissionPage(walked, reception).register(blueprint)
    DoorsPage(doors, reception, demo=demo, live=live, pretend=pretend).register(blueprint)
    SignInPage(reception).register(blueprint)
    PasswordPage(reception).register(blueprint)
    TroublePage(reception).register(blueprint)

    @blueprint.after_request
    def keep_nothing(answer: Response) -> Response:
        if (request.endpoint or "").endswith(".static") and answer.status_code < 400:
            answer.headers["Cache-Control"] = FOR_EVER
        else:
            answer.headers.setdefault("Cache-Control", "no-store")
        return answer

    return blueprint
