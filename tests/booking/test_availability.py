"""What is offered and what a booking claims, in worked examples; the oracle tests hold for all the rest."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from appliance.booking.availability import Calendar, ClaimWish, assign, claims_by_resource, facts_window, offers
from appliance.booking.booking_window import Channel
from appliance.booking.lead_time import LeadTime, LeadUnit
from appliance.booking.reasons import Reason
from appliance.booking.schedule import WeeklyHours
from appliance.booking.services import Need, Service
from appliance.foundation.errors import Bug
from appliance.foundation.instants import DAY, HOUR, MINUTE, Interval, at_local
from appliance.foundation.refusals import Refusal
from tests.booking.calendars import COURTS, PADEL, ZONE, asked, at, calendar, needing

ALL_DAY = Interval(at(0), at(24))


def hours_of(starts: Iterable[int]) -> list[float]:
    return [(start - at(0)) / HOUR for start in starts]


def claimed(*args: Any, **more: Any) -> list[tuple[str, float, float, int]]:
    """What `assign` claims, in hours of the Monday."""
    wishes = assign(*args, **more)
    assert not isinstance(wishes, Refusal), wishes
    spans = [hours_of((wish.interval.start, wish.interval.end)) for wish in wishes]
    rows = zip(wishes, spans, strict=True)
    return [(wish.resource_id, first, end, wish.quantity) for wish, (first, end) in rows]


def refused(*args: Any, **more: Any) -> str:
    refusal = assign(*args, **more)
    assert isinstance(refusal, Refusal), refusal
    return refusal.reason


def test_starts_lie_on_the_grid_within_the_hours_and_off_what_is_taken() -> None:
    """DY-06: the only court is taken 9 to 20, so mornings and the last hour and a half are left."""
    service = needing(Need("one"), grid_minutes=30)
    one = {"one": replace(calendar().pools["courts"], members=("court-1",))}
    found = offers(calendar(service, [("court-1", 9, 20, 1)], pools=one), service, ALL_DAY, 60)
    assert hours_of(found.starts) == [7, 7.5, 8, 20, 20.5, 21]
    assert set(found.resources) == {("court-1",)}
    assert set(found.seats_left) == {1}


def test_an_offer_names_every_resource_that_can_be_wanted_and_how_many_are_left() -> None:
    """DY-06: two of four courts are taken at ten."""
    cal = calendar(taken=[("court-2", 9.5, 10.5, 1), ("court-4", 10, 11, 1)])
    found = offers(cal, PADEL, Interval(at(10), at(10) + 1), 60)
    assert (found.starts, found.ends) == ([at(10)], [at(11)])
    assert found.resources == [("court-1", "court-3")]
    assert found.seats_left == [2]


def test_buffers_are_claimed_but_may_lie_outside_the_hours() -> None:
    """SH-16: cleaning after the last hour is the house's business; being taken is not."""
    service = needing(Need("courts"), before_minutes=5, after_minutes=15)
    assert claimed(calendar(service), service, at(21), 60) == [("court-1", 21 - 5 / 60, 22.25, 1)]
    full = [(court, 11.2, 12, 1) for court in COURTS]
    assert refused(calendar(service, full), service, at(10), 60) == Reason.SLOT_TAKEN
    assert claimed(calendar(service, full), service, at(9.75), 60) == [("court-1", 9.75 - 5 / 60, 11, 1)]


def test_of_equal_resources_the_one_with_least_claimed_is_picked() -> None:
    """SH-16: balanced, then in the order of the pool."""
    busy = [("court-1", 8, 10, 1), ("court-2", 8, 9, 1), ("court-3", 18, 19, 1)]
    assert claimed(calendar(taken=busy), PADEL, at(12), 60)[0][0] == "court-4"
    assert claimed(calendar(taken=[*busy, ("court-4", 20, 22, 1)]), PADEL, at(12), 60)[0][0] == "court-2"


def test_a_whole_hall_claims_its_halves_and_a_half_blocks_the_hall() -> None:
    """SH-16: split courts."""
    service = needing(Need("hall"))
    assert claimed(calendar(service), service, at(12), 60, wanted="hall") == [
        ("half-a", 12, 13, 1),
        ("half-b", 12, 13, 1),
    ]
    half_taken = calendar(service, [("half-a", 12, 13, 1)])
    assert refused(half_taken, service, at(12), 60, wanted="hall") == Reason.SLOT_TAKEN
    assert claimed(half_taken, service, at(12), 60)[0][0] == "half-b"
    found = offers(half_taken, service, Interval(at(12), at(12.5)), 60)
    assert found.resources == [("half-b",)] * 2
    assert found.seats_left == [1, 1]
    assert offers(calendar(service), service, Interval(at(12), at(12) + 1), 60).seats_left == [2]


