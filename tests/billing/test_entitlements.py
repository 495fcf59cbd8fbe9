"""Which entitlement pays, and when a subscription is full: tried against a count by hand."""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from appliance.billing.entitlements import (
    Cover,
    Holding,
    Holdings,
    Per,
    Product,
    ProductKind,
    Use,
    UseLimit,
    cover,
    named,
    refusal_to_use,
)
from appliance.foundation.instants import DAY, HOUR, at_local
from appliance.foundation.refusals import Refusal

STOCKHOLM = ZoneInfo("Europe/Stockholm")
# Four weeks around the night on which an hour is repeated.
FIRST = at_local(date(2026, 10, 12), 0, STOCKHOLM)
STARTS = st.integers(0, 28 * 24).map(lambda hours: FIRST + hours * HOUR)
USES = st.lists(st.tuples(STARTS, st.just(1)), max_size=8)
LIMITS = st.builds(UseLimit, st.integers(1, 3), st.sampled_from(Per), st.booleans())


def plan(limit: UseLimit | None) -> Product:
    return Product("Plan", ProductKind.SUBSCRIPTION, 100, 6, limit=limit, covers={"padel": 100})


def is_full(limit: UseLimit, starts: Sequence[int], wanted: int) -> bool:
    """Whether one more would make some period too full, by counting every period there is."""
    every = sorted([*starts, wanted])
    if limit.is_rolling:
        length = 7 * DAY if limit.per is Per.WEEK else 30 * DAY
        windows = [[each for each in every if begin <= each < begin + length] for begin in every]
        return any(len(window) > limit.most and wanted in window for window in windows)

    def period(at: int) -> tuple[int, int]:
        wall = datetime.fromtimestamp(at, STOCKHOLM)
        return wall.isocalendar()[:2] if limit.per is Per.WEEK else (wall.year, wall.month)

    return sum(period(each) == period(wanted) for each in every) > limit.most


@given(LIMITS, USES, STARTS)
def test_a_subscription_is_full_exactly_when_some_period_would_hold_too_many(
    limit: UseLimit, uses: list[tuple[int, int]], wanted: int
) -> None:
    """DY-35, DY-30: calendar or rolling, by the start of the booking; the instant told is the first that passes."""
    starts: list[int] = []
    for at, _ in uses:
        if not is_full(limit, starts, at):
            starts.append(at)
    held = Holding("plan", "p", FIRST, None, uses=tuple((at, 1) for at in starts))
    refused = refusal_to_use(held, plan(limit), Use("padel", wanted), STOCKHOLM)
    assert (refused is not None) == is_full(limit, starts, wanted)
    if refused is not None and limit.is_rolling:
        assert refused.passes_at is not None
        assert not is_full(limit, starts, refused.passes_at)
        between = range(wanted, refused.passes_at, HOUR)
        assert all(is_full(limit, starts, at) for at in between)
    elif refused is not None:
        assert refused.passes_at is not None
        assert is_full(limit, starts, refused.passes_at - 1)
        wall = datetime.fromtimestamp(refused.passes_at, STOCKHOLM)
        assert (wall.hour, wall.minute) == (0, 0)
        assert wall.weekday() == 0 if limit.per is Per.WEEK else wall.day == 1


def test_what_pays_is_chosen_in_the_documented_order() -> None:
    """DY-23: subscriptions first, then what covers more, then what ends first; by name the one that was asked for."""
    products = {
        "plan": plan(UseLimit(1, Per.WEEK)),
        "half": Product("Halva", ProductKind.CLIPS, 1, 6, clips=8, covers={"padel": 50}),
        "card": Product("Kort", ProductKind.CLIPS, 1, 6, clips=8, covers={"padel": 100}),
    }
    soon, late = FIRST + 60 * DAY, FIRST + 90 * DAY
    held = [
        Holding("h", "half", FIRST, soon, 8),
        Holding("b", "card", FIRST, late, 8),
        Holding("c", "card", FIRST, soon, 1),
        Holding("a", "plan", FIRST, None),
    ]
    use, paid = Use("padel", FIRST + DAY), []
    while held:
        found = cover(Holdings(tuple(held)), products, use, STOCKHOLM)
        assert found is not None
        paid.append(found.entitlement_id)
        held = [each for each in held if each.id != found.entitlement_id]
    assert paid == ["a", "c", "b", "h"]
    assert cover(Holdings(), products, use, STOCKHOLM) is None
    card = Holdings((Holding("c", "card", FIRST, soon, 1),))
    assert named(card, products, "Kort", use, STOCKHOLM) == Cover("c", "Kort", 100, 1)
    for name, wanted, reason in (
        ("Plan", use, "entitlement_not_held"),
        ("card", Use("golf", FIRST), "entitlement_not_for_this"),
        ("c", Use("padel", FIRST - 1), "entitlement_not_begun"),
        ("c", Use("padel", soon), "entitlement_ended"),
        ("c", Use("padel", FIRST, 2), "no_clips_left"),
    ):
        refused = named(card, products, name, wanted, STOCKHOLM)
        assert isinstance(refused, Refusal)
        assert refused.reason == reason


def test_holding_a_product_is_a_question_of_time_alone() -> None:
    """BRP-08: a replacement rule asks whether a product is held, used up or not."""
    held = Holdings((Holding("c", "card", FIRST, FIRST + DAY, 0),))
    asked = [("card", FIRST), ("card", FIRST + DAY), ("card", FIRST - 1), ("plan", FIRST)]
    assert [held.holds(product, at) for product, at in asked] == [True, False, False, False]
