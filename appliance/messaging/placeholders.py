"""The placeholders of message templates (DY-64, DY-71), and the one way in which they are filled. Pure.

`{name}` stands for a value and nothing else does: no attributes, no formats, no code. A template is read once; what is
put into it is never read again, so that a customer called `{pin}` stays one.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Final

from appliance.foundation.errors import FieldError
from appliance.foundation.i18n import marked
from appliance.messaging.events import Event

ALL: Final[Mapping[str, str]] = {
    # The nineteen of DY-64.
    "appointment_date": marked("Day of the booking"),
    "appointment_time": marked("When it begins"),
    "appointment_end_date": marked("Day on which it ends"),
    "appointment_end_time": marked("When it ends"),
    "client_note": marked("What the customer wrote (the answer to the question “note”)"),
    "approval_url": marked("Address at which staff see the booking"),
    "booking_number": marked("Booking number"),
    "cancel_link": marked("A link to the page on which it is cancelled"),
    "cancel_confirm_url": marked("Address of the page that asks whether to cancel"),
    "cancel_url": marked("Address of the page on which it is cancelled"),
    "cancel_reason": marked("Why it was cancelled"),
    "category_name": marked("Customer categories of those who come"),
    "client_address": marked("The customer's address (the answer to the question “address”)"),
    "client_email": marked("The customer's e-mail address"),
    "client_first_name": marked("The customer's first name"),
    "client_last_name": marked("The customer's last name"),
    "client_name": marked("The customer's whole name"),
    "client_phone": marked("The customer's telephone number"),
    "client_time_zone": marked("The time zone in which times are told"),
    # Of the facility and what was booked.
    "facility_name": marked("Name of the facility"),
    "facility_address": marked("Address of the facility"),
    "facility_phone": marked("Telephone number of the facility"),
    "service_name": marked("What was booked"),
    "place_name": marked("Where it is"),
    "quantity": marked("How many places"),
    "price": marked("What it costs"),
    "paid": marked("What was paid"),
    "pin": marked("PIN"),
    "valid_from": marked("From when the key opens"),
    "key_url": marked("Address of the page with the key"),
    "bookings": marked("Every booking, where several were made together"),
    "count": marked("How many bookings"),
    "offer_until": marked("Until when a place is kept"),
    # DY-71.
    "extras": marked("The extras that were chosen"),
    "extras_price": marked("What the extras cost"),
    # DY-34.
    "agenda": marked("Everything that an employee has on a day"),
    "employee_name": marked("The employee's name"),
    "recap_date": marked("The day that a recap is about"),
}
# Whoever holds one of these opens a door or cancels: they go to the customer and to nobody else.
OF_THE_CLIENT: Final = frozenset({"pin", "key_url", "cancel_link", "cancel_confirm_url", "cancel_url"})
OF_RECAPS: Final = frozenset({"agenda", "count", "employee_name", "facility_name", "recap_date"})
_OF_RECAPS_ALONE: Final = frozenset({"agenda", "employee_name", "recap_date"})
URLS: Final = frozenset({"approval_url", "cancel_confirm_url", "cancel_url", "key_url"})

_UNKNOWN: Final = marked("There is no placeholder {{{name}}}.")
_LONE: Final = marked("A brace stands only around the name of a placeholder, such as {booking_number}.")
_FOREIGN: Final = marked("{{{name}}} is for the customer alone.")
_TOKEN: Final = re.compile(r"\{([a-z_]{1,40})\}|[{}]")


@dataclass(frozen=True, slots=True)
class Link:
    """A value that leads somewhere. words: what is read in its place where a link can hide its address."""

    url: str
    words: str = ""

    def __str__(self) -> str:
        return f"{self.words}: {self.url}" if self.words and self.url else self.url


Values = Mapping[str, "str | Link"]


def fitting(event: Event) -> Collection[str]:
    """The placeholders that have a value in a message of an event."""
    return OF_RECAPS if event is Event.RECAP else ALL.keys() - _OF_RECAPS_ALONE


def mistakes(field: str, template: str, known: Collection[str], *, for_staff: bool) -> Iterator[FieldError]:
    """Everything that is wrong with a template, each thing once. known: the placeholders that it may hold."""
    told = set[str]()
    for token in _TOKEN.finditer(template):
        name = token[1]
        if token[0] in told:
            continue
        told.add(token[0])
        if name is None:
            yield FieldError(field, "lone_brace", _LONE)
        elif name not in known:
            yield FieldError(field, "unknown_placeholder", _UNKNOWN, {"name": name})
        elif for_staff and name in OF_THE_CLIENT:
            yield FieldError(field, "not_for_staff", _FOREIGN, {"name": name})


def line(template: str, values: Values) -> str:
    """A template as one line, such as a subject: whatever breaks lines in a value or in the template is a space."""
    return " ".join("".join(_printable(part) for part in _filled(template, values)).split())


def plain(template: str, values: Values) -> str:
    """A template as plain text. A line whose placeholders all came out empty is left out."""
    return "\n".join("".join(str(part) for part in parts) for parts in _lines(template, values)).strip()


def html(template: str, values: Values) -> str:
    """The same as simple HTML; every value and every word of the template is escaped."""
    lines = ["".join(_marked_up(part) for part in parts) for parts in _lines(template, values)]
    paragraphs = "\n".join(lines).strip().split("\n\n")
    return "".join(f"<p>{'<br>'.join(each.strip().splitlines())}</p>\n" for each in paragraphs if each.strip())


def _lines(template: str, values: Values) -> Iterator[list[str | Link]]:
    for each in template.replace("\r\n", "\n").split("\n"):
        names = [token[1] for token in _TOKEN.finditer(each) if token[1] in ALL]
        if not names or any(str(values.get(name, "")) for name in names):
            yield list(_filled(each, values))


def _filled(template: str, values: Values) -> Iterator[str | Link]:
    after = 0
    for token in _TOKEN.finditer(template):
        yield template[after : token.start()]
        # What is no placeholder was refused when it was saved; here it stands for itself.
        yield values.get(token[1], "") if token[1] in ALL else token[0]
        after = token.end()
    yield template[after:]


def _printable(part: str | Link) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in str(part))


def _marked_up(part: str | Link) -> str:
    if isinstance(part, Link):
        return f'<a href="{escape(part.url)}">{escape(part.words or part.url)}</a>' if part.url else ""
    return escape(part)