def test_room_and_staff_are_needed_each_for_its_own_part() -> None:
    """SH-16: the trainer is there for the first half hour only, and free for others after it."""
    service = needing(Need("courts"), Need("trainers", length_minutes=30))
    busy = [("ann", 10.5, 12, 1), ("bo", 9, 12, 1)]
    assert claimed(calendar(service, busy), service, at(10), 60) == [("court-1", 10, 11, 1), ("ann", 10, 10.5, 1)]
    assert refused(calendar(service, busy), service, at(10.25), 60) == Reason.SLOT_TAKEN


def test_two_needs_that_share_a_pool_get_two_different_members() -> None:
    """SH-16: two trainers at once; with one of them away there is nothing to offer."""
    service = needing(Need("trainers"), Need("trainers", offset_minutes=15))
    assert {claim[0] for claim in claimed(calendar(service), service, at(10), 60)} == {"ann", "bo"}
    away = calendar(service, [("bo", 0, 24, 1)])
    assert offers(away, service, ALL_DAY, 60).starts == []
    assert refused(away, service, at(10), 60) == Reason.SLOT_TAKEN


def test_a_quantity_takes_that_many_courts_or_that_many_places() -> None:
    """SH-16: courts one each, places all from one counted resource."""
    assert len(claimed(calendar(), PADEL, at(10), 60, 3)) == 3
    gym = needing(Need("gym"))
    cal = calendar(gym, [("places", 9, 11, 5), ("places", 10, 12, 3)])
    assert claimed(cal, gym, at(10), 60, 4) == [("places", 10, 11, 4)]
    assert refused(cal, gym, at(10), 60, 5) == Reason.SLOT_TAKEN
    assert offers(cal, gym, Interval(at(10), at(11.5)), 60).seats_left == [4, 4, 4, 4, 9, 9]
    assert refused(calendar(), PADEL, at(10), 60, 5) == Reason.QUANTITY_NOT_OFFERED


@pytest.mark.parametrize(
    ("start", "more", "reason"),
    [
        (at(10), {"duration": 75}, Reason.DURATION_NOT_OFFERED),
        (at(10), {"quantity": 0}, Reason.QUANTITY_NOT_OFFERED),
        (at(10), {"quantity": -1}, Reason.QUANTITY_NOT_OFFERED),
        (at(10), {"quantity": 10}, Reason.QUANTITY_NOT_OFFERED),
        (at(10), {"wanted": "hall"}, Reason.RESOURCE_NOT_OFFERED),
        (at(10), {"wanted": "nothing"}, Reason.RESOURCE_NOT_OFFERED),
        (at(10) + 7 * MINUTE, {}, Reason.OFF_GRID),
        (at(10) + 1, {}, Reason.OFF_GRID),
        (at(6.75), {}, Reason.CLOSED),
        (at(21.25), {}, Reason.CLOSED),
    ],
)
def test_a_wish_that_cannot_be_is_refused_with_its_reason(start: int, more: dict[str, Any], reason: Reason) -> None:
    """DY-06: every start that is not offered is refused, and says why."""
    wish = {"duration": 60} | more
    assert refused(calendar(), PADEL, start, **wish) == reason
    assert start not in offers(calendar(), PADEL, ALL_DAY, **wish).starts


def test_too_early_says_when_it_opens_and_the_past_is_past() -> None:
    """BRP-04: a refusal that waiting cures carries its instant."""
    cal = calendar(asked=asked(LeadTime(2, LeadUnit.DAYS)), now=at(10) - 2 * DAY - 1)
    assert assign(cal, PADEL, at(10), 60) == Refusal(Reason.TOO_EARLY, at(10) - 2 * DAY)
    assert hours_of(offers(cal, PADEL, ALL_DAY, 60).starts)[-1] == 9.75
    now = calendar(now=at(10) + 1)
    assert refused(now, PADEL, at(10), 60) == Reason.IN_THE_PAST
    assert hours_of(offers(now, PADEL, ALL_DAY, 60).starts)[0] == 10.25


def test_at_the_kiosk_now_is_the_running_start_where_the_rule_allows_a_late_one() -> None:
    """DY-28: at 10:17 with ten minutes' leave the 10:15 is now; with a minute's leave the next is."""
    late: dict[str, Any] = {"now": at(10) + 17 * MINUTE, "channel": Channel.KIOSK}
    ten = calendar(asked=asked(kiosk_until=-10), **late)
    assert hours_of(offers(ten, PADEL, ALL_DAY, 60).starts)[0] == 10.25
    assert claimed(ten, PADEL, at(10.25), 60) == [("court-1", 10.25, 11.25, 1)]
    an_hour = calendar(asked=asked(kiosk_until=-60), **late)
    assert refused(an_hour, PADEL, at(10), 60) == Reason.IN_THE_PAST
    one = calendar(asked=asked(kiosk_until=-1), **late)
    assert hours_of(offers(one, PADEL, ALL_DAY, 60).starts)[0] == 10.5


