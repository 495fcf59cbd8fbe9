"""What every channel takes and answers. One suite of tests runs over all of them (tests/contract/test_channels.py)."""

from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from appliance.messaging.templates import Way


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message as it leaves. It is personal and holds keys: it is never kept and never shown in a fault.

    id: the same each time it is tried. to: an address or an E.164 number. calendar: a file of RFC 5545, empty for none.
    """

    id: str
    to: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(default="", repr=False)
    calendar: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The other side took it upon itself to deliver the message. parts: what an SMS is counted as."""

    parts: int = 1


@dataclass(frozen=True, slots=True)
class PutOff:
    """This message was not taken now; it may be later."""

    fault: str


@dataclass(frozen=True, slots=True)
class TurnedDown:
    """This message will never be taken as it is."""

    fault: str


@dataclass(frozen=True, slots=True)
class Away:
    """The channel itself does not work now; no message would be taken."""

    fault: str


Outcome: TypeAlias = Accepted | PutOff | TurnedDown | Away


class Channel(Protocol):
    """One way for messages to leave. Used by one thread at a time."""

    @property
    def way(self) -> Way:
        """Which one it is."""

    def send(self, outgoing: Outgoing) -> Outcome:
        """Hand a message over; within a bounded time, whatever the other side does. Raises nothing for its faults."""

    def rest(self) -> None:
        """Let go of what is held open, until the next message."""
