"""Where vendors call in: `POST /hooks/CONTROLLER/SECRET` (DR-05, DR-06).

The secret in the address is the caller's credential; the door process compares it, and answers the same for a wrong
one, an unknown controller and a body that is no event. A door process that is away is a 503, so that the vendor calls
again.
"""

from collections.abc import Mapping
from typing import Final, Protocol

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound, RequestEntityTooLarge

from appliance.door_socket.client import DoorRefused

BODY_LIMIT: Final = 3 * 1024  # what fits into one question to the door process, in base64 and with its headers
HEADERS_LIMIT: Final = 20
HEADER_LIMIT: Final = 200


class CalledDoors(Protocol):
    """The part of the door process that vendors call."""

    def hook(self, controller: str, secret: str, headers: Mapping[str, str], body: bytes) -> bool:
        """Hand on what a vendor called in; whether it was genuine."""


def hooks(doors: CalledDoors) -> Blueprint:
    """The addresses for vendors' webhooks."""
    blueprint = Blueprint("hooks", __name__)

    @blueprint.post("/hooks/<controller>/<secret>")
    def hook(controller: str, secret: str) -> Response:
        body = request.get_data(cache=False)
        if len(body) > BODY_LIMIT:
            raise RequestEntityTooLarge
        named = [(name, value) for name, value in request.headers.items() if len(name) + len(value) <= HEADER_LIMIT]
        try:
            is_genuine = doors.hook(controller, secret, dict(named[:HEADERS_LIMIT]), body)
        except DoorRefused as refused:
            raise NotFound from refused
        if not is_genuine:
            raise NotFound
        return Response(status=204)

    return blueprint
