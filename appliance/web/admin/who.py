"""For whom staff book: found by what they typed, or somebody new (DY-26)."""

from collections.abc import Mapping, Sequence

from flask import request

from appliance.booking.actions.desk import Desk
from appliance.booking.actions.searching import current_catalogue
from appliance.customers.contacts import Contact, parse_contact
from appliance.customers.store import Person, people, people_like
from appliance.foundation.errors import Invalid

MOST_PEOPLE = 6


def whom(desk: Desk, typed: str, customer: str) -> tuple[Sequence[Person], str]:
    """Whom a form could mean, and the id of whom it does; empty for somebody new."""
    with desk.book.read(desk.scope) as tx:
        found = people_like(tx, typed, MOST_PEOPLE)
        if customer and customer not in {each.id for each in found} and not typed:
            found = people(tx, [customer])
    ids = [each.id for each in found]
    if customer in ids:
        return found, customer
    is_new = request.form.get("customer") == "new"
    return found, "" if is_new or not ids else ids[0]


def contact_of(desk: Desk, customer: str, new: Mapping[str, str]) -> Contact:
    """Whose it is to be: the customer that was chosen, else the new one as typed; Invalid with all its mistakes."""
    if customer:
        with desk.book.read(desk.scope) as tx:
            found = people(tx, [customer])
        if found:
            return found[0].contact
    region = current_catalogue(desk).facility.region
    read = parse_contact(new["name"], new["email"], new["phone"], region)
    if isinstance(read, Contact):
        return read
    raise Invalid(*read)
