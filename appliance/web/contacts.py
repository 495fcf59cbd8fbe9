"""A customer's contact from a request, with field names as the contract has them."""

from collections.abc import Mapping
from dataclasses import replace

from appliance.booking.actions.searching import current_catalogue
from appliance.customers.contacts import Contact, parse_contact
from appliance.foundation.errors import Invalid
from appliance.web.unit import Unit


def read_contact(typed: Mapping[str, str], unit: Unit, prefix: str = "customer.") -> Contact:
    """The contact in `typed`, or Invalid with every mistake in it, each field named with `prefix`."""
    region = current_catalogue(unit.desk).facility.region
    read = parse_contact(typed.get("name"), typed.get("email"), typed.get("phone"), region)
    if isinstance(read, Contact):
        return read
    raise Invalid(*(replace(error, field=prefix + error.field) for error in read))
