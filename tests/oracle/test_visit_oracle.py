"""Offered visits are exactly those that brute force finds, and the guard takes each of them (DY-54 to DY-56)."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from appliance.booking.calendar import Calendar, claims_by_resource
from appliance.booking.deciding import Asking
from appliance.booking.extras import Visit, with_extras
from appliance.booking.legs import Leg, LegClaims
from appliance.booking.resources import Pool
from appliance.booking.services import Need, Service, ServiceKind, Several
from appliance.booking.visits import VisitSearch, visit_window
from appliance.foundation.instants import Interval
from appliance.foundation.money import Money
from appliance.foundation.refusals import Refusal
from tests.oracle.portvakt import calendar_of, extras_of, rule_of, service_of
from tests.oracle.test_guard_oracle import accepted, loaded
from tests.oracle.visit_oracle import Journey, VisitOracle, journeys
from tests.oracle.worlds import SERVICE, Extra

PLAIN = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def searched(journey: Journey) -> tuple[VisitSearch, Calendar]:
    """The search of Portvakt in the world of a journey."""
    world = journey.world
    pools, legs = {}, []
    for number, part in enumerate(journey.parts):
        needs = []
        for place, need in enumerate(part.needs):
            name = f"{number}-{place}"
            pools[name] = Pool(name, name, need.members)
            needs.append(Need(name, need.quantity, need.offset, need.length))
        service = Service(
            SERVICE, SERVICE, "", ServiceKind.INDIVIDUAL, (part.duration,), (Money(0, "SEK"),), tuple(needs), part.grid,
            before_minutes=part.before, after_minutes=part.after,
            several=Several(most_in_a_row=part.count, chains=True, longest_gap_minutes=part.gap),
        )  # fmt: skip
        asked = Asking(rule_of(world), rule_of(world), SERVICE, visible_days=world.visible_days)
        chosen = extras_of(part.extras, f"{number}-extra-")
        pools |= {each.extra.id: _pool(each.extra.id, extra) for each, extra in zip(chosen, part.extras, strict=True)}
        whole = with_extras(service, part.duration, chosen)
        legs.append(Leg(Visit(service, part.duration, whole, part.lasts), asked, part.count, part.wanted))
    single = calendar_of(world, service_of(world))
    window = visit_window(legs, Interval(world.begins, world.ends), single.zone)
    rows = [(each.resource, each.start, each.end, each.quantity, each.expires) for each in world.claims]
    near = [row for row in rows if row[1] < window.end and row[2] > window.start]
    calendar = replace(single, window=window, pools=pools, claims=claims_by_resource(near, world.now))
    return VisitSearch(calendar, legs, any_order=journey.any_order), calendar


def _pool(name: str, extra: Extra) -> Pool:
    return Pool(name, name, extra.need.members if extra.need else ())


def check(journey: Journey) -> None:
    world = journey.world
    search, _ = searched(journey)
    offered = search.offers(Interval(world.begins, world.ends))
    wanted = VisitOracle(journey).starts()
    assert {visit.start for visit in offered} == wanted
    with loaded(world) as file:
        for start in range(world.begins, world.ends, 5 * 60):
            made = search.claims(start)
            assert isinstance(made, Refusal) == (start not in wanted), (start, made)
            if not isinstance(made, Refusal):
                visit = next(each for each in offered if each.start == start)
                assert starts_of(journey, made) == [begin for _, begin in visit.legs]
                plain = tuple(
                    (claim.resource_id, claim.interval.start, claim.interval.end, claim.quantity)
                    for each in made
                    for claim in each.claims
                )
                assert accepted(file, plain), (start, plain)


def starts_of(journey: Journey, made: tuple[LegClaims, ...]) -> list[int]:
    """When the legs begin; a row is one leg, whose bookings follow each other and stay on the same resources."""
    if journey.parts[0].count > 1 or len(journey.parts) == 1:
        part = journey.parts[0]
        assert [each.start for each in made] == [made[0].start + place * part.lasts * 60 for place in range(part.count)]
        taken = [frozenset(claim.resource_id for claim in each.claims) for each in made]
        assert frozenset.intersection(*taken)
        assert len(set(taken)) == 1 or part.extras
        return [made[0].start]
    return [each.start for each in made]


@pytest.mark.slow
@pytest.mark.feature("DY-54", "DY-56", "SB-18")
@given(journeys())
@settings(PLAIN, max_examples=120)
def test_offered_visits_are_exactly_what_brute_force_finds(journey: Journey) -> None:
    """DY-54, DY-56, SB-18: every order, gaps, rows, own grids, shared things, extras, buffers, clock changes."""
    check(journey)


@pytest.mark.long
@pytest.mark.timeout(3000)
@given(journeys())
@settings(PLAIN, max_examples=5000)
def test_visits_agree_with_brute_force_at_length(journey: Journey) -> None:
    """DY-54, DY-56: as above, for a long time."""
    check(journey)


@pytest.mark.slow
def test_legs_that_are_not_tried_together_are_caught() -> None:
    """DY-54: negative control; without the trial of all legs together too much is offered."""

    class Careless(VisitSearch):
        def _is_exact(self, order: tuple[int, ...], bits: tuple[int, ...]) -> bool:
            return True

    @given(journeys())
    @settings(PLAIN, max_examples=300, phases=[Phase.generate])
    def unchecked(journey: Journey) -> None:
        search, calendar = searched(journey)
        careless = Careless(calendar, [leg._leg for leg in search._legs], any_order=journey.any_order)
        offered = careless.offers(Interval(journey.world.begins, journey.world.ends))
        assert {visit.start for visit in offered} == VisitOracle(journey).starts()

    with pytest.raises(AssertionError):
        unchecked()


@pytest.mark.slow
def test_a_visit_that_keeps_to_no_grid_of_a_person_is_caught() -> None:
    """SB-18, DY-54: negative control; by the grids of services alone visits are offered at other starts."""

    @given(journeys())
    @settings(PLAIN, max_examples=400, phases=[Phase.generate])
    def unchecked(journey: Journey) -> None:
        search, _ = searched(journey)
        for leg in search._legs:
            leg._gridded = leg._search
        offered = search.offers(Interval(journey.world.begins, journey.world.ends))
        assert {visit.start for visit in offered} == VisitOracle(journey).starts()

    with pytest.raises(AssertionError):
        unchecked()


@pytest.mark.slow
def test_extras_that_take_nothing_are_caught() -> None:
    """DY-67: negative control; a visit whose extras need nothing is offered too often."""

    @given(journeys())
    @settings(PLAIN, max_examples=400, phases=[Phase.generate])
    def unchecked(journey: Journey) -> None:
        search, calendar = searched(journey)
        legs = [leg._leg for leg in search._legs]
        bare = [replace(leg, visit=replace(leg.visit, whole=replace(leg.service, extra_needs=()))) for leg in legs]
        careless = VisitSearch(calendar, bare, any_order=journey.any_order)
        offered = careless.offers(Interval(journey.world.begins, journey.world.ends))
        assert {visit.start for visit in offered} == VisitOracle(journey).starts()

    with pytest.raises(AssertionError):
        unchecked()
