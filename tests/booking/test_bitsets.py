"""Sets of minutes against plain sets of numbers."""

from hypothesis import given
from hypothesis import strategies as st

from appliance.booking.bitsets import (
    Axis,
    Load,
    at_least,
    columns,
    counts,
    crowded,
    erode,
    from_runs,
    peak,
    positions,
    steps,
)
from appliance.foundation.instants import MINUTE, Interval, merged

LENGTH = 200
RUNS = st.lists(st.tuples(st.integers(-50, 250), st.integers(-50, 250)), max_size=12)
SETS = st.lists(st.integers(0, (1 << LENGTH) - 1), max_size=9)
LOADS = st.lists(st.tuples(st.integers(0, 90), st.integers(1, 40), st.integers(1, 4)), max_size=10).map(
    lambda rows: [(start, start + length, quantity) for start, length, quantity in rows]
)


def bits(minutes: int) -> set[int]:
    return {bit for bit in range(minutes.bit_length()) if minutes >> bit & 1}


@given(RUNS)
def test_runs_are_united_and_cut_to_the_axis(runs: list[tuple[int, int]]) -> None:
    expected = {bit for start, end in runs for bit in range(start, end) if 0 <= bit < LENGTH}
    assert bits(from_runs(runs, LENGTH)) == expected


@given(st.integers(0, (1 << LENGTH) - 1), st.integers(1, 80))
def test_eroding_leaves_what_begins_long_enough_a_row(minutes: int, length: int) -> None:
    kept = bits(minutes)
    assert bits(erode(minutes, length)) == {bit for bit in kept if all(bit + i in kept for i in range(length))}


@given(SETS, st.integers(1, 10))
def test_at_least_counts_across_sets(sets: list[int], count: int) -> None:
    expected = {bit for bit in range(LENGTH) if sum(each >> bit & 1 for each in sets) >= count}
    assert bits(at_least(sets, count)) == expected


@given(st.integers(0, (1 << LENGTH) - 1))
def test_positions_are_the_set_bits_in_order(minutes: int) -> None:
    assert positions(minutes) == sorted(bits(minutes))


@given(SETS, st.sets(st.integers(0, LENGTH - 1), max_size=20))
def test_columns_say_which_sets_hold_a_bit(sets: list[int], wanted: set[int]) -> None:
    chosen = sorted(wanted)
    assert columns(sets, chosen) == [bytes(each >> bit & 1 for each in sets) for bit in chosen]


@given(SETS, st.sets(st.integers(0, LENGTH - 1), max_size=20))
def test_bits_are_counted_across_sets(sets: list[int], wanted: set[int]) -> None:
    chosen = sorted(wanted)
    assert counts(sets, chosen) == [sum(each >> bit & 1 for each in sets) for bit in chosen]


def load_at(loads: list[Load], second: int) -> int:
    return sum(quantity for start, end, quantity in loads if start <= second < end)


@given(LOADS, st.integers(0, 8))
def test_a_resource_is_crowded_where_its_load_is_above_what_is_spare(loads: list[Load], spare: int) -> None:
    """SH-16: the sweep finds every second of it."""
    runs = crowded(loads, spare)
    for second in range(140):
        assert any(start <= second < end for start, end in runs) == (load_at(loads, second) > spare)


@given(LOADS, st.integers(-5, 130), st.integers(1, 60))
def test_the_peak_is_the_highest_load_of_any_second(loads: list[Load], start: int, length: int) -> None:
    times, levels = steps(loads)
    highest = max(load_at(loads, second) for second in range(start, start + length))
    assert peak(times, levels, start, start + length) == highest


@given(st.lists(st.tuples(st.integers(0, 900), st.integers(1, 400)), max_size=6), st.integers(-9, 5), st.integers(1, 9))
def test_a_claim_meets_a_run_if_any_second_of_it_does(rows: list[tuple[int, int]], first: int, length: int) -> None:
    """SH-16: runs of any second, claims of whole minutes."""
    meets_on(Axis(60, 30), [(start, start + seconds) for start, seconds in rows], first, length)


@given(
    st.lists(st.tuples(st.integers(0, 900), st.integers(1, 400)), max_size=6),
    st.integers(-9, 5),
    st.integers(1, 9),
    st.sets(st.integers(0, 29), min_size=1, max_size=4).map(sorted),
)
def test_a_claim_of_a_start_on_a_grid_is_told_by_the_same_rule(
    rows: list[tuple[int, int]], first: int, length: int, starts: list[int]
) -> None:
    """SH-16: an axis of some starts alone, as a search has it."""
    axis = Axis(60, 30).through(starts)
    meets_on(axis, [(start, start + seconds) for start, seconds in rows], first, length)


def meets_on(axis: Axis, runs: list[tuple[int, int]], first: int, length: int) -> None:
    for bit in range(axis.length):
        begin = axis.instant(bit) + first * MINUTE
        end = begin + length * MINUTE
        meets = any(start < end and stop > begin for start, stop in runs)
        assert bool(axis.touching(runs, first, first + length) >> bit & 1) == meets


@given(st.lists(st.tuples(st.integers(0, 900), st.integers(1, 400)), max_size=6))
def test_a_minute_is_inside_only_when_all_of_it_is(rows: list[tuple[int, int]]) -> None:
    axis, intervals = Axis(60, 30), merged(Interval(start, start + seconds) for start, seconds in rows)
    for bit in range(axis.length):
        begin, end = axis.instant(bit), axis.instant(bit) + MINUTE
        whole = any(each.start <= begin and end <= each.end for each in intervals)
        assert bool(axis.inside(intervals) >> bit & 1) == whole


@given(st.integers(0, (1 << 30) - 1), st.sets(st.integers(0, 29), min_size=1, max_size=6).map(sorted))
def test_an_axis_through_some_minutes_holds_them_all(minutes: int, chosen: list[int]) -> None:
    axis = Axis(60, 30)
    through = axis.through(chosen)
    assert {axis.instant(bit) for bit in chosen} <= set(through.instants(range(through.length)))
    expected = [minutes >> axis.bit(through.instant(bit)) & 1 for bit in range(through.length)]
    assert [axis.thinned(minutes, through) >> bit & 1 for bit in range(through.length)] == expected
