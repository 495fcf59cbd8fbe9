"""The key on the phone: `/k/{booking}?sig=`, the signed link that a guest is given (AC-04, AC-05).

Without scripts it shows the PIN and the plain pass. With them the pass changes every 30 seconds, and each door has a
button: the page makes a key pair in the phone and answers the door's challenge over the public API.
"""

from dataclasses import dataclass
from typing import Final

from flask import Blueprint, Response, make_response, request
from markupsafe import Markup

from appliance.billing.entitlements import Holding
from appliance.booking.actions import entitling
from appliance.booking.booking_window import Channel
from appliance.booking.bookings import Booking, Status
from appliance.door_socket.client import DoorRefused, DoorUnreachable
from appliance.foundation.i18n import LANGUAGES, marked, text
from appliance.foundation.instants import Interval, local_date
from appliance.foundation.wording import LANGUAGE_NAMES, day_text, moment_text, span_text
from appliance.keys import qr_picture
from appliance.keys.issuing import ShownKey
from appliance.web.api.specification import PREFIX
from appliance.web.callers import Caller
from appliance.web.ownership import own_booking
from appliance.web.pages.reception import Reception
from appliance.web.pages.showing import page
from appliance.web.pages.wall_controllers import OWN_APP
from appliance.web.paid_by import paid_by
from appliance.web.speaking import language
from appliance.web.unit import Unit, catalogue_now

# Who is signed in does not matter here: the link alone says whose booking it is.
_GUEST: Final = Caller(Channel.PUBLIC, "public")
_LEFT: Final = marked("{name}: {count} left")
_OVER: Final = marked("This booking is over.")
_WITHOUT_KEYS: Final = {
    Status.CANCELLED: marked("This booking is cancelled."),
    Status.COMPLETED: _OVER,
    Status.PENDING: marked("Not paid yet: your key comes with the payment."),
    Status.EXPIRED: marked("This booking was not paid in time."),
}


@dataclass(frozen=True, slots=True)
class OwnDoor:
    """A door that the booking opens. own_app: its maker's app alone unlocks it."""

    id: str
    name: str
    own_app: bool


def key_page(unit: Unit, reception: Reception) -> Blueprint:
    """The page of a booking's keys, for whoever holds its signed link. It is drawn with what the desk pages bring."""
    blueprint = Blueprint("guest", __name__)
    KeyPage(unit, reception).register(blueprint)
    return blueprint


class KeyPage:
    """`/k/{booking}`."""

    def __init__(self, unit: Unit, reception: Reception) -> None:
        self._unit = unit
        self._reception = reception

    def register(self, blueprint: Blueprint) -> None:
        blueprint.add_url_rule("/k/<booking_id>", "key", self.key)

    def key(self, booking_id: str) -> Response:
        """The key, which nobody between may keep; NotFound without the signature of this very booking."""
        sig = request.args.get("sig", "")
        found = own_booking(self._unit, _GUEST, booking_id, sig=sig)
        with self._unit.desk.book.read(self._unit.desk.scope) as tx:
            shown = {each.kind: each for each in self._unit.issuing.show(tx, found.id)}
            held = entitling.left_of(tx, found)
        answer = make_response(self._page(found, sig, shown, self._left(found, held)))
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def _left(self, booked: Booking, held: Holding | None) -> str:
        """What is left of the card or subscription that paid; empty where none did or nothing is counted."""
        name, count = paid_by(booked, held, catalogue_now(), self._unit.desk.scope.zone)
        return "" if count is None else text(language(), _LEFT, name=name, count=count)

    def _page(self, booked: Booking, sig: str, shown: dict[str, ShownKey], left: str) -> str:
        now, zone, spoken = self._unit.clock.now(), self._unit.desk.scope.zone, language()
        catalogue = catalogue_now()
        sold, some = catalogue.service(booked.service_id), shown.get("pin") or shown.get("qr")
        live = some is not None and now < some.valid_to
        keys = Interval(some.valid_from, some.valid_to) if some and live else None
        return page(
            "key.html",
            self._reception,
            facility=catalogue.facility,
            booked=booked,
            sig=sig,
            service=sold.name if sold else "",
            places=catalogue.where(booked),
            day=day_text(spoken, local_date(booked.interval.start, zone), local_date(now, zone)),
            span=span_text(spoken, booked.interval, zone),
            opens=[moment_text(spoken, each, now, zone) for each in (keys.start, keys.end)] if keys else [],
            left=left,
            over=text(spoken, _WITHOUT_KEYS.get(booked.status, _OVER)),
            now=now,
            api=f"{request.script_root}{PREFIX}",
            pin=shown["pin"].code if live and "pin" in shown else "",
            picture=_picture(shown["qr"].code) if live and "qr" in shown else "",
            doors=self._doors(some) if some and live else [],
            own_app=text(spoken, OWN_APP),
            languages=[(each, LANGUAGE_NAMES[each]) for each in LANGUAGES],
        )

    def _doors(self, key: ShownKey) -> list[OwnDoor]:
        """The doors of a key by name; none while the door process does not answer, and nothing can be unlocked."""
        try:
            names = {door.id: door.name for door in self._unit.doors.doors()}
            closed = {door for one in self._unit.doors.controllers() if not one.unlocks for door in one.doors.values()}
        except (DoorUnreachable, DoorRefused):
            return []
        return [OwnDoor(door_id, names[door_id], door_id in closed) for door_id in key.door_ids if door_id in names]


def _picture(token: str) -> Markup:
    """Our own SVG of a text of our own, so that it is safe as markup."""
    return Markup(qr_picture.svg(token))  # noqa: S704
