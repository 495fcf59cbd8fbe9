"""What the events, the channels and the states of messages are called."""

from collections.abc import Mapping
from typing import Final

from appliance.foundation.i18n import marked
from appliance.messaging.events import Event
from appliance.messaging.templates import Audience, Way

EVENT_WORDS: Final[Mapping[Event, str]] = {
    Event.CONFIRMATION: marked("Booked"),
    Event.PENDING: marked("Booked, to be paid first"),
    Event.CHANGE: marked("Changed"),
    Event.MOVE: marked("Moved"),
    Event.CANCELLATION: marked("Cancelled"),
    Event.EXPIRY: marked("Not paid in time"),
    Event.REMINDER: marked("Reminder"),
    Event.PAYMENT: marked("Paid"),
    Event.KEY_ISSUED: marked("Key given"),
    Event.NO_SHOW: marked("Nobody came"),
    Event.WAITING_JOINED: marked("On the waiting list"),
    Event.WAITING_OFFER: marked("A place is offered"),
    Event.WAITING_FREE: marked("A place is free for all who wait"),
    Event.WAITING_END: marked("Off the waiting list"),
    Event.RECAP: marked("What an employee has on the next day"),
}
WAY_WORDS: Final[Mapping[Way, str]] = {Way.EMAIL: marked("E-mail"), Way.SMS: marked("SMS")}
AUDIENCE_WORDS: Final[Mapping[Audience, str]] = {Audience.CLIENT: marked("Customer"), Audience.STAFF: marked("Staff")}
STATE_WORDS: Final[Mapping[str, str]] = {
    "due": marked("On its way"),
    "sent": marked("Sent"),
    "dead": marked("Given up"),
    "dropped": marked("Left out, it told nothing new any more"),
    "off": marked("Not sent, the channel is off"),
}
