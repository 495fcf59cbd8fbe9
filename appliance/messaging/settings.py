"""How a facility writes to people: its own addresses, when it reminds, and of what it keeps silent. Pure."""

from dataclasses import dataclass, field
from typing import Final

from appliance.foundation.i18n import DEFAULT_LANGUAGE
from appliance.messaging.events import Event

LONGEST_REMINDER_HOURS: Final = 14 * 24
RECAP_MINUTE: Final = 18 * 60
_URGENT: Final = frozenset({Event.WAITING_OFFER, Event.WAITING_FREE})
_OF_INTEREST: Final = frozenset({Event.CONFIRMATION, Event.CANCELLATION, Event.MOVE})


@dataclass(frozen=True, slots=True)
class MessageSettings:
    """What staff chose.

    staff_email, staff_phone: where staff are told (DY-71); empty for nowhere. reminder_hours: how long before the start
    people are reminded, 0 for never. language: of staff, and of customers whose own is not known.
    also_by_sms: what goes by SMS beside e-mail; who has no e-mail address gets all of it by SMS.
    silent: what customers are not told of. told_to_staff: what staff are told of.
    recap_minute: the minute of the day at which employees are told of the next day (DY-34), None for never.
    recap_when_empty: whether they are told too that they have nothing then.
    """

    staff_email: str = ""
    staff_phone: str = ""
    reminder_hours: int = 24
    language: str = DEFAULT_LANGUAGE
    also_by_sms: frozenset[Event] = field(default=_URGENT)
    silent: frozenset[Event] = frozenset()
    told_to_staff: frozenset[Event] = field(default=_OF_INTEREST)
    recap_minute: int | None = RECAP_MINUTE
    recap_when_empty: bool = False
