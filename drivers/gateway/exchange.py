"""What the meaning of a gateway needs of the way to it, serial or MQTT."""

from collections.abc import Callable
from typing import Protocol

from drivers.contract import DriverHealth, DriverRefused, DriverUnreachable
from drivers.gateway.messages import Notice, Reply, Request

Hears = Callable[[Notice], None]
Comes = Callable[[bool], None]


class Exchange(Protocol):
    """One way to one gateway. Any thread may ask; one request is under way at a time."""

    room: int
    """How many bytes a reply may have."""

    def start(self, hears: Hears, comes: Comes) -> None:
        """Begin to keep the way open. hears: notices. comes: whether the gateway is there, at each change."""

    def ask(self, request: Request, seconds: float) -> Reply:
        """The reply; `DriverUnreachable` when there is none in time."""

    def health(self) -> DriverHealth:
        """A snapshot; never blocks."""

    def stop(self) -> None:
        """Let go of it, within two seconds."""


def settled(reply: Reply) -> Reply:
    """A reply that says yes. Raises what a no means to a driver."""
    if reply.ok:
        return reply
    if reply.code == "away":
        raise DriverUnreachable(f"the controller behind the gateway does not answer ({reply.text})")
    raise DriverRefused(f"the gateway says: {reply.text or reply.code}")
