"""Booking rules as values: which one is in force, what does not fit together, and the document that keeps them."""

import json

from hypothesis import given
from hypothesis import strategies as st

from appliance.booking.booking_window import Window
from appliance.booking.lead_time import LeadTime, LeadUnit, minutes
from appliance.booking.limits import Limit, NoShowBlock, Of, Per, Whose
from appliance.booking.rule_document import rule_of, terms
from appliance.booking.rules import (
    BookingRule,
    Cancelling,
    CancelTier,
    Moving,
    NoShows,
    RuleSwap,
    Windows,
    in_force,
    mistakes,
)


def swapped(rule_id: str, *swaps: tuple[str, str, int]) -> BookingRule:
    return BookingRule(rule_id, swaps=tuple(RuleSwap(*each) for each in swaps))


def test_who_holds_the_entitlement_goes_by_the_other_rule_whole() -> None:
    """BRP-08: members fourteen days, others seven."""
    member = BookingRule("member", windows=Windows(Window(LeadTime(14, LeadUnit.DAYS))))
    base = swapped("base", ("card", "member", 0))
    rules = {"base": base, "member": member}
    assert in_force(base, rules, {"card"}) is member
    assert in_force(base, rules, {"other"}) is base
    assert in_force(base, rules, ()) is base


@given(st.permutations([("a", "r3", 2), ("b", "r2", 1), ("c", "r1", 1), ("d", "r0", 9)]))
def test_the_lowest_priority_wins_in_any_order_and_the_id_decides_ties(order: list[tuple[str, str, int]]) -> None:
    """BRP-09: shuffle the order, the same one wins."""
    base = swapped("base", *order)
    rules = {"base": base} | {name: BookingRule(name) for name in ("r0", "r1", "r2", "r3")}
    assert in_force(base, rules, {"a", "b", "c", "d"}).id == "r1"
    assert in_force(base, rules, {"a", "d"}).id == "r3"


def test_a_replacement_is_not_replaced_in_its_turn() -> None:
    """BRP-09: no chains."""
    rules = {"one": swapped("one", ("card", "two", 0)), "two": swapped("two", ("card", "three", 0))}
    rules["three"] = BookingRule("three")
    assert in_force(rules["one"], rules, {"card"}).id == "two"


def told(rule: BookingRule, rules: dict[str, BookingRule]) -> set[tuple[str, str]]:
    return {(error.field, error.code) for error in mistakes(rule, rules)}


def test_a_circle_of_replacements_is_refused() -> None:
    """BRP-09: also one over several rules."""
    rules = {"two": swapped("two", ("b", "three", 0)), "three": swapped("three", ("c", "one", 0))}
    assert told(swapped("one", ("a", "two", 0)), rules) == {("swaps.0.rule", "cycle")}
    assert told(swapped("one", ("a", "one", 0)), rules) == {("swaps.0.rule", "cycle")}
    assert told(swapped("one", ("a", "nowhere", 0)), rules) == {("swaps.0.rule", "unknown")}


def test_every_mistake_is_told_at_once() -> None:
    """BRP-10."""
    rule = BookingRule(
        "r",
        windows=Windows(Window(minutes(-5)), Window(minutes(5), release_minute=7)),
        cancelling=Cancelling(grace_s=-1, tiers=(CancelTier(60, 10), CancelTier(120, 50), CancelTier(60, 101))),
        moving=Moving(most=-1),
        limits=(Limit(1, Per.DAY), Limit(2, Per.DAY)),
        no_shows=NoShows(wait_minutes=0),
    )
    assert told(rule, {}) == {
        ("windows.public.earliest", "out_of_range"),
        ("windows.kiosk.release_minute", "out_of_range"),
        ("cancelling.grace_s", "out_of_range"),
        ("cancelling.tiers.2", "out_of_range"),
        ("cancelling.tiers", "not_falling"),
        ("cancelling.tiers", "twice"),
        ("moving.most", "out_of_range"),
        ("limits", "twice"),
        ("no_shows.wait_minutes", "out_of_range"),
    }


LEADS = st.builds(LeadTime, st.integers(0, 60), st.sampled_from(LeadUnit))
WINDOWS = st.builds(Window, st.none() | LEADS, st.none() | st.integers(0, 1439), st.booleans(), LEADS)
RULES = st.builds(
    BookingRule,
    st.just("id"),
    st.text(max_size=9),
    st.builds(Windows, WINDOWS, WINDOWS, WINDOWS),
    st.builds(
        Cancelling,
        st.none() | LEADS,
        LEADS,
        st.integers(0, 600),
        st.lists(st.builds(CancelTier, st.integers(1, 9000), st.integers(0, 100)), max_size=3).map(tuple),
    ),
    st.builds(Moving, st.none() | LEADS, st.none() | st.integers(0, 9)),
    st.lists(
        st.builds(
            Limit,
            st.integers(1, 9),
            st.sampled_from([Per.DAY, Per.WEEK, Per.MONTH]),
            st.sampled_from(Whose),
            st.sampled_from(Of),
        ),
        max_size=3,
    ).map(tuple),
    st.builds(
        NoShows,
        st.none() | st.integers(1, 90),
        st.none() | st.builds(NoShowBlock, st.integers(1, 9), st.integers(1, 90), st.just(frozenset({"kiosk"}))),
    ),
    st.none() | LEADS,
    st.lists(st.builds(RuleSwap, st.text(max_size=3), st.text(max_size=3), st.integers(0, 9)), max_size=2).map(tuple),
)


@given(RULES)
def test_a_rule_survives_its_document(rule: BookingRule) -> None:
    """BRP-10: what is saved is what is read."""
    assert rule_of(rule.id, rule.name, json.loads(json.dumps(terms(rule)))) == rule
