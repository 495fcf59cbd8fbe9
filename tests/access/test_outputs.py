"""Lights and heating follow bookings (AC-17)."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from appliance.access.outputs import OutputPlan, Override, is_on, lit
from appliance.foundation.clock import FakeClock
from appliance.foundation.instants import HOUR, MINUTE, Interval
from tests.access.bookings import document, door, uuid
from tests.access.rig import Rig, eventually, rigged
from tests.access.test_site_plan import mistakes

NOON = 1_800_000_000
COURT = uuid(701)
LAMP = OutputPlan(uuid(800), "lamp", "Lamp", "simulated", {}, frozenset({COURT}), 300, 600, 900)
INTERVALS = st.lists(
    st.builds(lambda start, length: Interval(start, start + length), st.integers(0, 300), st.integers(1, 60)),
    max_size=6,
)


@given(INTERVALS, st.integers(0, 20), st.integers(0, 20), st.integers(0, 40))
def test_what_is_lit_is_what_a_count_of_seconds_says(
    booked: Sequence[Interval], lead: int, lag: int, bridge: int
) -> None:
    """AC-17: lead, lag and bridge against an oracle that goes second by second."""
    plan = OutputPlan(uuid(1), "x", "X", "simulated", {}, frozenset(), lead, lag, bridge)
    on = {second for one in booked for second in range(one.start - lead, one.end + lag)}
    expected = set(on)
    for second in on:
        following = next((later for later in range(second + 1, second + bridge + 2) if later in on), None)
        if following is not None:
            expected.update(range(second, following))
    assert {second for one in lit(plan, booked) for second in range(one.start, one.end)} == expected


def test_between_adjacent_bookings_there_is_no_blink() -> None:
    """AC-17: back to back, and a quarter of an hour apart."""
    booked = [Interval(NOON, NOON + HOUR), Interval(NOON + HOUR, NOON + 2 * HOUR)]
    later = Interval(NOON + 2 * HOUR + 30 * MINUTE, NOON + 3 * HOUR)
    assert lit(LAMP, [*booked, later]) == [Interval(NOON - 300, NOON + 3 * HOUR + 600)]


def test_staff_go_before_bookings_until_their_time_is_over() -> None:
    """AC-17: off in the middle of a booking, on where there is none."""
    booked = [Interval(NOON, NOON + HOUR)]
    assert not is_on(LAMP, booked, Override(is_on=False, until=NOON + 60), NOON + 59)
    assert is_on(LAMP, booked, Override(is_on=False, until=NOON + 60), NOON + 60)
    assert is_on(LAMP, [], Override(is_on=True, until=NOON + 60), NOON)


def test_mistakes_in_an_output_are_told_at_once() -> None:
    """AC-17, DR-13: with their places."""
    bad = {"id": "x", "slug": "lamp", "name": "Lamp", "driver": "gpio", "resources": [], "lead_s": -1, "colour": 1}
    assert mistakes({**document(door(1, "entrance")), "outputs": [bad]}) == [
        ("outputs.0.id", "malformed"),
        ("outputs.0.resources", "malformed"),
        ("outputs.0.lead_s", "out_of_range"),
        ("outputs.0.colour", "unknown"),
    ]


def plan_with_lamp(**settings: object) -> dict[str, object]:
    lamp = {
        "id": LAMP.id, "slug": "lamp", "name": "Lamp", "driver": "simulated", "resources": [COURT],
        "lead_s": 300, "lag_s": 600, **settings,
    }  # fmt: skip
    return {**document(door(1, "entrance")), "outputs": [lamp]}


def switched(rig: Rig) -> list[object]:
    return [entry.body_after()["on"] for entry in rig.entries("output") if entry.verb == "switched"]


def lamp_is(rig: Rig, on: bool) -> None:
    eventually(lambda: [one.on for one in rig.client.outputs()] == [on], f"the lamp at {on}")


def test_a_lamp_follows_its_court_in_the_door_process() -> None:
    """AC-17: on before the booking, no blink between two, off after the last; each change is on record."""
    clock = FakeClock(NOON)
    with rigged(clock) as rig:
        rig.start_with_plan(plan_with_lamp())
        lamp_is(rig, False)
        rig.bookings.book(1, COURT, NOON + 600, NOON + 4200)
        rig.bookings.book(2, COURT, NOON + 4200, NOON + 7800)
        clock.advance(400)
        lamp_is(rig, True)
        for _ in range(2):
            clock.advance(3600)
            rig.door.outputs.go_round()
        clock.advance(1100)
        lamp_is(rig, False)
        eventually(lambda: switched(rig) == [True, False], "what was switched on record")


def test_a_lamp_knows_its_bookings_without_the_file() -> None:
    """AC-17: with booking.db gone and the process started anew, the light still comes on."""
    clock = FakeClock(NOON)
    with rigged(clock) as rig:
        rig.start_with_plan(plan_with_lamp())
        rig.bookings.book(1, COURT, NOON + 600, NOON + 4200)
        rig.door.outputs.go_round()
        rig.stop()
        rig.bookings.close()
        rig.settings.booking_file.unlink()
        clock.advance(700)
        rig.start()
        lamp_is(rig, True)


def test_staff_switch_a_lamp_for_a_while_and_give_it_back() -> None:
    """AC-17: a manual override has an end, survives a restart, and is on record with who and why."""
    clock = FakeClock(NOON)
    with rigged(clock) as rig:
        rig.start_with_plan(plan_with_lamp())
        lamp_is(rig, False)
        view = rig.client.override("lamp", "staff:anna", "cleaning", on=True, until=NOON + HOUR)
        assert (view.on, view.override_until) == (True, NOON + HOUR)
        rig.stop()
        rig.start()
        lamp_is(rig, True)
        assert rig.client.override("lamp", "staff:anna", "done", on=None, until=None).on is False
        told = [(entry.actor, entry.verb) for entry in rig.entries("output") if entry.verb != "switched"]
        assert told == [("staff:anna", "overridden"), ("staff:anna", "override_ended")]
        rig.client.override("lamp", "staff:anna", "again", on=True, until=NOON + HOUR)
        clock.advance(HOUR)
        lamp_is(rig, False)
