"""Who may book or wait: everybody, customers in the register, or those who hold what pays for the service (BM-05).

Whoever is not let in learns nothing: unknown, blocked and unentitled people get the same refusal after the same work.
Staff may book for anybody; the journal says so.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from appliance.booking.actions import entitling
from appliance.booking.actions.desk import Desk
from appliance.booking.booking_window import Channel
from appliance.booking.reasons import Reason
from appliance.booking.services import Service
from appliance.booking.visibility import WhoMayBook
from appliance.customers.contacts import Contact
from appliance.foundation.instants import Instant
from appliance.foundation.refusals import Refusal
from appliance.storage.unit_of_work import Refused, Transaction

_NOBODY: Final = "00000000-0000-7000-8000-000000000000"


@dataclass(frozen=True, slots=True)
class Admitted:
    """Who was let in: the customer of the register, None for one yet to be enrolled; `bypassed` by staff."""

    customer_id: str | None
    bypassed: bool = False


def admit(
    desk: Desk, tx: Transaction, service: Service, who: Contact | str, channel: Channel, start: Instant
) -> Admitted:
    """Let the owner of a contact, or the customer with an id, book a service at `start`; Refused as `not_admitted`."""
    catalogue = desk.catalogues.current(tx)
    rule = catalogue.who_may_book(service)
    known = who if isinstance(who, str) else None
    if rule is WhoMayBook.OPEN:
        return Admitted(known)
    found = _registered(desk, tx, who)
    # Asked about nobody too: what takes longer for some would tell who they are.
    is_entitled = rule is WhoMayBook.REGISTER_ONLY or entitling.is_held(
        tx, catalogue.tariff, found or _NOBODY, service.id, start
    )
    if found is not None and is_entitled:
        return Admitted(found)
    if channel is Channel.STAFF:
        return Admitted(found or known, bypassed=True)
    raise Refused(Refusal(Reason.NOT_ADMITTED))


def admit_to_all(
    desk: Desk, tx: Transaction, services: Iterable[Service], contact: Contact, channel: Channel, start: Instant
) -> str:
    """The id of the owner of a contact, who may book each of some services; enrolled when new. Refused as `admit`."""
    admitted = [(service, admit(desk, tx, service, contact, channel, start)) for service in services]
    known = next((each.customer_id for _, each in admitted if each.customer_id is not None), None)
    customer_id = known or desk.consequences.enrol(tx, contact)
    for service, each in admitted:
        note_bypass(tx, each, customer_id, service.id)
    return customer_id


def note_bypass(tx: Transaction, admitted: Admitted, thing_id: str, service_id: str) -> None:
    """Put on record that staff booked, or waits, for somebody whom the service would not let in."""
    if admitted.bypassed:
        tx.record("bypass", thing_id, "admitted", after={"id": thing_id, "service_id": service_id})


def _registered(desk: Desk, tx: Transaction, who: Contact | str) -> str | None:
    if isinstance(who, Contact):
        return desk.consequences.registered(tx, who)
    return who if desk.consequences.is_registered(tx, who) else None
