"""Prices: the most specific rule wins, on any wall clock, as an oracle works it out that knows nothing of ours."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.billing.prices import Conditions, Effect, PriceAsk, PriceRule, Prices, holds, rivals, share
from appliance.foundation.instants import HOUR, at_local
from tests.oracle import price_oracle

STOCKHOLM = ZoneInfo("Europe/Stockholm")
# The last days of October hold the repeated hour, those of March the skipped one.
DAYS = st.sampled_from([date(2026, 10, 24), date(2026, 10, 25), date(2026, 10, 26), date(2026, 3, 29)])
MINUTES = st.sampled_from([0, 60, 120, 150, 180, 1320, 1439])


@st.composite
def conditions(draw: st.DrawFn) -> Conditions:
    def maybe(strategy: st.SearchStrategy[Any]) -> Any:
        return draw(st.one_of(st.none(), strategy))

    first, last = maybe(DAYS), maybe(DAYS)
    if isinstance(first, date) and isinstance(last, date):
        first, last = min(first, last), max(first, last)
    timed = draw(st.booleans())
    return Conditions(
        service_id=maybe(st.just("padel")),
        duration=maybe(st.sampled_from([60, 90])),
        resource_id=maybe(st.sampled_from(["a", "b"])),
        category_id=maybe(st.just("child")),
        channel=maybe(st.sampled_from(["public", "kiosk"])),
        date_from=first,
        date_to=last,
        weekdays=draw(st.frozensets(st.integers(0, 6), max_size=3)),
        from_minute=draw(MINUTES) if timed else None,
        to_minute=draw(MINUTES) if timed else None,
    )


@st.composite
def rules(draw: st.DrawFn) -> PriceRule:
    effect = draw(st.sampled_from(Effect))
    value = draw(st.integers(-500, 500)) if effect is Effect.ADDITION else draw(st.integers(0, 300))
    return PriceRule("rule", effect, value, draw(conditions()))


STARTS = st.builds(lambda day, minute: at_local(day, minute, STOCKHOLM) + HOUR, DAYS, MINUTES)
ASKED = st.builds(
    PriceAsk,
    st.just("padel"),
    st.sampled_from([60, 90]),
    STARTS,
    st.sampled_from(["public", "kiosk"]),
    st.sampled_from([frozenset("a"), frozenset("b"), frozenset[str]()]),
    st.sampled_from(["child", None]),
)


def plain(rule: PriceRule) -> price_oracle.Rule:
    """A rule as the oracle reads it."""
    when = rule.when
    has: price_oracle.Rule = {"effect": str(rule.effect), "value": rule.value}
    for name, value in (
        ("service", when.service_id),
        ("duration", when.duration),
        ("resource", when.resource_id),
        ("category", when.category_id),
        ("channel", when.channel),
    ):
        if value is not None:
            has[name] = value
    if when.date_from or when.date_to:
        has["date"] = (when.date_from, when.date_to)
    if when.weekdays:
        has["weekdays"] = when.weekdays
    if when.from_minute is not None:
        has["time"] = (when.from_minute, when.to_minute)
    return has


@given(st.lists(rules(), max_size=6), ASKED, st.integers(0, 99_999))
def test_a_price_is_what_the_oracle_makes_of_the_rules(drawn: list[PriceRule], asked: PriceAsk, base: int) -> None:
    """DY-16, DY-31: base, date, weekday, time of day, staff, category and channel; the most specific wins."""
    saved: dict[str, PriceRule] = {}
    for rule in drawn:
        if not rivals(rule, saved):
            saved[f"rule-{len(saved)}"] = rule
    details: price_oracle.Rule = {
        "service": asked.service_id,
        "duration": asked.duration,
        "resource": next(iter(asked.resource_ids), None),
        "category": asked.category_id,
        "channel": asked.channel,
    }
    wall = datetime.fromtimestamp(asked.start, STOCKHOLM)
    expected = price_oracle.price(base, [plain(rule) for rule in saved.values()], details, wall)
    assert expected is not None, "what is saved has one winner"
    assert Prices(saved, STOCKHOLM).price(base, asked) == expected


@given(rules(), rules())
def test_rules_that_no_start_can_tell_apart_are_refused_and_no_others(one: PriceRule, other: PriceRule) -> None:
    """DY-16: `ambiguous` exactly where some start finds two winners, tried minute by minute over two weeks each."""
    if Effect.ADDITION in (one.effect, other.effect):
        assert rivals(one, {"other": other}) == []
        return
    mine, theirs = plain(one), plain(other)
    details: price_oracle.Rule = {}
    for name in ("service", "duration", "resource", "category", "channel"):
        details[name] = mine.get(name, theirs.get(name))
    days = [date(2026, 3, 20) + timedelta(days=n) for n in (*range(16), *range(210, 226))]
    meet = any(
        price_oracle.minutes(mine, day) & price_oracle.minutes(theirs, day + timedelta(days=later))
        for day in days
        for later in (-1, 0, 1)
    ) and all(rule.get(name, details[name]) == details[name] for rule in (mine, theirs) for name in details)
    alike = not price_oracle.beats(mine, theirs) and not price_oracle.beats(theirs, mine)
    assert bool(rivals(one, {"other": other})) == (meet and alike)


def test_a_night_price_passes_midnight_and_belongs_to_the_day_on_which_it_began() -> None:
    """DY-16: Friday 22:00 to 02:00 holds on Saturday at 01:59 and not on Friday at 01:00."""
    night = Conditions(weekdays=frozenset({4}), from_minute=22 * 60, to_minute=2 * 60)

    def at(day: int, minute: int) -> PriceAsk:
        return PriceAsk("padel", 60, at_local(date(2026, 11, day), minute, STOCKHOLM), "public")

    friday = 27
    assert holds(night, at(friday, 22 * 60), STOCKHOLM)
    assert holds(night, at(friday + 1, 119), STOCKHOLM)
    assert not holds(night, at(friday + 1, 120), STOCKHOLM)
    assert not holds(night, at(friday, 60), STOCKHOLM)


def test_both_passes_of_a_repeated_hour_cost_the_same() -> None:
    """DY-16: 02:30 on 25 October comes twice."""
    rule = PriceRule("night", Effect.PERCENT, 50, Conditions(from_minute=120, to_minute=180))
    first = at_local(date(2026, 10, 25), 150, STOCKHOLM)
    prices = Prices({"night": rule}, STOCKHOLM)
    assert [prices.price(101, PriceAsk("padel", 60, at, "public")) for at in (first, first + HOUR)] == [51, 51]
    assert prices.price(101, PriceAsk("padel", 60, first + 2 * HOUR, "public")) == 101


@pytest.mark.parametrize(("amount", "percent", "part"), [(9999, 33, 3300), (1, 50, 1), (3, 50, 2), (1, 49, 0)])
def test_a_share_is_rounded_half_up(amount: int, percent: int, part: int) -> None:
    """BRP-16: in whole minor units."""
    assert share(amount, percent) == part