def test_facility_service_and_resource_hours_intersect() -> None:
    """DY-24: open 7 to 22, padel from 9, court 1 until 12, every other court never."""
    hours = [
        *calendar().hours,
        *(WeeklyHours("padel", weekday, 9 * 60, 1440) for weekday in range(7)),
        *(WeeklyHours("court-1", weekday, 0, 12 * 60) for weekday in range(7)),
        *(WeeklyHours(court, 2, 0, 60) for court in COURTS[1:]),
    ]
    found = offers(calendar(hours=hours), PADEL, ALL_DAY, 60)
    assert hours_of(found.starts) == [9 + quarter / 4 for quarter in range(9)]


def night(day: date, service: Service = PADEL) -> tuple[Calendar, Interval]:
    within = Interval(at_local(day, 60, ZONE), at_local(day, 240, ZONE))
    return calendar(service, window=facts_window(service, within, ZONE), hours=(), now=within.start - DAY), within


def test_on_the_night_of_the_change_starts_follow_the_wall_clock() -> None:
    """DY-06: an hourly grid has 02:00 twice in autumn and not at all in spring."""
    service = replace(PADEL, grid_minutes=60)
    autumn, within = night(date(2026, 10, 25), service)
    assert [start - within.start for start in offers(autumn, service, within, 60).starts] == [
        0,
        HOUR,
        2 * HOUR,
        3 * HOUR,
    ]
    spring, within = night(date(2027, 3, 28), service)
    assert [start - within.start for start in offers(spring, service, within, 60).starts] == [0, HOUR]


def test_stale_holds_take_nothing() -> None:
    """SH-16: a hold counts until the second it expires."""
    rows = [("a", 0, 60, 1, None), ("a", 60, 120, 2, 1000), ("b", 0, 60, 1, 1001)]
    assert claims_by_resource(rows, 1000) == {"a": [(0, 60, 1)], "b": [(0, 60, 1)]}


def test_half_the_facts_are_not_enough() -> None:
    """DY-06: a calendar that does not cover the question is a mistake of ours, never an offer."""
    short = calendar(window=Interval(at(10), at(11)))
    with pytest.raises(Bug, match="facts_window"):
        offers(short, PADEL, Interval(at(10), at(11)), 60)
    with pytest.raises(Bug, match="facts_window"):
        assign(short, PADEL, at(10.5), 60)


def test_the_facts_are_those_of_whole_local_days_and_what_a_booking_reaches() -> None:
    service = replace(PADEL, before_minutes=30, after_minutes=10)
    assert facts_window(service, Interval(at(10), at(10) + 1), ZONE) == Interval(at(0), at(24))
    assert facts_window(service, Interval(at(0), at(24)), ZONE) == Interval(at(0) - 1800, at(24) + 100 * MINUTE)


def test_a_claim_is_a_plain_value() -> None:
    assert assign(calendar(), PADEL, at(10), 60) == (ClaimWish("court-1", Interval(at(10), at(11)), 1),)


def test_a_wanted_resource_may_serve_either_of_two_needs() -> None:
    """SH-16: of two counted resources the wanted one is full early on, so it serves the later need."""
    pools = dict(calendar().pools) | {
        "both": replace(calendar().pools["gym"], id="both", members=("places", "more-places"))
    }
    service = needing(Need("both", length_minutes=30), Need("both", offset_minutes=30))
    cal = calendar(service, [("places", 9, 10.5, 12)], pools=pools)
    found = offers(cal, service, Interval(at(10), at(10) + 1), 60, wanted="places")
    assert (found.resources, found.seats_left) == ([("places",)], [2])
    wanted = claimed(cal, service, at(10), 60, wanted="places")
    assert sorted(wanted) == [("more-places", 10, 10.5, 1), ("places", 10.5, 11, 1)]


def test_the_most_courts_are_found_however_halls_and_courts_share_a_pool() -> None:
    """SH-16: two courts are asked for; the hall, though first of its pool, would be in the way."""
    service = needing(Need("hall"))
    assert {claim[0] for claim in claimed(calendar(service), service, at(10), 60, 2)} == {"half-a", "half-b"}
    assert refused(calendar(service), service, at(10), 60, 2, "hall") == Reason.QUANTITY_NOT_OFFERED
