"""The kiosk as one Flask blueprint: every screen of the first floor (KI-01 to KI-10), mounted under `/kiosk`.

It holds no rule: a `Desk` answers, the screens show. The application around it adds the security headers and mounts it;
no page needs an inline script or style.
"""

from pathlib import Path
from typing import Final

from flask import Blueprint

from appliance.foundation.clock import Clock
from appliance.foundation.errors import Retryable
from appliance.foundation.static_version import static_version
from kiosk_ui.booking_screens import BookingScreens
from kiosk_ui.buy_screens import BuyScreens
from kiosk_ui.desk import Desk
from kiosk_ui.dialogue import Dialogue
from kiosk_ui.door_screens import DoorScreens
from kiosk_ui.first_screen import FirstScreen
from kiosk_ui.lost_key_screens import LostKeyScreens
from kiosk_ui.own_booking_screens import OwnBookingScreens

STATIC: Final = Path(__file__).parent / "static"


def kiosk(desk: Desk, clock: Clock) -> Blueprint:
    """Every screen of the kiosk over one desk. `clock` only measures how long a visit was left alone."""
    blueprint = Blueprint(
        "kiosk",
        __name__,
        url_prefix="/kiosk",
        static_folder="static",
        static_url_path=f"/static/{static_version(STATIC)}",
        template_folder="templates",
    )
    dialogue = Dialogue(desk, clock)
    blueprint.before_request(dialogue.begin_request)
    blueprint.after_request(dialogue.end_request)
    blueprint.register_error_handler(Retryable, dialogue.out_of_order)
    for screens in (FirstScreen, BookingScreens, DoorScreens, OwnBookingScreens, LostKeyScreens, BuyScreens):
        screens(dialogue).register(blueprint)
    return blueprint
