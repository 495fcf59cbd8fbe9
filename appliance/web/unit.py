"""Everything the pages and the API stand on, put together once by boot."""

from dataclasses import dataclass

from appliance.booking.actions.desk import Desk
from appliance.door_socket.client import DoorClient
from appliance.foundation.clock import Clock
from appliance.identity.signing_in import SigningIn
from appliance.keys.issuing import Issuing
from appliance.keys.links import Links


@dataclass(frozen=True, slots=True)
class Unit:
    """The running unit as its faces see it. `demo` is on only in a pretend world: its doors may be moved by hand."""

    desk: Desk
    issuing: Issuing
    links: Links
    signing_in: SigningIn
    doors: DoorClient
    clock: Clock
    public_url: str
    demo: bool
