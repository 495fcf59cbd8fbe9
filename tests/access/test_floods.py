"""A flood of denials becomes one row a minute (AC-10)."""

from hypothesis import given
from hypothesis import strategies as st

from appliance.access.floods import ROWS_A_MINUTE, Flood, another, owed

NOW = 1_800_000_000


@given(gaps=st.lists(st.integers(-100, 100), max_size=300))
def test_every_denial_is_a_row_or_counted_and_rows_are_few(gaps: list[int]) -> None:
    """AC-10: nothing is lost from the count, and no minute has more than eleven rows."""
    flood, now, rows, summed = Flood(since=NOW), NOW, 0, 0
    for gap in gaps:
        now += gap
        summed += owed(flood, now)
        flood, is_row = another(flood, now)
        rows += is_row
        assert flood.written <= ROWS_A_MINUTE
    assert rows + summed + flood.counted == len(gaps)


def test_a_thousand_in_a_minute_are_ten_rows_and_a_number() -> None:
    """AC-10: the flood's own row carries the rest."""
    flood, rows = Flood(since=NOW), 0
    for _ in range(1000):
        flood, is_row = another(flood, NOW + 59)
        rows += is_row
    assert (rows, owed(flood, NOW + 59), owed(flood, NOW + 60)) == (10, 0, 990)
