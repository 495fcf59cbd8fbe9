"""Who may book: everybody, customers in the register, or those who hold what the service asks for (BM-05).

Whoever is not let in learns nothing: unknown, blocked and unentitled people get the same refusal after the same work.
Staff may book for anybody; the journal says so.
"""

from dataclasses import dataclass
from typing import Final

from appliance.booking.actions.desk import UNKNOWN_SERVICE, Desk
from appliance.booking.booking_window import Channel
from appliance.booking.bookings import Booking
from appliance.booking.reasons import Reason
from appliance.booking.visibility import WhoMayBook
from appliance.customers.contacts import Contact
from appliance.foundation.errors import Invalid
from appliance.foundation.refusals import Refusal
from appliance.storage.unit_of_work import Refused, Transaction

_NOBODY: Final = "00000000-0000-7000-8000-000000000000"


@dataclass(frozen=True, slots=True)
class Admitted:
    """Who was let in: the customer of the register, None for one yet to be enrolled; `bypassed` by staff."""

    customer_id: str | None
    bypassed: bool = False


def admit(desk: Desk, tx: Transaction, service_name: str, contact: Contact, channel: Channel) -> Admitted:
    """Let the owner of `contact` book a service; leaves the transaction as `not_admitted`."""
    catalogue = desk.catalogues.current(tx)
    service = catalogue.service(service_name)
    if service is None:
        raise Invalid(UNKNOWN_SERVICE)
    who = catalogue.who_may_book(service)
    if who is WhoMayBook.OPEN:
        return Admitted(None)
    found = desk.consequences.registered(tx, contact)
    # Asked about nobody too: what takes longer for some would tell who they are.
    entitled = who is WhoMayBook.REGISTER_ONLY or desk.consequences.entitled(tx, found or _NOBODY, service, tx.now)
    if found is not None and entitled:
        return Admitted(found)
    if channel is Channel.STAFF:
        return Admitted(found, bypassed=True)
    raise Refused(Refusal(Reason.NOT_ADMITTED))


def note_bypass(tx: Transaction, admitted: Admitted, booked: Booking) -> None:
    """Put on record that staff booked for somebody whom the service would not let in."""
    if admitted.bypassed:
        tx.record("bypass", booked.id, "admitted", after={"booking_id": booked.id, "service_id": booked.service_id})
