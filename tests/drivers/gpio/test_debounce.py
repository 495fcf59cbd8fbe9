"""Bouncing switches (DR-02)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.gpio.debounce import Debounced


def test_a_level_counts_once_it_has_stood_still() -> None:
    """DR-02: contact and REX with debounce."""
    contact = Debounced(False, 0.03)
    contact.edge(True, 1.0)
    assert contact.due_in(1.0) == pytest.approx(0.03)
    assert not contact.settle(1.029)
    assert contact.settle(1.03)
    assert contact.level
    assert contact.due_in(1.03) is None


def test_a_burst_that_ends_where_it_began_never_was() -> None:
    """DR-02: a knock on the door is no opening."""
    contact = Debounced(False, 0.03)
    for number in range(10):
        contact.edge(number % 2 == 0, 1.0 + number / 1000)
    assert contact.due_in(1.01) is None
    assert not contact.settle(2.0)


def test_without_debounce_every_edge_counts() -> None:
    """DR-02: debounce_ms = 0."""
    button = Debounced(False, 0.0)
    button.edge(True, 1.0)
    assert button.settle(1.0)


@given(edges=st.lists(st.tuples(st.booleans(), st.integers(0, 60)), max_size=60))
def test_the_level_is_the_last_one_that_stood_for_the_quiet_time(edges: list[tuple[bool, int]]) -> None:
    """DR-02: against a model that looks at every millisecond."""
    quiet_ms = 30
    real, model, model_raw, model_since, now_ms = Debounced(False, quiet_ms / 1000), False, False, 0, 1000
    for level, wait_ms in edges:
        real.edge(level, now_ms / 1000)
        model_raw, model_since = level, now_ms
        for _ in range(wait_ms):
            now_ms += 1
            real.settle(now_ms / 1000)
            if now_ms - model_since >= quiet_ms:
                model = model_raw
            assert real.level is model
