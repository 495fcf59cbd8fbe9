"""The words of every message as they come with the program, in English; the other languages stand with all texts. Pure.

A line whose placeholders all come out empty is left out, so that one list of details does for every booking.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from appliance.foundation.i18n import marked
from appliance.messaging.events import Event

_DETAILS: Final = (
    "",
    "{service_name}",
    "{appointment_date} {appointment_time}–{appointment_end_time}",
    "{place_name}",
    "{extras}",
    "{bookings}",
    marked("Booking number: {booking_number}"),
    marked("Price: {price}"),
)
_KEY: Final = (
    "",
    marked("Your PIN: {pin}"),
    marked("It opens from {valid_from}."),
    marked("Your key: {key_url}"),
)
_FACILITY: Final = ("", "{facility_name}", "{facility_address}", "{facility_phone}")
_CANCEL: Final = ("", "{cancel_link}")
_SMS_KEY: Final = ("PIN {pin}", "{key_url}")
GREETING: Final = marked("Hello {client_first_name}!")
_BOOKED: Final = (*_DETAILS, *_KEY, *_CANCEL, *_FACILITY)
_PLAIN: Final = (*_DETAILS, *_FACILITY)

TO_STAFF: Final = (
    *_DETAILS[1:],
    "",
    "{client_name}",
    "{client_email}",
    "{client_phone}",
    "{client_note}",
    "{cancel_reason}",
    "",
    "{approval_url}",
)


_RECAP: Final = (
    marked("Hello {employee_name}!"),
    marked("This is what you have on {recap_date}."),
    "",
    "{agenda}",
    "",
    "{facility_name}",
)


@dataclass(frozen=True, slots=True)
class Words:
    """What one event is told in: a subject, how a letter begins and goes on, the same of an SMS, a letter to staff."""

    subject: str
    intro: str
    sms: str
    details: tuple[str, ...] = _PLAIN
    sms_details: tuple[str, ...] = ()
    to_staff: tuple[str, ...] = TO_STAFF


WORDS: Final[Mapping[Event, Words]] = {
    Event.CONFIRMATION: Words(
        marked("Booked: {service_name}, {appointment_date} {appointment_time}"),
        marked("You have booked at {facility_name}."),
        marked("{facility_name}: booked {service_name} {appointment_date} {appointment_time}."),
        _BOOKED,
        _SMS_KEY,
    ),
    Event.PENDING: Words(
        marked("Waits for payment: {service_name}, {appointment_date} {appointment_time}"),
        marked("The time is kept for you. It counts once it is paid."),
        marked(
            "{facility_name}: {service_name} {appointment_date} {appointment_time} is kept for you until it is paid."
        ),
        (*_DETAILS, *_CANCEL, *_FACILITY),
    ),
    Event.CHANGE: Words(
        marked("Changed: {service_name}, {appointment_date} {appointment_time}"),
        marked("Your booking was changed. This is how it is now."),
        marked("{facility_name}: changed, {service_name} {appointment_date} {appointment_time}."),
        _BOOKED,
        _SMS_KEY,
    ),
    Event.MOVE: Words(
        marked("Moved: {service_name}, {appointment_date} {appointment_time}"),
        marked("Your booking was moved. Your former key opens nothing any more."),
        marked("{facility_name}: moved to {appointment_date} {appointment_time}."),
        _BOOKED,
        _SMS_KEY,
    ),
    Event.CANCELLATION: Words(
        marked("Cancelled: {service_name}, {appointment_date} {appointment_time}"),
        marked("Your booking is cancelled."),
        marked("{facility_name}: cancelled, {service_name} {appointment_date} {appointment_time}."),
        ("{cancel_reason}", *_PLAIN),
    ),
    Event.EXPIRY: Words(
        marked("Not paid in time: {service_name}, {appointment_date} {appointment_time}"),
        marked("Your booking was not paid in time, and the time is free again."),
        marked("{facility_name}: {service_name} {appointment_date} {appointment_time} was not paid in time."),
    ),
    Event.REMINDER: Words(
        marked("Soon: {service_name}, {appointment_date} {appointment_time}"),
        marked("Welcome to {facility_name} soon."),
        marked("{facility_name}: {service_name} {appointment_date} {appointment_time}."),
        _BOOKED,
        _SMS_KEY,
    ),
    Event.PAYMENT: Words(
        marked("Paid: {service_name}, {appointment_date} {appointment_time}"),
        marked("Thank you, {paid} is paid."),
        marked("{facility_name}: {paid} is paid for {service_name} {appointment_date}."),
    ),
    Event.KEY_ISSUED: Words(
        marked("Your key: {service_name}, {appointment_date} {appointment_time}"),
        marked("Here is your key."),
        marked("{facility_name}: your key for {appointment_date} {appointment_time}."),
        _BOOKED,
        _SMS_KEY,
    ),
    Event.NO_SHOW: Words(
        marked("You were missed: {service_name}, {appointment_date} {appointment_time}"),
        marked("Nobody came to your booking, so its time was given to others."),
        marked("{facility_name}: nobody came to {service_name} {appointment_date} {appointment_time}."),
    ),
    Event.WAITING_JOINED: Words(
        marked("On the waiting list: {service_name}, {appointment_date} {appointment_time}"),
        marked("You are on the waiting list. You hear from us when a place is free."),
        marked("{facility_name}: on the waiting list for {service_name} {appointment_date} {appointment_time}."),
    ),
    Event.WAITING_OFFER: Words(
        marked("A place is free: {service_name}, {appointment_date} {appointment_time}"),
        marked("A place became free. It is kept for you until {offer_until}."),
        marked("{facility_name}: a place is free, {service_name} {appointment_date} {appointment_time}."),
        (*_DETAILS, "", "{key_url}", *_FACILITY),
        (marked("Kept until {offer_until}."), "{key_url}"),
    ),
    Event.WAITING_FREE: Words(
        marked("A place is free: {service_name}, {appointment_date} {appointment_time}"),
        marked("A place is free. All who wait are told: who books first has it."),
        marked("{facility_name}: a place is free, {service_name} {appointment_date} {appointment_time}."),
        (*_DETAILS, "", "{key_url}", *_FACILITY),
        (marked("Who books first has it."), "{key_url}"),
    ),
    Event.WAITING_END: Words(
        marked("No place: {service_name}, {appointment_date} {appointment_time}"),
        marked("You are not on the waiting list any more."),
        marked("{facility_name}: no longer waiting for {service_name} {appointment_date} {appointment_time}."),
    ),
    Event.RECAP: Words(marked("Your bookings on {recap_date}: {count}"), "", "", to_staff=_RECAP),
}  # fmt: skip
