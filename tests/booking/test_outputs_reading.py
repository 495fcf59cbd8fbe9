"""What outputs read of a real `booking.db` (AC-17)."""

from appliance.access import output_store
from appliance.access.output_keeping import LONGEST_CLAIM_S
from appliance.foundation.instants import DAY, HOUR, Interval
from appliance.storage import guard
from appliance.storage.follower import JournalReader
from tests.builders import NOW, TEN, Site


def booked(site: Site, *resource_ids: str) -> list[tuple[object, ...]]:
    values = output_store.booked_values(
        site.side.scope.facility_id, resource_ids, Interval(NOW - DAY, NOW + 2 * DAY), LONGEST_CLAIM_S
    )
    return JournalReader(site.settings.booking_file).query(output_store.booked_statement(resource_ids), values)


def test_confirmed_bookings_count_and_holds_and_cancelled_ones_do_not(site: Site) -> None:
    """AC-17: with the start and end of the booking, not of its buffers."""
    courts = [site.resource(slug) for slug in ("court-1", "court-2")]
    kept = site.book(TEN, resource="court-1")
    site.cancel(site.book(TEN, resource="court-2").id)
    site.hold(TEN + 2 * HOUR, resource="court-2")
    assert booked(site, *courts) == [(courts[0], kept.interval.start, kept.interval.end)]


def test_a_year_of_bookings_does_not_slow_the_lights_down(site: Site) -> None:
    """AC-17: claims are found by resource and start, through their index; no claim is longer than the look back."""
    assert LONGEST_CLAIM_S >= guard.LONGEST_CLAIM_S
    values = output_store.booked_values(site.side.scope.facility_id, ["a", "b"], Interval(0, 1), 0)
    statement = "EXPLAIN QUERY PLAN " + output_store.booked_statement(["a", "b"])
    plan = [str(row[3]) for row in JournalReader(site.settings.booking_file).query(statement, values)]
    assert any("ix_claim_load (resource_id=? AND starts>? AND starts<?)" in step for step in plan), plan
    assert not any(step.startswith("SCAN") for step in plan), plan
