"""The rooms of the demo whose doors hang on vendors' controllers, as their guests, staff and the vendors see them."""

import base64
import http.client
import os
import signal
import uuid
from contextlib import closing
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec

from appliance.boot.demo_rooms import CARD, MEMBER
from appliance.keys.mobile_keys import spelled
from tests.contract.programs import told
from tests.keys.phones import Phone
from tests.waiting import until
from tests.whole_unit.demo_api import Booked, Json, booked, wish
from tests.whole_unit.demo_staff import Staff
from tests.whole_unit.demo_unit import Demo, left_of

VENDORS: Final = {"rco": "gym", "axema": "sauna", "parakey": "club-room"}
HOUR: Final = 3600


class Rooms:
    """A demo, its staff at the API, and the hand at each emulator."""

    def __init__(self, demo: Demo) -> None:
        self.demo = demo
        self._staff = Staff(demo)
        self._phone = Phone(ec.generate_private_key(ec.SECP256R1()))

    def book(self, place: str, after_s: int = 0) -> Booked:
        """The member's booking of a room or a court, at its first free time."""
        demo, service = self.demo, place if place in VENDORS.values() else "padel"
        start = demo.clock.now() + after_s
        for slot in demo.api.slots(start, start + 24 * HOUR, service):
            for id_ in slot["resources"]:
                if demo.resources[id_] == place:
                    answer = demo.api.ask("POST", "/bookings", wish(slot["start"], id_, service, {"email": MEMBER}))
                    assert answer.status == 201, answer
                    assert until(demo.door_has_heard, 10)
                    return booked(answer.body, demo.resources)
        raise AssertionError(f"nothing is free in {place}")

    def book_open(self, place: str) -> Booked:
        """The same, and its keys open now."""
        booking = self.book(place)
        self.demo.clock.set(max(self.demo.clock.now(), booking.valid_from + 60))
        return booking

    def look(self, vendor: str) -> Json:
        """What a controller says of itself at the API."""
        (found,) = [one for one in self._staff.ask("GET", "/controllers")["controllers"] if one["slug"] == vendor]
        return dict(found)

    def problems(self, vendor: str) -> list[str]:
        """What health says is wrong with one controller; others may still be getting over what was done to them."""
        return [one for one in self.demo.api.health()["problems"] if one.startswith(f"controller {vendor} ")]

    def grant(self, vendor: str, booking: Booked) -> Json:
        """The booking's grant as staff see it at the API; its state is `none` while there is none."""
        page = self._staff.ask("GET", f"/controllers/{vendor}/grants")
        return next((one for one in page["grants"] if one["booking_id"] == booking.id), {"state": "none"})

    def life(self, vendor: str, booking: Booked) -> str:
        """The state of the grant."""
        return str(self.grant(vendor, booking)["state"])

    def reaches(self, vendor: str, booking: Booked, state: str, seconds: float = 40.0) -> bool:
        return until(lambda: self.life(vendor, booking) == state, seconds)

    def act(self, vendor: str, act: str, **values: object) -> Json:
        """A hand at an emulator."""
        return dict(told(self.demo.run / f"{vendor}-hand.sock", act=act, **values))

    def holds(self, vendor: str, booking: Booked) -> bool:
        """Whether the emulator says that its lock has the booking's time, by its own word alone."""
        seen = self.act(vendor, "look")
        if vendor == "rco":
            return any(end == booking.valid_to for _, end in seen["held"].values())
        if vendor == "axema":
            return any(_moment(one["startTime"]) == booking.start for one in seen["reservations"])
        return any(_moment(one["endDate"]) == booking.valid_to for one in seen["keys"])

    def is_true(self, vendor: str, booking: Booked) -> bool:
        """What the API says of a grant is not ahead of what the emulator itself says; an emulator that is away has
        nothing to say, and nobody may claim that it came to hold something meanwhile."""
        if self.life(vendor, booking) != "confirmed":
            return True
        try:
            return self.holds(vendor, booking)
        except (OSError, ValueError):
            return False

    def kill(self, vendor: str) -> None:
        """kill -9 of an emulator."""
        (pid,) = [pid for pid, line in left_of(self.demo.data).items() if f"emulate {vendor}" in line]
        os.kill(pid, signal.SIGKILL)
        assert until(lambda: pid not in left_of(self.demo.data), 5)

    def present(self, door: str, kind: str, booking: Booked) -> str:
        """The reason that a door gives for a booking's key of some kind, presented in the way of that kind."""
        if kind == "phone":
            return self._unlock(door, booking)
        value = {"pin": booking.pin, "qr": booking.qr, "card": str(CARD)}[kind]
        return self.demo.reason(door, kind, value)

    def page(self, booking: Booked) -> str:
        """The page of the booking as its owner's browser gets it."""
        parts = urlsplit(self._link(booking))
        with closing(http.client.HTTPConnection(parts.netloc, timeout=15)) as line:
            line.request("GET", f"{parts.path}?{parts.query}", headers={"Accept": "text/html"})
            return line.getresponse().read().decode()

    def _link(self, booking: Booked) -> str:
        shown = self.demo.api.ask("GET", f"/bookings/{booking.id}?cancel_code={booking.cancel_code}")
        return str(shown.body["links"]["page"])

    def _unlock(self, door: str, booking: Booked) -> str:
        """The phone of the booking's owner answers the door's challenge, with nothing but the link to the booking."""
        api = self.demo.api
        sig = self._link(booking).partition("sig=")[2]
        key = {"public_key": spelled(self._phone.public_key)}
        bound = api.ask("POST", f"/bookings/{booking.id}/mobile-keys?sig={sig}", key).body
        query = f"booking={booking.id}&sig={sig}"
        asked = api.ask("POST", f"/doors/{door}/challenges?{query}", {}).body
        answer = self._phone.answer(_bytes(asked["challenge"]), asked["door"], bound["id"])
        body = {"kind": "mobile", "value": answer, "presentation_id": str(uuid.uuid4())}
        return str(api.ask("POST", f"/doors/{door}/presentations?{query}", body).body["reason"])


def _moment(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
