"""A hall with everything on, furnished through the ordinary set-up, as hypothesis draws it."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from appliance.billing import entitlement_store
from appliance.billing.entitlements import Product, ProductKind
from appliance.billing.tariff_store import PAYMENT_TERMS, PRODUCTS
from appliance.billing.terms import PaymentTerms, Policy
from appliance.booking import extra_store, session_store, set_up_store
from appliance.booking.booking_window import Window
from appliance.booking.extras import ChargedPer, Extra
from appliance.booking.lead_time import LeadTime, LeadUnit, minutes
from appliance.booking.limits import Limit, Of, Per, Whose
from appliance.booking.resources import Pool, Resource, ResourceKind, tree_of
from appliance.booking.rule_store import RULES
from appliance.booking.rules import BookingRule, Cancelling, RuleSwap, Windows
from appliance.booking.schedule import ExceptionKind, ScheduleException, WeeklyHours
from appliance.booking.services import Need, Service, ServiceKind, Session, Several, WaitingMode
from appliance.booking.start_grids import Anchor, StartGrid
from appliance.boot.demo_world import ENTRANCE
from appliance.foundation.instants import HOUR, MINUTE, Instant, Interval, at_local
from appliance.foundation.money import Money
from appliance.keys import store as key_store
from appliance.storage import versioned
from appliance.storage.unit_of_work import Transaction
from tests.builders import ANNA, STOCKHOLM, Site

NIGHTS = (date(2026, 10, 25), date(2027, 3, 28), date(2026, 12, 6))
"""Sundays: the clock goes back, it goes forward, it does neither."""

HALF, WHOLE, LESSON, SAUNA, YOGA = "half", "whole", "lesson", "sauna", "yoga"
CARD = Product("Klippkort", ProductKind.CLIPS, 24900, 6, clips=3, returns_late=True, covers={HALF: 100, YOGA: 100})


def evening_before(night: date) -> Instant:
    """Half past nine in the evening, when the first of them books."""
    return at_local(night - timedelta(days=1), 21 * 60 + 30, STOCKHOLM)


def first_start(night: date) -> Instant:
    """Half an hour past midnight, where what is booked begins."""
    return at_local(night, 30, STOCKHOLM)


@dataclass(frozen=True)
class Hall:
    """What is drawn of a hall. before, after: buffers of the halves in minutes; kim: grid, and whether shifts begin it.

    shut: minutes after the first start at which the whole facility closes for half an hour.
    """

    night: date
    before: int
    after: int
    kim: tuple[int, bool] | None
    shut: int | None
    rule: BookingRule
    members: BookingRule
    waiting: WaitingMode


_LIMITS = st.lists(
    st.builds(
        Limit,
        most=st.integers(1, 3),
        per=st.sampled_from([Per.DAY, Per.WEEK]),
        whose=st.sampled_from([Whose.CUSTOMER, Whose.CUSTOMER, Whose.EVERYBODY]),
        of=st.sampled_from(Of),
    )
    | st.builds(Limit, most=st.integers(1, 3), per=st.just(Per.AT_ONCE), of=st.sampled_from(Of)),
    max_size=2,
    unique_by=lambda limit: (limit.per, limit.whose, limit.of),
).map(lambda drawn: tuple(replace(each, most=each.most + 3) if each.whose == "everybody" else each for each in drawn))

_EARLY = st.sampled_from([None, None, LeadTime(1, LeadUnit.DAYS), LeadTime(4, LeadUnit.HOURS)])
_LATE = st.sampled_from([minutes(0), minutes(-10), minutes(30), LeadTime(1, LeadUnit.HOURS)])


@st.composite
def rules(draw: DrawFn) -> BookingRule:
    """A rule with a window for each channel, limits, and an hour until which people are promoted."""
    windows = Windows(*(Window(draw(_EARLY), latest=draw(_LATE)) for _ in range(3)))
    promote = draw(st.sampled_from([None, minutes(0), minutes(45), LeadTime(3, LeadUnit.HOURS)]))
    return BookingRule("", "", windows, Cancelling(), limits=draw(_LIMITS), promote_until=promote)


@st.composite
def halls(draw: DrawFn) -> Hall:
    """A hall on one of the nights."""
    return Hall(
        night=draw(st.sampled_from(NIGHTS)),
        before=draw(st.sampled_from([0, 0, 5])),
        after=draw(st.sampled_from([0, 10, 15])),
        kim=draw(st.sampled_from([None, (30, False), (40, True)])),
        shut=draw(st.sampled_from([None, None, 150])),
        rule=draw(rules()),
        members=draw(rules()),
        waiting=draw(st.sampled_from([WaitingMode.AUTO_BOOK, WaitingMode.AUTO_BOOK, WaitingMode.OFFER])),
    )


@dataclass(frozen=True)
class Furnished:
    """Ids that a test names: the extra, the rule of everybody, resources."""

    extra: str
    rule: str
    halves: tuple[str, str]


def furnish(site: Site, hall: Hall) -> Furnished:
    """Put the hall into the file beside the courts of the demo; Anna holds a clip card, for which another rule goes."""
    with site.side.book.write(site.side.scope, "test") as tx:
        members = versioned.add(tx, RULES, replace(hall.members, name="Members")).id
        rule = versioned.add(tx, RULES, replace(hall.rule, name="Everybody"))
        halves = _places(tx, hall)
        for position, service in enumerate(_services(hall, rule.id)):
            set_up_store.add_service(tx, service, vat_percent=6, position=10 + position)
        product = versioned.add(tx, PRODUCTS, CARD)
        swapped = replace(rule.value, swaps=(RuleSwap(product.id, members),))
        versioned.change(tx, RULES, rule, swapped, rule.version)
        _lesson_of_yoga(tx, hall)
        for place in ("hall-a", "hall-b", "bench", "mats"):
            key_store.add_way(tx, place, site.world.door_ids[ENTRANCE])
        versioned.add(tx, PAYMENT_TERMS, PaymentTerms(SAUNA, Policy.PREPAY, pay_within_minutes=30))
        customer = site.side.desk.consequences.enrol(tx, ANNA)
        entitlement_store.grant(tx, customer, product.id, CARD, tx.now, "sold")
        towels = Extra(
            "", "Handduk", Money(2_000, "SEK"), most=2, minutes=15, need=Need("towels"), per=ChargedPer.BOOKING
        )
        extra = versioned.add(tx, extra_store.kind("SEK"), towels).id
    return Furnished(extra, rule.id, halves)


def _places(tx: Transaction, hall: Hall) -> tuple[str, str]:
    grid = StartGrid(hall.kim[0], Anchor.SHIFT if hall.kim[1] else Anchor.MIDNIGHT) if hall.kim else None
    resources = (
        Resource("hall", "hall", "Hallen"),
        Resource("hall-a", "hall-a", "Hall A", parent_id="hall"),
        Resource("hall-b", "hall-b", "Hall B", parent_id="hall"),
        Resource("kim", "kim", "Kim", ResourceKind.STAFF, grid=grid),
        Resource("lo", "lo", "Lo", ResourceKind.STAFF),
        Resource("bench", "bench", "Bastu", ResourceKind.COUNTED, 3),
        Resource("linen", "linen", "Handdukar", ResourceKind.COUNTED, 3),
        Resource("mats", "mats", "Mattor", ResourceKind.COUNTED, 3),
    )
    for position, resource in enumerate(resources):
        set_up_store.add_resource(tx, resource, 20 + position)
    for name, members in (
        ("halves", ("hall-a", "hall-b")), ("halls", ("hall",)), ("staff", ("kim", "lo")), ("saunas", ("bench",)),
        ("towels", ("linen",)),
    ):  # fmt: skip
        set_up_store.add_pool(tx, Pool(name, name, members))
    saturday, sunday = 5, 6
    work = [WeeklyHours("kim", saturday, 20 * 60, 27 * 60), WeeklyHours("kim", sunday, 4 * 60, 12 * 60)]
    set_up_store.add_hours(tx, work)
    start = first_start(hall.night)
    away = ScheduleException("lo", Interval(start + HOUR, start + 90 * MINUTE), ExceptionKind.CLOSED)
    set_up_store.add_exception(tx, away)
    if hall.shut is not None:
        shut = start + hall.shut * MINUTE
        set_up_store.add_exception(
            tx, ScheduleException(tx.scope.facility_id, Interval(shut, shut + 30 * MINUTE), ExceptionKind.CLOSED)
        )
    return "hall-a", "hall-b"


def _services(hall: Hall, rule_id: str) -> tuple[Service, ...]:
    kinds = ServiceKind.INDIVIDUAL
    half = Service(
        HALF, HALF, "Halv hall", kinds, (60, 45), (Money(20_000, "SEK"), Money(15_000, "SEK")), (Need("halves"),),
        before_minutes=hall.before, after_minutes=hall.after, max_quantity=2, rule_id=rule_id, waiting=hall.waiting,
        several=Several(series=True, most_in_a_row=3, chains=True),
    )  # fmt: skip
    whole = Service(
        WHOLE, WHOLE, "Hel hall", kinds, (60,), (Money(30_000, "SEK"),), (Need("halls"),), rule_id=rule_id
    )  # fmt: skip
    # The trainer is there for the first half hour, and free while people train alone.
    taught = (Need("halves"), Need("staff", length_minutes=30))
    lesson = Service(LESSON, LESSON, "Lektion", kinds, (60,), (Money(60_000, "SEK"),), taught, rule_id=rule_id)
    sauna = Service(
        SAUNA, SAUNA, "Bastu", kinds, (45,), (Money(9_000, "SEK"),), (Need("saunas"),), max_quantity=3, rule_id=rule_id,
        several=Several(chains=True, longest_gap_minutes=30),
    )  # fmt: skip
    yoga = Service(
        YOGA, YOGA, "Yoga", ServiceKind.CLASS, (60,), (Money(12_000, "SEK"),), max_quantity=2, rule_id=rule_id,
        waiting=hall.waiting,
    )  # fmt: skip
    return half, whole, lesson, sauna, yoga


def _lesson_of_yoga(tx: Transaction, hall: Hall) -> None:
    start = first_start(hall.night) + 90 * MINUTE
    meeting = Session("yoga-1", YOGA, Interval(start, start + HOUR), "mats", ("kim",))
    session_store.add(tx, meeting, tree_of([Resource("kim", "kim", "Kim", ResourceKind.STAFF)]))
