"""Eight processes that take anybody of the staff: nobody is booked twice, and nobody is refused in vain (DY-32)."""

from pathlib import Path

import pytest

from appliance.booking import set_up_store
from appliance.booking.resources import Pool, Resource, ResourceKind
from appliance.booking.services import Need, Service, ServiceKind
from appliance.foundation.money import Money
from tests import builders
from tests.storage.racing import for_anybody, raced
from tests.storage.sweep import overlaps

STAFF = ("kim", "lo", "mo")
PROCESSES, HOURS = 8, 5


@pytest.mark.slow
@pytest.mark.feature("DY-32")
def test_nobody_is_refused_while_somebody_is_free(tmp_path: Path) -> None:
    """DY-32: chosen anew inside the transaction: three people, five hours, forty wishes give fifteen bookings."""
    with builders.site(tmp_path / "data") as site, site.side.book.write(site.side.scope, "test") as tx:
        for slug in STAFF:
            set_up_store.add_resource(tx, Resource(slug, slug, slug.title(), ResourceKind.STAFF), 10)
        set_up_store.add_pool(tx, Pool("therapists", "therapists", STAFF))
        durations, prices = (60,), (Money(50_000, "SEK"),)
        massage = Service(
            "massage", "massage", "Massage", ServiceKind.INDIVIDUAL, durations, prices, (Need("therapists"),), 60
        )
        set_up_store.add_service(tx, massage, vat_percent=6, position=5)
    tallies = raced(for_anybody, tmp_path / "data", PROCESSES, HOURS)
    assert sum(tally.confirmed for tally in tallies) == len(STAFF) * HOURS
    assert sum(tally.refused for tally in tallies) == (PROCESSES - len(STAFF)) * HOURS
    assert overlaps(tmp_path / "data" / "booking.db") == []
