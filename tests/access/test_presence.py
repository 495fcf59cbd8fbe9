"""Who is inside, and who may not come in because of it (AC-13)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.access.presence import Passback, PassbackRule, Presence
from appliance.access.presences import Presences
from appliance.access.presenting import Asked
from appliance.access.snapshot import Mode
from appliance.foundation.clock import FakeClock
from tests.access.bookings import document
from tests.access.bookings import door as door_document
from tests.access.rig import Rig, eventually, rigged
from tests.access.test_site_plan import mistakes
from tests.access.worlds import KEY, NOW, at, denial, door, key, pin, reason

HARD = PassbackRule(Passback.HARD, 2)
FULL = {KEY.booking_id: Presence(2, NOW - 60)}
PIN = "482913"


def crowded(rule: PassbackRule = HARD, **changes: Any) -> Any:
    return at(door=door(area="hall", passback=rule), presences=FULL, **changes)


def test_one_more_than_a_key_is_for_is_refused_until_somebody_goes_out() -> None:
    """AC-13: hard passback; with a time to wait where the count begins anew by itself."""
    assert reason(pin(), crowded()) == "passback"
    assert denial(pin(), crowded()).retry_at is None
    timed = PassbackRule(Passback.HARD, 2, 600)
    assert denial(pin(), crowded(timed)).retry_at == NOW - 60 + 600
    assert reason(pin(), crowded(timed), NOW - 60 + 600) == "granted"
    assert reason(pin(), crowded(PassbackRule(Passback.HARD, 3))) == "granted"


def test_soft_passback_lets_them_in() -> None:
    """AC-13: it is on record instead."""
    assert reason(pin(), crowded(PassbackRule(Passback.SOFT, 2))) == "granted"


def test_nobody_is_kept_from_going_out() -> None:
    """AC-13: not by passback, and who is inside gets out also when their time is over."""
    assert reason(pin(), crowded(is_exit=True)) == "granted"
    late = at(key(valid_to=NOW), door=door(area="hall", passback=HARD), is_exit=True)
    assert reason(pin(), late) == "ended"
    assert reason(pin(), at(key(valid_to=NOW), door=late.door, is_exit=True, presences=FULL)) == "granted"


def test_in_an_emergency_nobody_is_counted_out() -> None:
    """AC-13: off in emergency."""
    assert reason(pin(), crowded(mode=Mode.EMERGENCY)) == "granted"


def test_a_clock_that_was_set_back_locks_nobody_out() -> None:
    """AC-13: better one too many inside."""
    assert reason(pin(), crowded(), NOW - 3600 + 1) in ("granted", "too_early")
    assert not HARD.is_exceeded(Presence(2, NOW), NOW - 1)


MOVES = st.lists(st.tuples(st.booleans(), st.integers(0, 3), st.booleans()), max_size=30)


@given(MOVES)
def test_the_count_is_that_of_a_list_of_who_went_in_and_out(moves: list[tuple[bool, int, bool]]) -> None:
    """AC-13: repeats count once, doors that did not follow not at all; against a plain list."""
    presences, inside, seen = Presences({}), 0, set[str]()
    for number, (is_exit, repeat, fails) in enumerate(moves):
        name = f"p{number // (repeat + 1)}"
        passed = presences.note("hall", "b", name, HARD, NOW, is_exit=is_exit)
        if name not in seen:
            seen.add(name)
            before, inside = inside, max(0, inside - 1) if is_exit else inside + 1
            if fails and inside != before:
                presences.take_back(name)
                seen.discard(name)
                inside = before
        assert presences.of("hall", "b").inside == inside
        assert passed.presence.inside >= 0
    assert presences.empty("hall") == inside
    assert presences.all() == {}


def test_an_area_must_be_named_to_be_counted() -> None:
    """AC-13, DR-13."""
    assert mistakes(document(door_document(1, "entrance", passback="hard"))) == [("doors.0.area", "missing")]
    bad = door_document(1, "entrance", passback="perhaps", passback_people=0, passback_reset_min=0, area="A b")
    assert {field for field, _ in mistakes(document(bad))} == {
        "doors.0.area", "doors.0.passback", "doors.0.passback_people", "doors.0.passback_reset_min",
    }  # fmt: skip


def walk(rig: Rig, *, out: bool, name: str) -> str:
    asked = Asked("entrance", "pin", PIN, "inner" if out else "outer", name, is_exit=out)
    return rig.door.presenting.present(asked).reason


@pytest.mark.parametrize("rule", ["hard", "soft"])
def test_two_come_in_and_the_third_waits_also_after_a_restart(rule: str) -> None:
    """AC-13: through the real door process, with the count in its file and what went over it on record."""
    clock = FakeClock(NOW)
    with rigged(clock) as rig:
        rig.bookings.put(rig.bookings.pin_key(1, PIN, valid_from=NOW - 60, valid_to=NOW + 3600))
        entrance = door_document(0, "entrance", area="hall", passback=rule, passback_people=2)
        rig.start_with_plan(document(entrance))
        assert [walk(rig, out=False, name=f"in-{n}") for n in (1, 1, 2)] == ["granted"] * 3
        rig.stop()
        rig.start()
        eventually(lambda: bool(rig.door.monitor.posts()))
        eventually(lambda: all(post.driver.health().online for post in rig.door.monitor.posts()))
        assert walk(rig, out=False, name="in-3") == ("passback" if rule == "hard" else "granted")
        assert walk(rig, out=True, name="out-1") == "granted"
        assert walk(rig, out=False, name="in-4") == "granted"
        counted = [entry.body_after() for entry in rig.entries() if entry.verb == "granted"]
        over = [entry["inside"] for entry in counted if entry["passback"]]
        assert over == ([] if rule == "hard" else [3, 3])


def test_a_door_that_does_not_follow_lets_nobody_in() -> None:
    """AC-13: a jammed bolt is no entry."""
    with rigged(FakeClock(NOW)) as rig:
        rig.bookings.put(rig.bookings.pin_key(1, PIN, valid_from=NOW - 60, valid_to=NOW + 3600))
        rig.start_with_plan(document(door_document(0, "entrance", area="hall", passback="hard")))
        rig.client.hand("entrance", "unplug")
        assert walk(rig, out=False, name="in-1") == "door_fault"
        assert rig.door.presences.all() == {}


def test_staff_see_who_is_inside_and_say_that_nobody_is() -> None:
    """AC-13: over the control socket; on record, and forgotten by the file too."""
    with rigged(FakeClock(NOW)) as rig:
        rig.bookings.put(rig.bookings.pin_key(1, PIN, valid_from=NOW - 60, valid_to=NOW + 3600))
        rig.start_with_plan(document(door_document(0, "entrance", area="hall")))
        assert [walk(rig, out=False, name=f"in-{n}") for n in range(3)] == ["granted"] * 3
        assert [(one.area, one.bookings, one.people) for one in rig.client.areas()] == [("hall", 1, 3)]
        assert rig.client.empty_area("hall", "staff:anna", "fire drill") == 3
        rig.stop()
        (emptied,) = rig.entries("area")
        assert (emptied.actor, emptied.verb, emptied.body_after()["people"]) == ("staff:anna", "emptied", 3)
        rig.start()
        eventually(lambda: bool(rig.door.monitor.posts()))
        assert rig.client.areas() == []
