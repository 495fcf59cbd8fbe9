"""The waiting list beside a rule: nobody waits for what is not open yet, nor is passed over for what is barred."""

from appliance.booking.actions import cancelling, waiting
from appliance.booking.actions.cancelling import KeyUse
from appliance.booking.actions.searching import current_catalogue, search
from appliance.booking.booking_window import Channel, Window
from appliance.booking.lead_time import minutes
from appliance.booking.limits import Limit, Per, Whose
from appliance.booking.rules import Windows
from appliance.booking.waiting_list import State
from appliance.foundation.instants import DAY, HOUR, MINUTE, Interval
from appliance.foundation.refusals import Refusal
from tests.booking.test_waiting import booking_of, fill, join, keep_list, let, state, waits
from tests.builders import ANNA, NOW, TEN, Site
from tests.several import shut


def test_nobody_waits_beside_a_place_that_is_free_but_not_open_yet(site: Site) -> None:
    """DY-18, DY-19: whoever joined would be booked before it opens, by the next cancel anywhere; it is refused."""
    keep_list(site, "auto_book")
    window = Window(minutes(30))
    let(site, windows=Windows(window, window, window))
    assert join(site, ANNA) == Refusal("too_early", TEN - 30 * MINUTE)


def test_a_hold_that_has_run_out_fills_no_limit_in_the_search(site: Site) -> None:
    """DY-29, DY-06: offered is what is accepted, also before a job has let go of stale holds."""
    let(site, limits=(Limit(1, Per.DAY, Whose.EVERYBODY),))
    site.hold(TEN)
    site.clock.advance(5 * MINUTE)
    service = current_catalogue(site.side.desk).service("padel")
    assert service is not None
    within = Interval(TEN + HOUR, TEN + 2 * HOUR)
    assert search(site.side.desk, service, within, Channel.PUBLIC, duration=60).starts
    site.book(TEN + HOUR)


def test_who_is_barred_from_the_first_free_start_gets_the_next(site: Site) -> None:
    """DY-19: the limit of one day says nothing about the day after, for which they wait too."""
    keep_list(site, "auto_book")
    courts = [site.resource(f"court-{number}") for number in (1, 2, 3, 4)]
    for court in courts:
        shut(site, court, TEN + HOUR, TEN + DAY)
    taken = [fill(site, TEN), fill(site, TEN + DAY)]
    site.book(NOW + 9 * HOUR, ANNA, service="padel-class")
    let(site, limits=(Limit(1, Per.DAY),))
    entry = waits(site, ANNA, TEN + DAY, TEN + DAY + 1)
    waiting.leave(site.side.desk, entry, "public")
    entry = waits(site, ANNA, TEN, TEN + DAY + 1)
    with site.side.book.write(site.side.scope, "test") as tx:
        for each in (taken[0][0], taken[1][0]):
            cancelling.end(site.side.desk, tx, each, KeyUse(None), by_staff=True, waive_fee=True)
    assert state(site, entry) == (State.BOOKED, 0)
    assert booking_of(site, entry).interval.start == TEN + DAY
