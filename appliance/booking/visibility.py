"""Who finds a service, how far ahead, and whom it lets book (DY-12, DY-13, DY-14, BM-05)."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from appliance.booking.booking_window import Channel
from appliance.foundation.instants import Instant, at_local, local_date


class Visibility(StrEnum):
    """Who finds a service; for everybody else there is no such service."""

    PUBLIC = "public"
    LINK = "link"  # who was given its link
    MEMBERS = "members"  # customers who are signed in
    STAFF = "staff"


class LeadsTo(StrEnum):
    """What a click on a free time of a service leads to."""

    BOOKING = "booking"
    SIGN_UP = "sign_up"
    CONTACT = "contact"


class WhoMayBook(StrEnum):
    """Whom a service lets book."""

    OPEN = "open"
    REGISTER_ONLY = "register_only"
    ENTITLED_ONLY = "entitled_only"


@dataclass(frozen=True, slots=True)
class Admission:
    """How a service meets those who do not know it yet; for a facility, what holds where a service does not say.

    leads_to: what a click on a free time leads to. who_may_book: None is as the facility says, and for that one open.
    visible_days: how many local days, today among them, customers see; None is as the facility says, there all.
    """

    visibility: Visibility = Visibility.PUBLIC
    leads_to: LeadsTo = LeadsTo.BOOKING
    who_may_book: WhoMayBook | None = None
    visible_days: int | None = None


PLAIN_ADMISSION: Final = Admission()


@dataclass(frozen=True, slots=True)
class Sight:
    """What a caller is known by: the channel, whether as a member, and the ids of the services whose links it has."""

    channel: Channel
    is_member: bool = False
    linked: frozenset[str] = frozenset()

    def finds(self, service_id: str, visibility: Visibility) -> bool:
        """Whether there is such a service for this caller."""
        if self.channel is Channel.STAFF or visibility is Visibility.PUBLIC:
            return True
        if visibility is Visibility.MEMBERS:
            return self.is_member
        return visibility is Visibility.LINK and service_id in self.linked


def visible_from(days: int, start: Instant, zone: ZoneInfo) -> Instant:
    """The midnight from which on `start` is among the `days` local days, today being the first, that are visible."""
    return at_local(local_date(start, zone) - timedelta(days=days - 1), 0, zone)


def hidden_from(days: int, now: Instant, zone: ZoneInfo) -> Instant:
    """The midnight from which on nothing is visible yet at `now`."""
    return at_local(local_date(now, zone) + timedelta(days=days), 0, zone)
