"""A site plan is read whole, with every mistake at once."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.access.door_plan import OnStale
from appliance.access.site_plan import parse_site_plan
from appliance.foundation.errors import Invalid
from appliance.keys.derived_pins import DerivedRules
from drivers.contract import Fail
from tests.access.bookings import FACILITY, document, door, uuid


def mistakes(plan: dict[str, object]) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as caught:
        parse_site_plan(1, plan)
    return [(error.field, error.code) for error in caught.value.errors]


def test_a_plan_with_defaults() -> None:
    """AC-08: five seconds, fail secure, known keys only."""
    plan = parse_site_plan(3, document())
    assert (plan.number, plan.facility.id, plan.facility.zone.key) == (3, FACILITY, "Europe/Stockholm")
    first = plan.doors[0]
    assert (first.release_s, first.held_open_warn_s, first.held_open_alarm_s) == (5, 30, 60)
    assert (first.fail, first.on_stale) == (Fail.SECURE, OnStale.KNOWN_KEYS)


def test_every_mistake_at_once() -> None:
    """DR-13: whoever writes a plan mends it in one go."""
    bad = door(1, "Not A Slug", release_s=61, fail="open", colour="red", held_open_warn_s=90)
    assert mistakes(document(door(1, "entrance"), {**bad, "id": uuid(101)})) == [
        ("doors.1.held_open_alarm_s", "out_of_range"),
        ("doors.1.slug", "malformed"),
        ("doors.1.release_s", "out_of_range"),
        ("doors.1.fail", "not_an_option"),
        ("doors.1.colour", "unknown"),
        ("doors.1.id", "repeated"),
        ("doors.1.number", "repeated"),
    ]


def test_a_plan_that_is_no_plan() -> None:
    """DR-13: nothing of the right shape."""
    assert ("doors", "malformed") in mistakes({})
    assert ("facility.time_zone", "not_an_option") in mistakes(
        {"facility": {"id": FACILITY, "slug": "x", "name": "X", "time_zone": "Europe/Nowhere"}, "doors": []}
    )
    assert ("extra", "unknown") in mistakes({**document(), "extra": 1})


def derived(*zones: str, **rules: int) -> dict[str, object]:
    """A plan whose entrance takes derived PINs of some zones."""
    known = {"grid_minutes": 15, "longest_minutes": 480, "known_until": 0, **rules}
    return {**document(door(0, "entrance", zones=list(zones))), "derived_pins": known}


def test_a_plan_says_which_derived_pins_are_taken() -> None:
    """AC-02: a quarter of an hour before and after, one booking of each time, unless it says otherwise."""
    plan = parse_site_plan(1, derived("court-1", "court-2"))
    assert plan.derived == DerivedRules(15, 480, 1, 900, 900, 0)
    assert plan.doors[0].zones == ("court-1", "court-2")
    assert parse_site_plan(1, document()).derived is None


def test_a_plan_that_makes_guessing_too_easy_is_refused() -> None:
    """AC-02: one in ten thousand a door and day is the most."""
    assert mistakes(derived("court-1", "court-2", "court-3", "court-4")) == [("doors.0.zones", "too_guessable")]
    assert mistakes(derived("court-1", serials=4)) == [("doors.0.zones", "too_guessable")]
    assert parse_site_plan(1, derived("court-1", "court-2", "court-3", "court-4", longest_minutes=240)).derived


@pytest.mark.parametrize(
    ("rules", "field"),
    [
        ({"grid_minutes": 20}, "grid_minutes"),
        ({"grid_minutes": 60, "longest_minutes": 90}, "longest_minutes"),
        ({"serials": 0}, "serials"),
        ({"known_until": None}, "known_until"),
        ({"unheard": 1}, "unheard"),
    ],
)
def test_a_mistake_in_the_rules_is_named(rules: dict[str, int], field: str) -> None:
    """AC-02"""
    assert [name for name, _ in mistakes(derived("court-1", **rules))] == [f"derived_pins.{field}"]


@pytest.mark.parametrize("zones", ["court-1", ["court-1", "court-1"], ["Court 1"], [1], [None], [["x"]]])
def test_zones_are_a_list_of_slugs_each_once(zones: object) -> None:
    """AC-02"""
    assert mistakes(document(door(0, "entrance", zones=zones))) == [("doors.0.zones", "malformed")]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


@given(facility=JSON, doors=JSON, extra=st.dictionaries(st.sampled_from(["settings", "fail", "number", "id"]), JSON))
def test_anything_else_is_refused_and_nothing_breaks(facility: object, doors: object, extra: dict[str, object]) -> None:
    """DR-13: a plan from anywhere is read or refused."""
    for plan in ({"facility": facility, "doors": doors}, document({**door(0, "a"), **extra})):
        with suppress(Invalid):
            parse_site_plan(1, plan)


def reader(at: int, slug: str, of: str, **other: object) -> dict[str, object]:
    return {"id": uuid(200 + at), "slug": slug, "name": slug, "door": of, "driver": "osdp", **other}


def test_readers_hang_at_doors_and_controllers_stand_beside_them() -> None:
    """DR-07, BM-27: a plan may name both, and old plans name neither."""
    controller = {"id": uuid(300), "slug": "rcard", "name": "R-CARD", "driver": "rco", "settings": {"url": "x"}}
    first = door(1, "entrance")
    listed = [reader(1, "outer", str(first["id"])), reader(2, "inner", str(first["id"]), side="inside")]
    plan = parse_site_plan(1, {**document(first), "readers": listed, "controllers": [controller]})
    assert [(one.slug, one.side.value, one.door_id) for one in plan.readers] == [
        ("outer", "outside", first["id"]),
        ("inner", "inside", first["id"]),
    ]
    assert plan.controllers[0].settings == {"url": "x"}
    assert parse_site_plan(1, document(first)).readers == ()


def test_a_reader_of_no_door_is_a_mistake() -> None:
    """DR-07: told together with everything else that is wrong."""
    listed = [reader(1, "outer", uuid(999)), reader(1, "outer", uuid(101), side="above")]
    assert mistakes({**document(door(1, "entrance")), "readers": listed, "controllers": {}}) == [
        ("readers.1.side", "not_an_option"),
        ("readers.1.id", "repeated"),
        ("readers.1.slug", "repeated"),
        ("controllers", "malformed"),
        ("readers.0.door", "unknown"),
    ]


def test_a_site_may_have_more_doors_than_a_pass_has_bits() -> None:
    """AC-08: doors without a number are doors all the same."""
    many = [{**door(at, f"door-{at}"), "number": at if at < 32 else None} for at in range(200)]
    plan = parse_site_plan(1, document(*many))
    assert [one.number for one in plan.doors[30:34]] == [30, 31, None, None]
