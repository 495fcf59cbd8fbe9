"""A site plan is read whole, with every mistake at once."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.access.door_plan import OnStale
from appliance.access.site_plan import parse_site_plan
from appliance.foundation.errors import Invalid
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
