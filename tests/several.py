"""What tests of series, rows and chains set up at a furnished unit, and how they count what it asks of its file."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from appliance.booking import set_up_store, several_store
from appliance.booking.booking_window import Window
from appliance.booking.lead_time import LeadTime, LeadUnit
from appliance.booking.rule_store import RULES
from appliance.booking.rules import Windows
from appliance.booking.schedule import ExceptionKind, ScheduleException
from appliance.booking.services import Several
from appliance.booking.several_store import SeveralOf
from appliance.foundation.instants import Instant, Interval
from appliance.storage import versioned
from appliance.storage.engine import driver_of
from tests.builders import Site


def allow(site: Site, service: str, several: Several) -> None:
    """Let several bookings of a service be made at once."""
    with site.side.book.write(site.side.scope, "test") as tx:
        found = site.side.desk.catalogues.current(tx).service(service)
        assert found is not None
        versioned.add(tx, several_store.KIND, SeveralOf(found.id, several))


def change_rules(site: Site, **parts: Any) -> None:
    """Have every booking rule say something else from now on."""
    with site.side.book.write(site.side.scope, "test") as tx:
        for each in versioned.listed(tx, RULES):
            versioned.change(tx, RULES, each, replace(each.value, **parts), each.version)


def open_ahead(site: Site, days: int | None = None) -> None:
    """Have every rule open so many days ahead, or with None at once."""
    window = Window(None if days is None else LeadTime(days, LeadUnit.DAYS))
    change_rules(site, windows=Windows(window, window, window))


def shut(site: Site, owner: str, first: Instant, last: Instant) -> None:
    """Close a resource, a service or the facility for some time."""
    with site.side.book.write(site.side.scope, "test") as tx:
        set_up_store.add_exception(tx, ScheduleException(owner, Interval(first, last), ExceptionKind.CLOSED))


@contextmanager
def statements(site: Site) -> Iterator[list[str]]:
    """Every statement that reaches the file on the connection that is lent next."""
    asked: list[str] = []
    with site.side.book.read(site.side.scope) as tx:
        driver = driver_of(tx.connection)
    driver.set_trace_callback(asked.append)
    try:
        yield asked
    finally:
        driver.set_trace_callback(None)
