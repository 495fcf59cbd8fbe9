"""The desk pages as one blueprint: `/doors`, `/sign-in`, `/sign-out`. The kiosk's blueprint brings tokens and icons."""

from flask import Blueprint, Response

from appliance.web.live import LiveHub
from appliance.web.pages.doors import DoorProcess, DoorsPage
from appliance.web.pages.reception import Reception
from appliance.web.pages.sign_in import SignInPage


def pages(doors: DoorProcess, reception: Reception, *, demo: bool, live: LiveHub | None = None) -> Blueprint:
    """The pages over a door process. In a `demo` everybody sees the doors and may move the pretend ones by hand."""
    blueprint = Blueprint(
        "pages",
        __name__,
        static_folder="static",
        static_url_path="/pages/static",
        template_folder="templates",
    )
    DoorsPage(doors, reception, demo=demo, live=live).register(blueprint)
    SignInPage(reception).register(blueprint)

    @blueprint.after_request
    def keep_nothing(answer: Response) -> Response:
        answer.headers.setdefault("Cache-Control", "no-store")
        return answer

    return blueprint
